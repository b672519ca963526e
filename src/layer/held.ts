/// <reference lib="esnext.disposable" preserve="true" />
import type { Device } from '../device/device.ts'

/** Anything that can be freed. */
export interface Freeable {
  free(): void
}

/**
 * Holds memory of a device until it is freed: by `free`, or at the end of the block that declared
 * it with `using`.
 */
export abstract class Held implements Disposable {
  /** As `free`, for `using`. */
  declare readonly [Symbol.dispose]: () => void
  readonly #name: string
  readonly #parts = new Set<Freeable>()
  #holder: Held | undefined
  #freed = false

  /** @param name its name in errors */
  constructor(name: string) {
    this.#name = name
  }

  /**
   * Runs a body in a scope of the device: what it allocated and kept is freed with its result, and
   * so are the parts of that.
   */
  protected static made<Made extends Held>(
    device: Device,
    body: () => Made,
    parts: (made: Made) => readonly Held[] = () => [],
  ): Made {
    const own: Freeable[] = []
    const made = device.scope(body, (kept) => own.push(kept))
    for (const part of own) made.#parts.add(part)
    for (const part of parts(made)) made.attach(part)
    return made
  }

  /** As `made`; the result is freed with this too. */
  protected adopt<Made extends Held>(device: Device, body: () => Made): Made {
    return this.attach(Held.made(device, body))
  }

  /**
   * Runs a body in a scope of the device: what it allocated and kept is freed with this, or at once
   * if it throws.
   */
  protected hold<Kept>(device: Device, body: () => Kept): Kept {
    return device.scope(body, (kept) => this.#parts.add(kept))
  }

  /** Frees another with this. */
  protected attach<Part extends Freeable>(part: Part): Part {
    this.#parts.add(part)
    if (part instanceof Held) part.#holder = this
    return part
  }

  /** @throws {Error} if it was freed */
  protected expectHeld(method: string): void {
    if (this.#freed)
      throw new Error(
        `${this.#name}.${method}: it was freed already; call free() after the last use, or make another`,
      )
  }

  /**
   * Frees the memory that it holds; a second call, or one after its device was closed, does
   * nothing.
   */
  free(): void {
    this.#freed = true
    if (this.#holder) this.#holder.#parts.delete(this)
    for (const part of this.#parts) part.free()
    this.#parts.clear()
  }
}

if (Symbol.dispose) {
  const dispose = function (this: Held): void {
    this.free()
  }
  Object.defineProperty(Held.prototype, Symbol.dispose, {
    value: dispose,
    configurable: true,
    writable: true,
  })
}
