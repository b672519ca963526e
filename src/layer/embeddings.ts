import type { Device, Handle, Handles } from '../device/device.ts'
import { isIntegers, valueText } from '../kinds.ts'
import type { Initializer } from '../random.ts'
import { shapeText, Tensor } from '../tensor.ts'
import { Held } from './held.ts'
import { Layer } from './layer.ts'
import { drawParameters, type LayerHost, withPrefix } from './parameters.ts'
import {
  addPartials,
  expectFloating,
  type PartialGradient,
  type RowSegments,
  rowsAt,
  sumAt,
  uploadIndices,
  uploadSegments,
} from './rows.ts'

/**
 * What a word's vector is the sum of: a row of `words.E`, if the word is in the vocabulary, and
 * rows of `letters.E`.
 */
export interface WordFeatures {
  /** Its number in the vocabulary, or −1. */
  readonly word: number
  /** Rows of `letters.E`, each once. */
  readonly letters: readonly number[]
}

/** A word: its number in the vocabulary, or its features. */
export type Word = number | WordFeatures

/** A text as an encoder reads it: words, or rows of numbers (T, D). */
export type EncoderText = readonly Word[] | Int32Array | Tensor

/** Sparse gradients of tables: some rows, and which rows of the parameter they are, distinct. */
export interface TableGradients {
  readonly dParameters: Handles
  readonly rows: Readonly<Record<string, readonly number[]>>
}

/** Sizes of embeddings. */
export interface EmbeddingOptions {
  /** Number of words that have a row of `words.E`; 0 where texts are rows of numbers alone. */
  readonly vocabulary: number
  /** Rows of `letters.E`; default 0, without the table. */
  readonly letters?: number
}

const WHERE = 'Encoder.forward'

/** First row of each text, counted from `first` on, and one past the last. */
export function startsOf(texts: readonly EncoderText[], first = 0): number[] {
  const starts = [first]
  for (const text of texts)
    starts.push(starts[starts.length - 1] + (text instanceof Tensor ? text.shape[0] : text.length))
  return starts
}

/**
 * A word's static vector: x_w = E[w] + Σ_g letters[g] / √(number of its g).
 *
 * Letter n-grams give a vector to unseen words.
 *
 * @see Bojanowski et al. 2017, §3.2 (there without the root)
 */
export class Embeddings extends Layer {
  /** `words.E` (vocabulary, D) and, with letters, `letters.E` (letters, D); after its prefix. */
  readonly parameters: Handles
  /** Its parameters, by their names without a prefix. */
  readonly own: Handles
  /** D */
  readonly dModel: number

  constructor(
    { vocabulary, letters = 0 }: EmbeddingOptions,
    dModel: number,
    initializer: Initializer,
    host: LayerHost,
  ) {
    super('Embeddings', host)
    const table = (rows: number) => ({ shape: [rows, dModel], initializer })
    const tables = {
      'words.E': table(vocabulary),
      ...(letters > 0 ? { 'letters.E': table(letters) } : {}),
    }
    this.dModel = dModel
    this.own = this.build(() => drawParameters(host, tables))
    this.parameters = withPrefix(host, this.own)
  }

  /**
   * The vectors of the words of texts, and of further words; enqueued. Each word is computed once.
   *
   * @throws {RangeError} for word numbers outside the vocabulary and rows of another width,
   *   {TypeError} for wrong types
   */
  forward(texts: readonly EncoderText[], others: readonly Word[] = []): EmbeddingsPass {
    const { device } = this.host
    checkTexts(texts)
    return Held.made(device, () => {
      const starts = startsOf(texts)
      const rowOf = new Map<Word, number>()
      const rows = this.#rowsOf(texts, starts, rowOf)
      const inTexts = rowOf.size
      for (const word of others) this.#add(word, rowOf)
      const words = [...rowOf.keys()]
      const numbers = words.map(numberOf)
      const { 'words.E': E, 'letters.E': letters } = this.own
      const vectors = device.allocate([words.length, this.dModel])
      const uses = Object.fromEntries(
        Object.keys(this.own).map((name) => [name, USES[name](words)]),
      )
      if (letters) device.sumRows(letters, uploadSegments(device, uses['letters.E']), vectors)
      const accumulate = letters !== undefined
      device.gather(E, uploadIndices(device, numbers), vectors, { accumulate })
      const indices = rows.includes(-1) ? undefined : rows
      const X = indices ? firstRows(device, vectors, inTexts) : rowsAt(device, vectors, rows)
      if (!indices) addNumbers(device, texts, rows, X)
      return new EmbeddingsPass(this, { vectors, rows, starts, rowOf, X, indices, uses })
    })
  }

