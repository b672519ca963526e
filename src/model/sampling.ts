import type { Question } from '../learn/questions.ts'
import { Random } from '../random.ts'
import type { Corpus } from '../text/corpus.ts'

/** A corpus, split into training and held-out sentences, each a list of sentence numbers. */
export interface Split {
  readonly learned: readonly number[]
  readonly heldOut: readonly number[]
}

/** Largest number of held-out sentences. */
const MOST_HELD_OUT = 200
/** With fewer sentences, none is held out. */
const LEAST_TO_SPLIT = 40

/** Holds some sentences out, the same for the same seed. @param share of all sentences */
export function split(corpus: Corpus, share: number, seed: number): Split {
  const all = corpus.sentences.map((_, n) => n)
  if (all.length < LEAST_TO_SPLIT) return { learned: all, heldOut: [] }
  const order = new Random(seed, 'heldOut').shuffle(all)
  const count = heldOutCount(all.length, share)
  return { learned: order.slice(count), heldOut: order.slice(0, count) }
}

/** Number of held-out sentences. */
export const heldOutCount = (sentences: number, share: number): number =>
  sentences < LEAST_TO_SPLIT ? 0 : Math.min(MOST_HELD_OUT, Math.round(sentences * share))

/** Batches of items for successive steps; every item comes once per round. */
export interface Rounds<Item> {
  /** Number of items. */
  readonly size: number
  /** The batch of a step, from 1. */
  at(step: number): readonly Item[]
  /** Number of steps in the first rounds. */
  stepsOf(rounds: number): number
}

/**
 * Lists of items, each about as heavy as asked; every item comes once in each round, in an order of
 * its own.
 */
export class Batches<Item> implements Rounds<Item> {
  readonly #items: readonly Item[]
  readonly #seed: number
  readonly #name: string
  readonly #weight: number
  readonly #weigh: (item: Item) => number
  readonly #firstOfRound: number[] = [0]
  readonly #cuts: number[][] = []
  #order: { round: number; items: readonly Item[] } | undefined

  constructor(
    items: readonly Item[],
    seed: number,
    name: string,
    weight: number,
    weigh: (item: Item) => number,
  ) {
    this.#items = items
    this.#seed = seed
    this.#name = name
    this.#weight = weight
    this.#weigh = weigh
  }

  /** Number of items. */
  get size(): number {
    return this.#items.length
  }

  /** The batch of a step, from 1. */
  at(step: number): readonly Item[] {
    if (this.#items.length === 0) return []
    let round = 0
    while (this.#endOf(round) < step) round++
    const n = step - 1 - this.#firstOfRound[round]
    const cuts = this.#cuts[round]
    return this.#orderOf(round).slice(cuts[n], cuts[n + 1])
  }

  /** Number of steps in the first rounds. */
  stepsOf(rounds: number): number {
    if (this.#items.length === 0) return 0
    return this.#endOf(rounds - 1)
  }

  /** Last step of a round. */
  #endOf(round: number): number {
    for (let known = this.#cuts.length; known <= round; known++) {
      const cuts = [0]
      let sum = 0
      this.#orderOf(known).forEach((item, n) => {
        sum += this.#weigh(item)
        if (sum >= this.#weight) {
          cuts.push(n + 1)
          sum = 0
        }
      })
      // what is left over is read with the list before it
      if (cuts.length === 1) cuts.push(this.#items.length)
      else cuts[cuts.length - 1] = this.#items.length
      this.#cuts.push(cuts)
      this.#firstOfRound.push(this.#firstOfRound[known] + cuts.length - 1)
    }
    return this.#firstOfRound[round + 1]
  }

  #orderOf(round: number): readonly Item[] {
    if (this.#order?.round !== round)
      this.#order = {
        round,
        items: new Random(this.#seed, `${this.#name}.${round}`).shuffle(this.#items),
      }
    return this.#order.items
  }
}

/** The questions of steps, about `count` in each, those of one sentence together. */
export function questionBatches(
  questions: readonly Question[],
  seed: number,
  count: number,
): Batches<readonly Question[]> {
  const bySentence = new Map<string, Question[]>()
  for (const question of questions) {
    const sentence = question.words.join(' ')
    const group = bySentence.get(sentence)
    if (group) group.push(question)
    else bySentence.set(sentence, [question])
  }
  return new Batches<readonly Question[]>(
    [...bySentence.values()],
    seed,
    'questions',
    count,
    ({ length }) => length,
  )
}
