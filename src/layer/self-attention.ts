import type { AttentionCall, Device, Dropout, Handle, Handles } from '../device/device.ts'
import { checkOptions, expectNumber, integersFrom, valueText } from '../kinds.ts'
import type { Alignment } from '../mechanism/alignment.ts'
import type { scaledDot } from '../mechanism/alignments.ts'
import { and } from '../mechanism/mask.ts'
import { none } from '../mechanism/position.ts'
import { streamOf } from '../random.ts'
import { shapeText, sizeOf, Tensor } from '../tensor.ts'
import {
  checkForwardOptions,
  type ForwardOptions,
  type ReplacedQueries,
} from './forward-options.ts'
import { Held } from './held.ts'
import { type IdleRows, idleInTable, idleRows } from './idle.ts'
import {
  drawnParameters,
  type EqualWidths,
  type LayerConfig,
  layerConfig,
  type SelfAttentionOptions,
} from './options.ts'
import { checkHost, drawParameters, type LayerHost, named, partOf } from './parameters.ts'
import { Pass, type SavedTensors } from './pass.ts'
import { PositionAdder } from './positions.ts'
import { chosenRows } from './rows.ts'
import { attend } from './steps/attend.ts'
import { affine } from './steps/dense.ts'
import { replaceQueries } from './steps/replace.ts'
import { dropIdle, pack, take, unpack } from './steps/rows.ts'
import { Tape } from './steps/tape.ts'
import { rowsShape, type Texts, textsOf } from './texts.ts'
import { wantedHandles } from './wanted.ts'

const WHERE = 'SelfAttention.forward'

/** Sizes to estimate for: N texts of T words each. */
export interface PlannedSizes {
  readonly N: number
  readonly T: number
}

/** Bytes that a layer takes on its device. */
export interface MemoryEstimate {
  readonly parameters: number
  /** Highest at once in a forward, with its input, beside the parameters. */
  readonly forward: number
  /** Highest at once in a forward and its backward, likewise. */
  readonly forwardAndBackward: number
}

const LENGTH = integersFrom(0)

/**
 * Self-attention: C = A(Q, K, V) with Q = XW_Q, K = XW_K, V = XW_V, any alignment and any
 * distribution.
 *
 * A batch (N, T, D) becomes (N, T, h·d_v). Its parameters are W_Q, W_K and W_V, D·h·(d_q + d_k +
 * d_v) numbers, and what was asked for beside them. Without positions it cannot tell one order of
 * its rows from another.
 *
 * @see Vaswani et al. 2017, §3.2
 */
export class SelfAttention<
  DQuery extends number = number,
  DKey extends number = number,
  A extends Alignment = typeof scaledDot,
