import type { Device, Handle } from '../device/device.ts'
import { COUNT, checkOptions, expectNumber } from '../kinds.ts'
import { and, causal, type Mask } from '../mechanism/mask.ts'
import { type MaskSizes, runsOf } from '../mechanism/mask-runs.ts'
import { Held } from './held.ts'
import type { LayerConfig } from './options.ts'
import { longestOf, type Texts } from './texts.ts'

/** The size of a cache. */
export interface CacheOptions {
  /** Rows of each text, including the prompt. All memory is allocated at once. */
  readonly capacity: number
  /** Number of texts N in every forward with it; default 1. */
  readonly texts?: number
}

const OPTIONS = { capacity: COUNT, texts: COUNT }

/** The fields of a layer that its cache reads. */
export interface CachedLayer {
  readonly config: LayerConfig
  readonly device: Device
}

/** Keys and values of the rows of a forward. */
export interface KeysValues {
  readonly K: Handle
  readonly V: Handle
}

/**
 * Keys and values of the rows that a layer has read so far: `layer.forward(X, { cache })` projects
 * the rows of X alone, and lets them attend to all rows before.
 *
 * It holds 2 · texts · capacity rows until it is freed, or its layer is.
 */
export class KeyValueCache extends Held {
  readonly capacity: number
  /** Where its rows are: text n has those from n · capacity on. A scope of the device looks here. */
  readonly rows: KeysValues
  readonly #layer: CachedLayer
  readonly #lengths: Int32Array

  /** @throws {RangeError} for sizes that do not fit, {TypeError} for wrong types */
  constructor(layer: CachedLayer, options: CacheOptions) {
    super('KeyValueCache')
    const where = 'SelfAttention.cache'
    checkOptions(where, options, OPTIONS, '{ capacity: 128 }')
    const { capacity, texts = 1 } = options
    expectNumber(where, 'capacity', capacity, COUNT)
    const { keyValueHeads, dKey, dValue, dModel, dSource } = layer.config
    if (dSource !== dModel)
      throw new RangeError(
        `${where}: the layer reads keys and values from a source of dSource ${dSource}; a cache holds those of X`,
      )
    this.#layer = layer
    this.capacity = capacity
    this.#lengths = new Int32Array(texts)
    const allocate = (width: number): Handle =>
      layer.device.allocate([texts * capacity, keyValueHeads * width])
    this.rows = this.hold(layer.device, () => ({ K: allocate(dKey), V: allocate(dValue) }))
  }

  /** Rows of each text so far. */
  get lengths(): readonly number[] {
    return Array.from(this.#lengths)
  }

  /** Rows of the longest text so far. */
  get length(): number {
    return Math.max(...this.#lengths)
  }

  /** Empties the cache. */
  clear(): void {
    this.#lengths.fill(0)
  }

  /**
   * The texts with these rows appended.
   *
   * @throws {RangeError} for the cache of another layer, another number of texts, and rows beyond
   *   its capacity
   */
  textsWith(layer: CachedLayer, { starts }: Texts): Texts {
    this.expectHeld('forward')
    const where = 'SelfAttention.forward'
    if (layer !== this.#layer)
      throw new RangeError(
        `${where}: the cache belongs to another layer; use layer.cache() of this one`,
      )
    const [texts, own] = [starts.length - 1, this.#lengths.length]
    if (texts !== own)
      throw new RangeError(
        `${where}: the cache is of ${own} texts, got X of ${texts}; give as many, empty ones by starts`,
      )
    const all = new Int32Array(own + 1)
    this.#lengths.forEach((length, n) => {
      const came = starts[n + 1] - starts[n]
      if (length + came > this.capacity)
        throw new RangeError(
          `${where}: the cache has room for ${this.capacity} rows of a text, text ${n} has ${length} and ${came} more came; clear it, or make one of a higher capacity`,
        )
      all[n + 1] = all[n] + length + came
    })
    return { lead: [all[own]], starts: all, longest: longestOf(all) }
  }

  /**
   * Keys and values of all rows so far and of these, text by text. The cache counts these rows once
   * `grow` is called.
   */
  with({ K, V }: KeysValues, { starts }: Texts, all: Texts): KeysValues {
    const { device } = this.#layer
    const joined = (kept: Handle, X: Handle): Handle => {
      const Y = device.allocate([all.starts[all.starts.length - 1], kept.shape[1]])
      this.#lengths.forEach((length, n) => {
        const [first, came] = [n * this.capacity, starts[n + 1] - starts[n]]
        device.copyRows(X, kept, { from: starts[n], to: first + length, count: came })
        device.copyRows(kept, Y, { from: first, to: all.starts[n], count: length + came })
      })
      return Y
    }
    return { K: joined(this.rows.K, K), V: joined(this.rows.V, V) }
  }

  /** Counts the rows of a finished forward. */
  grow({ starts }: Texts): void {
    this.#lengths.forEach((length, n) => {
      this.#lengths[n] = length + starts[n + 1] - starts[n]
    })
  }
}

/**
 * The mask of a forward with a cache, whose queries are the last rows of each text: causal, and
 * aligned at the end, so that positions follow.
 */
export function cachedMask(own: Mask): Mask {
  const mask = and(own, causal())
  const whole = (sizes: MaskSizes): MaskSizes => ({ ...sizes, nQuery: sizes.nKey })
  const rowOf = (i: number, { nQuery, nKey }: MaskSizes): number => i + nKey - nQuery
  return {
    name: `cached(${own.name})`,
    sameForHeads: mask.sameForHeads === true,
    align: 'end',
    allows: (i, j, sizes) => mask.allows(rowOf(i, sizes), j, whole(sizes)),
    span: (first, last, sizes) => mask.span(rowOf(first, sizes), rowOf(last, sizes), whole(sizes)),
    runs: (i, sizes) => runsOf(mask, rowOf(i, sizes), whole(sizes)),
    check: (sizes) => mask.check?.(whole(sizes)),
  }
}
