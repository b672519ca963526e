import {
  type ActivationName,
  activationNames,
  type Handle,
  type Handles,
} from '../device/device.ts'
import { COUNT, checkOptions, expectNumber, oneOf } from '../kinds.ts'
import { constant, type Initializer, xavierUniform, zeros } from '../random.ts'
import { sizeOf } from '../tensor.ts'
import type { ForwardOptions } from './forward-options.ts'
import { Held } from './held.ts'
import { checkHost, drawParameters, type LayerHost, named } from './parameters.ts'
import { chosenRows, rowsAt, sumAt } from './rows.ts'

/** Rows to rows, with parameters and exact gradients: what a stack is made of. */
export interface Sublayer extends Held {
  /** By their names, with their prefix. */
  readonly parameters: Handles
  /** Width of what it returns. */
  readonly width: number
  forward(X: Handle, options: ForwardOptions): SublayerPass
}

/** A sublayer's forward under way. */
export interface SublayerPass extends Held {
  readonly context: Handle
  backward(dContext: Handle): { readonly dX: Handle; readonly dParameters: Handles }
}

/** X with its last axis of another width. */
const widened = ({ shape }: Handle, columns: number): number[] => [...shape.slice(0, -1), columns]

/** What a feed-forward sublayer is. */
export interface FeedForwardOptions {
  /** Width of the hidden layer. */
  readonly width: number
  /** Default gelu. */
  readonly activation?: ActivationName
}

const FEED_FORWARD = { width: COUNT, activation: oneOf(...activationNames) }

/** Y = f(XW_1 + b_1)W_2 + b_2, row by row. @see Vaswani et al. 2017, §3.3, eq. 2 */
export class FeedForward extends Held implements Sublayer {
  readonly host: LayerHost
  readonly parameters: Handles
  /** Its parameters, by their names without a prefix. */
  readonly own: Handles
  readonly width: number
  readonly activation: ActivationName

  constructor(
    dModel: number,
    options: FeedForwardOptions,
    host: LayerHost,
    initializer: Initializer = xavierUniform,
  ) {
    checkOptions('FeedForward', options, FEED_FORWARD, '{ width: 64 }')
    checkHost('FeedForward', host)
    const { width, activation = 'gelu' } = options
    expectNumber('FeedForward', 'width', width, COUNT)
    super('FeedForward')
    this.host = host
    this.width = dModel
    this.activation = activation
    this.own = this.hold(host.device, () =>
      drawParameters(host, {
        W_1: { shape: [dModel, width], initializer },
        b_1: { shape: [width], initializer: zeros },
        W_2: { shape: [width, dModel], initializer },
        b_2: { shape: [dModel], initializer: zeros },
      }),
    )
    this.parameters = named(host, this.own)
  }

  forward(X: Handle): FeedForwardPass {
    const { device } = this.host
    const { W_1, b_1, W_2, b_2 } = this.own
    return Held.made(device, () => {
      const Z = device.allocate(widened(X, W_1.shape[1]))
      device.product(X, W_1, Z)
      device.addBias(Z, b_1, Z)
      const H = device.allocate(Z.shape)
      device.activate(this.activation, Z, H)
      const Y = device.allocate(widened(X, this.width))
      device.product(H, W_2, Y)
      device.addBias(Y, b_2, Y)
      return new FeedForwardPass(this, X, Z, H, Y)
    })
  }
}

export class FeedForwardPass extends Held implements SublayerPass {
  readonly layer: FeedForward
  readonly X: Handle
  readonly Z: Handle
  readonly H: Handle
  readonly context: Handle

  constructor(layer: FeedForward, X: Handle, Z: Handle, H: Handle, Y: Handle) {
    super('FeedForwardPass')
    this.layer = layer
    this.X = X
    this.Z = Z
    this.H = H
    this.context = Y
  }

  /** dW_2 = Hᵀ dY, dH = dY W_2ᵀ, dZ = dH ∘ f′(Z), dW_1 = Xᵀ dZ, dX = dZ W_1ᵀ. */
  backward(dY: Handle) {
    const { X, Z, H, layer } = this
    const { device } = layer.host
    const { W_1, b_1, W_2, b_2 } = layer.own
    return device.scope(() => {
      const like = (handle: Handle): Handle => device.allocate(handle.shape)
      const dParameters = { W_1: like(W_1), b_1: like(b_1), W_2: like(W_2), b_2: like(b_2) }
      // forward was: Y = H W_2 + b_2
      device.product(H, dY, dParameters.W_2, { transposeA: true })
      device.addBiasBackward(dY, dParameters.b_2)
      const dH = like(H)
      device.product(dY, W_2, dH, { transposeB: true })
      // forward was: H = f(Z)
      const dZ = like(Z)
      device.activateBackward(layer.activation, dH, Z, dZ)
      // forward was: Z = X W_1 + b_1
      device.product(X, dZ, dParameters.W_1, { transposeA: true })
      device.addBiasBackward(dZ, dParameters.b_1)
      const dX = like(X)
      device.product(dZ, W_1, dX, { transposeB: true })
      return { dX, dParameters: named(layer.host, dParameters) }
    })
  }
}

