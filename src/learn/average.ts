import type { Device, Handle, Handles } from '../device/device.ts'

/** The mean of parameters over the last steps, kept beside them. */
export class Average {
  readonly #device: Device
  readonly #means: Map<string, Handle>
  #count = 0

  /** @param count from a checkpoint: the means of so many steps are zeros, to be overwritten */
  constructor(device: Device, parameters: Handles = {}, count = 0) {
    this.#device = device
    this.#count = count
    const averaged = Object.entries(count > 0 ? parameters : {})
    this.#means = device.scope(
      () => new Map(averaged.map(([name, { shape }]) => [name, device.allocate(shape)])),
    )
  }

  /** Number of steps in the mean. */
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

  /** Replaces the parameters by their means; does nothing if it saw no step. */
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
