import type { Device, Handle, Handles } from '../device/device.ts'

/** How one parameter moves. */
export interface Pace {
  /** Learning rate of this step. */
  readonly rate: number
  /** Decay, as a share of the parameter: decoupled under adamW, part of the gradient under sgd. */
  readonly decay: number
}

/** Moves parameters against their gradients; it may remember for each parameter what it needs. */
export interface Optimizer {
  readonly name: string
  /** Makes room for what it remembers, by the parameters' names. */
  begin(device: Device, parameters: Handles): void
  /** One step. @param step from 1 @param rows the rows that the gradient is of, where it is not of all; (count,), distinct */
  move(device: Device, name: string, parameter: Handle, gradient: Handle, pace: Pace, step: number, rows?: Handle): void
  /** What it remembers, by names of its own: all that a checkpoint must hold beside the parameters. */
  state?(): Handles
  /** Frees what it remembers. */
  free(device: Device): void
}

/** Adam with decoupled decay. @see Loshchilov & Hutter 2019, algorithm 2 */
export function adamW({ beta1 = 0.9, beta2 = 0.98, epsilon = 1e-8 } = {}): Optimizer {
  const moments = new Map<string, readonly [Handle, Handle]>()
  return {
    name: 'adamW',
    begin(device, parameters) {
      for (const [name, { shape }] of Object.entries(parameters)) moments.set(name, [device.allocate(shape), device.allocate(shape)])
    },
    move(device, name, parameter, gradient, { rate, decay }, step, rows) {
      const own = moments.get(name) as readonly [Handle, Handle]
      device.adamW(parameter, gradient, own, { rate, beta1, beta2, epsilon, decay, step }, rows)
    },
    state: () =>
      Object.fromEntries(
        [...moments].flatMap(([name, [first, second]]) => [
          [`first.${name}`, first],
          [`second.${name}`, second],
        ]),
      ),
    free(device) {
      for (const handle of [...moments.values()].flat()) device.free(handle)
      moments.clear()
    },
  }
}

/** Gradient descent, with momentum where it is not 0: v = momentum · v + g + decay · p, p −= rate · v. */
export function sgd({ momentum = 0 } = {}): Optimizer {
  const velocities = new Map<string, Handle>()
  return {
    name: 'sgd',
    begin(device, parameters) {
      if (momentum === 0) return
      for (const [name, { shape }] of Object.entries(parameters)) velocities.set(name, device.allocate(shape))
    },
    move(device, name, parameter, gradient, { rate, decay }, _step, rows) {
      device.sgd(parameter, gradient, velocities.get(name), { rate, momentum, decay }, rows)
    },
    state: () => Object.fromEntries([...velocities].map(([name, velocity]) => [`velocity.${name}`, velocity])),
    free(device) {
      for (const handle of velocities.values()) device.free(handle)
      velocities.clear()
    },
  }
}

/** Factor of the learning rate at a step from 1: rises over `warmup` steps, then falls in a line to `end` at the last step. */
export function warmupThenLinear({
  warmup,
  steps,
  end = 0.05,
}: {
  readonly warmup: number
  readonly steps: number
  readonly end?: number
}) {
  return (step: number): number => {
    if (step <= warmup) return step / warmup
    return 1 - (1 - end) * ((step - warmup) / Math.max(1, steps - warmup))
  }
}

/** The mean of parameters over the last steps, kept beside them. */
export class Average {
  readonly #device: Device
  readonly #means = new Map<string, Handle>()
  #count = 0

  /** @param parameters with a count from a checkpoint: zeros for the means of so many steps, to be written */
  constructor(device: Device, parameters: Handles = {}, count = 0) {
    this.#device = device
    this.#count = count
    if (count > 0) for (const [name, { shape }] of Object.entries(parameters)) this.#means.set(name, device.allocate(shape))
  }

  /** Steps that the mean is of. */
  get count(): number {
    return this.#count
  }

  /** The means, by the parameters' names. */
  state(): Handles {
    return Object.fromEntries(this.#means)
  }

  /** mean += (p − mean)/count. */
  add(parameters: Handles): void {
    this.#count++
    for (const [name, parameter] of Object.entries(parameters)) {
      let mean = this.#means.get(name)
      if (!mean) {
        mean = this.#device.allocate(parameter.shape)
        this.#means.set(name, mean)
      }
      this.#device.combine(1 / this.#count, parameter, 1 - 1 / this.#count, mean, mean)
    }
  }

  /** Puts the means in place of the parameters; nothing where it saw none. */
  store(parameters: Handles): void {
    if (this.#count === 0) return
    for (const [name, parameter] of Object.entries(parameters)) {
      const mean = this.#means.get(name)
      if (mean) this.#device.combine(1, mean, 0, mean, parameter)
    }
  }

  /** Frees the means. */
  free(): void {
    for (const mean of this.#means.values()) this.#device.free(mean)
    this.#means.clear()
  }
}
