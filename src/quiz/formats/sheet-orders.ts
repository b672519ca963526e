import type { ChoiceItem, Quiz } from '../quiz.ts'
import { itemsOf } from '../quiz.ts'
import { shuffled } from '../shuffle.ts'
import { letterOf } from './lossy.ts'

/** The orders of a quiz on sheets of paper, by the seed that is printed there. */
export class SheetOrders {
  readonly #quiz: Quiz
  readonly #orders = new Map<string, SheetOrder>()

  constructor(quiz: Quiz) {
    this.#quiz = quiz
  }

  /**
   * @param seed empty for the order of the file
   * @throws {RangeError} for an invalid seed
   */
  orderOf(seed: string): SheetOrder {
    const known = this.#orders.get(seed)
    if (known) return known
    const number = /^\d{1,16}$/.test(seed) ? Number(seed) : Number.NaN
    if (seed !== '' && !Number.isSafeInteger(number))
      throw new RangeError(
        `sheet ${JSON.stringify(seed)} is no number; give the one that is printed on the sheet`,
      )
    const order = new SheetOrder(seed === '' ? this.#quiz : shuffled(this.#quiz, number))
    this.#orders.set(seed, order)
    return order
  }
}

/** Numbers of items, and letters of their options, as they are printed. */
export class SheetOrder {
  readonly #numbers: ReadonlyMap<string, number>
  readonly #letters: ReadonlyMap<string, ReadonlyMap<string, string>>

  /** @param ids whether ids of options are taken too, and before letters */
  constructor(quiz: Quiz, ids = false) {
    const items = itemsOf(quiz)
    this.#numbers = new Map(items.map(({ id }, n) => [id, n + 1]))
    const choices = items.filter((item) => item.kind !== 'numeric')
    this.#letters = new Map(
      choices.map(({ id, options }) => [
        id,
        new Map([
          ...options.map(({ id: own }, n): [string, string] => [letterOf(n), own]),
          ...(ids ? distinctIds(options) : []),
        ]),
      ]),
    )
  }

  /** Number of an item, from 1. */
  numberOf(item: string): number | undefined {
    return this.#numbers.get(item)
  }

  /**
   * Ids of the options that letters name, large or small, as in `A`, `(a)` or `a, c`; undefined
   * where one names none.
   */
  chosen({ id, kind }: ChoiceItem, cell: string): readonly string[] | undefined {
    const letters = cell.toLowerCase().match(/[^\s,;|+()]+/g) ?? []
    const ids = letters.map((letter) => this.#letters.get(id)?.get(letter))
    const all = ids.filter((one) => one !== undefined)
    const apart = all.length === ids.length && new Set(all).size === all.length
    return apart && all.length > 0 && (kind === 'multiple' || all.length === 1) ? all : undefined
  }
}

/** Ids by their small letters, but for those that are the same then. */
function distinctIds(options: ChoiceItem['options']): [string, string][] {
  const small = options.map(({ id }) => id.toLowerCase())
  return options
    .map(({ id }, n): [string, string] => [small[n], id])
    .filter(([one]) => small.indexOf(one) === small.lastIndexOf(one))
}
