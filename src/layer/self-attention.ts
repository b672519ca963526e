import type { AttentionCall, Device, Dropout, Handle, Handles } from '../device/device.ts'
import { checkOptions, expectNumber, integersFrom, isIntegers, valueText } from '../kinds.ts'
import type { Alignment } from '../mechanism/alignment.ts'
import type { scaledDot } from '../mechanism/alignments.ts'
import { and } from '../mechanism/mask.ts'
import { matrix } from '../mechanism/matrix.ts'
import { none, sinusoidal } from '../mechanism/position.ts'
import { streamOf } from '../random.ts'
import { shapeText, sizeOf, Tensor } from '../tensor.ts'
import {
  checkForwardOptions,
  type ForwardOptions,
  type ReplacedQueries,
} from './forward-options.ts'
import { Held } from './held.ts'
import { type IdleRows, idleInTable, idleRows, withoutIdle } from './idle.ts'
import {
  drawnParameters,
  type EqualWidths,
  type LayerConfig,
  layerConfig,
  type SelfAttentionOptions,
} from './options.ts'
import { checkHost, drawParameters, type LayerHost, named, partOf } from './parameters.ts'
import { Pass } from './pass.ts'
import { chosenRows, rowsAt } from './rows.ts'
import type { SavedTensors } from './saved.ts'
import {
  longestOf,
  packRows,
  placesInText,
  rowsShape,
  type Texts,
  textsOf,
  unpackRows,
} from './texts.ts'
import { wantedHandles } from './wanted.ts'

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
  #table = matrix(0, 0)

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
      const saved = this.#project(this.#onDevice('X', X, 'dModel', this.config.dModel), options)
      const { call, texts } = saved
      const columns = this.config.heads * this.config.dValue
      const attended = this.device.allocate(
        call.queryRows ? [call.queryRows.length, columns] : rowsShape(texts, columns),
      )
      const wanted = wantedHandles(this.device, options.want, call)
      this.device.attention(call, { context: attended, ...wanted })
      const Y = this.#output(attended)
      const context = call.queryRows ? Y : unpackRows(this.device, texts, Y)
      return new Pass(this, { ...saved, attended }, context, wanted)
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
        `SelfAttention.forward: ${name} must be a Tensor or a handle, got ${valueText(X)}; use Tensor.from for nested arrays`,
      )
    }
    if (X.dtype === 'int32' || X.dtype === 'uint8')
      throw new TypeError(
        `SelfAttention.forward: ${name} must hold floating numbers, got ${X.dtype}; use Tensor.as('float32')`,
      )
    if (X.shape[X.shape.length - 1] !== columns) {
      throw new RangeError(
        `SelfAttention.forward: the last axis of ${name} must be ${width} = ${columns}, got ${shapeText(X.shape)}`,
      )
    }
    return X instanceof Tensor ? this.device.upload(X) : X
  }

  /** Rows with their positions, and their queries, keys and values. */
  #project(X: Handle, options: ForwardOptions): Omit<SavedTensors, 'attended'> {
    const { device, config } = this
    const { places, queryRows } = options
    const batch = places ? [places.length, config.dModel] : X.shape
    const texts = textsOf('SelfAttention.forward', batch, options, device)
    // rows of a table stand at many places, and no two of these have the same position
    const table = config.position.on === 'embeddings' ? undefined : places
    const rows = table
      ? X
      : this.#positioned(packRows(device, texts, rowsAt(device, X, places)), texts)
    const crossed = options.source && this.#source(options.source, options)
    const keyTexts = crossed?.texts ?? texts
    if (keyTexts.starts.length !== texts.starts.length) {
      throw new RangeError(
        `SelfAttention.forward: X and source must be of as many texts, got ${texts.starts.length - 1} and ${keyTexts.starts.length - 1}`,
      )
    }
    const mask = options.mask ? and(config.mask, options.mask) : config.mask
    const idle = idleRows({
      mask,
      queryStarts: texts.starts,
      keyStarts: keyTexts.starts,
      heads: config.heads,
    })
    const query = this.#queries(rows, table, queryRows, idle)
    const keyAt = crossed ? undefined : table
    const keys = this.#keys(crossed?.rows ?? rows, keyAt, idle)
    const keysOf = (letter: 'K' | 'V', width: number) =>
      rowsAt(device, this.#affine(keys, letter, width), keyAt)
    const replaced = options.queries && this.#replaceQueries(query.Q, texts, options.queries)
    const call: AttentionCall = {
      Q: replaced?.Q ?? query.Q,
      K: keysOf('K', config.dKey),
      V: keysOf('V', config.dValue),
      heads: config.heads,
      queryStarts: texts.starts,
      keyStarts: keyTexts.starts,
      queryRows,
      alignment: config.alignment,
      distribution: config.distribution,
      mask,
      position: config.position.on === 'embeddings' ? none : config.position,
      alignmentParameters: partOf('alignment', this.own),
      distributionParameters: partOf('distribution', this.own),
      positionParameters: config.position.on === 'scores' ? partOf('position', this.own) : {},
      dropout: this.#dropout(options.step),
    }
    return {
      X,
      texts,
      places,
      rows,
      query,
      keys,
      table,
      call,
      ...(crossed ? { source: crossed } : {}),
      ...(replaced ? { replaced } : {}),
    }
  }

  /**
   * Q of the rows of the batch, or of the chosen ones; without `queryRows`, once for each row of
   * the table.
   */
  #queries(
    rows: Handle,
    table: Int32Array | undefined,
    queryRows: Int32Array | undefined,
    { queries: idle }: IdleRows,
  ): SavedTensors['query'] & { readonly Q: Handle } {
    const { device, config } = this
    if (!queryRows) {
      const own = withoutIdle(device, rows, idleInTable(idle, table, rows.shape[0]))
      return {
        rows: own,
        at: undefined,
        Q: rowsAt(device, this.#affine(own, 'Q', config.dQuery), table),
      }
    }
    const chosen = chosenRows({ places: table, queryRows }) as Int32Array
    const at = idle ? chosen.map((row, n) => (idle[queryRows[n]] ? -1 : row)) : chosen
    const own = rowsAt(device, rows, at)
    return { rows: own, at, Q: this.#affine(own, 'Q', config.dQuery) }
  }

  /** Rows that keys and values are computed of. */
  #keys(rows: Handle, table: Int32Array | undefined, { keys: idle }: IdleRows): Handle {
    return withoutIdle(this.device, rows, idleInTable(idle, table, rows.shape[0]))
  }

  #source(
    source: Tensor | Handle,
    { sourceLengths: lengths, sourceStarts: starts }: ForwardOptions,
  ) {
    const X = this.#onDevice('source', source, 'dModel', this.config.dModel)
    const texts = textsOf(
      'SelfAttention.forward (source)',
      X.shape,
      { lengths, starts },
      this.device,
    )
    return { X, texts, rows: this.#positioned(packRows(this.device, texts, X), texts) }
  }

  #dropout(step: number | undefined): Dropout | undefined {
    const { seed, prefix = '', stream = prefix } = this.host
    if (step === undefined || this.config.dropout === 0) return undefined
    return { rate: this.config.dropout, seed, stream: streamOf(`${stream}dropout`), step }
  }

  /** Y = X + P[t], where positions act on embeddings. */
  #positioned(X: Handle, texts: Texts): Handle {
    const { device, config } = this
    if (config.position.on !== 'embeddings') return X
    const longest = longestOf(texts.starts)
    if ('longest' in config.position && longest > config.position.longest) {
      throw new RangeError(
        `SelfAttention.forward: ${config.position.name} has positions for ${config.position.longest} words, got a text of ${longest}; use a longer table, or relative or rotary positions`,
      )
    }
    const rows = device.allocate(X.shape)
    const places = placesInText(texts)
    device.gather(
      this.own['position.P'] ?? this.#sinusoids(longest),
      device.upload(new Tensor([places.length], places)),
      rows,
    )
    const Y = device.allocate(X.shape)
    device.combine(1, X, 1, rows, Y)
    return Y
  }

  /** The rows of sinusoidal positions, computed once for the longest text so far. */
  #sinusoids(longest: number): Handle {
    const shape = [longest, this.config.dModel]
    if (this.host.blank) return this.device.allocate(shape)
    if (this.#table.rows < longest) this.#table = sinusoidal.table(longest, this.config.dModel)
    return this.device.upload(new Tensor(shape, this.#table.data.subarray(0, sizeOf(shape))))
  }

  /** XW, plus b where there are biases. */
  #affine(X: Handle, letter: 'Q' | 'K' | 'V', width: number): Handle {
    const Y = this.device.allocate([...X.shape.slice(0, -1), this.config.heads * width])
    this.device.product(X, this.own[`W_${letter}`], Y)
    const b = this.own[`b_${letter}`]
    if (b) this.device.addBias(Y, b, Y)
    return Y
  }

  #output(attended: Handle): Handle {
    const { W_O, b_O } = this.own
    if (!W_O) return attended
    const Y = this.device.allocate([...attended.shape.slice(0, -1), this.width])
    this.device.product(attended, W_O, Y)
    if (b_O) this.device.addBias(Y, b_O, Y)
    return Y
  }

  /** Q with some rows replaced; `own` are the rows that kept theirs, −1 elsewhere. */
  #replaceQueries(
    Q: Handle,
    texts: Texts,
    { at, vectors }: ReplacedQueries,
  ): NonNullable<SavedTensors['replaced']> {
    const { device } = this
    if (!isIntegers(at))
      throw new TypeError(
        `SelfAttention.forward: queries.at must be an array such as [3], got ${valueText(at)}`,
      )
    const given = this.#onDevice(
      'queries.vectors',
      vectors,
      'heads · dQuery',
      Q.shape[Q.shape.length - 1],
    )
    const packed = texts.padding ? texts.padding.places : undefined
    const rows = sizeOf(Q.shape.slice(0, -1))
    const own = Int32Array.from({ length: rows }, (_, r) => r)
    const other = new Int32Array(rows).fill(-1)
    const places = Array.from(at, (place, n) => {
      const row = packed ? (packed[place] ?? -1) : place
      if (!Number.isInteger(row) || row < 0 || row >= rows)
        throw new RangeError(
          `SelfAttention.forward: queries.at must name rows of the batch's texts, got ${valueText(place)}`,
        )
      if (own[row] < 0)
        throw new RangeError(
          `SelfAttention.forward: queries.at must name each row once, got ${place} twice`,
        )
      own[row] = -1
      other[row] = n
      return row
    })
    if (given.shape.length !== 2 || given.shape[0] !== at.length) {
      throw new RangeError(
        `SelfAttention.forward: queries.vectors must have one row for each of ${at.length} places, got ${shapeText(given.shape)}`,
      )
    }
    const kept = device.upload(new Tensor([rows], own))
    const replaced = device.allocate(Q.shape)
    device.gather(Q, kept, replaced)
    device.gather(given, device.upload(new Tensor([rows], other)), replaced, { accumulate: true })
    return {
      Q: replaced,
      own: kept,
      at: device.upload(new Tensor([places.length], Int32Array.from(places))),
    }
  }
}