  /** For each row of the texts the row of its word among all vectors; −1 for rows of numbers. */
  #rowsOf(
    texts: readonly EncoderText[],
    starts: readonly number[],
    rowOf: Map<Word, number>,
  ): Int32Array {
    const rows = new Int32Array(starts[texts.length]).fill(-1)
    texts.forEach((text, n) => {
      if (text instanceof Tensor) return
      for (let position = 0; position < text.length; position++)
        rows[starts[n] + position] = this.#add(text[position], rowOf)
    })
    return rows
  }

  /** The row of a word; a new one is checked first. */
  #add(word: Word, rowOf: Map<Word, number>): number {
    const known = rowOf.get(word)
    if (known !== undefined) return known
    const { 'words.E': E, 'letters.E': runs } = this.own
    const [vocabulary] = E.shape
    const features = typeof word === 'object' && word !== null ? word : undefined
    const number = numberOf(word)
    if (!(Number.isInteger(number) && number >= (features ? -1 : 0) && number < vocabulary)) {
      const Kind = typeof number === 'number' ? RangeError : TypeError
      throw new Kind(
        vocabulary === 0
          ? `${WHERE}: the vocabulary has no words, got the word ${valueText(number)}; give texts as rows of numbers`
          : `${WHERE}: every word must be an integer from 0 to ${vocabulary - 1}, got ${valueText(number)}`,
      )
    }
    if (features) checkLetters(features, runs?.shape[0] ?? 0)
    rowOf.set(word, rowOf.size)
    return rowOf.size - 1
  }
}

/** @throws {RangeError} unless letters are rows of a table of `count`, {TypeError} for kinds */
function checkLetters({ letters }: WordFeatures, count: number): void {
  if (!isIntegers(letters))
    throw new TypeError(
      `${WHERE}: a word with letters must be such as { word: 3, letters: [] }, got letters ${valueText(letters)}`,
    )
  for (let n = 0; n < letters.length; n++)
    if (!(Number.isInteger(letters[n]) && letters[n] >= 0 && letters[n] < count))
      throw new RangeError(
        `${WHERE}: letters of a word must be rows of letters.E, which has ${count}, got [${letters}]; make the encoder with letters: their number`,
      )
}

/** The fields of an embeddings pass. */
export interface EmbeddingParts {
  readonly vectors: Handle
  readonly rows: Int32Array
  readonly starts: readonly number[]
  readonly X: Handle
  readonly indices: Int32Array | undefined
  readonly rowOf: ReadonlyMap<Word, number>
  /** By table, its rows that the words are made of. */
  readonly uses: Readonly<Record<string, RowSegments>>
}

/** A forward of embeddings. */
export class EmbeddingsPass extends Held {
  readonly embeddings: Embeddings
  /** The static vectors of all words, each once: (words, D). */
  readonly vectors: Handle
  /** The row of each word of the texts among them; −1 for rows of numbers. */
  readonly rows: Int32Array
  /** Text n has rows starts[n] … starts[n + 1] − 1. */
  readonly starts: readonly number[]
  /**
   * The input of the layers: the vectors of the words of the texts, each once, or, if some texts
   * are numbers, of every position.
   */
  readonly X: Handle
  /** The row of X at every position, if X has each word once. */
  readonly indices: Int32Array | undefined
  readonly #rowOf: EmbeddingParts['rowOf']
  readonly #uses: EmbeddingParts['uses']

