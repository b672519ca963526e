import type { Handle, Handles } from '../device/device.ts'
import { BOOLEAN, COUNT, checkOptions, expectNumber, having } from '../kinds.ts'
import { type Initializer, xavierUniform, zeros } from '../random.ts'
import type { Tensor } from '../tensor.ts'
import { Held } from './held.ts'
import { jsonOf, type LayerJSON } from './json.ts'
import { Layer } from './layer.ts'
import { drawParameters, type LayerHost, withPrefix } from './parameters.ts'
import { StepsPass } from './pass.ts'
import { rowsOnDevice } from './rows.ts'
import { affine } from './steps/dense.ts'
import { Tape } from './steps/tape.ts'
import type { Sublayer } from './sublayer.ts'

/** Options of a linear layer. */
export interface LinearOptions {
  /** Width of the input. */
  readonly dIn: number
  /** Width of the output. */
  readonly dOut: number
  /** Whether to add b; default true. */
  readonly bias?: boolean
  /** How W begins; default xavierUniform. b begins with zeros. */
  readonly initializer?: Initializer
}

const LINEAR = {
  dIn: COUNT,
  dOut: COUNT,
  bias: BOOLEAN,
  initializer: having(['draw'], 'xavierUniform'),
}

/**
 * Y = XW + b, row by row: W (dIn, dOut), b (dOut).
 *
 * PyTorch's `nn.Linear` keeps W transposed.
 */
export class Linear extends Layer implements Sublayer {
  /** `W` and `b`, after its prefix. */
  readonly parameters: Handles
  /** The same, by their names without a prefix. */
  readonly own: Handles
  /** dOut. */
  readonly width: number
  readonly #dIn: number

  /** @throws {RangeError} for sizes that do not fit, {TypeError} for wrong types */
  constructor(options: LinearOptions, host: LayerHost) {
    checkOptions('Linear', options, LINEAR, '{ dIn: 16, dOut: 4 }')
    const { dIn, dOut, bias = true, initializer = xavierUniform } = options
    for (const [name, width] of Object.entries({ dIn, dOut }))
      expectNumber('Linear', name, width, COUNT)
    super('Linear', host)
    this.width = dOut
    this.#dIn = dIn
    const drawn = {
      W: { shape: [dIn, dOut], initializer },
      ...(bias ? { b: { shape: [dOut], initializer: zeros } } : {}),
    }
    this.own = this.build(() => drawParameters(host, drawn))
    this.parameters = withPrefix(host, this.own)
  }

  /** Its options: what JSON.stringify writes. */
  toJSON(): LayerJSON {
    return jsonOf({ dIn: this.#dIn, dOut: this.width, bias: 'b' in this.own })
  }

  /**
   * Y (…, dOut) of rows X (…, dIn); enqueued, to be read from the pass.
   *
   * @throws {RangeError} for another width, {TypeError} for wrong types
   */
  forward(given: Tensor | Handle): StepsPass {
    const { device } = this.host
    this.expectHeld('forward')
    return Held.made(device, () => {
      const X = rowsOnDevice(device, 'Linear.forward: X', given, 'dIn', this.#dIn)
      const tape = new Tape(device, this.own)
      return new StepsPass(this.host, X, tape, affine(tape, X, this.own.W, this.own.b))
    })
  }
}
