import type { Device, Handle, Handles } from '../device/device.ts'
import { drawParameter, type LayerContext } from '../layer/parameters.ts'
import { segmentsByPlace } from '../layer/texts.ts'
import { normal } from '../random.ts'
import { Tensor } from '../tensor.ts'
import type { Form } from './forms.ts'

/** Gradients of tables: some rows alone, and which rows of the parameter they are (int32, distinct). */
export interface TableGradients {
  readonly dParameters: Handles
  readonly touched: Handles
}

/** Places on the device. */
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

  /** The vectors of forms, a row each. @param forms each once */
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

  /** dE[w] = dx_w; dletters[g] = Σ_w dx_w / √(number of w's g). */
  backward(dX: Handle): TableGradients {
    const { device } = this.vectors.setting
    return device.scope(() => {
      // forward was: X += E[w], each w once
      const known = this.#forms.flatMap(({ word }, n) => (word < 0 ? [] : [n]))
      const dE = device.allocate([known.length, this.vectors.width])
      device.gather(dX, uploadPlaces(device, known), dE)
      // forward was: X = Σ letters[g] / √n
      const { rows, segments } = wordsByLetters(device, this.#forms)
      const dLetters = device.allocate([rows.length, this.vectors.width])
      device.sumRows(dX, segments, dLetters)
      return {
        dParameters: { 'words.E': dE, 'letters.E': dLetters },
        touched: {
          'words.E': uploadPlaces(
            device,
            known.map((n) => this.#forms[n].word),
          ),
          'letters.E': uploadPlaces(device, rows),
        },
      }
    })
  }
}

/** 1/√count for each letter row of a form. */
const share = ({ letters }: Form): number => 1 / Math.sqrt(letters.length)

function lettersOf(device: Device, forms: readonly Form[]) {
  const starts = new Int32Array(forms.length + 1)
  forms.forEach(({ letters }, n) => {
    starts[n + 1] = starts[n] + letters.length
  })
  const factors = Float64Array.from(forms.flatMap((form) => form.letters.map(() => share(form))))
  return {
    starts: uploadPlaces(device, starts),
    occurrences: uploadPlaces(
      device,
      forms.flatMap(({ letters }) => letters),
    ),
    factors: device.upload(new Tensor([factors.length], factors)),
  }
}

/** For each row of letters that occurs, in rising order, the forms that have it. */
function wordsByLetters(device: Device, forms: readonly Form[]) {
  const all = forms.flatMap(({ letters }) => letters)
  const owners = forms.flatMap(({ letters }, n) => letters.map(() => n))
  const rows = Int32Array.from(new Set(all)).sort()
  const rank = new Map(Array.from(rows, (row, n) => [row, n]))
  const { starts, occurrences } = segmentsByPlace(
    Int32Array.from(all, (row) => rank.get(row) ?? 0),
    rows.length,
  )
  const factors = Float64Array.from(occurrences, (n) => share(forms[owners[n]]))
  const segments = {
    starts: uploadPlaces(device, starts),
    occurrences: uploadPlaces(
      device,
      occurrences.map((n) => owners[n]),
    ),
    factors: device.upload(new Tensor([factors.length], factors)),
  }
  return { rows, segments }
}
