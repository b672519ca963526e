import type { AttentionCall, Device, Dropout, Handle, Handles } from '../device/device.ts'
import { checkOptions, expectNumber, integersFrom } from '../kinds.ts'
import type { Alignment } from '../mechanism/alignment.ts'
import type { scaledDot } from '../mechanism/alignments.ts'
import { and } from '../mechanism/mask.ts'
import { none } from '../mechanism/position.ts'
import { streamOf } from '../random.ts'
import type { Tensor } from '../tensor.ts'
import { type CacheOptions, cachedMask, type KeysValues, KeyValueCache } from './cache.ts'
import {
  checkForwardOptions,
  type ForwardOptions,
  type ReplacedQueries,
} from './forward-options.ts'
import { Held } from './held.ts'
import { type IdleRows, idleInTable, idleRows } from './idle.ts'
import { jsonOf, type LayerJSON } from './json.ts'
import { Layer } from './layer.ts'
import { type Offsets, offsetsOf } from './offsets.ts'
import {
  drawnParameters,
  type EqualWidths,
  type LayerConfig,
  layerConfig,
  type SelfAttentionOptions,
} from './options.ts'
import { drawParameters, type LayerHost, partOf, seedOf, withPrefix } from './parameters.ts'
import { Pass, type SavedTensors } from './pass.ts'
import { PositionAdder } from './positions.ts'
import { chosenRows, onDevice } from './rows.ts'
import { attend } from './steps/attend.ts'
import { affine } from './steps/dense.ts'
import { replaceQueries } from './steps/replace.ts'
import { dropIdle, pack, takeRows, unpack } from './steps/rows.ts'
import { Tape } from './steps/tape.ts'
import { rowsShape, type Texts, textsOf } from './texts.ts'
import { wantedHandles } from './wanted.ts'

const WHERE = 'SelfAttention.forward'

/** Sizes for an estimate: N texts of T words each. */
export interface PlannedSizes {
  readonly N: number
  readonly T: number
  /** Words of the source of each text; default none, or T if the layer needs a source. */
  readonly source?: number
}

/** Bytes that a layer takes on its device. */
export interface MemoryEstimate {
  readonly parameters: number
  /** Peak of a forward, including its input, excluding the parameters. */
  readonly forward: number
  /** The same for a forward and its backward. */
  readonly forwardAndBackward: number
}

const LENGTH = integersFrom(0)

/** What queries, keys and values are computed from, and who may attend to whom. */
interface Inputs
  extends Pick<SavedTensors, 'X' | 'texts' | 'rows' | 'source' | 'keyTexts'>,
    Pick<AttentionCall, 'mask'> {
  /** Rows of the source with positions, if there is one. */
  readonly keyRows: Handle | undefined
  /** Which row of X is at each position, where X is a table. */
  readonly table: Int32Array | undefined
  readonly first: Offsets
}

/**
 * Self-attention: C = A(Q, K, V) with Q = XW_Q, K = XW_K, V = XW_V, any alignment and any
 * distribution.
 *
 * A batch (N, T, D) becomes (N, T, h·d_v). Its parameters are W_Q, W_K and W_V, D·h·(d_q + d_k +
 * d_v) numbers, plus the optional ones. With a `source`, K and V come from its rows
 * (cross-attention). Without positions it cannot tell one order of its rows from another.
 *
 * @see Vaswani et al. 2017, §3.2
 */
export class SelfAttention<
  DQuery extends number = number,
  DKey extends number = number,
  A extends Alignment = typeof scaledDot,
