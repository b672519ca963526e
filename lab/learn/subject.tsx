import type { TargetedClipboardEvent, TargetedEvent } from 'preact'
import { Control } from '../parts/control.tsx'
import { megabytes } from '../parts/files.ts'
import { settings } from '../state/settings.ts'
import { t, whole } from '../words/words.ts'
import { field, LONGEST_FIELD, own, PASTED, takeFile, takeText } from './own.ts'
import { run } from './run.ts'

/** Sizes of the text that ships. */
const SHIPPED = { sentences: 1241, questions: 4680 }

/** Does what may fail; a failure is told, and all stays as it was. */
async function told(take: () => void | Promise<void>): Promise<void> {
  try {
    await take()
    run.failure.value = ''
  } catch (error) {
    run.failure.value = (error as Error).message
  }
}

async function chosen(file: File | undefined): Promise<void> {
  if (!file || run.state.value !== 'none') return
  await told(async () => {
    await takeFile(file)
    settings.corpus.state.value = 'own'
  })
}

/** What is learned from. */
export function Subject() {
  const words = t().learn
  const isOwn = settings.corpus.state.value === 'own'
  return (
    <fieldset class="bare-set subject" disabled={run.state.value !== 'none'}>
      <Control name="corpus" />
      {isOwn ? (
        <Own />
      ) : (
        <p class="quiet">{words.builtIn(whole(SHIPPED.sentences), whole(SHIPPED.questions))}</p>
      )}
    </fieldset>
  )
}

function Own() {
  const words = t().learn
  const beside = own.value && own.value.text !== field.value
  return (
    <>
      <label class="field wide">
        <span>{words.own}</span>
        <textarea
          rows={5}
          value={field.value}
          spellcheck={false}
          onInput={written}
          onPaste={pasted}
        />
      </label>
      <p class="quiet">{words.ownHint}</p>
      {beside && own.value && (
        <p>{words.beside(own.value.name, megabytes(own.value.text.length))}</p>
      )}
      <label class="field">
        <span>{words.file}</span>
        <input
          type="file"
          accept=".txt,.gz,text/plain"
          onChange={({ currentTarget }) => void chosen(currentTarget.files?.[0])}
        />
      </label>
    </>
  )
}

function written({ currentTarget }: TargetedEvent<HTMLTextAreaElement>): void {
  void told(() => {
    takeText(currentTarget.value)
    field.value = currentTarget.value
  })
}

/**
 * A long text is kept beside the field, which would take long to show it; one that is too long
 * changes nothing.
 */
function pasted(event: TargetedClipboardEvent<HTMLTextAreaElement>): void {
  const text = event.clipboardData?.getData('text/plain') ?? ''
  if (text.length <= LONGEST_FIELD) return
  event.preventDefault()
  void told(() => takeText(text))
}

/** The name of the text in a command. */
export const nameInCommand = (): string =>
  /^[\w.-]+$/.test(own.value?.name ?? '') ? (own.value?.name ?? PASTED) : PASTED
