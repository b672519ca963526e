import type { Device, Handle, Handles } from '../device/device.ts'
import type { LayerContext } from '../layer/parameters.ts'
import { Stack, type StackOptions, type StackPass } from '../layer/stack.ts'
import { sinusoidal } from '../mechanism/position.ts'
import type { Wanted } from '../mechanism/want.ts'
import { sizeOf, Tensor } from '../tensor.ts'
import type { Form } from './forms.ts'
import type { Exercise, Share } from './objective.ts'
import { type TableGradients, uploadPlaces, WordVectors, type WordVectorsPass } from './word-vectors.ts'

/** What a network is: tables for words, and layers. */
export interface NetworkOptions {
  /** Number of words with a vector of their own; 0 where nothing but rows of numbers is read. */
  readonly vocabulary: number
  /** Rows of `letters.E`. */
  readonly letterRows: number
  /** Its dModel is D, the width of the static vectors too. */
  readonly stack: StackOptions
}

/** Word vectors and the layers that contextualise them. */
export class Network {
  readonly setting: LayerContext
  readonly vectors: WordVectors
  readonly stack: Stack

  constructor({ vocabulary, letterRows, stack }: NetworkOptions, context: LayerContext) {
    this.setting = context
    this.vectors = new WordVectors({ vocabulary, letterRows, width: stack.dModel }, context)
    this.stack = new Stack(stack, context)
  }

  /** `words.E`, `letters.E` and `layers.n.*`. */
  get parameters(): Handles {
    return { ...this.vectors.parameters, ...this.stack.parameters }
  }

  /**
   * Static vectors and contextual embeddings of texts, as packed rows; enqueued.
   *
   * @param texts each as the forms of its words, or as rows of numbers (T, D)
   * @param options `forms` whose static vectors are wanted beside those of the texts; `step`, from 1, for dropout
   * @throws {RangeError} for rows of another width
   */
  forward(
    texts: Exercise['texts'],
    options: { readonly forms?: readonly Form[]; readonly step?: number; readonly want?: Wanted } = {},
  ): NetworkPass {
    const { device } = this.setting
    return device.scope(() => {
      const rowOf = new Map<Form, number>()
      const note = (form: Form): number => {
        const known = rowOf.get(form)
        if (known !== undefined) return known
        rowOf.set(form, rowOf.size)
        return rowOf.size - 1
      }
      const starts = [0]
      for (const text of texts) starts.push(starts[starts.length - 1] + (text instanceof Tensor ? text.shape[0] : text.length))
      // the row of each word's form; −1 where a text is numbers
      const rows = new Int32Array(starts[texts.length]).fill(-1)
      texts.forEach((text, n) => {
        if (!(text instanceof Tensor)) rows.set(text.map(note), starts[n])
      })
      for (const form of options.forms ?? []) note(form)
      const words = this.vectors.forward([...rowOf.keys()])
      const X = device.allocate([rows.length, this.vectors.width])
      const places = uploadPlaces(device, rows)
      device.gather(words.X, places, X)
      addNumbers(device, texts, X)
      const { step, want } = options
      const stack = this.stack.forward(X, { starts, ...(step === undefined ? {} : { step }), ...(want ? { want } : {}) })
      return new NetworkPass(device, words, rowOf, rows, X, starts, stack)
    })
  }
}

/** X += the rows of the texts that are numbers. */
function addNumbers(device: Device, texts: Exercise['texts'], X: Handle): void {
  const numeric = texts.filter((text) => text instanceof Tensor)
  if (numeric.length === 0) return
  const [, D] = X.shape
  const all = new Float64Array(numeric.reduce((sum, text) => sum + sizeOf(text.shape), 0))
  const places: number[] = []
  let row = 0
  for (const text of texts) {
    if (!(text instanceof Tensor)) places.push(...text.map(() => -1))
    else {
      if (text.shape.length !== 2 || text.shape[1] !== D)
        throw new RangeError(`learn: a sequence of numbers must have the shape (T, ${D}), got (${text.shape.join(', ')})`)
      all.set(text.data, row * D)
      for (let t = 0; t < text.shape[0]; t++) places.push(row++)
    }
  }
  device.gather(device.upload(new Tensor([row, D], all)), uploadPlaces(device, places), X, { accumulate: true })
}