/** Where a sublayer's rows are normalised, if they are. */
export type Normalization = 'before' | 'after'

/** What is built around a sublayer. */
export interface ResidualNormOptions {
  readonly residual: boolean
  readonly normalization: Normalization | undefined
}

const EPSILON = 1e-5

/** Y = X + F(X), with layer normalisation before F or after the sum, each where asked for. */
export class ResidualNorm extends Held implements Sublayer {
  readonly inner: Sublayer
  readonly options: ResidualNormOptions
  readonly host: LayerHost
  readonly parameters: Handles
  /** Gain and bias of its normalisation, where it has one, by their names without a prefix. */
  readonly own: Handles
  readonly width: number

  constructor(inner: Sublayer, dModel: number, around: ResidualNormOptions, host: LayerHost) {
    if (around.residual && inner.width !== dModel) {
      throw new RangeError(
        `Encoder: a residual connection needs layers as wide as dModel, got ${inner.width} and dModel ${dModel}; give the layer output: ${dModel}, or heads · dValue = ${dModel}`,
      )
    }
    super('ResidualNorm')
    this.inner = this.take(inner)
    this.options = around
    this.host = host
    this.width = inner.width
    const shape = [around.normalization === 'before' ? dModel : inner.width]
    const normalizing = {
      'normalization.gain': { shape, initializer: constant(1) },
      'normalization.bias': { shape, initializer: zeros },
    }
    this.own = this.hold(host.device, () =>
      drawParameters(host, around.normalization ? normalizing : {}),
    )
    this.parameters = { ...inner.parameters, ...named(host, this.own) }
  }

  forward(X: Handle, options: ForwardOptions): ResidualNormPass {
    const { residual, normalization } = this.options
    const read = () => {
      const inner = this.inner.forward(normalization === 'before' ? this.#normalize(X) : X, options)
      const chosen = chosenRows(options)
      const sum = residual
        ? this.#sum(rowsAt(this.host.device, X, chosen), inner.context)
        : inner.context
      return new ResidualNormPass(
        this,
        X,
        chosen,
        inner,
        sum,
        normalization === 'after' ? this.#normalize(sum) : sum,
      )
    }
    return Held.made(this.host.device, read, ({ inner }) => [inner])
  }

  #normalize(X: Handle): Handle {
    const Y = this.host.device.allocate(X.shape)
    this.host.device.normalize(
      X,
      this.own['normalization.gain'],
      this.own['normalization.bias'],
      EPSILON,
      Y,
    )
    return Y
  }

  #sum(X: Handle, Y: Handle): Handle {
    const sum = this.host.device.allocate(X.shape)
    this.host.device.combine(1, X, 1, Y, sum)
    return sum
  }
}

/** Its forward under way. */
export class ResidualNormPass extends Held implements SublayerPass {
  readonly layer: ResidualNorm
  readonly X: Handle
  /** Rows of X that the context has a row for, where they are not the same. */
  readonly chosen: Int32Array | undefined
  readonly inner: SublayerPass
  readonly sum: Handle
  readonly context: Handle

  constructor(
    layer: ResidualNorm,
    X: Handle,
    chosen: Int32Array | undefined,
    inner: SublayerPass,
    sum: Handle,
    context: Handle,
  ) {
    super('SurroundedPass')
    this.layer = layer
    this.X = X
    this.chosen = chosen
    this.inner = inner
    this.sum = sum
    this.context = context
  }

  backward(dY: Handle) {
    const { X, chosen, sum, inner, layer } = this
    const { residual, normalization } = layer.options
    const { device } = layer.host
    return device.scope(() => {
      const own: Record<string, Handle> = {}
      // forward was: Y = normalised sum, where normalised after
      const dSum = normalization === 'after' ? this.#normalizeBackward(dY, sum, own) : dY
      // forward was: sum = X + F(…)
      const { dX: dInner, dParameters } = inner.backward(dSum)
      // forward was: F(normalised X), where normalised before
      const dBefore = normalization === 'before' ? this.#normalizeBackward(dInner, X, own) : dInner
      if (residual && chosen) sumAt(device, dSum, chosen, dBefore, true)
      else if (residual) device.combine(1, dSum, 1, dBefore, dBefore)
      return { dX: dBefore, dParameters: { ...dParameters, ...named(layer.host, own) } }
    })
  }

  #normalizeBackward(dY: Handle, X: Handle, own: Record<string, Handle>): Handle {
    const { host, own: parameters } = this.layer
    const gain = parameters['normalization.gain']
    const [dX, dGain, dBias] = [X.shape, gain.shape, gain.shape].map((shape) =>
      host.device.allocate(shape),
    )
    host.device.normalizeBackward(dY, X, gain, EPSILON, { dX, dGain, dBias })
    own['normalization.gain'] = dGain
    own['normalization.bias'] = dBias
    return dX
  }
}

/** Numbers of all parameters, together. */
export const countOf = (parameters: Handles): number =>
  Object.values(parameters).reduce((count, { shape }) => count + sizeOf(shape), 0)
