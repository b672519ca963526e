import { takeFile } from './learn/own.ts'
import { LARGEST_MODEL, run } from './learn/run.ts'
import { bytesOf } from './parts/files.ts'
import { settings } from './state/settings.ts'
import { hidden } from './state/shown.ts'
import type { ViewName } from './view.ts'
import { t } from './words/words.ts'

/** Views in which a model is looked at where it is. */
const WITH_MODEL: readonly ViewName[] = ['look', 'learn', 'ask']

/** The kind of a file, by its name and type. */
type Kind = 'model' | 'quiz' | 'text'

function kindOf({ name, type }: File): Kind | undefined {
  if (name.endsWith('.safetensors')) return 'model'
  if (name.endsWith('.json')) return 'quiz'
  return type.startsWith('text/') || type === '' || /\.(txt|md|gz)$/.test(name) ? 'text' : undefined
}

/** The view that reads a kind of file: a model stays where it can be looked at. */
function viewFor(kind: Kind): ViewName {
  const here = settings.view.state.value
  if (kind === 'quiz') return 'quiz'
  if (kind === 'text') return 'learn'
  return WITH_MODEL.includes(here) ? here : 'look'
}

async function modelFrom(file: File): Promise<void> {
  await run.load(await bytesOf(file, LARGEST_MODEL), file.name)
  if (!run.failure.value) return
  const { value } = run.failure
  // it is told where the file was dropped
  run.failure.value = ''
  throw new RangeError(value)
}

async function textFrom(file: File): Promise<void> {
  await takeFile(file)
  settings.corpus.state.value = 'own'
}

const quizFrom = async (file: File): Promise<void> =>
  (await import('./quiz/sitting.ts')).takeQuizFile(file)

const takers: Readonly<Record<Kind, (file: File) => Promise<void>>> = {
  model: modelFrom,
  quiz: quizFrom,
  text: textFrom,
}

/**
 * Takes files that were dropped on the page to the view that reads them: a model, a quiz, or a text
 * to learn from.
 *
 * @throws {RangeError} for other files, and for those that cannot be read now; nothing changes then
 */
export async function takeDropped(files: readonly File[]): Promise<void> {
  const [file] = files
  const words = t().files
  if (files.length > 1) throw new RangeError(words.oneAtATime(files.length))
  const kind = kindOf(file)
  if (!kind) throw new RangeError(words.noKind(file.name))
  const view = viewFor(kind)
  if (hidden(view)) throw new RangeError(words.notInLesson(t().views[view].door))
  if (kind !== 'quiz' && run.state.value !== 'none') throw new RangeError(words.learns)
  await takers[kind](file)
  settings.view.state.value = view
}