> extends Held {
  readonly config: LayerConfig
  readonly host: LayerHost
  /**
   * On the device: W_Q, W_K, W_V (D, h·d), and W_O, b_Q, b_K, b_V, b_O, alignment.*,
   * distribution.*, position.* where asked for; after its prefix.
   */
  readonly parameters: Handles
  readonly #own: Handles
  readonly #positions: PositionAdder | undefined

  /**
   * @throws {RangeError} for sizes that do not fit, such as dQuery ≠ dKey under scaledDot;
   *   {TypeError} for kinds
   */
  constructor(
    options: SelfAttentionOptions<DQuery, DKey, A> & EqualWidths<DQuery, DKey, NoInfer<A>>,
    host: LayerHost,
  ) {
    super('SelfAttention')
    this.config = layerConfig(options)
    checkHost('SelfAttention', host)
    this.host = host
    const { position, dModel } = this.config
    this.#positions =
      position.on === 'embeddings' ? new PositionAdder(position, dModel, host) : undefined
    this.#own = this.hold(host.device, () => drawParameters(host, drawnParameters(this.config)))
    this.parameters = named(host, this.#own)
  }

  get device(): Device {
    return this.host.device
  }

  /** Its parameters, by their names without a prefix. */
  get own(): Handles {
    return this.host.prefix ? this.#own : this.parameters
  }

  /** Trained numbers, all together. */
  get parameterCount(): number {
    return Object.values(this.parameters).reduce((count, { shape }) => count + sizeOf(shape), 0)
  }

  /** Width of the context: h·d_v, or that of the output matrix. */
  get width(): number {
    return this.config.output ?? this.config.heads * this.config.dValue
  }

  /**
   * Contextual embeddings of X; enqueued, to be read from the pass, which holds memory until it is
   * freed.
   *
   * @param X (N, T, D), (T, D), or packed rows (R, D) with `starts`; a tensor or a handle of the
   *   layer's device
   * @throws {RangeError} for sizes, {TypeError} for kinds
   */
  forward(X: Tensor | Handle, options: ForwardOptions = {}): Pass {
    this.expectHeld('forward')
    checkForwardOptions(options)
    return Held.made(this.device, () => {
      const tape = new Tape(this.device, this.own)
      const saved = { tape, ...this.#project(tape, X, options) }
      const { call, texts } = saved
      const columns = this.config.heads * this.config.dValue
      const shape = call.queryRows ? [call.queryRows.length, columns] : rowsShape(texts, columns)
      const wanted = wantedHandles(this.device, options.want, call)
      const C = attend(tape, call, shape, wanted)
      const Y = this.own.W_O ? affine(tape, C, this.own.W_O, this.own.b_O) : C
      return new Pass(this, saved, call.queryRows ? Y : unpack(tape, texts, Y), wanted)
    })
  }

  /** Bytes for N texts of T words, found by a rehearsal: nothing is allocated. */
  estimate(sizes: PlannedSizes): MemoryEstimate {
    const where = 'SelfAttention.estimate'
    checkOptions(where, sizes, { N: LENGTH, T: LENGTH }, '{ N: 32, T: 128 }')
    const { N, T } = sizes
    for (const [name, size] of Object.entries({ N, T })) expectNumber(where, name, size, LENGTH)
    const device = this.device.rehearsal()
    const { forms: _forms, ...options } = this.config
    const layer = new SelfAttention<number, number, Alignment>(options as SelfAttentionOptions, {
      device,
      seed: 0,
      blank: true,
    })
    const parameters = device.stats().bytes
    const pass = layer.forward(device.allocate([N, T, this.config.dModel]))
    const forward = device.stats().peakBytes - parameters
    pass.backward(device.allocate([N, T, this.width]))
    return { parameters, forward, forwardAndBackward: device.stats().peakBytes - parameters }
  }

  #onDevice(name: string, X: Tensor | Handle, width: string, columns: number): Handle {
    if (typeof X !== 'object' || X === null || !Array.isArray(X.shape)) {
      throw new TypeError(
        `${WHERE}: ${name} must be a Tensor or a handle, got ${valueText(X)}; use Tensor.from for nested arrays`,
      )
    }
    if (X.dtype === 'int32' || X.dtype === 'uint8')
      throw new TypeError(
        `${WHERE}: ${name} must hold floating numbers, got ${X.dtype}; use Tensor.as('float32')`,
      )
    if (X.shape[X.shape.length - 1] !== columns) {
      throw new RangeError(
        `${WHERE}: the last axis of ${name} must be ${width} = ${columns}, got ${shapeText(X.shape)}`,
      )
    }
    return X instanceof Tensor ? this.device.upload(X) : X
  }

  /** Steps from X to queries, keys and values, and the call of attention. */
  #project(
    tape: Tape,
    given: Tensor | Handle,
    options: ForwardOptions,
  ): Omit<SavedTensors, 'tape'> {
    const { device, config } = this
    const X = tape.input(this.#onDevice('X', given, 'dModel', config.dModel))
    const { places } = options
    const texts = textsOf(WHERE, places ? [places.length, config.dModel] : X.shape, options, device)
    const crossed = options.source && this.#source(tape, options.source, options)
    const keyTexts = crossed?.texts ?? texts
    if (keyTexts.starts.length !== texts.starts.length) {
      throw new RangeError(
        `${WHERE}: X and source must be of as many texts, got ${texts.starts.length - 1} and ${keyTexts.starts.length - 1}`,
      )
    }
    // rows of a table stand at many places, and no two of these have the same position
    const table = config.position.on === 'embeddings' ? undefined : places
    const rows = table ? X : this.#positioned(tape, pack(tape, texts, take(tape, X, places)), texts)
    const mask = options.mask ? and(config.mask, options.mask) : config.mask
    const [queryStarts, keyStarts] = [texts.starts, keyTexts.starts]
    const idle = idleRows({ mask, queryStarts, keyStarts, heads: config.heads })
    const { K, V } = this.#keys(tape, crossed?.rows ?? rows, crossed ? undefined : table, idle)
    const Q = this.#queries(tape, rows, { table, queryRows: options.queryRows }, idle)
    const vectors = options.queries && tape.input(this.#vectors(options.queries))
    const call: AttentionCall = {
      Q:
        vectors && options.queries
          ? replaceQueries(tape, Q, texts, { at: options.queries.at, vectors })
          : Q,
      K,
      V,
      heads: config.heads,
      queryStarts,
      keyStarts,
      queryRows: options.queryRows,
      alignment: config.alignment,
      distribution: config.distribution,
      mask,
      position: config.position.on === 'embeddings' ? none : config.position,
      alignmentParameters: partOf('alignment', this.own),
      distributionParameters: partOf('distribution', this.own),
      positionParameters: config.position.on === 'scores' ? partOf('position', this.own) : {},
      dropout: this.#dropout(options.step),
    }
    return { X, rows, texts, source: crossed?.X, keyTexts, vectors, call }
  }

  /**
   * Q of the rows of the batch, or of the chosen ones; without `queryRows`, computed once for each
   * row of the table.
   */
  #queries(
    tape: Tape,
    rows: Handle,
    places: { readonly table: Int32Array | undefined; readonly queryRows: Int32Array | undefined },
    { queries: idle }: IdleRows,
  ): Handle {
    const { W_Q, b_Q } = this.own
    const { table, queryRows } = places
    if (!queryRows) {
      const own = dropIdle(tape, rows, idleInTable(idle, table, rows.shape[0]))
      return take(tape, affine(tape, own, W_Q, b_Q), table)
    }
    const chosen = chosenRows({ places: table, queryRows }) as Int32Array
    const at = idle ? chosen.map((row, n) => (idle[queryRows[n]] ? -1 : row)) : chosen
    return affine(tape, take(tape, rows, at), W_Q, b_Q)
  }

  /**
   * K and V of all rows, computed once for each row of the table. They stand before Q, so that
   * gradients of the rows are summed of Q first, then of K and V.
   */
  #keys(tape: Tape, rows: Handle, table: Int32Array | undefined, { keys: idle }: IdleRows) {
    const { W_K, b_K, W_V, b_V } = this.own
    const own = dropIdle(tape, rows, idleInTable(idle, table, rows.shape[0]))
    const V = take(tape, affine(tape, own, W_V, b_V), table)
    const K = take(tape, affine(tape, own, W_K, b_K), table)
    return { K, V }
  }

  /** Rows of the source, with positions. */
  #source(
    tape: Tape,
    source: Tensor | Handle,
    { sourceLengths: lengths, sourceStarts: starts }: ForwardOptions,
  ) {
    const X = tape.input(this.#onDevice('source', source, 'dModel', this.config.dModel))
    const texts = textsOf(`${WHERE} (source)`, X.shape, { lengths, starts }, this.device)
    return { X, texts, rows: this.#positioned(tape, pack(tape, texts, X), texts) }
  }

  #vectors({ vectors }: ReplacedQueries): Handle {
    const { heads, dQuery } = this.config
    return this.#onDevice('queries.vectors', vectors, 'heads · dQuery', heads * dQuery)
  }

  #dropout(step: number | undefined): Dropout | undefined {
    const { seed, prefix = '', stream = prefix } = this.host
    if (step === undefined || this.config.dropout === 0) return undefined
    return { rate: this.config.dropout, seed, stream: streamOf(`${stream}dropout`), step }
  }

  /** Y = X + P[t], where positions act on embeddings. */
  #positioned(tape: Tape, X: Handle, texts: Texts): Handle {
    return this.#positions?.add(tape, X, texts) ?? X
  }
}
