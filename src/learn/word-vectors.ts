import type { Device, Handle, Handles, Segments } from '../device/device.ts'
import { drawParameter, type LayerContext } from '../layer/parameters.ts'
import { normal } from '../random.ts'
import { Tensor } from '../tensor.ts'
import type { Form } from './forms.ts'

/** Gradients of tables: some rows alone, and which rows of the parameter they are (int32, distinct). */
export interface TableGradients {
  readonly dParameters: Handles
  readonly touched: Handles
}

/** Places on the device, as int32 of shape (count,). */
export const uploadPlaces = (device: Device, places: ArrayLike<number>): Handle =>
  device.upload(new Tensor([places.length], Int32Array.from(places)))

/**
 * A word's static vector: x_w = E[w] + Σ_g letters[g] / √(number of its g).
 *
 * Runs of letters give a vector to words never seen.
 *
 * @see Bojanowski et al. 2017, §3.2 (there without the root)
 */
export class WordVectors {
  readonly setting: LayerContext
  /** `words.E` (vocabulary, D) and `letters.E` (runs, shapes and the hidden sign; D). */
  readonly parameters: Handles
  /** D */
  readonly width: number

  constructor(sizes: { readonly vocabulary: number; readonly letterRows: number; readonly width: number }, context: LayerContext) {
    const { vocabulary, letterRows, width } = sizes
    // so that a vector has a length of about 1, half of it from the letters
    const initializer = normal(Math.sqrt(0.5 / width))
    this.setting = context
    this.width = width
    this.parameters = {
      'words.E': drawParameter(context, 'words.E', { shape: [vocabulary, width], initializer }),
      'letters.E': drawParameter(context, 'letters.E', { shape: [letterRows, width], initializer }),
    }
  }

  /** The vectors of forms, a row each; enqueued. @param forms each once */
  forward(forms: readonly Form[]): WordVectorsPass {
    const { device } = this.setting
    return device.scope(() => {
      const X = device.allocate([forms.length, this.width])
      device.sumRows(this.parameters['letters.E'], lettersOf(device, forms), X)
      const words = uploadPlaces(
        device,
        forms.map(({ word }) => word),
      )
      device.gather(this.parameters['words.E'], words, X, { accumulate: true })
      return new WordVectorsPass(this, forms, X)
    })
  }
}

/** Vectors under way. */
export class WordVectorsPass {
  readonly vectors: WordVectors
  /** (forms, D) */
  readonly X: Handle
  readonly #forms: readonly Form[]

  constructor(vectors: WordVectors, forms: readonly Form[], X: Handle) {
    this.vectors = vectors
    this.#forms = forms
    this.X = X
  }

  /** Number of forms. */
  get size(): number {
    return this.#forms.length
  }

  /** For dX (forms, D): dE[w] = Σ dx over the forms of w, dletters[g] = Σ_w dx_w / √(number of w's g). */
  backward(dX: Handle): TableGradients {
    const { parameters, setting, width } = this.vectors
    const { device } = setting
    const summed = (table: string, rowsOf: (form: Form) => readonly number[], shareOf: (form: Form) => number) => {
      const { rows, segments } = formsByRows(device, this.#forms, parameters[table].shape[0], rowsOf, shareOf)
      const gradient = device.allocate([rows.length, width])
      device.sumRows(dX, segments, gradient)
      return { gradient, rows: uploadPlaces(device, rows) }
    }
    return device.scope(() => {
      // forward was: X = Σ letters[g] / √n + E[w]
      const letters = summed('letters.E', (form) => form.letters, share)
      const words = summed(
        'words.E',
        ({ word }) => (word < 0 ? [] : [word]),
        () => 1,
      )
      return {
        dParameters: { 'words.E': words.gradient, 'letters.E': letters.gradient },
        touched: { 'words.E': words.rows, 'letters.E': letters.rows },
      }
    })
  }
}

/** 1/√count for each letter row of a form. */
const share = ({ letters }: Form): number => 1 / Math.sqrt(letters.length)

/** For each form its rows of letters, each with its share. */
function lettersOf(device: Device, forms: readonly Form[]): Segments {
  const starts = new Int32Array(forms.length + 1)
  forms.forEach(({ letters }, n) => {
    starts[n + 1] = starts[n] + letters.length
  })
  const occurrences = new Int32Array(starts[forms.length])
  const factors = new Float64Array(starts[forms.length])
  forms.forEach((form, n) => {
    occurrences.set(form.letters, starts[n])
    factors.fill(share(form), starts[n], starts[n + 1])
  })
  return segmentsOf(device, starts, occurrences, factors)
}

/** For each row of a table that occurs, in rising order, the forms that have it, each with its share. */
function formsByRows(
  device: Device,
  forms: readonly Form[],
  tableRows: number,
  rowsOf: (form: Form) => readonly number[],
  shareOf: (form: Form) => number,
) {
  const counts = new Int32Array(tableRows)
  for (const form of forms) for (const row of rowsOf(form)) counts[row]++
  const rank = new Int32Array(tableRows)
  const rows: number[] = []
  const starts = [0]
  counts.forEach((count, row) => {
    if (count === 0) return
    rank[row] = rows.length
    rows.push(row)
    starts.push(starts[starts.length - 1] + count)
  })
  const next = Int32Array.from(starts)
  const occurrences = new Int32Array(starts[rows.length])
  const factors = new Float64Array(starts[rows.length])
  forms.forEach((form, n) => {
    const own = shareOf(form)
    for (const row of rowsOf(form)) {
      const place = next[rank[row]]++
      occurrences[place] = n
      factors[place] = own
    }
  })
  return { rows, segments: segmentsOf(device, starts, occurrences, factors) }
}

const segmentsOf = (device: Device, starts: ArrayLike<number>, occurrences: Int32Array, factors: Float64Array): Segments => ({
  starts: uploadPlaces(device, starts),
  occurrences: uploadPlaces(device, occurrences),
  factors: device.upload(new Tensor([factors.length], factors)),
})