  constructor(
    embeddings: Embeddings,
    { vectors, rows, starts, X, indices, rowOf, uses }: EmbeddingParts,
  ) {
    super('EmbeddingsPass')
    this.embeddings = embeddings
    this.vectors = vectors
    this.rows = rows
    this.starts = starts
    this.X = X
    this.indices = indices
    this.#rowOf = rowOf
    this.#uses = uses
  }

  /**
   * Row of a word in `vectors`.
   *
   * @throws {RangeError} for a word that was neither in a text nor among the further words
   */
  rowOf(word: Word): number {
    const row = this.#rowOf.get(word)
    if (row === undefined)
      throw new RangeError(
        `EmbeddingsPass.rowOf: the word ${valueText(numberOf(word))} is in none of the texts; name it in words`,
      )
    return row
  }

  /**
   * Gradients of the tables: dE[w] = Σ dx over the occurrences of w, dletters[g] = Σ_w dx_w /
   * √(number of w's g).
   *
   * @param dX as X
   * @param partials of rows of the texts (dX), and of rows of `vectors`
   */
  backward(dX: Handle, partials: EmbeddingPartials = {}): TableGradients {
    const { host, own, dModel } = this.embeddings
    const { device } = host
    const dVectors = this.#vectorGradients(device, dX, partials)
    // forward was: vectors = Σ letters[g] / √n + E[w]
    const tables = Object.keys(own).map((name) => {
      const { found, ...words } = wordsByRows(this.#uses[name], own[name].shape[0])
      const gradient = device.allocate([found.length, dModel])
      device.sumRows(dVectors, uploadSegments(device, words), gradient)
      return { name, found, gradient }
    })
    const of = <Value>(value: (table: (typeof tables)[number]) => Value) =>
      withPrefix(host, Object.fromEntries(tables.map((table) => [table.name, value(table)])))
    return {
      dParameters: of(({ gradient }) => gradient),
      rows: of(({ found }) => found),
    }
  }

  #vectorGradients(
    device: Device,
    gradient: Handle,
    { dX = [], dVectors = [] }: EmbeddingPartials,
  ): Handle {
    const sum = device.allocate(this.vectors.shape)
    // forward was: X = the first vectors, or vectors[rows] and numbers
    if (this.indices)
      addPartials(device, [{ rows: firstIndices(gradient.shape[0]), gradient }], sum)
    else sumAt(device, gradient, this.rows, sum)
    for (const partial of dX) {
      const rows = Int32Array.from(partial.rows, (row) => this.rows[row])
      sumAt(device, partial.gradient, rows, sum, true)
    }
    addPartials(device, dVectors, sum)
    return sum
  }
}

/** Gradients with respect to some embeddings, in addition to those through the layers. */
export interface EmbeddingPartials {
  /** Of rows of the texts. */
  readonly dX?: readonly PartialGradient[]
  /** Of the words' vectors. */
  readonly dVectors?: readonly PartialGradient[]
}

const numberOf = (word: Word): number =>
  typeof word === 'object' && word !== null ? word.word : word

/** @throws {TypeError} unless they are texts, of floating numbers where they are tensors */
function checkTexts(texts: readonly EncoderText[]): void {
  const given: readonly unknown[] = Array.isArray(texts) ? [...texts] : [texts]
  given.forEach((text, n) => {
    if (text instanceof Tensor) expectFloating(`${WHERE}: texts[${n}]`, text)
  })
  const wrong = given.findIndex((text) => !(isIntegers(text) || text instanceof Tensor))
  if (Array.isArray(texts) && wrong < 0) return
  throw new TypeError(
    texts instanceof Tensor
      ? `${WHERE}: texts must be an array, of words or of tensors (T, D), got a Tensor; give each text as one`
      : `${WHERE}: texts must be an array of arrays such as [[3, 1, 4], [1, 5]], got ${valueText(given[Math.max(0, wrong)])}`,
  )
}

