import type { Device, Handle, Handles, Segments } from '../device/device.ts'
import { Held } from '../layer/held.ts'
import { Layer } from '../layer/layer.ts'
import { drawParameters, type LayerHost, named } from '../layer/parameters.ts'
import { uploadPlaces } from '../layer/rows.ts'
import { normal } from '../random.ts'
import { Tensor } from '../tensor.ts'
import type { Form } from './forms.ts'

/**
 * Gradients of tables: some rows alone, and which rows of the parameter they are (int32, distinct).
 */
export interface TableGradients {
  readonly dParameters: Handles
  readonly touched: Handles
  /** The same rows as numbers. */
  readonly rows: Readonly<Record<string, readonly number[]>>
}

/**
 * A word's static vector: x_w = E[w] + Σ_g letters[g] / √(number of its g).
 *
 * Runs of letters give a vector to words never seen.
 *
 * @see Bojanowski et al. 2017, §3.2 (there without the root)
 */
export class WordVectors extends Layer {
  /**
   * `words.E` (vocabulary, D) and `letters.E` (runs, shapes and the hidden sign; D); after its
   * prefix.
   */
  readonly parameters: Handles
  /** Its parameters, by their names without a prefix. */
  readonly own: Handles
  /** D */
  readonly width: number

  constructor(
    sizes: { readonly vocabulary: number; readonly letterRows: number; readonly width: number },
    host: LayerHost,
  ) {
    super('WordVectors', host)
    const { vocabulary, letterRows, width } = sizes
    // so that a vector has a length of about 1, half of it from the letters
    const initializer = normal(Math.sqrt(0.5 / width))
    this.width = width
    const tables = {
      'words.E': { shape: [vocabulary, width], initializer },
      'letters.E': { shape: [letterRows, width], initializer },
    }
    this.own = this.build(() => drawParameters(host, tables))
    this.parameters = named(host, this.own)
  }

  /** The vectors of forms, a row each; enqueued. @param forms each once */
  forward(forms: readonly Form[]): WordVectorsPass {
    const { device } = this.host
    return Held.made(device, () => {
      const letters = lettersOf(forms)
      const X = device.allocate([forms.length, this.width])
      device.sumRows(
        this.own['letters.E'],
        uploadSegments(device, letters.starts, letters.rows, letters.factors),
        X,
      )
      const words = Int32Array.from(forms, ({ word }) => word)
      device.gather(this.own['words.E'], uploadPlaces(device, words), X, { accumulate: true })
      return new WordVectorsPass(this, { letters, words: wordsOf(forms) }, X)
    })
  }
}

/** Vectors under way. */
export class WordVectorsPass extends Held {
  readonly vectors: WordVectors
  /** (forms, D) */
  readonly X: Handle
  readonly #read: { readonly letters: RowsOfForms; readonly words: RowsOfForms }

  constructor(
    vectors: WordVectors,
    read: { readonly letters: RowsOfForms; readonly words: RowsOfForms },
    X: Handle,
  ) {
    super('WordVectorsPass')
    this.vectors = vectors
    this.#read = read
    this.X = X
  }

  /** Number of forms. */
  get size(): number {
    return this.X.shape[0]
  }

  /**
   * For dX (forms, D): dE[w] = Σ dx over the forms of w, dletters[g] = Σ_w dx_w / √(number of w's
   * g).
   */
  backward(dX: Handle): TableGradients {
    const { host } = this.vectors
    return host.device.scope(() => {
      // forward was: X = Σ letters[g] / √n + E[w]
      const letters = this.#summed(dX, this.#read.letters, 'letters.E')
      const words = this.#summed(dX, this.#read.words, 'words.E')
      return {
        dParameters: named(host, { 'words.E': words.gradient, 'letters.E': letters.gradient }),
        touched: named(host, {
          'words.E': uploadPlaces(host.device, words.found),
          'letters.E': uploadPlaces(host.device, letters.found),
        }),
        rows: named(host, { 'words.E': words.found, 'letters.E': letters.found }),
      }
    })
  }

  /** The gradient of each row of a table that was read, and which rows those are. */
  #summed(dX: Handle, read: RowsOfForms, table: string) {
    const { own, host, width } = this.vectors
    const { device } = host
    const { found, starts, occurrences, factors } = formsByRows(read, own[table].shape[0])
    const gradient = device.allocate([found.length, width])
    device.sumRows(dX, uploadSegments(device, starts, occurrences, factors), gradient)
    return { gradient, found }
  }
}

/**
 * Rows of a table, form by form: those of form n, each with its share, lie from starts[n] to
 * starts[n + 1] − 1.
 */
export interface RowsOfForms {
  readonly starts: Int32Array
  readonly rows: Int32Array
  readonly factors?: Float64Array
}

/** For each form its rows of letters, each with 1/√(number of them). */
function lettersOf(forms: readonly Form[]): RowsOfForms {
  const starts = new Int32Array(forms.length + 1)
  for (let n = 0; n < forms.length; n++) starts[n + 1] = starts[n] + forms[n].letters.length
  const rows = new Int32Array(starts[forms.length])
  const factors = new Float64Array(starts[forms.length])
  for (let n = 0, at = 0; n < forms.length; n++) {
    const { letters } = forms[n]
    const share = 1 / Math.sqrt(letters.length)
    for (let g = 0; g < letters.length; g++, at++) {
      rows[at] = letters[g]
      factors[at] = share
    }
  }
  return { starts, rows, factors }
}

/** For each form the row of its word, if it has one. */
function wordsOf(forms: readonly Form[]): RowsOfForms {
  const starts = new Int32Array(forms.length + 1)
  const rows = new Int32Array(forms.length)
  for (let n = 0; n < forms.length; n++) {
    starts[n + 1] = starts[n]
    if (forms[n].word >= 0) rows[starts[n + 1]++] = forms[n].word
  }
  return { starts, rows: rows.subarray(0, starts[forms.length]) }
}

/**
 * The other way round: for each row of the table that occurs, in rising order, the forms that have
 * it, each with its share.
 */
function formsByRows({ starts, rows, factors }: RowsOfForms, tableRows: number) {
  // how often each row occurs, then where its next form goes
  const next = new Int32Array(tableRows)
  for (let at = 0; at < rows.length; at++) next[rows[at]]++
  const found: number[] = []
  const firsts: number[] = []
  for (let row = 0, at = 0; row < tableRows; row++) {
    const count = next[row]
    if (count === 0) continue
    found.push(row)
    firsts.push(at)
    next[row] = at
    at += count
  }
  const occurrences = new Int32Array(rows.length)
  const shares = factors && new Float64Array(rows.length)
  for (let n = 0; n + 1 < starts.length; n++) {
    for (let at = starts[n]; at < starts[n + 1]; at++) {
      const place = next[rows[at]]++
      occurrences[place] = n
      if (shares && factors) shares[place] = factors[at]
    }
  }
  return { found, starts: [...firsts, rows.length], occurrences, factors: shares }
}

function uploadSegments(
  device: Device,
  starts: ArrayLike<number>,
  occurrences: Int32Array,
  factors: Float64Array | undefined,
): Segments {
  const places = {
    starts: uploadPlaces(device, starts),
    occurrences: uploadPlaces(device, occurrences),
  }
  return factors
    ? { ...places, factors: device.upload(new Tensor([factors.length], factors)) }
    : places
}
