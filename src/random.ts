import { cos, log } from './elementary.ts'
import { expectNumber, FINITE, NOT_NEGATIVE, SEED } from './kinds.ts'
import { Tensor } from './tensor.ts'

/**
 * Philox 4×32-10: four 32-bit words from a counter of four words and a key of two, the same
 * everywhere.
 *
 * Counter-based: the n-th number depends on no earlier one, so dropout and initial values do not
 * depend on the order of the draws.
 *
 * @see Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3", §3.3
 */
export function philox(
  counter: readonly number[],
  key: readonly number[],
): [number, number, number, number] {
  const words = Uint32Array.from(counter)
  philoxRounds(words, key[0], key[1])
  return [words[0], words[1], words[2], words[3]]
}

/**
 * Its ten rounds in place: `words` holds the counter before and the random words after. Nothing is
 * allocated.
 */
function philoxRounds(words: Uint32Array, key0: number, key1: number): void {
  let c0 = words[0]
  let c1 = words[1]
  let c2 = words[2]
  let c3 = words[3]
  let k0 = key0 >>> 0
  let k1 = key1 >>> 0
  for (let round = 0; round < 10; round++) {
    const high0 = highWord(0xd2511f53, c0)
    const high1 = highWord(0xcd9e8d57, c2)
    const low0 = Math.imul(0xd2511f53, c0)
    const low1 = Math.imul(0xcd9e8d57, c2)
    c0 = (high1 ^ c1 ^ k0) >>> 0
    c1 = low1 >>> 0
    c2 = (high0 ^ c3 ^ k1) >>> 0
    c3 = low0 >>> 0
    k0 = (k0 + 0x9e3779b9) >>> 0
    k1 = (k1 + 0xbb67ae85) >>> 0
  }
  words[0] = c0
  words[1] = c1
  words[2] = c2
  words[3] = c3
}

/** Upper 32 bits of the 64-bit product of two unsigned words; every step fits 32 bits. */
function highWord(a: number, b: number): number {
  const aLow = a & 0xffff
  const aHigh = a >>> 16
  const bLow = b & 0xffff
  const bHigh = b >>> 16
  const middle = (Math.imul(aHigh, bLow) + (Math.imul(aLow, bLow) >>> 16)) >>> 0
  const other = (Math.imul(aLow, bHigh) + (middle & 0xffff)) >>> 0
  return (Math.imul(aHigh, bHigh) + (middle >>> 16) + (other >>> 16)) >>> 0
}

const TWO_TO_32 = 4294967296

/** FNV-1a: a name as the 32 bits of a stream, so that every parameter has one of its own. */
export function streamOf(name: string): number {
  let hash = 0x811c9dc5
  for (let n = 0; n < name.length; n++) hash = Math.imul(hash ^ name.charCodeAt(n), 0x01000193)
  return hash >>> 0
}

/**
 * A number in [0, 1) for each (seed, stream, step, index), independent of other draws and of their
 * order.
 *
 * @param stream 32 bits
 * @param step 32 bits
 * @param index from 0 to 2³⁴ − 1
 */
export function uniformAt(seed: number, stream: number, step: number, index: number): number {
  uniformsAt(seed, stream, step, Math.floor(index / 4), one)
  return one[index % 4]
}

/** Scratch for the four numbers of which `uniformAt` returns one. */
const one = new Float64Array(4)
const drawn = new Uint32Array(4)

/**
 * The four numbers that `uniformAt` returns for the indices 4 · block … 4 · block + 3: a block
 * costs no more than one of them.
 */
export function uniformsAt(
  seed: number,
  stream: number,
  step: number,
  block: number,
  into: Float64Array,
): void {
  drawn[0] = block
  drawn[1] = step
  drawn[2] = stream
  drawn[3] = 1
  philoxRounds(drawn, seed, Math.floor(seed / TWO_TO_32))
  for (let n = 0; n < 4; n++) into[n] = drawn[n] / TWO_TO_32
}

/**
 * Seeded numbers in a stream of their own: the same seed and name give the same numbers in every
 * engine.
 */
export class Random {
  readonly seed: number
  readonly #stream: number
  readonly #words = new Uint32Array(4)
  #block = 0
  #taken = 4

  /**
   * @param seed an integer from 0 to 2⁵³ − 1
   * @param name the stream; streams of one seed are independent
   * @throws {RangeError} if the seed is out of range, {TypeError} if it is no number
   */
  constructor(seed: number, name = '') {
    expectNumber('Random', 'seed', seed, SEED)
    this.seed = seed
    this.#stream = streamOf(name)
  }

