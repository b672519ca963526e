import { expectTensor, type Numbers, type Tensor } from '../tensor.ts'
import type { AttentionCall, AttentionGradients, AttentionResult, Handle } from './calls.ts'
import {
  attentionSizes,
  checkAttentionGradients,
  checkAttentionResult,
  checkDropout,
} from './checks.ts'
import type { Arithmetic, Device, DeviceStats } from './device.ts'
import { isIndices, Memory, type MemoryStore, nowhere } from './memory.ts'
import type { Operation } from './operation.ts'
import {
  type OperationMethods,
  type OperationName,
  type Operations,
  operations,
} from './operations.ts'
import { expectDistinct, expectIntegers, type Operand, sizesOf } from './signature.ts'

/** The parts of a device in this process. */
export interface CheckedParts {
  readonly name: string
  readonly arithmetic: Arithmetic
  readonly dtype: 'float32' | 'float64'
  /** Current, as is `why`: helpers may end. */
  readonly threads: number
  readonly why: readonly string[]
  readonly operations: Operations<Numbers>
  readonly store: MemoryStore
  /** Bytes that all handles together may take. */
  readonly memoryLimit: number
  /** Whether to check and account for everything, and compute nothing. */
  readonly rehearsing?: boolean
}

/** Any row of the table. */
type AnyOperation = Operation<
  readonly unknown[],
  readonly Operand[],
  { readonly accumulate?: boolean }
>
type AnyCompute = (operands: readonly unknown[], settings: object, sizes: readonly number[]) => void

const NAMES = Object.keys(operations) as OperationName[]

class TableDevice {
  readonly name: string
  readonly arithmetic: Arithmetic
  readonly dtype: 'float32' | 'float64'
  protected readonly memory: Memory
  readonly #parts: CheckedParts
  /** The functions that compute and that count scratch, in the order of the table. */
  readonly #computes: readonly AnyCompute[]
  readonly #scratches: readonly (((sizes: readonly number[]) => number) | undefined)[]
  #operations = 0

  static {
    for (const [n, name] of NAMES.entries()) {
      const row = operations[name] as unknown as AnyOperation
      const value = function (this: TableDevice, ...given: readonly unknown[]): void {
        this.#enqueue(n, row, row.call(...given))
      }
      Object.defineProperty(TableDevice.prototype, name, { value })
    }
  }

  constructor(parts: CheckedParts) {
    this.name = parts.name
    this.arithmetic = parts.arithmetic
    this.dtype = parts.dtype
    this.#parts = parts
    this.#computes = NAMES.map((name) => parts.operations[name] as AnyCompute)
    this.#scratches = NAMES.map((name) => parts.operations.scratch[name])
    this.memory = new Memory(parts.store, parts.dtype, parts.memoryLimit)
  }

  get threads(): number {
    return this.#parts.threads
  }

  get why(): readonly string[] {
    return this.#parts.why
  }

  get rehearsing(): boolean {
    return this.#parts.rehearsing ?? false
  }

  allocate(shape: readonly number[], kind: 'float' | 'int32' = 'float'): Handle {
    return this.memory.allocate(shape, kind)
  }

  upload(tensor: Tensor): Handle {
    expectTensor('device.upload', 'what is uploaded', tensor)
    const handle = this.memory.allocate(tensor.shape, isIndices(tensor) ? 'int32' : 'float')
    this.write(handle, tensor)
    return handle
  }

  write(into: Handle, tensor: Tensor): void {
    if (!this.rehearsing) this.memory.write(into, tensor)
  }

  async read(handle: Handle): Promise<Tensor> {
    if (this.rehearsing)
      throw new Error('device.read: a rehearsal computes nothing; read from the device itself')
    return this.memory.read(handle)
  }

  free(handle: Handle): void {
    this.memory.free(handle)
  }

  readonly scope: Device['scope'] = (body, owns) => this.memory.scope(body, owns)

