import { batch, effect, signal } from '@preact/signals'
import type { Answer } from 'regard/internal'
import { DIRECTIONS, plane, type Question } from '../needle/plane.ts'
import { tokens } from '../state/layer.ts'
import { model } from '../state/model.ts'
import { locked } from '../state/selection.ts'
import { settings } from '../state/settings.ts'
import { worker } from '../worker/page.ts'

/** What a question found: a weight for each word. */
export interface Asked {
  readonly tokens: readonly string[]
  readonly weights: ArrayLike<number>
  /**
   * How: learned from questions; by the question's query in a layer that never saw one; or by hand,
   * in the plane of the needle.
   */
  readonly how: Answer['asked'] | 'hand'
}

export const asked = signal<Asked | undefined>(undefined)
/** Why there is no answer. */
export const failure = signal('')

/** The place whose query the question replaces: the first word that is locked, or «été₁». */
export const place = (): number => locked.value[0] ?? Math.min(2, tokens.value.length - 1)

/** The two questions that can be asked by hand. */
export const byHand: readonly Question[] = ['what', 'when']

/** Points the needle at a question. */
export function pointAt(question: Question): void {
  settings.needle.state.value = DIRECTIONS[question]
}

/** Without a model, what the needle finds. */
function askByHand(): void {
  const { value } = plane
  batch(() => {
    failure.value = ''
    asked.value = value && { tokens: value.tokens, weights: value.weights, how: 'hand' }
  })
}

let last = 0

async function askModel(words: readonly string[], question: string, at: number): Promise<void> {
  const mine = ++last
  try {
    const { weights, asked: how } = await worker.call('ask', { words, question, at })
    if (mine !== last) return
    batch(() => {
      failure.value = ''
      asked.value = { tokens: words, weights, how }
    })
  } catch (error) {
    if (mine !== last) return
    batch(() => {
      failure.value = (error as Error).message
      asked.value = undefined
    })
  }
}

/** Asks whenever sentence, question, place or model change. */
export const watchQuestion = (): (() => void) =>
  effect(() => {
    const [words, question, at] = [tokens.value, settings.question.state.value, place()]
    if (model.value && words.length) void askModel(words, question, at)
    else askByHand()
  })
