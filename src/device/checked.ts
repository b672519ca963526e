import { expectTensor, type Numbers, type Tensor } from '../tensor.ts'
import {
  attentionSizes,
  checkActivation,
  checkAdamW,
  checkAttentionGradients,
  checkAttentionResult,
  checkClip,
  checkDropout,
  checkLoss,
  checkPlaces,
  checkSegments,
  checkSgd,
  expectApart,
  expectShape,
  lossOutputs,
  matrixShape,
  normalizedColumns,
  productSizes,
  touchedColumns,
} from './checks.ts'
import type {
  ActivationName,
  AdamW,
  AttentionCall,
  AttentionGradients,
  AttentionResult,
  Device,
  DeviceStats,
  Dropout,
  Handle,
  ProductOptions,
  Segments,
  Sgd,
} from './device.ts'
import { isPlaces, Memory, nowhere } from './memory.ts'
import type { CheckedParts, Operations } from './operations.ts'

/**
 * The contract for a device whose numbers lie in this process: checks, handles and the account of
 * bytes; what computes is given.
 *
 * Operations run when they are enqueued.
 */
export class CheckedDevice implements Device {
  readonly name: string
  readonly arithmetic: Device['arithmetic']
  readonly dtype: 'float32' | 'float64'
  protected readonly memory: Memory
  readonly #parts: CheckedParts
  readonly #compute: Operations
  #operations = 0

  constructor(parts: CheckedParts) {
    this.name = parts.name
    this.arithmetic = parts.arithmetic
    this.dtype = parts.dtype
    this.#parts = parts
    this.#compute = parts.operations
    this.memory = new Memory(parts.store, parts.dtype, parts.memoryLimit)
  }

  get threads(): number {
    return this.#parts.threads
  }

  get why(): readonly string[] {
    return this.#parts.why
  }

  allocate(shape: readonly number[], kind: 'float' | 'int32' = 'float'): Handle {
    return this.memory.allocate(shape, kind)
  }

  upload(tensor: Tensor): Handle {
    expectTensor('device.upload', 'what is uploaded', tensor)
    const handle = this.memory.allocate(tensor.shape, isPlaces(tensor) ? 'int32' : 'float')
    this.write(handle, tensor)
    return handle
  }

  write(into: Handle, tensor: Tensor): void {
    if (!this.#parts.rehearsing) this.memory.write(into, tensor)
  }

  async read(handle: Handle): Promise<Tensor> {
    if (this.#parts.rehearsing)
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
      operations: this.#compute,
      store: nowhere,
    }
    return new CheckedDevice({ ...parts, memoryLimit: Number.POSITIVE_INFINITY, rehearsing: true })
  }

  async close(): Promise<void> {
    this.memory.close()
  }

  /**
   * Counts an operation and runs it on the numbers of its handles, of which it writes every number
   * of the last `written`.
   */
  #enqueue(handles: readonly Handle[], operate: (arrays: Numbers[]) => void, written = 0): void {
    this.#operations++
    const inputs = handles.length - written
    const arrays = handles.map((handle, n) =>
      n < inputs ? this.memory.numbersOf(handle) : this.memory.outputOf(handle),
    )
    if (!this.#parts.rehearsing)
      this.memory.undisturbed(() => operate(arrays), handles.slice(inputs))
  }

  product(A: Handle, B: Handle, C: Handle, options: ProductOptions = {}): void {
    const { m, n, k } = productSizes(A, B, C, options)
    this.#enqueue(
      [A, B, C],
      ([a, b, c]) => this.#compute.product(a, b, c, m, n, k, options),
      options.accumulate ? 0 : 1,
    )
  }

  combine(a: number, A: Handle, b: number, B: Handle, C: Handle): void {
    expectShape('combine', 'B', B, A.shape)
    expectShape('combine', 'C', C, A.shape)
    this.#enqueue([A, B, C], ([x, y, z]) => this.#compute.combine(a, x, b, y, z), 1)
  }

  addBias(X: Handle, b: Handle, Y: Handle): void {
    expectShape('addBias', 'b', b, [matrixShape('addBias', 'X', X)[1]])
    expectShape('addBias', 'Y', Y, X.shape)
    this.#enqueue([X, b, Y], ([x, bias, y]) => this.#compute.addBias(x, bias, y), 1)
  }

  addBiasBackward(dY: Handle, db: Handle): void {
    expectShape('addBiasBackward', 'db', db, [matrixShape('addBiasBackward', 'dY', dY)[1]])
    this.#enqueue([dY, db], ([dy, gradient]) => this.#compute.addBiasBackward(dy, gradient), 1)
  }

