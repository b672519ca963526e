import type { Handle, Handles } from '../device/device.ts'
import { sizeOf } from '../tensor.ts'
import type { ForwardOptions } from './forward-options.ts'
import type { Held } from './held.ts'
import { type LayerHost, named } from './parameters.ts'
import type { Gradients } from './steps/tape.ts'

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

/** Gradients of parameters by their full names, those of inner layers first. */
export const parameterGradients = (host: LayerHost, { inner, parameters }: Gradients): Handles => ({
  ...inner,
  ...named(host, parameters),
})

/** Numbers of all parameters, together. */
export const countOf = (parameters: Handles): number =>
  Object.values(parameters).reduce((count, { shape }) => count + sizeOf(shape), 0)
