import { bytesOf, download, megabytes } from '../parts/files.ts'
import { Letters } from '../parts/letters.tsx'
import { Way } from '../parts/way.tsx'
import { model } from '../state/model.ts'
import { decimal, t, whole } from '../words/words.ts'
import type { ModelCard } from '../worker/learner.ts'
import { LARGEST_MODEL, run } from './run.ts'
import { nameInCommand } from './subject.tsx'
import { TakeShipped } from './take.tsx'

async function load(input: HTMLInputElement): Promise<void> {
  const [file] = input.files ?? []
  if (!file) return
  try {
    await run.load(await bytesOf(file, LARGEST_MODEL), file.name)
  } catch (error) {
    run.failure.value = (error as Error).message
  }
  // the same file may be chosen once more
  input.value = ''
}

const save = async (): Promise<void> =>
  download('regard.safetensors', await run.saved(), 'application/octet-stream')

/** The model: what it is, its hash, how the command makes the same, and its file. */
export function Card() {
  const words = t().learn
  const card = model.value
  return (
    <section class="model-card">
      {card && (
        <>
          <h2>{words.model}</h2>
          <About card={card} />
        </>
      )}
      <div class="row">
        {card && (
          <button type="button" class="button" onClick={() => void save()}>
            {words.save} <span class="quiet">({megabytes(card.bytes)} MB)</span>
          </button>
        )}
        <TakeShipped novels />
        <label class="field">
          <span>{words.load}</span>
          <input
            type="file"
            name="model"
            accept=".safetensors"
            disabled={run.state.value !== 'none'}
            onChange={({ currentTarget }) => void load(currentTarget)}
          />
        </label>
      </div>
      <p class="quiet">{t().files.drop}</p>
    </section>
  )
}

function About({ card }: { card: ModelCard }) {
  const words = t().learn
  const { width, query, key, value, heads } = card.config
  const loss = card.learned.at(-1)?.heldOutLoss
  const numbers = {
    D: whole(width),
    q: whole(query),
    k: whole(key),
    v: whole(value),
    heads: whole(heads),
    seed: String(card.seed),
  }
  return (
    <>
      <p>
        <Letters
          text={words.widths({ ...numbers, parameters: whole(width * (query + key + value)) })}
        />{' '}
        {loss !== undefined && words.heldOutAtEnd(decimal(loss))}
      </p>
      <p>
        {words.hash}: <code class="hash">{card.sha256}</code>
      </p>
      {run.last.value && run.last.value.step === run.last.value.steps && (
        <p>
          {words.same} <code class="command">{commandOf(card)}</code>
        </p>
      )}
      {run.events.value.begin && <p class="quiet">{words.device(run.events.value.begin.device)}</p>}
      <p class="row">
        <Way to="look" name={words.look} />
        <Way to="ask" name={words.ask} />
      </p>
    </>
  )
}

/** The command that learns the same: from the same text, with the same options and seed. */
function commandOf({ config, seed, knowsQuestions }: ModelCard): string {
  const position = config.position === 'relative:12' ? '' : ` --position ${config.position}`
  const subject = knowsQuestions
    ? 'corpus/*.txt --questions corpus/questions.tsv --embedding seen --tokens words'
    : `${nameInCommand()} --sentences auto`
  return `regard learn ${subject}${position} --seed ${seed} -o regard.safetensors`
}
