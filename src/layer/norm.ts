import type { Handle, Handles } from '../device/device.ts'
import { COUNT, checkOptions, expectNumber, NOT_NEGATIVE } from '../kinds.ts'
import { constant, zeros } from '../random.ts'
import type { Tensor } from '../tensor.ts'
import type { ForwardOptions } from './forward-options.ts'
import { Held } from './held.ts'
import { jsonOf, type LayerJSON } from './json.ts'
import { Layer } from './layer.ts'
import { drawParameters, type LayerHost, withPrefix } from './parameters.ts'
import { StepsPass } from './pass.ts'
import { rowsOnDevice } from './rows.ts'
import { normalize, residual, within } from './steps/residual.ts'
import { Tape } from './steps/tape.ts'
import type { Sublayer, SublayerPass } from './sublayer.ts'

/** Options of layer normalisation. */
export interface NormOptions {
  /** Width of the rows. */
  readonly dModel: number
  /** ε, added to the variance, ≥ 0; default 1e-5. */
  readonly epsilon?: number
}

const NORM = { dModel: COUNT, epsilon: NOT_NEGATIVE }

/** Gain and bias as they begin: 1 and 0. */
const drawnNorm = (prefix: string, dModel: number) => ({
  [`${prefix}gain`]: { shape: [dModel], initializer: constant(1) },
  [`${prefix}bias`]: { shape: [dModel], initializer: zeros },
})

/**
 * Layer normalisation, row by row: y = gain ∘ (x − mean)/√(variance + ε) + bias.
 *
 * @see Ba et al. 2016, eq. 4
 */
export class Norm extends Layer implements Sublayer {
  /** `gain` and `bias` (dModel), after its prefix. */
  readonly parameters: Handles
  /** The same, by their names without a prefix. */
  readonly own: Handles
  /** dModel. */
  readonly width: number
  readonly epsilon: number

  /** @throws {RangeError} for sizes that do not fit, {TypeError} for wrong types */
  constructor(options: NormOptions, host: LayerHost) {
    checkOptions('Norm', options, NORM, '{ dModel: 16 }')
    const { dModel, epsilon = 1e-5 } = options
    expectNumber('Norm', 'dModel', dModel, COUNT)
    super('Norm', host)
    this.width = dModel
    this.epsilon = epsilon
    this.own = this.build(() => drawParameters(host, drawnNorm('', dModel)))
    this.parameters = withPrefix(host, this.own)
  }

  /** Its options: what JSON.stringify writes. */
  toJSON(): LayerJSON {
    return jsonOf({ dModel: this.width, epsilon: this.epsilon })
  }

  /**
   * Y (…, dModel) of rows X; enqueued, to be read from the pass.
   *
   * @throws {RangeError} for another width, {TypeError} for wrong types
   */
  forward(given: Tensor | Handle): StepsPass {
    const { device } = this.host
    this.expectHeld('forward')
    return Held.made(device, () => {
      const X = rowsOnDevice(device, 'Norm.forward: X', given, 'dModel', this.width)
      const tape = new Tape(device, this.own)
      return new StepsPass(this.host, X, tape, normalize(tape, X, this.own, this.epsilon))
    })
  }
}

/** Where a sublayer's rows are normalised: before it (pre-norm), or after the residual sum (post-norm). */
export type Normalization = 'before' | 'after'

/** Residual connection and normalisation of a sublayer. */
export interface ResidualNormOptions {
  readonly residual: boolean
  readonly normalization: Normalization | undefined
  /** ε of the normalisation, added to the variance. */
  readonly epsilon: number
}

/**
 * Y = X + F(N(X)), pre-norm, or N(X + F(X)), post-norm; N is layer normalisation. Without either,
 * F alone.
 *
 * @see Vaswani et al. 2017, §3.1 (post-norm); Xiong et al. 2020, §3.1 (pre-norm)
 */
export class ResidualNorm extends Layer implements Sublayer {
  readonly inner: Sublayer
  readonly options: ResidualNormOptions
  readonly parameters: Handles
  /** Gain and bias of its normalisation, if any, by their names without a prefix. */
  readonly own: Handles
  readonly width: number

  constructor(inner: Sublayer, dModel: number, options: ResidualNormOptions, host: LayerHost) {
    super('ResidualNorm', host)
    this.inner = this.attach(inner)
    this.options = options
    this.width = inner.width
    const width = options.normalization === 'before' ? dModel : inner.width
    const normalizing = options.normalization ? drawnNorm('normalization.', width) : {}
    this.own = this.build(() => drawParameters(host, normalizing))
    this.parameters = { ...inner.parameters, ...withPrefix(host, this.own) }
  }

  forward(X: Handle, options: ForwardOptions): ResidualNormPass {
    const { device } = this.host
    const { normalization } = this.options
    const run = () => {
      const tape = new Tape(device, this.own)
      const close = this.options.residual ? residual(tape, X, options) : undefined
      const Z = normalization === 'before' ? this.#normalize(tape, X) : X
      const inner = within(tape, this.inner, Z, options)
      const sum = close ? close(inner.context) : inner.context
      const Y = normalization === 'after' ? this.#normalize(tape, sum) : sum
      return new ResidualNormPass(this.host, X, tape, Y, inner)
    }
    return Held.made(device, run, ({ inner }) => [inner])
  }

  #normalize(tape: Tape, X: Handle): Handle {
    const { 'normalization.gain': gain, 'normalization.bias': bias } = this.own
    return normalize(tape, X, { gain, bias }, this.options.epsilon)
  }
}

/** The pass of its forward. */
export class ResidualNormPass extends StepsPass {
  readonly inner: SublayerPass

  constructor(host: LayerHost, X: Handle, tape: Tape, context: Handle, inner: SublayerPass) {
    super(host, X, tape, context)
    this.inner = inner
  }
}
