import type { Device, Handle, Handles } from '../device/device.ts'
import { ANY, ARRAY, checkOptions, expectNumber, integersFrom, OBJECT } from '../kinds.ts'
import { EncoderGradients } from '../layer/encoder.ts'
import { Held } from '../layer/held.ts'
import { jsonOf, type LayerJSON } from '../layer/json.ts'
import { Layer } from '../layer/layer.ts'
import type { LayerHost } from '../layer/parameters.ts'
import { rowsAt, sumAt, uploadPlaces } from '../layer/rows.ts'
import { Stack, type StackOptions, type StackPass } from '../layer/stack.ts'
import { sinusoidal } from '../mechanism/position.ts'
import type { Wanted } from '../mechanism/want.ts'
import { sizeOf, Tensor } from '../tensor.ts'
import type { Form } from './forms.ts'
import type { Batch, PartialGradient } from './objective.ts'
import { WordVectors, type WordVectorsPass } from './word-vectors.ts'

/** Rows where texts begin, one after the other from `first` on, and one past the last. */
export function startsOf(texts: Batch['texts'], first = 0): number[] {
  const starts = [first]
  for (const text of texts)
    starts.push(starts[starts.length - 1] + (text instanceof Tensor ? text.shape[0] : text.length))
  return starts
}

/** What a network is: tables for words, and layers. */
export interface NetworkOptions {
  /** Number of words with a vector of their own; 0 where nothing but rows of numbers is read. */
  readonly vocabulary: number
  /** Rows of `letters.E`. */
  readonly letterRows: number
  /** Its dModel is D, the width of the static vectors too. */
  readonly stack: StackOptions
}

/** Numbers alone need no words. */
const ROWS = integersFrom(0)
const OPTIONS = { vocabulary: ROWS, letterRows: ROWS, stack: OBJECT }
const FORWARD = { forms: ARRAY, queryRows: ANY, step: ANY, want: ANY }

/** Word vectors and the layers that contextualise them. */
export class Network extends Layer {
  readonly options: NetworkOptions
  readonly vectors: WordVectors
  readonly stack: Stack

  constructor(options: NetworkOptions, host: LayerHost) {
    checkOptions('Network', options, OPTIONS, '{ vocabulary: 100, letterRows: 64, stack: { … } }')
    const { vocabulary, letterRows, stack } = options
    expectNumber('Network', 'vocabulary', vocabulary, ROWS)
    expectNumber('Network', 'letterRows', letterRows, ROWS)
    super('Network', host)
    this.options = options
    const parts = this.build(() => ({
      vectors: new WordVectors({ vocabulary, letterRows, width: stack.dModel }, host),
      stack: new Stack(stack, host),
    }))
    this.vectors = this.take(parts.vectors)
    this.stack = this.take(parts.stack)
  }

  /** Its options, with names in place of values: what JSON.stringify writes. */
  toJSON(): LayerJSON {
    return jsonOf(this.options)
  }

  /** `words.E`, `letters.E` and `layers.n.*`; after its prefix. */
  get parameters(): Handles {
    return { ...this.vectors.parameters, ...this.stack.parameters }
  }

