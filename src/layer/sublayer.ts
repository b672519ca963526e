import type { Handle, Handles } from '../device/device.ts'
import { sizeOf } from '../tensor.ts'
import type { ForwardOptions } from './forward-options.ts'
import type { Held } from './held.ts'
import { type LayerHost, withPrefix } from './parameters.ts'
import type { Gradients } from './steps/tape.ts'

/** Maps rows to rows, with parameters and exact gradients: the building block of a stack. */
export interface Sublayer extends Held {
  /** By their names, with their prefix. */
  readonly parameters: Handles
  /** Width of its output. */
  readonly width: number
  forward(X: Handle, options: ForwardOptions): SublayerPass
}

/** The pass of a sublayer's forward. */
export interface SublayerPass extends Held {
  readonly context: Handle
  backward(dContext: Handle): { readonly dX: Handle; readonly dParameters: Handles }
}

/** Gradients of parameters by their full names, those of inner layers first. */
export const parameterGradients = (host: LayerHost, { inner, parameters }: Gradients): Handles => ({
  ...inner,
  ...withPrefix(host, parameters),
})

/** Total count of numbers in all parameters. */
export const countOf = (parameters: Handles): number =>
  Object.values(parameters).reduce((count, { shape }) => count + sizeOf(shape), 0)
