import type { Handle, Handles } from '../device/device.ts'
import { constant, zeros } from '../random.ts'
import type { ForwardOptions } from './forward-options.ts'
import { Held } from './held.ts'
import { Layer } from './layer.ts'
import { drawParameters, type LayerHost, withPrefix } from './parameters.ts'
import { StepsPass } from './pass.ts'
import { normalize, residual, within } from './steps/residual.ts'
import { Tape } from './steps/tape.ts'
import type { Sublayer, SublayerPass } from './sublayer.ts'

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
    const shape = [options.normalization === 'before' ? dModel : inner.width]
    const normalizing = {
      'normalization.gain': { shape, initializer: constant(1) },
      'normalization.bias': { shape, initializer: zeros },
    }
    this.own = this.build(() => drawParameters(host, options.normalization ? normalizing : {}))
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