const firstIndices = (count: number): Int32Array => Int32Array.from({ length: count }, (_, n) => n)

/** The first rows of X; X itself if there are no others. */
const firstRows = (device: Device, X: Handle, count: number): Handle =>
  count === X.shape[0] ? X : rowsAt(device, X, firstIndices(count))

/** Adds the texts of numbers to the rows of X without a word. */
function addNumbers(device: Device, texts: readonly EncoderText[], rows: Int32Array, X: Handle) {
  const [, D] = X.shape
  const numeric = texts.filter((text) => text instanceof Tensor)
  for (const { shape } of numeric)
    if (shape.length !== 2 || shape[1] !== D)
      throw new RangeError(
        `${WHERE}: a text of numbers must have the shape (T, ${D}), got ${shapeText(shape)}`,
      )
  const all = Float64Array.from(numeric.flatMap(({ data }) => Array.from(data)))
  let count = 0
  const numberRows = rows.map((row) => (row < 0 ? count++ : -1))
  const accumulate = { accumulate: true }
  device.gather(
    device.upload(new Tensor([count, D], all)),
    uploadIndices(device, numberRows),
    X,
    accumulate,
  )
}

/** For each word its rows of letters, each with 1/√(number of them). */
function lettersOf(words: readonly Word[]): RowSegments {
  const all = words.map((word) => (typeof word === 'number' ? [] : word.letters))
  const starts = new Int32Array(all.length + 1)
  for (let n = 0; n < all.length; n++) starts[n + 1] = starts[n] + all[n].length
  const occurrences = new Int32Array(starts[all.length])
  const factors = new Float64Array(occurrences.length)
  for (let n = 0, at = 0; n < all.length; n++) {
    const letters = all[n]
    const factor = 1 / Math.sqrt(letters.length)
    for (let g = 0; g < letters.length; g++, at++) {
      occurrences[at] = letters[g]
      factors[at] = factor
    }
  }
  return { starts, occurrences, factors }
}

/** For each word its row, if it has one. */
function rowsOfWords(words: readonly Word[]): RowSegments {
  const numbers = Int32Array.from(words, numberOf)
  const starts = new Int32Array(numbers.length + 1)
  numbers.forEach((number, n) => {
    starts[n + 1] = starts[n] + Number(number >= 0)
  })
  return { starts, occurrences: numbers.filter((number) => number >= 0) }
}

/** The rows that words read, table by table. */
const USES: Readonly<Record<string, (words: readonly Word[]) => RowSegments>> = {
  'words.E': rowsOfWords,
  'letters.E': lettersOf,
}

/**
 * The transpose: for each row of the table that occurs, in rising order, the words that use it,
 * each with its weight.
 */
function wordsByRows({ starts, occurrences: rows, factors }: RowSegments, tableRows: number) {
  const counts = new Int32Array(tableRows)
  for (let at = 0; at < rows.length; at++) counts[rows[at]]++
  const found: number[] = []
  const firsts: number[] = []
  // where the next word of each row goes
  const next = new Int32Array(tableRows)
  for (let row = 0, first = 0; row < tableRows; first += counts[row++]) {
    next[row] = first
    if (counts[row] === 0) continue
    found.push(row)
    firsts.push(first)
  }
  const occurrences = new Int32Array(rows.length)
  const shares = factors && new Float64Array(rows.length)
  for (let word = 0; word + 1 < starts.length; word++) {
    for (let at = starts[word]; at < starts[word + 1]; at++) {
      const slot = next[rows[at]]++
      occurrences[slot] = word
      if (shares && factors) shares[slot] = factors[at]
    }
  }
  return { found, starts: [...firsts, rows.length], occurrences, factors: shares }
}
