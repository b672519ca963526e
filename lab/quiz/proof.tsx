import { signal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import {
  findingOf,
  isAnswered,
  letterOf,
  numberFound,
  type QuizItem,
  type Verdict,
} from 'regard/internal'
import { Letters } from '../parts/letters.tsx'
import { settings } from '../state/settings.ts'
import { t } from '../words/words.ts'
import { worker } from '../worker/page.ts'
import { doorOf } from './doors.ts'
import { responseTo, start } from './sitting.ts'

/** What the layer found, or why it could not be run, by the claim. */
const verdicts = signal<Readonly<Record<string, Verdict | string>>>({})

const keyOf = ({ claim }: QuizItem): string => JSON.stringify([claim, start.value?.seed])

async function run(item: QuizItem): Promise<void> {
  const key = keyOf(item)
  if (!item.claim || key in verdicts.value) return
  const found = await worker
    .call('verdict', { claim: item.claim, seed: start.value?.seed ?? 7 })
    .catch((error: Error) => error.message)
  verdicts.value = { ...verdicts.value, [key]: found }
}

/** The run of an item's claim: what it says of the answer, and on request all of it. */
export function Proof({ item }: { item: QuizItem }) {
  useEffect(() => void run(item), [item])
  const words = t().quiz
  if (!item.claim) return <p class="quiet">{words.noClaim}</p>
  const verdict = verdicts.value[keyOf(item)]
  if (verdict === undefined) return <p class="quiet">{words.running}</p>
  if (typeof verdict === 'string') return <p class="wrong">{verdict}</p>
  return (
    <div class="proof">
      <OfAnswer item={item} verdict={verdict} />
      <details open={!doorOf(item)}>
        <summary>{words.whole}</summary>
        <Whole item={item} verdict={verdict} />
      </details>
    </div>
  )
}

/** What the run says of the answer alone. */
function OfAnswer({ item, verdict }: { item: QuizItem; verdict: Verdict }) {
  const words = t().quiz
  const response = responseTo(item)
  if (item.kind === 'numeric') {
    const found = numberFound(item, verdict)
    return found === undefined ? null : (
      <p>{words.finds(item.claim?.number ?? '', String(found))}</p>
    )
  }
  const chosen = isAnswered(response) && typeof response !== 'number' ? response : []
  return (
    <>
      {chosen.map((id) => {
        const finding = findingOf(item, id, verdict)
        return (
          finding && (
            <p key={id}>
              <b>{words.layer}</b> <Letters text={finding.text[settings.lang.state.value]} />
            </p>
          )
        )
      })}
    </>
  )
}

/** The statement, what was found, and what that says of every option. */
function Whole({ item, verdict }: { item: QuizItem; verdict: Verdict }) {
  const lang = settings.lang.state.value
  const words = t().quiz
  const options = item.kind === 'numeric' ? [] : item.options
  return (
    <>
      <p>
        <Letters text={verdict.statement[lang]} />
      </p>
      <ul>
        {verdict.findings.map(({ text, holds }, n) => (
          <li key={n}>
            {holds ? '✓' : '✗'} <Letters text={text[lang]} />
          </li>
        ))}
        {options.map(({ id }, place) => {
          const finding = findingOf(item, id, verdict)
          return (
            finding && (
              <li key={id}>
                ({letterOf(place)}) {finding.holds ? words.holds : words.refuted}{' '}
                <Letters text={finding.text[lang]} />
              </li>
            )
          )
        })}
      </ul>
    </>
  )
}
