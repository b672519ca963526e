import type { Device, Handle, Handles } from '../device/device.ts'
import {
  ABOVE_0,
  BELOW_1,
  COUNT,
  checkOptions,
  expectKnown,
  expectNumber,
  expectOnly,
  expectOptions,
  NOT_NEGATIVE,
  SHARE,
  valueText,
} from '../kinds.ts'
import { uploadIndices } from '../layer/rows.ts'

/** Learning rate and decay of one parameter at one step. */
export interface Pace {
  /** Learning rate of this step, ≥ 0. */
  readonly rate: number
  /** Weight decay, ≥ 0: decoupled under adamW, part of the gradient under sgd. */
  readonly decay: number
}

/** A parameter to update, and its gradient. */
export interface ParameterUpdate {
  readonly name: string
  readonly parameter: Handle
  readonly gradient: Handle
  /** The rows of a sparse gradient, distinct; default all. */
  readonly rows?: readonly number[] | undefined
}

const UPDATE = ['name', 'parameter', 'gradient', 'rows']
/** Names of a pace. */
export const PACE = ['rate', 'decay']

/** @throws {TypeError} for unknown names, which would be silently ignored */
function checkMove(where: string, update: ParameterUpdate, pace: Pace): void {
  expectOnly(`${where}.move: the update`, update, UPDATE, '{ name, parameter, gradient }')
  expectOnly(`${where}.move: the pace`, pace, PACE, '{ rate: 0.01 }')
}

/** Runs a step with its rows on the device, where it has some. */
function withRows(
  device: Device,
  rows: ParameterUpdate['rows'],
  step: (rows: Handle | undefined) => void,
): void {
  const handle = rows && uploadIndices(device, rows)
  step(handle)
  if (handle) device.free(handle)
}

/** Updates parameters from their gradients; it may keep state for each parameter. */
export interface Optimizer {
  readonly name: string
  /**
   * Allocates its state, by the parameters' names.
   *
   * @throws {Error} if it has begun already
   */
  begin(device: Device, parameters: Handles): void
  /**
   * One step.
   *
   * @param step from 1
   * @throws {Error} before begin
   */
  move(device: Device, update: ParameterUpdate, pace: Pace, step: number): void
  /** Its state, by names of its own: what a checkpoint must hold in addition to the parameters. */
  state?(): Handles
  /** Frees its state; then it may begin again. */
  free(device: Device): void
}

/**
 * State of an optimizer from begin to free: for each parameter one handle of its shape per part.
 */
class Remembered<Parts extends readonly string[]> {
  readonly #optimizer: string
  readonly #parts: Parts
  #handles: ReadonlyMap<string, readonly Handle[]> | undefined

  constructor(optimizer: string, parts: Parts) {
    this.#optimizer = optimizer
    this.#parts = parts
  }

  begin(device: Device, parameters: Handles): void {
    if (this.#handles)
      throw new Error(
        `${this.#optimizer}: has begun already; free it first, or make one optimizer for each training`,
      )
    // if a handle does not fit, those before it are freed
    this.#handles = device.scope(
      () =>
        new Map(
          Object.entries(parameters).map(([name, { shape }]) => [
            name,
            this.#parts.map(() => device.allocate(shape)),
          ]),
        ),
    )
  }

  of(name: string): readonly Handle[] {
    const own = this.#handles?.get(name)
    if (own) return own
    const why = this.#handles
      ? `begin was not given the parameter ${valueText(name)}`
      : 'move was called before begin'
    throw new Error(
      `${this.#optimizer}: ${why}; call begin(device, parameters) once, with all parameters`,
    )
  }