  #word(): number {
    if (this.#taken === 4) {
      const block = this.#block++
      this.#words[0] = block
      this.#words[1] = Math.floor(block / TWO_TO_32)
      this.#words[2] = this.#stream
      this.#words[3] = 0
      philoxRounds(this.#words, this.seed, Math.floor(this.seed / TWO_TO_32))
      this.#taken = 0
    }
    return this.#words[this.#taken++]
  }

  /** A number in [low, high), 53 bits. */
  uniform(low = 0, high = 1): number {
    const fraction = ((this.#word() >>> 5) * 67108864 + (this.#word() >>> 6)) / 9007199254740992
    return low + (high - low) * fraction
  }

  /** A normal number, by Box and Muller: √(−2 ln u) cos 2πv. */
  normal(mean = 0, deviation = 1): number {
    const radius = Math.sqrt(-2 * log(1 - this.uniform()))
    return mean + deviation * radius * cos(2 * Math.PI * this.uniform())
  }

  /** An integer from 0 to n − 1, each equally likely. @throws {RangeError} unless 1 ≤ n ≤ 2³² */
  integer(n: number): number {
    if (!Number.isInteger(n) || n < 1 || n > TWO_TO_32)
      throw new RangeError(`Random.integer: n must be an integer from 1 to 2^32, got ${n}`)
    const limit = TWO_TO_32 - (TWO_TO_32 % n)
    for (;;) {
      const word = this.#word()
      if (word < limit) return word % n
    }
  }

  /** The items in a new order, each order equally likely (Fisher and Yates). */
  shuffle<T>(items: readonly T[]): T[] {
    const shuffled = [...items]
    for (let n = shuffled.length - 1; n > 0; n--) {
      const other = this.integer(n + 1)
      ;[shuffled[n], shuffled[other]] = [shuffled[other], shuffled[n]]
    }
    return shuffled
  }

  /** A float32 or float64 tensor of normal numbers. */
  normals(
    shape: readonly number[],
    dtype: 'float32' | 'float64' = 'float32',
    deviation = 1,
  ): Tensor {
    const tensor = Tensor.zeros(shape, dtype)
    for (let n = 0; n < tensor.size; n++) tensor.data[n] = this.normal(0, deviation)
    return tensor
  }
}

/** How a parameter begins: numbers for a shape whose last two axes are (fan in, fan out). */
export interface Initializer {
  readonly name: string
  draw(random: Random, fanIn: number, fanOut: number): number
}

/** Uniform in ±√(6 / (fan in + fan out)). @see Glorot & Bengio 2010, eq. 16 */
export const xavierUniform: Initializer = {
  name: 'xavierUniform',
  draw: (random, fanIn, fanOut) => Math.sqrt(6 / (fanIn + fanOut)) * random.uniform(-1, 1),
}

/** Normal with variance 2 / (fan in + fan out). @see Glorot & Bengio 2010, eq. 12 */
export const xavierNormal: Initializer = {
  name: 'xavierNormal',
  draw: (random, fanIn, fanOut) => random.normal(0, Math.sqrt(2 / (fanIn + fanOut))),
}

/** Uniform in ±√(6 / fan in). @see He et al. 2015, §2.2 */
export const kaimingUniform: Initializer = {
  name: 'kaimingUniform',
  draw: (random, fanIn) => Math.sqrt(6 / fanIn) * random.uniform(-1, 1),
}

/** Normal with variance 2 / fan in. @see He et al. 2015, eq. 10 */
export const kaimingNormal: Initializer = {
  name: 'kaimingNormal',
  draw: (random, fanIn) => random.normal(0, Math.sqrt(2 / fanIn)),
}

/**
 * Every number equal to `value`.
 *
 * @throws {RangeError} for NaN and ∞, {TypeError} for anything but a number
 */
export function constant(value: number): Initializer {
  expectNumber('constant', 'value', value, FINITE)
  return { name: `constant:${value}`, draw: () => value }
}

/** Zeros. */
export const zeros: Initializer = { name: 'zeros', draw: () => 0 }

/**
 * Uniform in [low, high).
 *
 * @throws {RangeError} unless both are finite and low ≤ high, {TypeError} if a value is not a
 *   number
 */
export function uniform(low: number, high: number): Initializer {
  expectNumber('uniform', 'low', low, FINITE)
  expectNumber('uniform', 'high', high, {
    text: `a finite number ≥ low = ${low}`,
    holds: (value) => value >= low && value < Infinity,
  })
  return { name: `uniform:${low},${high}`, draw: (random) => random.uniform(low, high) }
}

/**
 * Normal with a mean of zero.
 *
 * @throws {RangeError} for a deviation below 0, NaN and ∞, {TypeError} if a value is not a number
 */
export function normal(deviation: number): Initializer {
  expectNumber('normal', 'deviation', deviation, NOT_NEGATIVE)
  return { name: `normal:${deviation}`, draw: (random) => random.normal(0, deviation) }
}