  /**
   * Static vectors and contextual embeddings of texts, as packed rows; enqueued.
   *
   * @param texts each as the forms of its words, or as rows of numbers (T, D)
   * Words are computed once for each form as far as their places make no difference.
   *
   * @param options `forms` whose static vectors are wanted beside those of the texts; `queryRows`,
   *   rising, the rows whose contextual embeddings are wanted, default all; `step`, from 1, for
   *   dropout
   * @throws {RangeError} for rows of another width
   */
  forward(
    texts: Batch['texts'],
    options: {
      readonly forms?: readonly Form[]
      readonly queryRows?: Int32Array | undefined
      readonly step?: number
      readonly want?: Wanted
    } = {},
  ): NetworkPass {
    const { device } = this.host
    this.expectHeld('forward')
    checkOptions('Network.forward', options, FORWARD, '{ step: 1 }')
    const { step, want, queryRows } = options
    const read = () => {
      const starts = startsOf(texts)
      const { rows, rowOf } = formsOf(texts, starts)
      const inTexts = rowOf.size
      for (const form of options.forms ?? []) if (!rowOf.has(form)) rowOf.set(form, rowOf.size)
      const words = this.vectors.forward([...rowOf.keys()])
      const table = rows.includes(-1) ? undefined : inTexts
      const X =
        table === undefined
          ? withNumbers(device, texts, rowsAt(device, words.X, rows))
          : firstRows(device, words.X, table)
      const stack = this.stack.forward(X, {
        starts,
        ...(table === undefined ? {} : { places: rows }),
        ...(queryRows ? { queryRows } : {}),
        ...(step === undefined ? {} : { step }),
        ...(want ? { want } : {}),
      })
      return new NetworkPass({ device, words, rowOf, rows, table, X, queryRows, starts, stack })
    }
    return Held.made(device, read, ({ words, stack }) => [words, stack])
  }
}

/**
 * The row of each word's form among all forms of the texts, each once; −1 where a text is numbers.
 */
function formsOf(texts: Batch['texts'], starts: readonly number[]) {
  const rowOf = new Map<Form, number>()
  const rows = new Int32Array(starts[texts.length]).fill(-1)
  texts.forEach((text, n) => {
    if (text instanceof Tensor) return
    for (let place = 0; place < text.length; place++) {
      let row = rowOf.get(text[place])
      if (row === undefined) {
        row = rowOf.size
        rowOf.set(text[place], row)
      }
      rows[starts[n] + place] = row
    }
  })
  return { rows, rowOf }
}

const firstPlaces = (count: number): Int32Array => Int32Array.from({ length: count }, (_, n) => n)

/** The first rows of X: X itself where there are no others. */
const firstRows = (device: Device, X: Handle, count: number): Handle =>
  count === X.shape[0] ? X : rowsAt(device, X, firstPlaces(count))

/** X += the rows of the texts that are numbers. */
function withNumbers(device: Device, texts: Batch['texts'], X: Handle): Handle {
  const numeric = texts.filter((text) => text instanceof Tensor)
  const [, D] = X.shape
  const all = new Float64Array(numeric.reduce((sum, text) => sum + sizeOf(text.shape), 0))
  const places: number[] = []
  let row = 0
  for (const text of texts) {
    if (!(text instanceof Tensor)) places.push(...text.map(() => -1))
    else {
      if (text.shape.length !== 2 || text.shape[1] !== D)
        throw new RangeError(
          `learn: a sequence of numbers must have the shape (T, ${D}), got (${text.shape.join(', ')})`,
        )
      all.set(text.data, row * D)
      for (let t = 0; t < text.shape[0]; t++) places.push(row++)
    }
  }
  device.gather(device.upload(new Tensor([row, D], all)), uploadPlaces(device, places), X, {
    accumulate: true,
  })
  return X
}

/** What a pass is made of. */
export interface PassParts {
  readonly device: Device
  readonly words: WordVectorsPass
  readonly rowOf: ReadonlyMap<Form, number>
  readonly rows: Int32Array
  readonly table: number | undefined
  readonly X: Handle
  readonly queryRows: Int32Array | undefined
  readonly starts: readonly number[]
  readonly stack: StackPass
}

/** A network's forward under way; it holds memory of the device until it is freed. */
export class NetworkPass extends Held {
  readonly device: Device
  /** The static vectors of all forms, each once. */
  readonly words: WordVectorsPass
  /** The row of each word's form, −1 for rows of numbers. */
  readonly rows: Int32Array
  /** Text n has rows starts[n] … starts[n + 1] − 1. */
  readonly starts: readonly number[]
  readonly stack: StackPass
  readonly #rowOf: ReadonlyMap<Form, number>
  /**
   * Static vectors: of the first forms, as many as there are in the texts, or, where some texts are
   * numbers, of every place.
   */
  readonly #X: Handle
  readonly #table: number | undefined
  readonly #inContext: Int32Array | undefined

