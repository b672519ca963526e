import type { Handles } from '../device/device.ts'
import { OBJECT } from '../kinds.ts'
import type { Tensor } from '../tensor.ts'
import { builtOf, checkTensors } from './given.ts'
import { Held } from './held.ts'
import { checkHost, type LayerHost } from './parameters.ts'
import { countOf } from './sublayer.ts'

/** Anything with parameters on a device: they are drawn or given, saved and loaded. */
export abstract class Layer extends Held {
  /** Without the given parameters. */
  readonly host: LayerHost
  /** By their full names: the host's prefix, then their own. */
  abstract readonly parameters: Handles
  readonly #name: string
  #given: LayerHost['parameters']

  /** @throws {TypeError} unless the host has a device, {RangeError} for an invalid seed */
  constructor(name: string, host: LayerHost) {
    checkHost(name, host)
    super(name)
    this.#name = name
    const { parameters, ...own } = host
    this.host = own
    this.#given = parameters
  }

  /** Draws parameters and builds parts: all is freed with this, or at once on failure. */
  protected build<Built>(body: () => Built): Built {
    const given = this.#given
    this.#given = undefined
    return this.hold(this.host.device, () => builtOf(this.#name, given, body))
  }

  /** Number of trained numbers. */
  get parameterCount(): number {
    return countOf(this.parameters)
  }

  /**
   * The current numbers of every parameter, by its full name, as the device holds them.
   *
   * Use `encodeTensors` for a safetensors file or `JSON.stringify` for a text; a host's
   * `parameters` or `load` takes them back.
   */
  async save(): Promise<Record<string, Tensor>> {
    this.expectHeld('save')
    const read = Object.entries(this.parameters).map(
      async ([name, handle]) => [name, await this.host.device.read(handle)] as const,
    )
    return Object.fromEntries(await Promise.all(read))
  }

  /**
   * Overwrites every parameter, for all layers that share it, or none if one does not fit.
   *
   * @param tensors by full names, float32 or float64; rounded to the device's type
   * @throws {RangeError} for tensors that are missing, left over, of another shape or not finite,
   *   {TypeError} for anything but tensors of floating numbers, naming them
   */
  load(tensors: Readonly<Record<string, Tensor>>): void {
    const { device } = this.host
    this.expectHeld('load')
    OBJECT(`${this.#name}.load`, 'tensors', tensors)
    checkTensors(`${this.#name}.load`, tensors, this.parameters)
    const entries = Object.entries(this.parameters)
    // throws before anything is written if one of them was freed by another owner
    device.scope(() => device.squaredNorm(Object.values(this.parameters), device.allocate([1])))
    for (const [name, handle] of entries) device.write(handle, tensors[name])
  }
}