> extends Layer {
  readonly config: LayerConfig
  /**
   * On the device: W_Q (D, h·d_q), W_K, W_V (dSource, keyValueHeads·d), and W_O, b_Q, b_K, b_V,
   * b_O, alignment.*, distribution.*, position.* as configured; after its prefix.
   */
  readonly parameters: Handles
  readonly #own: Handles
  readonly #positions: PositionAdder | undefined

  /**
   * @throws {RangeError} for sizes that do not fit, such as dQuery ≠ dKey under scaledDot;
   *   {TypeError} for wrong types
   */
  constructor(
    options: SelfAttentionOptions<DQuery, DKey, A> & EqualWidths<DQuery, DKey, NoInfer<A>>,
    host: LayerHost,
  ) {
    const config = layerConfig(options)
    super('SelfAttention', host)
    this.config = config
    const { position, dModel } = config
    this.#positions =
      position.on === 'embeddings' ? new PositionAdder(position, dModel, host) : undefined
    this.#own = this.build(() => drawParameters(host, drawnParameters(config)))
    this.parameters = withPrefix(host, this.#own)
  }

  /** Its options, with names in place of values: what JSON.stringify writes. */
  toJSON(): LayerJSON {
    const { parameterShapes: _, ...options } = this.config
    return jsonOf(options)
  }

  get device(): Device {
    return this.host.device
  }

  /** Its parameters, by their names without a prefix. */
  get own(): Handles {
    return this.host.prefix ? this.#own : this.parameters
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
   * @throws {RangeError} for sizes that do not fit, {TypeError} for wrong types
   */
  forward(X: Tensor | Handle, options: ForwardOptions = {}): Pass {
    this.expectHeld('forward')
    checkForwardOptions(options)
    return Held.made(this.device, () => {
      const tape = new Tape(this.device, this.own)
      const inputs = this.#inputs(tape, X, options)
      const projected = this.#project(tape, inputs, options)
      const call = this.#call(projected, inputs, options)
      const { texts, keyTexts, rows, source } = inputs
      const { vectors } = projected
      const columns = this.config.heads * this.config.dValue
      const shape = call.queryRows ? [call.queryRows.length, columns] : rowsShape(texts, columns)
      const wanted = wantedHandles(this.device, options.want, call)
      const C = attend(tape, call, shape, wanted)
      const Y = this.own.W_O ? affine(tape, C, this.own.W_O, this.own.b_O) : C
      options.cache?.grow(texts)
      const cached = options.cache !== undefined
      const saved = { tape, X: inputs.X, rows, texts, source, keyTexts, vectors, call, cached }
      return new Pass(this, saved, call.queryRows ? Y : unpack(tape, texts, Y), wanted)
    })
  }

  /**
   * A cache of keys and values for texts that are read in parts, such as row by row:
   *
   *     const cache = layer.cache({ capacity: 128 })
   *     layer.forward(prompt, { cache }) // and then each new row alone
   *
   * @throws {RangeError} for sizes that do not fit, {TypeError} for wrong types
   */
  cache(options: CacheOptions): KeyValueCache {
    this.expectHeld('cache')
    return this.attach(new KeyValueCache(this, options))
  }

  /** Bytes for N texts of T words, by a dry run: nothing is allocated. */
  estimate(sizes: PlannedSizes): MemoryEstimate {
    const where = 'SelfAttention.estimate'
    checkOptions(where, sizes, { N: LENGTH, T: LENGTH, source: LENGTH }, '{ N: 32, T: 128 }')
    const { dModel, dSource } = this.config
    const { N, T, source = dSource === dModel ? undefined : T } = sizes
    for (const [name, size] of Object.entries({ N, T })) expectNumber(where, name, size, LENGTH)
    const device = this.device.rehearsal()
    const { parameterShapes: _shapes, ...options } = this.config
    const layer = new SelfAttention<number, number, Alignment>(options as SelfAttentionOptions, {
      device,
      seed: 0,
      blank: true,
    })
    const parameters = device.stats().bytes
    const X = device.allocate([N, T, dModel])
    const crossed = source === undefined ? {} : { source: device.allocate([N, source, dSource]) }
    const pass = layer.forward(X, crossed)
    const forward = device.stats().peakBytes - parameters
    pass.backward(device.allocate([N, T, this.width]))
    return { parameters, forward, forwardAndBackward: device.stats().peakBytes - parameters }
  }

  #onDevice(name: string, X: Tensor | Handle, width: string, columns: number): Handle {
    return onDevice(this.device, `${WHERE}: ${name}`, X, width, columns)
  }

  /** X and its source as rows with positions, and who may attend to whom. */
  #inputs(tape: Tape, given: Tensor | Handle, options: ForwardOptions): Inputs {
    const { dModel, dSource, position } = this.config
    const { indices, cache } = options
    const X = tape.input(this.#onDevice('X', given, 'dModel', dModel))
    if (!options.source && dSource !== dModel)
      throw new RangeError(
        `${WHERE}: keys and values come from rows of dSource ${dSource}, and X has dModel ${dModel}; give source`,
      )
    const shape = indices ? [indices.length, dModel] : X.shape
    const texts = textsOf(WHERE, shape, options, this.device)
    const source = options.source && this.#source(tape, options.source, options)
    const keyTexts = source?.texts ?? cache?.textsWith(this, texts) ?? texts
    if (keyTexts.starts.length !== texts.starts.length) {
      throw new RangeError(
        `${WHERE}: X and source must have the same number of texts, got ${texts.starts.length - 1} and ${keyTexts.starts.length - 1}`,
      )
    }
    const own = options.mask ? and(this.config.mask, options.mask) : this.config.mask
    const mask = cache ? cachedMask(own) : own
    const first = offsetsOf(options, texts, keyTexts, mask, position)
    const keyRows = source && this.#positioned(tape, source.rows, source.texts, first.source)
    // a row of a table may occur at several positions
    const table = position.on === 'embeddings' ? undefined : indices
    const rows = table
      ? X
      : this.#positioned(tape, pack(tape, texts, takeRows(tape, X, indices)), texts, first.rows)
    return { X, texts, rows, table, source: source?.X, keyTexts, keyRows, mask, first }
  }

  /** Q, K and V by the projections; where there is a cache, K and V of its rows too. */
  #project(tape: Tape, inputs: Inputs, { cache, queryRows, queries }: ForwardOptions) {
    const { texts, keyTexts, rows, keyRows, table, mask } = inputs
    const [queryStarts, keyStarts] = [texts.starts, keyTexts.starts]
    const idle = idleRows({ mask, queryStarts, keyStarts, heads: this.config.heads })
    // later queries may attend to a cached key that these do not
    const idleKeys = cache ? undefined : idle.keys
    const own = this.#keys(tape, keyRows ?? rows, keyRows ? undefined : table, idleKeys)
    const { K, V } = cache ? cache.with(own, texts, keyTexts) : own
    const Q = this.#queries(tape, rows, { table, queryRows }, idle)
    if (!queries) return { Q, K, V, vectors: undefined }
    const vectors = tape.input(this.#vectors(queries))
    return { Q: replaceQueries(tape, Q, texts, { at: queries.at, vectors }), K, V, vectors }
  }

  /** A(Q, K, V) as the device is asked for it. */
  #call(
    { Q, K, V }: Pick<AttentionCall, 'Q' | 'K' | 'V'>,
    { texts, keyTexts, mask, first }: Inputs,
    { queryRows, step }: ForwardOptions,
  ): AttentionCall {
    const { heads, keyValueHeads, alignment, distribution, position } = this.config
    return {
      Q,
      K,
      V,
      heads,
      keyValueHeads,
      alignment,
      distribution,
      mask,
      queryRows,
      queryStarts: texts.starts,
      keyStarts: keyTexts.starts,
      position: position.on === 'embeddings' ? none : first.position,
      alignmentParameters: partOf('alignment', this.own),
      distributionParameters: partOf('distribution', this.own),
      positionParameters: position.on === 'scores' ? partOf('position', this.own) : {},
      dropout: this.#dropout(step),
    }
  }

  /**
   * Q of the rows of the batch, or of the chosen ones; without `queryRows`, computed once for each
   * row of the table.
   */
  #queries(
    tape: Tape,
    rows: Handle,
    {
      table,
      queryRows,
    }: {
      readonly table: Int32Array | undefined
      readonly queryRows: Int32Array | undefined
    },
    { queries: idle }: IdleRows,
  ): Handle {
    const { W_Q, b_Q } = this.own
    if (!queryRows) {
      const own = dropIdle(tape, rows, idleInTable(idle, table, rows.shape[0]))
      return takeRows(tape, affine(tape, own, W_Q, b_Q), table)
    }
    const chosen = chosenRows({ indices: table, queryRows }) as Int32Array
    const at = idle ? chosen.map((row, n) => (idle[queryRows[n]] ? -1 : row)) : chosen
    return affine(tape, takeRows(tape, rows, at), W_Q, b_Q)
  }

  /**
   * K and V of all rows, computed once for each row of the table. Recorded before Q, so that the
   * backward adds Q's gradient first.
   */
  #keys(
    tape: Tape,
    rows: Handle,
    table: Int32Array | undefined,
    idle: Uint8Array | undefined,
  ): KeysValues {
    const { W_K, b_K, W_V, b_V } = this.own
    const own = dropIdle(tape, rows, idleInTable(idle, table, rows.shape[0]))
    const V = takeRows(tape, affine(tape, own, W_V, b_V), table)
    const K = takeRows(tape, affine(tape, own, W_K, b_K), table)
    return { K, V }
  }

  /** The source, and its rows without padding. */
  #source(
    tape: Tape,
    source: Tensor | Handle,
    { sourceLengths: lengths, sourceStarts: starts }: ForwardOptions,
  ) {
    const X = tape.input(this.#onDevice('source', source, 'dSource', this.config.dSource))
    const texts = textsOf(`${WHERE} (source)`, X.shape, { lengths, starts }, this.device)
    return { X, texts, rows: pack(tape, texts, X) }
  }

  #vectors({ vectors }: ReplacedQueries): Handle {
    const { heads, dQuery } = this.config
    return this.#onDevice('queries.vectors', vectors, 'heads · dQuery', heads * dQuery)
  }

  #dropout(step: number | undefined): Dropout | undefined {
    const { prefix = '', stream = prefix } = this.host
    if (step === undefined || this.config.dropout === 0) return undefined
    const seed = seedOf(`${WHERE}: dropout`, this.host)
    return { rate: this.config.dropout, seed, stream: streamOf(`${stream}dropout`), step }
  }

  /** Y = X + P[t], where positions act on embeddings; text n begins at first[n]. */
  #positioned(tape: Tape, X: Handle, texts: Texts, first: Int32Array): Handle {
    return this.#positions?.add(tape, X, texts, first) ?? X
  }
}