  constructor({ device, words, rowOf, rows, table, X, queryRows, starts, stack }: PassParts) {
    super('NetworkPass')
    this.device = device
    this.words = words
    this.rows = rows
    this.starts = starts
    this.stack = stack
    this.#rowOf = rowOf
    this.#X = X
    this.#table = table
    this.#inContext = queryRows && inverseOf(queryRows, rows.length)
  }

  /**
   * Row of a form in `words.X`.
   *
   * @throws {RangeError} for a form that stood in no text and was not named
   */
  rowOf(form: Form): number {
    const row = this.#rowOf.get(form)
    if (row === undefined)
      throw new RangeError('learn: a batch needs the vector of a form that it did not name')
    return row
  }

  /**
   * Static embeddings of every place (R, D), with their positions where those are sinusoidal and
   * nothing is learned of them.
   */
  placed(): Handle {
    const [{ layer, saved }] = this.stack.layers
    // where the rows are normalised first, something else stands there
    if (layer.config.position.name === sinusoidal.name && saved.X === this.#X) return saved.rows
    return this.#table === undefined ? this.#X : rowsAt(this.device, this.#X, this.rows)
  }

  /**
   * Row of the context that belongs to a row of the texts.
   *
   * @throws {RangeError} for one that was not chosen
   */
  inContext(row: number): number {
    if (!this.#inContext) return row
    const found = this.#inContext[row]
    if (!(found >= 0))
      throw new RangeError('learn: a batch needs the context of a position that it did not list')
    return found
  }

  /** Contextual embeddings (R, width), or of the rows that were chosen. */
  get context(): Handle {
    return this.stack.context
  }

  /**
   * Gradients of every parameter, from partial gradients ∂L/∂C, ∂L/∂X and ∂L/∂(the vectors of the forms).
   * They are freed with this pass.
   */
  backward(partials: {
    readonly dC: readonly PartialGradient[]
    readonly dX: readonly PartialGradient[]
    readonly dVectors: readonly PartialGradient[]
  }): EncoderGradients {
    const { device } = this
    this.expectHeld('backward')
    return this.adopt(device, () => {
      const dC = device.allocate(this.context.shape)
      addPartials(device, partials.dC, dC)
      const { dX, dParameters } = this.stack.backward(dC)
      const dVectors = device.allocate(this.words.X.shape)
      // forward was: X = the first vectors, or vectors[rows] and numbers
      if (this.#table === undefined) sumAt(device, dX, this.rows, dVectors)
      else addPartials(device, [{ rows: firstPlaces(this.#table), gradient: dX }], dVectors)
      // batches see vectors[rows]
      for (const { rows, gradient } of partials.dX)
        sumAt(
          device,
          gradient,
          Int32Array.from(rows, (row) => this.rows[row]),
          dVectors,
          true,
        )
      addPartials(device, partials.dVectors, dVectors)
      const tables = this.words.backward(dVectors)
      return new EncoderGradients(
        device,
        { ...tables.dParameters, ...dParameters },
        tables.touched,
        tables.rows,
      )
    })
  }
}

/** For each of `count` rows its place in a list of some; −1 for others. */
function inverseOf(rows: ArrayLike<number>, count: number): Int32Array {
  const inverse = new Int32Array(count).fill(-1)
  for (let n = 0; n < rows.length; n++) inverse[rows[n]] = n
  return inverse
}

/** Y[rows[n]] += gradient[n] for every partial gradient. */
export function addPartials(
  device: Device,
  partials: readonly { readonly rows: ArrayLike<number>; readonly gradient: Handle }[],
  Y: Handle,
): void {
  for (const { rows, gradient } of partials) {
    device.gather(gradient, uploadPlaces(device, inverseOf(rows, Y.shape[0])), Y, {
      accumulate: true,
    })
  }
}