  stats(): DeviceStats {
    return this.memory.stats(this.#operations)
  }

  rehearsal(): Device {
    const { name, arithmetic, dtype, threads, why } = this
    const parts = {
      name,
      arithmetic,
      dtype,
      threads,
      why,
      operations: this.#parts.operations,
      store: nowhere,
    }
    return new CheckedDevice({ ...parts, memoryLimit: Number.POSITIVE_INFINITY, rehearsing: true })
  }

  async close(): Promise<void> {
    this.memory.close()
  }

  /**
   * An operation of the table: checked, accounted for, counted and run on the numbers of its
   * handles.
   */
  #enqueue(n: number, row: AnyOperation, called: ReturnType<AnyOperation['call']>): void {
    const name = NAMES[n]
    const operands = called[0]
    const settings = called[1]
    row.check(name, settings, operands)
    const signature = row.signatures[row.signatureIndex(settings, operands)]
    const sizes = sizesOf(name, signature, operands, row.axes.length)
    if (!row.inPlace) expectDistinct(name, signature, operands)
    const scratch = this.#scratches[n]
    if (scratch) this.memory.scratch(scratch(sizes), `the scratch of ${name}`)
    this.#operations++
    const whole = settings.accumulate !== true
    const written: Handle[] = []
    const held: unknown[] = []
    for (const shape of signature.operands) {
      const given = operands[shape.index]
      if (whole && shape.role === 'written' && given) written.push(given as Handle)
      held.push(given && this.#held(given, whole && shape.role === 'written'))
    }
    if (this.rehearsing) return
    this.memory.undisturbed(() => {
      for (const integers of signature.integers) expectIntegers(name, integers, held, sizes)
      this.#computes[n](held, settings, sizes)
    }, written)
  }

  /**
   * The numbers of an operand; if all of them are written, what they hold before does not matter.
   */
  #held(given: Handle | readonly Handle[], whole: boolean): Numbers | readonly Numbers[] {
    if (Array.isArray(given)) return given.map(this.memory.numbersOf)
    return whole ? this.memory.outputOf(given as Handle) : this.memory.numbersOf(given as Handle)
  }

  attention(call: AttentionCall, result: AttentionResult): void {
    const sizes = attentionSizes(call)
    checkAttentionResult(call, sizes, result)
    if (call.dropout) checkDropout('attention', call.dropout)
    const prepared = this.#parts.operations.prepare(call, sizes)
    this.#attend(prepared.bytes(false), call, [], [result.context], () =>
      prepared.run(result, this.memory.numbersOf),
    )
  }

  attentionBackward(call: AttentionCall, dContext: Handle, gradients: AttentionGradients): void {
    const sizes = attentionSizes(call)
    checkAttentionGradients(call, sizes, dContext, gradients)
    const prepared = this.#parts.operations.prepare(call, sizes)
    const { dQ, dK, dV } = gradients
    this.#attend(prepared.bytes(true), call, [dContext], [dQ, dK, dV], () =>
      prepared.backward(dContext, gradients, this.memory.numbersOf),
    )
  }

  #attend(
    bytes: number,
    { Q, K, V }: AttentionCall,
    read: readonly Handle[],
    written: readonly Handle[],
    compute: () => void,
  ): void {
    this.memory.scratch(bytes, 'the scratch of attention')
    this.#operations++
    for (const handle of [Q, K, V, ...read]) this.memory.numbersOf(handle)
    for (const handle of written) this.memory.outputOf(handle)
    if (!this.rehearsing) this.memory.undisturbed(compute, written)
  }
}

/**
 * The contract for a device whose numbers lie in this process: checks, handles and the account of
 * bytes; the functions that compute are given.
 *
 * Operations run when they are enqueued. Their methods are generated from the table.
 */
export const CheckedDevice = TableDevice as unknown as new (
  parts: CheckedParts,
) => TableDevice & OperationMethods
