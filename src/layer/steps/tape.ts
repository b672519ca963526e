import type { Device, Handle, Handles } from '../../device/device.ts'
import { rowsAt } from '../rows.ts'

/**
 * Runs once the gradient of its step's output is known, and adds to the gradients of the inputs.
 */
export type StepBackward = (gradients: Gradients) => void

/**
 * The steps of one forward.
 *
 * A step is a function that computes its output and pushes its own backward here; `backward` runs
 * them in reverse.
 */
export class Tape {
  /** Saved tensors, for the backwards. A pass holds them until it is freed. */
  readonly saved: unknown[] = []
  // private fields are not searched for saved tensors by scopes of the device
  readonly #device: Device
  readonly #parameters: Handles
  readonly #backwards: StepBackward[] = []
  readonly #inputs: Handle[] = []
  readonly #same = new Map<Handle, Handle>()
  readonly #constants = new Set<Handle>()

  constructor(device: Device, parameters: Handles) {
    this.#device = device
    this.#parameters = parameters
  }

  get device(): Device {
    return this.#device
  }

  /** By their names without a prefix. */
  get parameters(): Handles {
    return this.#parameters
  }

  /** The input of the steps, as a handle with a gradient of its own: a copy if X is taken twice. */
  input(X: Handle): Handle {
    const rows = X.shape.slice(0, -1).reduce((a, b) => a * b, 1)
    const own = this.#inputs.includes(X)
      ? rowsAt(
          this.device,
          X,
          Int32Array.from({ length: rows }, (_, r) => r),
          X.shape,
        )
      : X
    this.#inputs.push(own)
    return own
  }

  /** Adds a step. @param saved the handles that its backward reads */
  push(saved: readonly unknown[], backward: StepBackward): void {
    for (const one of saved) this.saved.push(one)
    this.#backwards.push(backward)
  }

  /** X is given, and nobody asks for its gradient. */
  constant(X: Handle): void {
    this.#constants.add(X)
  }

  isConstant(X: Handle): boolean {
    return this.#constants.has(X)
  }

  /** Y stands in for X: dX = dY. */
  same(Y: Handle, X: Handle): void {
    this.#same.set(Y, this.keyOf(X))
  }

  /** The handle that the gradient of X is found by. */
  keyOf(X: Handle): Handle {
    return this.#same.get(X) ?? X
  }

  /** Gradients of all inputs of the steps, given that of their output. */
  backward(Y: Handle, dY: Handle): Gradients {
    const gradients = new Gradients(this)
    gradients.add(Y, dY)
    for (let n = this.#backwards.length - 1; n >= 0; n--) this.#backwards[n](gradients)
    return gradients
  }
}

/** Gradients of one backward, by their handles. */
export class Gradients {
  /** Gradients of the parameters of inner layers, by their full names. */
  readonly inner: Record<string, Handle> = {}
  readonly #tape: Tape
  readonly #of = new Map<Handle, Handle>()

  constructor(tape: Tape) {
    this.#tape = tape
  }

  /** dX; zeros where no step reads X. */
  of(X: Handle): Handle {
    return this.#of.get(this.#tape.keyOf(X)) ?? this.allocate(X)
  }

  /** dX for a step that overwrites it and comes before any other. */
  allocate(X: Handle): Handle {
    const dX = this.#tape.device.allocate(X.shape)
    this.#of.set(this.#tape.keyOf(X), dX)
    return dX
  }

  /** As `allocate`, for several by their names. */
  allocateAll(handles: Handles): Handles {
    const gradients: Record<string, Handle> = {}
    for (const name in handles) gradients[name] = this.allocate(handles[name])
    return gradients
  }

  /** dX = d, or += d. */
  add(X: Handle, d: Handle): void {
    const dX = this.#of.get(this.#tape.keyOf(X))
    if (dX) this.#tape.device.combine(1, dX, 1, d, dX)
    else this.#of.set(this.#tape.keyOf(X), d)
  }

  /** dX += the result of a step that can accumulate. */
  accumulate(X: Handle, write: (dX: Handle, accumulate: boolean) => void): void {
    if (this.#tape.isConstant(X)) return
    const dX = this.#of.get(this.#tape.keyOf(X))
    write(dX ?? this.allocate(X), dX !== undefined)
  }

  /** dX += the result of a step that cannot. */
  addTemporary(X: Handle, write: (dX: Handle) => void): void {
    const isFirst = !this.#of.has(this.#tape.keyOf(X))
    const d = isFirst ? this.allocate(X) : this.#tape.device.allocate(X.shape)
    write(d)
    if (!isFirst) this.add(X, d)
  }

  /** Of every parameter of the steps, by its name without a prefix. */
  get parameters(): Handles {
    const { parameters } = this.#tape
    const gradients: Record<string, Handle> = {}
    for (const name in parameters) gradients[name] = this.of(parameters[name])
    return gradients
  }
}