  normalize(X: Handle, gain: Handle, bias: Handle, epsilon: number, Y: Handle): void {
    const columns = normalizedColumns('normalize', X, epsilon)
    for (const [name, handle] of Object.entries({ gain, bias }))
      expectShape('normalize', name, handle, [columns])
    expectApart('normalize', { X }, { Y })
    expectShape('normalize', 'Y', Y, X.shape)
    this.#enqueue(
      [X, gain, bias, Y],
      ([x, g, b, y]) => this.#compute.normalize(x, g, b, epsilon, y),
      1,
    )
  }

  normalizeBackward(
    dY: Handle,
    X: Handle,
    gain: Handle,
    epsilon: number,
    dX: Handle,
    dGain: Handle,
    dBias: Handle,
  ): void {
    const columns = normalizedColumns('normalizeBackward', X, epsilon)
    expectShape('normalizeBackward', 'dY', dY, X.shape)
    expectApart('normalizeBackward', { dY, X }, { dX })
    expectShape('normalizeBackward', 'dX', dX, X.shape)
    for (const [name, handle] of Object.entries({ gain, dGain, dBias }))
      expectShape('normalizeBackward', name, handle, [columns])
    this.#enqueue(
      [dY, X, gain, dX, dGain, dBias],
      ([dy, x, g, dx, dg, db]) => this.#compute.normalizeBackward(dy, x, g, epsilon, dx, dg, db),
      3,
    )
  }

  activate(name: ActivationName, X: Handle, Y: Handle): void {
    checkActivation('activate', name)
    expectShape('activate', 'Y', Y, X.shape)
    this.#enqueue([X, Y], ([x, y]) => this.#compute.activate(name, x, y), 1)
  }

  activateBackward(name: ActivationName, dY: Handle, X: Handle, dX: Handle): void {
    checkActivation('activateBackward', name)
    expectShape('activateBackward', 'dY', dY, X.shape)
    expectShape('activateBackward', 'dX', dX, X.shape)
    this.#enqueue([dY, X, dX], ([dy, x, dx]) => this.#compute.activateBackward(name, dy, x, dx), 1)
  }

  dropout(X: Handle, dropout: Dropout, Y: Handle): void {
    checkDropout('dropout', dropout)
    expectShape('dropout', 'Y', Y, X.shape)
    this.#enqueue([X, Y], ([x, y]) => this.#compute.dropout(x, dropout, y), 1)
  }

  gather(
    table: Handle,
    places: Handle,
    Y: Handle,
    options: { readonly accumulate?: boolean } = {},
  ): void {
    const [rows, columns] = matrixShape('gather', 'table', table)
    expectShape('gather', 'places', places, [places.shape[0]], 'int32')
    expectApart('gather', { table }, { Y })
    expectShape('gather', 'Y', Y, [places.shape[0], columns])
    this.#enqueue(
      [table, places, Y],
      ([t, p, y]) => {
        checkPlaces('gather', 'places', p, -1, rows)
        this.#compute.gather(t, p, columns, y, options.accumulate ?? false)
      },
      options.accumulate ? 0 : 1,
    )
  }

  sumRows(
    X: Handle,
    segments: Segments,
    Y: Handle,
    options: { readonly accumulate?: boolean } = {},
  ): void {
    checkSegments(X, segments, Y)
    const { starts, occurrences, factors } = segments
    this.#enqueue(
      [X, starts, occurrences, ...(factors ? [factors] : []), Y],
      ([x, from, rowsOf, ...rest]) => {
        const [y, by] = [...rest].reverse()
        const [rows, columns] = matrixShape('sumRows', 'X', X)
        checkPlaces('sumRows', 'occurrences', rowsOf, 0, rows)
        checkPlaces('sumRows', 'starts', from, 0, rowsOf.length + 1)
        this.#compute.sumRows(x, from, rowsOf, by, columns, y, options.accumulate ?? false)
      },
      options.accumulate ? 0 : 1,
    )
  }

  attention(call: AttentionCall, result: AttentionResult): void {
    const sizes = attentionSizes(call)
    checkAttentionResult(call, sizes, result)
    if (call.dropout) checkDropout('attention', call.dropout)
    this.memory.scratch(this.#compute.attentionScratch(call, sizes), 'the scratch of attention')
    this.#enqueue(
      [call.Q, call.K, call.V, result.context],
      () => this.#compute.attention(call, sizes, result, this.memory.numbersOf),
      1,
    )
  }

  attentionBackward(call: AttentionCall, dContext: Handle, gradients: AttentionGradients): void {
    const sizes = attentionSizes(call)
    checkAttentionGradients(call, sizes, dContext, gradients)
    this.memory.scratch(
      this.#compute.attentionBackwardScratch(call, sizes),
      'the scratch of attention',
    )
    const handles = [call.Q, call.K, call.V, dContext, gradients.dQ, gradients.dK, gradients.dV]
    this.#enqueue(
      handles,
      () =>
        this.#compute.attentionBackward(call, sizes, dContext, gradients, this.memory.numbersOf),
      3,
    )
  }

  crossEntropy(C: Handle, E: Handle, offsets: Handle, targets: Handle, losses: Handle): void {
    const sizes = checkLoss('crossEntropy', C, E, offsets, targets)
    expectShape('crossEntropy', 'losses', losses, targets.shape)
    this.memory.scratch(this.#compute.crossEntropyScratch(...sizes), 'the scratch of crossEntropy')
    this.#enqueue(
      [C, E, offsets, targets, losses],
      ([c, e, o, t, l]) => {
        checkPlaces('crossEntropy', 'targets', t, 0, E.shape[0])
        this.#compute.crossEntropy(c, e, o, t, l)
      },
      1,
    )
  }

  crossEntropyBackward(
    factor: number,
    C: Handle,
    E: Handle,
    offsets: Handle,
    targets: Handle,
    dC: Handle,
    dE: Handle,
    dOffsets: Handle | undefined,
    losses?: Handle,
  ): void {
    const sizes = checkLoss('crossEntropyBackward', C, E, offsets, targets)
    const outputs = lossOutputs({ C, E, offsets, targets }, { dC, dE, dOffsets, losses })
    this.memory.scratch(
      this.#compute.crossEntropyBackwardScratch(...sizes),
      'the scratch of crossEntropyBackward',
    )
    this.#enqueue(
      [C, E, offsets, targets, ...outputs],
      ([c, e, o, t, dc, de, ...rest]) => {
        checkPlaces('crossEntropyBackward', 'targets', t, 0, E.shape[0])
        const into = {
          dC: dc,
          dE: de,
          dOffsets: dOffsets && rest[0],
          losses: losses && rest[rest.length - 1],
        }
        this.#compute.crossEntropyBackward(factor, c, e, o, t, into)
      },
      outputs.length,
    )
  }

  squaredNorm(handles: readonly Handle[], out: Handle): void {
    expectShape('squaredNorm', 'out', out, [1])
    this.#enqueue([out, ...handles], ([sum, ...arrays]) => {
      sum[0] = this.#compute.squaredNorm(arrays)
    })
  }

  clip(handles: readonly Handle[], squaredNorm: Handle, largest: number): void {
    checkClip(squaredNorm, largest)
    this.#enqueue([squaredNorm, ...handles], ([squares, ...arrays]) =>
      this.#compute.clip(arrays, squares[0], largest),
    )
  }

  adamW(
    parameter: Handle,
    gradient: Handle,
    moments: readonly [Handle, Handle],
    settings: AdamW,
    rows?: Handle,
  ): void {
    checkAdamW(settings, parameter, moments)
    const columns = touchedColumns('adamW', parameter, gradient, rows)
    this.#enqueue(
      [parameter, gradient, ...moments, ...(rows ? [rows] : [])],
      ([p, g, first, second, places]) => {
        if (places) checkPlaces('adamW', 'rows', places, 0, parameter.shape[0])
        this.#compute.adamW(p, g, [first, second], settings, places && { rows: places, columns })
      },
    )
  }

  sgd(
    parameter: Handle,
    gradient: Handle,
    velocity: Handle | undefined,
    settings: Sgd,
    rows?: Handle,
  ): void {
    checkSgd(settings, parameter, velocity)
    const columns = touchedColumns('sgd', parameter, gradient, rows)
    const handles = [parameter, gradient, ...(velocity ? [velocity] : []), ...(rows ? [rows] : [])]
    this.#enqueue(handles, ([p, g, ...rest]) => {
      const [v, places] = velocity ? rest : [undefined, ...rest]
      if (places) checkPlaces('sgd', 'rows', places, 0, parameter.shape[0])
      this.#compute.sgd(p, g, v, settings, places && { rows: places, columns })
    })
  }
}
