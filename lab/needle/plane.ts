import { computed } from '@preact/signals'
import {
  attend,
  drawnEmbeddings,
  type Matrix,
  matrices,
  positions,
  SENTENCE,
  Tensor,
} from 'regard/internal'
import { tokens } from '../state/layer.ts'
import { matrixOf } from '../state/pass.ts'
import { locked } from '../state/selection.ts'
import { settings } from '../state/settings.ts'

/** Words as vectors of a plane, by hand: the happening lies to the right, the time above. */
const BY_HAND: Readonly<Record<string, readonly [number, number]>> = {
  Tom: [1.2, -1.4],
  a: [-1.1, -0.7],
  été: [-0.2, 1.9],
  entarté: [2, 0.9],
  cet: [-1.4, 0.9],
}

/** Length of the needle. */
export const LENGTH = 3

/**
 * The directions in which the two questions ask, in degrees: those of the keys of «entarté» and
 * «été» without positions.
 */
export const DIRECTIONS = { what: degrees(BY_HAND.entarté), when: degrees(BY_HAND.été) } as const

export type Question = keyof typeof DIRECTIONS

function degrees([x, y]: readonly [number, number]): number {
  return Math.round((Math.atan2(y, x) * 180) / Math.PI)
}

/**
 * What stays while the needle turns: D = d_q = d_k = d_v = 2, and W_Q, W_K and W_V are the
 * identity.
 */
export interface Ground {
  readonly tokens: readonly string[]
  /** The word whose query the needle is, from 0. */
  readonly place: number
  /** Keys, and values, (T, 2). */
  readonly K: Matrix
  /** Whether the words are those of the two questions. */
  readonly asked: boolean
}

/** Everything in the plane. */
export interface Plane extends Ground {
  readonly needle: readonly [number, number]
  readonly weights: Float64Array
  readonly context: readonly [number, number]
}

/**
 * Vectors of the words: by hand for the sentence that the page begins with, else drawn by the seed.
 */
function embedded(words: readonly string[], seed: number): Matrix {
  const drawn = matrixOf(drawnEmbeddings(words, 2, { seed }))
  return matrices.map(drawn, (value, n) => BY_HAND[words[Math.floor(n / 2)]]?.[n % 2] ?? value)
}

/** X, with sinusoidal positions where they are on. */
function rowsOf(words: readonly string[]): Matrix {
  const X = embedded(words, settings.seed.state.value)
  if (settings.position.state.value === 'none') return X
  const P = positions.sinusoidal.table(words.length, 2)
  return matrices.map(X, (x, n) => x + P.data[n])
}

/** Whether these are the words that the page begins with, in any order. */
const isSentence = (words: readonly string[]): boolean =>
  [...words].sort().join(' ') === [...SENTENCE].sort().join(' ')

const tensorOf = (rows: number, data: ArrayLike<number>): Tensor =>
  new Tensor([rows, 2], Float64Array.from(data))

/** The words as vectors; undefined without words. */
export const ground = computed<Ground | undefined>(() => {
  const words = tokens.value
  if (!words.length) return undefined
  const place = locked.value[0] ?? Math.min(2, words.length - 1)
  return { tokens: words, place, K: rowsOf(words), asked: isSentence(words) }
})

/** The plane as the needle stands; undefined without words. */
export const plane = computed<Plane | undefined>(() => {
  if (!ground.value) return undefined
  const { K } = ground.value
  const angle = (settings.needle.state.value * Math.PI) / 180
  const needle = [LENGTH * Math.cos(angle), LENGTH * Math.sin(angle)] as const
  const { context, weights } = attend(
    tensorOf(1, needle),
    tensorOf(K.rows, K.data),
    tensorOf(K.rows, K.data),
    { want: { weights: true } },
  )
  const [x, y] = context.data
  return {
    ...ground.value,
    needle,
    weights: Float64Array.from((weights as Tensor).data),
    context: [x, y],
  }
})

/** A direction between −180 and 180, to the degree. */
export const turned = (angle: number): number =>
  ((((Math.round(angle) + 180) % 360) + 360) % 360) - 180
