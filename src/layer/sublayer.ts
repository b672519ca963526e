import type { Handle, Handles } from '../device/device.ts'
import { sizeOf } from '../tensor.ts'
import type { ForwardOptions } from './forward-options.ts'
import { Held } from './held.ts'
import { type LayerHost, named } from './parameters.ts'
import type { Gradients, Tape } from './steps/tape.ts'

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

/** A forward that is a list of steps from X to a context; its backward runs them in reverse. */
export class StepsPass extends Held implements SublayerPass {
  readonly X: Handle
  readonly tape: Tape
  readonly context: Handle
  readonly #host: LayerHost

  constructor(host: LayerHost, X: Handle, tape: Tape, context: Handle) {
    super('StepsPass')
    this.#host = host
    this.X = X
    this.tape = tape
    this.context = context
  }

  /** Gradients with respect to X and every parameter, by its full name. */
  backward(dContext: Handle): { readonly dX: Handle; readonly dParameters: Handles } {
    const { tape, X, context } = this
    const host = this.#host
    return host.device.scope(() => {
      const gradients = tape.backward(context, dContext)
      return { dX: gradients.of(X), dParameters: parameterGradients(host, gradients) }
    })
  }
}

/** Gradients of parameters by their full names, those of inner layers first. */
export const parameterGradients = (host: LayerHost, { inner, parameters }: Gradients): Handles => ({
  ...inner,
  ...named(host, parameters),
})

/** Numbers of all parameters, together. */
export const countOf = (parameters: Handles): number =>
  Object.values(parameters).reduce((count, { shape }) => count + sizeOf(shape), 0)
