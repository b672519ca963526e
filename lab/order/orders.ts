import { computed, effect, signal } from '@preact/signals'
import { allOrders, largestDifference, type Matrix, matrices, Random } from 'regard/internal'
import { pass } from '../state/layer.ts'
import { type Pass, passOver } from '../state/pass.ts'
import { settings } from '../state/settings.ts'

/** The order of the words: places of the first sentence, in a new order. */
export const order = computed<readonly number[]>(() => {
  const count = pass.value.value?.tokens.length ?? 0
  const { value } = settings.order.state
  const fits = value.length === count && value.every((place) => place < count)
  return fits ? value : Array.from({ length: count }, (_, place) => place)
})

/** Rows in another order: row n is row order[n] of X. */
export function reordered(X: Matrix, order: readonly number[]): Matrix {
  const Y = matrices.matrix(X.rows, X.columns)
  order.forEach((from, to) => {
    Y.data.set(matrices.row(X, from), to * X.columns)
  })
  return Y
}

const inOrder = <One>(list: readonly One[], order: readonly number[]): One[] =>
  order.map((place) => list[place])

/** f(PX): the same layer on the words in another order. */
export const passIn = ({ config, tokens, X, parameters }: Pass, order: readonly number[]): Pass =>
  passOver(config, inOrder(tokens, order), reordered(X, order), parameters)

/**
 * How far f(PX) lies from P f(X), and from f(X): over all heads, the largest difference of a
 * number.
 */
export function apart(
  before: Pass,
  after: Pass,
  order: readonly number[],
): { equivariant: number; invariant: number } {
  const differences = before.context.map((C, head) => {
    const found = after.context[head].data
    return [largestDifference(found, reordered(C, order).data), largestDifference(found, C.data)]
  })
  return {
    equivariant: Math.max(...differences.map(([equivariant]) => equivariant)),
    invariant: Math.max(...differences.map(([, invariant]) => invariant)),
  }
}

/** The words in the order of now. */
export const shuffled = computed(() => {
  const before = pass.value.value
  if (!before) return undefined
  const after = passIn(before, order.value)
  return { before, after, ...apart(before, after, order.value) }
})

/** Every order of at most six words, else as many drawn by the seed. */
const MANY = 720

function ordersOf(count: number, seed: number): readonly (readonly number[])[] {
  if (count <= 6) return allOrders(count)
  const random = new Random(seed, 'orders')
  const places = Array.from({ length: count }, (_, place) => place)
  return Array.from({ length: MANY }, () => random.shuffle(places))
}

/** What was found of the orders so far. */
export interface Tried {
  readonly orders: number
  readonly done: number
  /** The largest differences of f(PX) from P f(X), one for each order that was tried. */
  readonly differences: readonly number[]
  /** Orders in which f(PX) is not f(X). */
  readonly moved: number
}

export const tried = signal<Tried | undefined>(undefined)

/** Orders a slice: each slice is short, so that the page stays free. */
const SLICE = 24

/**
 * Tries the orders slice by slice; begins anew when the layer changes, until it is told to stop.
 */
export function tryAll(): () => void {
  let run = 0
  const slices = (before: Pass, orders: readonly (readonly number[])[], mine: number): void => {
    const differences: number[] = []
    let moved = 0
    const step = (): void => {
      if (mine !== run) return
      for (const one of orders.slice(differences.length, differences.length + SLICE)) {
        const { equivariant, invariant } = apart(before, passIn(before, one), one)
        differences.push(equivariant)
        if (invariant > 1e-12) moved++
      }
      tried.value = {
        orders: orders.length,
        done: differences.length,
        differences: [...differences],
        moved,
      }
      if (differences.length < orders.length) setTimeout(step)
    }
    setTimeout(step)
  }
  const stop = effect(() => {
    const before = pass.value.value
    const { value: seed } = settings.seed.state
    run++
    tried.value = undefined
    if (before && settings.all.state.value)
      slices(before, ordersOf(before.tokens.length, seed), run)
  })
  return () => {
    run++
    stop()
  }
}
