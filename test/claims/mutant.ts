import type { AnyLayer, AnyOptions } from '../../src/claims/claim.ts'
import type { AttentionCall, AttentionResult, Device } from '../../src/device/device.ts'
import { exp } from '../../src/elementary.ts'
import type { ForwardOptions } from '../../src/layer/forward-options.ts'
import type { LayerHost } from '../../src/layer/parameters.ts'
import type { BackwardPass, ForwardResult, Pass } from '../../src/layer/pass.ts'
import { SelfAttention } from '../../src/layer/self-attention.ts'
import type { Alignment } from '../../src/mechanism/alignment.ts'
import type { Distribution } from '../../src/mechanism/distribution.ts'
import { Tensor } from '../../src/tensor.ts'

/** A layer with one mistake. */
export interface Mutant {
  /** What is wrong with it. */
  readonly mistake: string
  /** The claim that must catch it. */
  readonly claim: string
  build(options: AnyOptions, host: LayerHost): AnyLayer
}

export const layer = (options: AnyOptions, host: LayerHost): AnyLayer =>
  new SelfAttention<number, number, Alignment>(options, host)

/** A layer built with other options. */
export const withOptions =
  (change: (options: AnyOptions) => Partial<AnyOptions>) =>
  (options: AnyOptions, host: LayerHost) =>
    layer({ ...options, ...change(options) }, host)

/** A device of which one operation is another. */
export const withDevice =
  (change: (device: Device) => Partial<Device>) => (options: AnyOptions, host: LayerHost) => {
    const own = change(host.device)
    const device = new Proxy(host.device, {
      get: (target, name) => {
        const found = Reflect.get(name in own ? own : target, name) as unknown
        return typeof found === 'function' ? found.bind(name in own ? own : target) : found
      },
    })
    return layer(options, { ...host, device })
  }

/** A device whose attention is called otherwise. */
export const withCall = (change: (call: AttentionCall) => AttentionCall) =>
  withDevice((device) => ({
    attention: (call: AttentionCall, result: AttentionResult) =>
      device.attention(change(call), result),
  }))

/** A layer whose parameters have other shapes than they should. */
export function withParameter(names: readonly string[], change: (W: Tensor) => Tensor) {
  return (options: AnyOptions, host: LayerHost): AnyLayer => {
    const made = layer(options, host)
    const held = names.filter((name) => name in made.parameters)
    const others = held.map((name) => [
      name,
      host.device.upload(change(Tensor.zeros(made.parameters[name].shape, 'float64'))),
    ])
    Object.defineProperty(made, 'parameters', {
      value: { ...made.parameters, ...Object.fromEntries(others) },
    })
    return made
  }
}

/** A layer whose results are changed when they are read. */
export function withResult(change: (result: ForwardResult) => ForwardResult) {
  return (options: AnyOptions, host: LayerHost): AnyLayer => {
    const made = layer(options, host)
    const forward = made.forward.bind(made)
    made.forward = (X, more?: ForwardOptions): Pass => {
      const pass = forward(X, more)
      const read = pass.read.bind(pass)
      pass.read = async () => change(await read())
      return pass
    }
    return made
  }
}

/** A layer whose gradients are changed. */
export function withGradients(change: (gradients: BackwardPass, device: Device) => void) {
  return (options: AnyOptions, host: LayerHost): AnyLayer => {
    const made = layer(options, host)
    const forward = made.forward.bind(made)
    made.forward = (X, more?: ForwardOptions): Pass => {
      const pass = forward(X, more)
      const backward = pass.backward.bind(pass)
      pass.backward = (dC) => {
        const gradients = backward(dC)
        change(gradients, host.device)
        return gradients
      }
      return pass
    }
    return made
  }
}

/** e^s and no sum to divide by. */
export const powers: Distribution = {
  name: 'powers',
  sumsToOne: false,
  exactZeros: false,
  shiftInvariant: false,
  weights: (scores) => scores.map(exp),
  backward: (dA, A) => ({ dScores: A.map((a, j) => a * dA[j]) }),
}

/** A matrix of one row. */
export const firstRow = (W: Tensor): Tensor => W.slice(0).reshape([1, W.shape[1]])
