import { batch, computed, effect, signal, untracked } from '@preact/signals'
import {
  type Answers,
  builtInQuiz,
  hasKey,
  isAnswered,
  itemsOf,
  plainName,
  type Quiz,
  type QuizItem,
  type QuizResult,
  type QuizSection,
  type Response,
  readQuiz,
  readResult,
  Sitting,
  shuffled,
} from 'regard/internal'
import { bytesOf } from '../parts/files.ts'
import { report } from '../reporting/reporting.ts'
import { fingerprint, forget, keep, kept } from '../state/kept.ts'
import { settings } from '../state/settings.ts'
import { t } from '../words/words.ts'

/** How the quiz is sat. */
export interface Start {
  readonly name: string
  readonly mode: QuizResult['mode']
  readonly seed: number
  /** ISO 8601, in UTC. */
  readonly started: string
}

/** The quiz that is offered, as its file has it; undefined while it is on the way. */
export const quiz = signal<Quiz | undefined>(undefined)
/** How it is taken; undefined before it begins. */
export const start = signal<Start | undefined>(undefined)
export const answers = signal<Answers>({})
/** What was handed in: from then on every answer is judged. */
export const result = signal<QuizResult | undefined>(undefined)
/** Why a quiz could not be read. */
export const failure = signal('')
/** What is remembered of the quiz that is offered, and not gone on with yet. */
export const remembered = signal<QuizResult | undefined>(undefined)

const OWN = 'regard.quiz.own'

/** The language of the quiz: the reader's if the quiz has it, else its default. */
export const language = computed(() => {
  const languages = quiz.value?.languages ?? ['en']
  return (
    languages.find((one) => one.toLowerCase().split('-')[0] === settings.lang.state.value) ??
    languages[0]
  )
})

/** The quiz in the order in which it is shown. */
export const shown = computed(
  () => quiz.value && shuffled(quiz.value, start.value?.seed ?? settings.seed.state.value),
)

export const items = computed<readonly QuizItem[]>(() => (shown.value ? itemsOf(shown.value) : []))

/** The item that is asked; undefined at the beginning and at the end. */
export const current = computed(() =>
  start.value ? items.value[settings.item.state.value - 1] : undefined,
)

export const practice = computed(() => start.value?.mode === 'practice')

/** The section of an item. */
export const sectionOf = ({ id }: QuizItem): QuizSection | undefined =>
  quiz.value?.sections.find(({ items }) => items.some((one) => one.id === id))

export const responseTo = ({ id }: QuizItem): Response =>
  Object.hasOwn(answers.value, id) ? answers.value[id] : null

/** Whether an answer is judged: at once in practice, in a test once it is handed in. */
export const isJudged = (item: QuizItem): boolean =>
  (result.value !== undefined || (practice.value && isAnswered(responseTo(item)))) &&
  quiz.value !== undefined &&
  hasKey(quiz.value)

/**
 * Where progress in a quiz is kept: elsewhere for a quiz that was changed, so that no answer is
 * taken for one to another question.
 */
const keyOf = (of: Quiz): string => `regard.quiz.${of.id}.${fingerprint(JSON.stringify(of))}`

/** The sitting as it stands. */
export function sitting(): Sitting | undefined {
  if (!shown.value || !start.value) return undefined
  return new Sitting({
    quiz: shown.value,
    language: language.value,
    ...start.value,
    answers: answers.value,
  })
}

const now = (): string => new Date().toISOString()

function remember(): void {
  const here = sitting()
  if (here && quiz.value) keep(keyOf(quiz.value), JSON.stringify(here.result(now())))
}

/** What was kept of a quiz; what is no result is forgotten. */
function rememberedOf(of: Quiz): QuizResult | undefined {
  const text = kept(keyOf(of))
  if (text === undefined) return undefined
  try {
    return readResult(text)
  } catch {
    forget(keyOf(of))
    return undefined
  }
}

