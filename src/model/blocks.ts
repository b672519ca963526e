import { Random } from '../random.ts'
import type { SpooledBlock, SpooledCorpus } from '../text/spooled.ts'
import type { Rounds } from './sampling.ts'

/** Blocks that are in memory at once, and shuffled together. */
const BLOCKS_OF_A_GROUP = 64

/** A block without its held-out sentences. */
interface Learned {
  readonly block: SpooledBlock
  readonly sentences: number
  readonly words: number
}

/** Blocks that are read together, and their last step in the epoch. */
interface Group {
  readonly blocks: readonly Learned[]
  readonly sentences: number
  readonly steps: number
  readonly end: number
}

/** The sentences of a group in training order, and the first of each step. */
interface Shuffled {
  readonly key: string
  readonly lines: readonly string[]
  readonly cuts: readonly number[]
}

/**
 * Batches of sentences from a text larger than memory, each about the given weight; every sentence
 * comes once per round.
 *
 * A round shuffles the blocks, takes them in groups, and shuffles the sentences of each group: a
 * sentence can come anywhere in a round, but those of one block stay within one group. The batch of
 * a step depends on seed and step alone.
 */
export class BlockBatches implements Rounds<string> {
  readonly #corpus: SpooledCorpus
  readonly #blocks: readonly Learned[]
  readonly #heldOut: ReadonlySet<number>
  readonly #seed: number
  readonly #weight: number
  readonly #group: number
  readonly #ends: number[] = []
  #round: { readonly number: number; readonly groups: readonly Group[] } | undefined
  #shuffled: Shuffled | undefined

  /**
   * @param heldOut held-out sentences by their numbers, with their words
   * @param weight approximate number of words in a step
   * @param group number of blocks that are shuffled together
   */
  constructor(
    corpus: SpooledCorpus,
    heldOut: ReadonlyMap<number, readonly string[]>,
    seed: number,
    weight: number,
    group = BLOCKS_OF_A_GROUP,
  ) {
    this.#corpus = corpus
    this.#heldOut = new Set(heldOut.keys())
    this.#seed = seed
    this.#weight = weight
    this.#group = group
    const left = corpus.blocks.map((block) => ({
      block,
      sentences: block.sentences,
      words: block.words,
    }))
    for (const [number, words] of heldOut) {
      const own = left[blockOf(corpus, number)]
      own.sentences--
      own.words -= words.length
    }
    this.#blocks = left.filter(({ sentences }) => sentences > 0)
  }

  get size(): number {
    return this.#blocks.reduce((sum, { sentences }) => sum + sentences, 0)
  }

  at(step: number): readonly string[] {
    let round = 0
    while (this.#endOf(round) < step) round++
    const n = step - 1 - (round > 0 ? this.#endOf(round - 1) : 0)
    const groups = this.#groupsOf(round)
    const g = groups.findIndex(({ end }) => end > n)
    const { lines, cuts } = this.#shuffledOf(round, g, groups[g])
    const at = n - (groups[g].end - groups[g].steps)
    return lines.slice(cuts[at], cuts[at + 1])
  }

  stepsOf(rounds: number): number {
    return this.#endOf(rounds - 1)
  }

  /** Last step of a round. */
  #endOf(round: number): number {
    for (let known = this.#ends.length; known <= round; known++) {
      const groups = this.#groupsOf(known)
      this.#ends.push((this.#ends[known - 1] ?? 0) + groups[groups.length - 1].end)
    }
    return this.#ends[round]
  }

  #groupsOf(round: number): readonly Group[] {
    if (this.#round?.number === round) return this.#round.groups
    const order = new Random(this.#seed, `sentences.${round}`).shuffle(this.#blocks)
    const groups: Group[] = []
    for (let from = 0, end = 0; from < order.length; from += this.#group) {
      const blocks = order.slice(from, from + this.#group)
      const [sentences, words] = (['sentences', 'words'] as const).map((what) =>
        blocks.reduce((sum, own) => sum + own[what], 0),
      )
      const steps = Math.min(sentences, Math.max(1, Math.round(words / this.#weight)))
      end += steps
      groups.push({ blocks, sentences, steps, end })
    }
    this.#round = { number: round, groups }
    return groups
  }

  #shuffledOf(round: number, g: number, { blocks, steps }: Group): Shuffled {
    const key = `sentences.${round}.${g}`
    if (this.#shuffled?.key !== key) {
      // frees the group before first: both need not fit
      this.#shuffled = undefined
      const lines = new Random(this.#seed, key).shuffle(
        blocks.flatMap(({ block }) => this.#linesOf(block)),
      )
      this.#shuffled = { key, lines, cuts: cutsOf(lines.map(wordsIn), steps) }
    }
    return this.#shuffled
  }

  #linesOf(block: SpooledBlock): string[] {
    return this.#corpus.linesOf(block).filter((_, n) => !this.#heldOut.has(block.first + n))
  }
}

/** Number of the block that holds a sentence. */
export function blockOf({ blocks }: SpooledCorpus, sentence: number): number {
  let [low, high] = [0, blocks.length - 1]
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if (blocks[middle].first <= sentence) low = middle
    else high = middle - 1
  }
  return low
}

function wordsIn(line: string): number {
  let words = 1
  for (let at = line.indexOf(' '); at >= 0; at = line.indexOf(' ', at + 1)) words++
  return words
}

/**
 * Cuts weights into a number of non-empty lists, each of which ends just below its equal share of
 * the total.
 */
function cutsOf(weights: readonly number[], lists: number): number[] {
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  const cuts = [0]
  let sum = 0
  weights.forEach((weight, n) => {
    sum += weight
    const left = lists - cuts.length
    const full = sum >= (total * cuts.length) / lists || weights.length - 1 - n === left
    if (left > 0 && full) cuts.push(n + 1)
  })
  return [...cuts, weights.length]
}