  /** Each part's name, then the parameter's. */
  state(): Handles {
    const named = [...(this.#handles ?? [])].flatMap(([name, handles]) =>
      handles.map((handle, n) => [`${this.#parts[n]}.${name}`, handle]),
    )
    return Object.fromEntries(named)
  }

  free(device: Device): void {
    for (const handle of [...(this.#handles?.values() ?? [])].flat()) device.free(handle)
    this.#handles = undefined
  }
}

/**
 * Adam with decoupled decay: m = β₁m + (1 − β₁)g, v = β₂v + (1 − β₂)g², p −= rate · (m̂/(√v̂ + ε) +
 * decay · p).
 *
 * By default β₁ = .9, β₂ = .98 and ε = 10⁻⁸. PyTorch, Keras and Optax have β₂ = .999, a mean of g²
 * over about 1/(1 − β₂) = 1000 steps; .98, as for the Transformer, is one over 50. Learning takes
 * some hundreds or thousands of steps here, its rate rises within 40, and gradients shrink as it
 * goes: a mean over 1000 steps would still hold those of the beginning. Rate and decay come with
 * each step.
 *
 * @param options `beta1` and `beta2` in [0, 1), `epsilon` above 0
 * @throws {RangeError} for numbers out of range, {TypeError} for wrong types and unknown options
 * @see Loshchilov & Hutter 2019, algorithm 2; β₂ Vaswani et al. 2017, §5.3 (there ε = 10⁻⁹)
 */
export function adamW(
  options: { readonly beta1?: number; readonly beta2?: number; readonly epsilon?: number } = {},
): Optimizer {
  const ranges = { beta1: BELOW_1, beta2: BELOW_1, epsilon: ABOVE_0 }
  checkOptions('adamW', options, ranges, '{ beta2: 0.999 }')
  const { beta1 = 0.9, beta2 = 0.98, epsilon = 1e-8 } = options
  const moments = new Remembered('adamW', ['first', 'second'])
  return {
    name: 'adamW',
    begin: (device, parameters) => moments.begin(device, parameters),
    move(device, update, pace, step) {
      checkMove('adamW', update, pace)
      const { name, parameter, gradient, rows } = update
      const { rate, decay = 0 } = pace
      const [first, second] = moments.of(name)
      const settings = { rate, beta1, beta2, epsilon, decay, step }
      withRows(device, rows, (handle) =>
        device.adamW(parameter, gradient, [first, second], settings, handle),
      )
    },
    state: () => moments.state(),
    free: (device) => moments.free(device),
  }
}

/**
 * Gradient descent, with momentum if it is not 0: v = momentum · v + g + decay · p, p −= rate · v.
 *
 * By default momentum = 0. Rate and decay come with each step.
 *
 * @param options `momentum` in [0, 1)
 * @throws {RangeError} for a number out of range, {TypeError} for a wrong type and unknown options
 * @see PyTorch's SGD, without dampening
 */
export function sgd(options: { readonly momentum?: number } = {}): Optimizer {
  checkOptions('sgd', options, { momentum: BELOW_1 }, '{ momentum: 0.9 }')
  const { momentum = 0 } = options
  const velocities = new Remembered('sgd', momentum === 0 ? [] : ['velocity'])
  return {
    name: 'sgd',
    begin: (device, parameters) => velocities.begin(device, parameters),
    move(device, update, pace) {
      checkMove('sgd', update, pace)
      const { name, parameter, gradient, rows } = update
      const { rate, decay = 0 } = pace
      withRows(device, rows, (handle) =>
        device.sgd(parameter, gradient, velocities.of(name)[0], { rate, momentum, decay }, handle),
      )
    },
    state: () => velocities.state(),
    free: (device) => velocities.free(device),
  }
}

/**
 * Factor of the learning rate at a step from 1: rises linearly over `warmup` steps to 1, falls
 * linearly to `end` at step `steps`, and stays there.
 *
 * If `warmup` equals `steps` it does not fall.
 *
 * @param options `steps` an integer ≥ 1; `warmup` from 0 to `steps`; `end` in [0, 1], .05 by
 *   default
 * @throws {RangeError} for numbers out of range, and for a step below 0, {TypeError} for wrong
 *   types and unknown options
 */
export function warmupThenLinear(options: {
  readonly warmup: number
  readonly steps: number
  readonly end?: number
}) {
  expectOptions('warmupThenLinear', options, '{ warmup: 40, steps: 1000 }')
  expectKnown('warmupThenLinear', options, ['warmup', 'steps', 'end'])
  const { warmup, steps, end = 0.05 } = options
  expectNumber('warmupThenLinear', 'steps', steps, COUNT)
  const range = {
    text: `a number from 0 to steps = ${steps}`,
    holds: (value: number) => value >= 0 && value <= steps,
  }
  expectNumber('warmupThenLinear', 'warmup', warmup, range)
  expectNumber('warmupThenLinear', 'end', end, SHARE)
  return (step: number): number => {
    expectNumber('warmupThenLinear', 'the step', step, NOT_NEGATIVE)
    const at = Math.min(step, steps)
    if (at < warmup) return at / warmup
    return 1 - (1 - end) * ((at - warmup) / Math.max(1, steps - warmup))
  }
}