/** A network's forward under way. */
export class NetworkPass {
  readonly device: Device
  /** The static vectors of all forms, each once. */
  readonly words: WordVectorsPass
  /** The row of each word's form, −1 for rows of numbers. */
  readonly rows: Int32Array
  /** Static vectors of every place (R, D). */
  readonly X: Handle
  /** Text n has rows starts[n] … starts[n + 1] − 1. */
  readonly starts: readonly number[]
  readonly stack: StackPass
  readonly #rowOf: ReadonlyMap<Form, number>

  constructor(
    device: Device,
    words: WordVectorsPass,
    rowOf: ReadonlyMap<Form, number>,
    rows: Int32Array,
    X: Handle,
    starts: readonly number[],
    stack: StackPass,
  ) {
    this.device = device
    this.words = words
    this.#rowOf = rowOf
    this.rows = rows
    this.X = X
    this.starts = starts
    this.stack = stack
  }

  /** Row of a form in `words.X`. @throws {RangeError} for a form that stood in no text and was not named */
  rowOf(form: Form): number {
    const row = this.#rowOf.get(form)
    if (row === undefined) throw new RangeError('learn: an exercise asked for the vector of a form that it had not named')
    return row
  }

  /** Static embeddings with their positions (R, D), where those are sinusoidal and nothing is learned of them; else X. */
  get placed(): Handle {
    const [first] = this.stack.layers
    // where the rows are normalised first, something else stands there
    return first.layer.form.position.name === sinusoidal.name && first.trail.X === this.X ? first.trail.rows : this.X
  }

  /** Contextual embeddings (R, width). */
  get context(): Handle {
    return this.stack.context
  }

  /** Gradients of every parameter, from shares of ∂L/∂C, ∂L/∂X and ∂L/∂(the vectors of the forms). */
  backward(shares: { readonly dC: readonly Share[]; readonly dX: readonly Share[]; readonly dVectors: readonly Share[] }): TableGradients {
    const { device } = this
    return device.scope(() => {
      const dC = device.allocate(this.context.shape)
      addShares(device, shares.dC, dC)
      const { dX, dParameters } = this.stack.backward(dC)
      addShares(device, shares.dX, dX)
      // forward was: X = vectors[rows]
      const dVectors = device.allocate(this.words.X.shape)
      device.sumRows(dX, rowsByForm(device, this.rows, this.words.size), dVectors)
      addShares(device, shares.dVectors, dVectors)
      const tables = this.words.backward(dVectors)
      return { dParameters: { ...tables.dParameters, ...dParameters }, touched: tables.touched }
    })
  }
}

/** Y[rows[n]] += gradient[n] for every share. */
function addShares(device: Device, shares: readonly Share[], Y: Handle): void {
  for (const { rows, gradient } of shares) {
    const inverse = new Int32Array(Y.shape[0]).fill(-1)
    rows.forEach((row, n) => {
      inverse[row] = n
    })
    device.gather(gradient, uploadPlaces(device, inverse), Y, { accumulate: true })
  }
}

function rowsByForm(device: Device, rows: Int32Array, forms: number) {
  const starts = new Int32Array(forms + 1)
  for (const row of rows) if (row >= 0) starts[row + 1]++
  for (let n = 0; n < forms; n++) starts[n + 1] += starts[n]
  const next = starts.slice()
  const occurrences = new Int32Array(starts[forms])
  for (let r = 0; r < rows.length; r++) if (rows[r] >= 0) occurrences[next[rows[r]]++] = r
  return { starts: uploadPlaces(device, starts), occurrences: uploadPlaces(device, occurrences) }
}
