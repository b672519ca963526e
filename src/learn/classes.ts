import type { Handle, Handles } from '../device/device.ts'
import { COUNT, checkOptions, expectNumber, valueText } from '../kinds.ts'
import type { Form } from '../layer/embeddings.ts'
import { jsonOf, type LayerJSON } from '../layer/json.ts'
import { Layer } from '../layer/layer.ts'
import { drawParameters, type LayerHost, named } from '../layer/parameters.ts'
import { uploadPlaces } from '../layer/rows.ts'
import { xavierUniform, zeros } from '../random.ts'
import { Tensor } from '../tensor.ts'
import { prefixOf } from './names.ts'
import type { Objective, Outputs } from './objective.ts'

/** A sequence of words, or of rows of numbers (T, D), and the number of its class from 0. */
export interface Labelled {
  readonly text: readonly Form[] | Tensor
  readonly label: number
}

/** Scores of classes from the mean contextual embedding of a text: c̄ Eᵀ + b, c̄ = Σ_r C_r/T. */
export class Classes extends Layer {
  /** E (classes, width). */
  readonly E: Handle
  /** b (classes,). */
  readonly b: Handle
  /** `class.E` and `class.b`, after the host's prefix. */
  readonly parameters: Handles

  /** @throws {RangeError} for sizes that are not integers ≥ 1, {TypeError} for wrong types */
  constructor(sizes: { readonly width: number; readonly count: number }, host: LayerHost) {
    checkOptions('Classes', sizes, { width: COUNT, count: COUNT }, '{ width: 64, count: 3 }')
    const { width, count } = sizes
    expectNumber('Classes', 'width', width, COUNT)
    expectNumber('Classes', 'count', count, COUNT)
    super('Classes', host)
    const own = this.build(() =>
      drawParameters(host, {
        'class.E': { shape: [count, width], initializer: xavierUniform },
        'class.b': { shape: [count], initializer: zeros },
      }),
    )
    this.E = own['class.E']
    this.b = own['class.b']
    this.parameters = named(host, own)
  }

  /** Its options: what JSON.stringify writes. */
  toJSON(): LayerJSON {
    const [count, width] = this.E.shape
    return jsonOf({ width, count })
  }

  /** The mean rows of texts, (N, width), and the number of words of each. */
  means({ device, C, starts, inContext }: Pick<Outputs, 'device' | 'C' | 'starts' | 'inContext'>): {
    readonly means: Handle
    readonly lengths: readonly number[]
  } {
    const lengths = starts.slice(1).map((end, n) => end - starts[n])
    const rows = Array.from({ length: starts[starts.length - 1] - starts[0] }, (_, n) =>
      inContext(starts[0] + n),
    )
    const factors = lengths.flatMap((length) => new Array<number>(length).fill(1 / length))
    const means = device.allocate([lengths.length, C.shape[1]])
    const segments = {
      starts: uploadPlaces(
        device,
        starts.map((start) => start - starts[0]),
      ),
      occurrences: uploadPlaces(device, rows),
      factors: device.upload(new Tensor([factors.length], Float64Array.from(factors))),
    }
    device.sumRows(C, segments, means)
    return { means, lengths }
  }
}

/** @throws {RangeError} for a label that is not a class */
function checkLabels(examples: readonly Labelled[], count: number): void {
  const wrong = examples.findIndex(
    ({ label }) => !(Number.isInteger(label) && label >= 0 && label < count),
  )
  if (wrong >= 0)
    throw new RangeError(
      `classes: every label must be an integer from 0 to ${count - 1}, got ${valueText(examples[wrong].label)} for example ${wrong}`,
    )
}

/**
 * The class of each text is predicted from the mean of its contextual embeddings; the loss is −log
 * softmax at its class.
 */
export function classes(own: Classes, sample: (step: number) => readonly Labelled[]): Objective {
  return {
    name: `${prefixOf(own.host)}class`,
    parameters: own.parameters,
    draw(step) {
      const examples = sample(step)
      checkLabels(examples, own.E.shape[0])
      return {
        texts: examples.map(({ text }) => text),
        loss(outputs) {
          const { device, starts } = outputs
          const { E, b } = own
          const { means, lengths } = own.means(outputs)
          const targets = uploadPlaces(
            device,
            examples.map(({ label }) => label),
          )
          const losses = device.allocate([examples.length])
          device.crossEntropy(means, E, b, targets, losses)
          return {
            losses,
            backward(factor) {
              // forward was: losses = crossEntropy(means, E, b)
              const [dMeans, dE, db] = [means, E, b].map(({ shape }) => device.allocate(shape))
              device.crossEntropyBackward(factor, means, E, b, targets, {
                dC: dMeans,
                dE,
                dOffsets: db,
              })
              // forward was: means[n] = Σ C[r] / T_n
              const rows = lengths.flatMap((length, n) => new Array<number>(length).fill(n))
              const factors = lengths.flatMap((length) =>
                new Array<number>(length).fill(1 / length),
              )
              const gradient = device.allocate([rows.length, means.shape[1]])
              const each = {
                starts: uploadPlaces(
                  device,
                  Array.from({ length: rows.length + 1 }, (_, n) => n),
                ),
                occurrences: uploadPlaces(device, rows),
                factors: device.upload(new Tensor([factors.length], Float64Array.from(factors))),
              }
              device.sumRows(dMeans, each, gradient)
              const inContext = rows.map((_, n) => outputs.inContext(starts[0] + n))
              const dParameters = named(own.host, { 'class.E': dE, 'class.b': db })
              return { dC: [{ rows: inContext, gradient }], dParameters }
            },
          }
        },
      }
    },
  }
}