/** Offers a quiz: nothing is answered yet, unless something was kept. */
function offer(of: Quiz): void {
  batch(() => {
    quiz.value = of
    start.value = undefined
    answers.value = {}
    result.value = undefined
    remembered.value = rememberedOf(of)
    if (settings.item.state.value > 0) resume()
  })
}

/** Goes on from what was kept, or, where an address leads to a question, begins without a name. */
function resume(): void {
  if (remembered.value) goOn(remembered.value)
  else begin('', settings.mode.state.value)
}

/** Goes on from what was answered before. */
export function goOn(from: QuizResult): void {
  const { name, mode, seed, started } = from
  batch(() => {
    settings.mode.state.value = mode
    start.value = { name, mode, seed, started }
    answers.value = from.answers
    remembered.value = undefined
  })
}

/** Begins anew. */
export function begin(name: string, mode: QuizResult['mode']): void {
  // without its key nothing can be judged at once
  const able = quiz.value && hasKey(quiz.value) ? mode : 'test'
  batch(() => {
    start.value = {
      name: plainName(name),
      mode: able,
      seed: settings.seed.state.value,
      started: now(),
    }
    answers.value = {}
    result.value = undefined
    remembered.value = undefined
  })
  remember()
}

/** Takes an answer down. */
export function answer({ id }: QuizItem, response: Response): void {
  answers.value = { ...answers.value, [id]: isAnswered(response) ? response : null }
  remember()
}

export function rename(name: string): void {
  if (start.value) start.value = { ...start.value, name: plainName(name) }
}

/** Places, from 0, of items that need an answer and have none. */
export const missing = (): readonly number[] => sitting()?.missing ?? []

/** Hands in: the score is there, and what was kept goes. */
export function handIn(): void {
  const here = sitting()
  if (!here || !quiz.value) return
  const handed = here.result(now())
  result.value = handed
  forget(keyOf(quiz.value))
  const { points, of } = handed.score ?? { points: 0, of: 0 }
  report({ name: handed.name, points, of, finished: true })
}

/** Back to the beginning. */
export function again(): void {
  if (quiz.value) forget(keyOf(quiz.value))
  batch(() => {
    settings.item.state.value = 0
    if (quiz.value) offer(quiz.value)
  })
}

/** The teacher's quiz of this visit. */
let own: Quiz | undefined

/** Largest file of a quiz, in bytes: no quiz of readQuiz is longer. */
const LARGEST_QUIZ = 16_000_000

/** A file as text. @throws {RangeError} if it is not text */
async function textOf(file: File): Promise<string> {
  const bytes = await bytesOf(file, LARGEST_QUIZ)
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw new RangeError(t().quiz.notText(file.name))
  }
}

/**
 * Reads a teacher's quiz from its file.
 *
 * @throws {RangeError} if it is not a quiz; the one before stays
 */
export async function takeQuizFile(file: File): Promise<void> {
  const text = await textOf(file)
  own = readQuiz(text, file.name)
  keep(OWN, text)
  batch(() => {
    failure.value = ''
    settings.item.state.value = 0
    settings.quiz.state.value = 'own'
    offer(own as Quiz)
  })
}

/** A teacher's quiz that was kept. */
function keptQuiz(): Quiz | undefined {
  const text = kept(OWN)
  try {
    return text === undefined ? undefined : readQuiz(text)
  } catch {
    forget(OWN)
    return undefined
  }
}

/** Offers the quiz of the address; a teacher's, where it is there. */
async function load(name: string): Promise<void> {
  if (name !== 'own') {
    const of = await builtInQuiz(name)
    if (settings.quiz.state.peek() === name) offer(of)
    return
  }
  own ??= keptQuiz()
  if (!own) settings.quiz.state.value = settings.quiz.initial
  else if (quiz.value !== own) offer(own)
}

effect(() => {
  const name = settings.quiz.state.value
  untracked(() => void load(name))
})
