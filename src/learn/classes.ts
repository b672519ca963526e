import type { Handle, Handles } from '../device/device.ts'
import { COUNT, checkOptions, expectKind, expectNumber, FUNCTION, valueText } from '../kinds.ts'
import type { WordFeatures } from '../layer/embeddings.ts'
import type { EncoderPass } from '../layer/encoder.ts'
import { jsonOf, type LayerJSON } from '../layer/json.ts'
import { Layer } from '../layer/layer.ts'
import { drawParameters, type LayerHost, withPrefix } from '../layer/parameters.ts'
import { uploadIndices, uploadSegments } from '../layer/rows.ts'
import { softmax } from '../mechanism/distributions.ts'
import { xavierUniform, zeros } from '../random.ts'
import { Tensor } from '../tensor.ts'
import { prefixOf } from './names.ts'
import type { Objective, Outputs } from './objective.ts'

/** A sequence of words, or of rows of numbers (T, D), and the number of its class from 0. */
export interface Labelled {
  readonly text: readonly WordFeatures[] | Tensor
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
    this.parameters = withPrefix(host, own)
  }

  /** Its options: what JSON.stringify writes. */
  toJSON(): LayerJSON {
    const [count, width] = this.E.shape
    return jsonOf({ width, count })
  }

  /**
   * The mean rows of texts, (N, width); and which rows of C, of which texts, with 1/T of these,
   * they are made of.
   */
  means({ device, C, starts, inContext }: Pick<Outputs, 'device' | 'C' | 'starts' | 'inContext'>): {
    readonly means: Handle
    readonly rows: readonly number[]
    readonly of: readonly number[]
    readonly factors: Float64Array
  } {
    const [first] = starts
    const of = starts.slice(1).flatMap((end, n) => new Array<number>(end - starts[n]).fill(n))
    const rows = of.map((_, n) => inContext(first + n))
    const factors = Float64Array.from(of, (n) => 1 / (starts[n + 1] - starts[n]))
    const means = device.allocate([starts.length - 1, C.shape[1]])
    const own = starts.map((start) => start - first)
    device.sumRows(C, uploadSegments(device, { starts: own, occurrences: rows, factors }), means)
    return { means, rows, of, factors }
  }

  /**
   * softmax(c̄ Eᵀ + b) for each text of a pass, (N, classes) in float64: probabilities, each row
   * sums to one.
   *
   * @throws {RangeError} where the pass has not the contexts of all rows
   */
  async probabilities(pass: EncoderPass): Promise<Tensor> {
    this.expectHeld('probabilities')
    const { device } = this.host
    const { context: C, starts } = pass
    const inContext = (row: number): number => pass.inContext(row)
    const means = device.scope(() => this.means({ device, C, starts, inContext }).means)
    const [c, E, b] = await Promise.all([means, this.E, this.b].map((own) => device.read(own)))
    device.free(means)
    const [count, width] = E.shape
    const result = Tensor.zeros([c.shape[0], count], 'float64')
    for (let n = 0; n < c.shape[0]; n++) {
      const scores = Float64Array.from(b.data)
      for (let k = 0; k < count; k++)
        for (let column = 0; column < width; column++)
          scores[k] += c.data[n * width + column] * E.data[k * width + column]
      result.data.set(softmax.weights(scores, {}), n * count)
    }
    return result
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
  expectKind('classes', 'own', own, ['means'], 'new Classes(…)')
  FUNCTION('classes', 'sample', sample)
  return {
    name: `${prefixOf(own.host)}class`,
    parameters: own.parameters,
    draw(step) {
      const examples = sample(step)
      checkLabels(examples, own.E.shape[0])
      return {
        texts: examples.map(({ text }) => text),
        loss(outputs) {
          const { device } = outputs
          const { E, b } = own
          const { means, rows, of, factors } = own.means(outputs)
          const labels = examples.map(({ label }) => label)
          const targets = uploadIndices(device, labels)
          const losses = device.allocate([examples.length])
          device.crossEntropy(means, E, b, targets, losses)
          return {
            losses,
            backward(factor) {
              // forward was: losses = crossEntropy(means, E, b)
              const [dC, dE, dOffsets] = [means, E, b].map(({ shape }) => device.allocate(shape))
              device.crossEntropyBackward(factor, means, E, b, targets, { dC, dE, dOffsets })
              // forward was: means[n] = Σ C[r] / T_n
              const gradient = device.allocate([rows.length, means.shape[1]])
              const each = { starts: [...rows.keys(), rows.length], occurrences: of, factors }
              device.sumRows(dC, uploadSegments(device, each), gradient)
              const dParameters = withPrefix(own.host, { 'class.E': dE, 'class.b': dOffsets })
              return { dC: [{ rows, gradient }], dParameters }
            },
          }
        },
      }
    },
  }
}
