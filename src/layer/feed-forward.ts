import {
  type ActivationName,
  activationNames,
  type Handle,
  type Handles,
} from '../device/device.ts'
import { COUNT, checkOptions, expectNumber, oneOf } from '../kinds.ts'
import { type Initializer, xavierUniform, zeros } from '../random.ts'
import type { Tensor } from '../tensor.ts'
import { Held } from './held.ts'
import { jsonOf, type LayerJSON } from './json.ts'
import { Layer } from './layer.ts'
import { drawParameters, type LayerHost, withPrefix } from './parameters.ts'
import { StepsPass } from './pass.ts'
import { rowsOnDevice } from './rows.ts'
import { activate, affine } from './steps/dense.ts'
import { Tape } from './steps/tape.ts'
import type { Sublayer } from './sublayer.ts'

/** Options of a feed-forward sublayer. */
export interface FeedForwardOptions {
  /** Width of the hidden layer. */
  readonly width: number
  /** Default gelu, in its tanh form. */
  readonly activation?: ActivationName
}

const FEED_FORWARD = { width: COUNT, activation: oneOf(...activationNames) }

/** Y = f(XW_1 + b_1)W_2 + b_2, row by row. @see Vaswani et al. 2017, §3.3, eq. 2 */
export class FeedForward extends Layer implements Sublayer {
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
    const { width, activation = 'gelu' } = options
    expectNumber('FeedForward', 'width', width, COUNT)
    super('FeedForward', host)
    this.width = dModel
    this.activation = activation
    this.own = this.build(() =>
      drawParameters(host, {
        W_1: { shape: [dModel, width], initializer },
        b_1: { shape: [width], initializer: zeros },
        W_2: { shape: [width, dModel], initializer },
        b_2: { shape: [dModel], initializer: zeros },
      }),
    )
    this.parameters = withPrefix(host, this.own)
  }

  /** Its sizes and its activation: what JSON.stringify writes. */
  toJSON(): LayerJSON {
    const { activation, own, width: dModel } = this
    return jsonOf({ dModel, width: own.b_1.shape[0], activation })
  }

  /**
   * Y of rows of width dModel; enqueued.
   *
   * @throws {RangeError} for another width, {TypeError} for wrong types
   */
  forward(given: Tensor | Handle): StepsPass {
    const { device } = this.host
    const { W_1, b_1, W_2, b_2 } = this.own
    this.expectHeld('forward')
    return Held.made(device, () => {
      const X = rowsOnDevice(device, 'FeedForward.forward: X', given, 'dModel', this.width)
      const tape = new Tape(device, this.own)
      const H = activate(tape, this.activation, affine(tape, X, W_1, b_1))
      return new StepsPass(this.host, X, tape, affine(tape, H, W_2, b_2))
    })
  }
}
