import type { Device, Handle } from '../device/device.ts'
import { COUNT, checkOptions, expectNumber } from '../kinds.ts'
import { and, causal, type Mask } from '../mechanism/mask.ts'
import { type MaskPlace, runsOf } from '../mechanism/mask-runs.ts'
import { Held } from './held.ts'
import type { LayerConfig } from './options.ts'
import { longestOf, type Texts } from './texts.ts'

/** What a cache has room for. */
export interface CacheOptions {
  /** Rows of each text, prompt and all. Memory for all of them is taken at once. */
  readonly capacity: number
  /** N, default 1: as many as every forward with it has. */
  readonly texts?: number
}

const OPTIONS = { capacity: COUNT, texts: COUNT }

/** What of a layer its cache reads. */
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
 * the rows of X alone, and lets them look at all before.
 *
 * It holds 2 · texts · capacity rows until it is freed, or its layer is.
 */
export class KeyValueCache extends Held {
  readonly capacity: number
  readonly #layer: CachedLayer
  readonly #rows: KeysValues
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
    this.#rows = this.hold(layer.device, () => ({ K: allocate(dKey), V: allocate(dValue) }))
  }

  /** Rows of each text so far. */
  get lengths(): readonly number[] {
    return Array.from(this.#lengths)
  }

  /** Rows of the longest text so far. */
  get length(): number {
    return Math.max(...this.#lengths)
  }

  /** Begins anew, with no rows. */
  clear(): void {
    this.#lengths.fill(0)
  }

  /**
   * The texts as they are once these rows have come.
   *
   * @throws {RangeError} for the cache of another layer, another number of texts, and rows that it
   *   has no room for
   */
  textsWith(layer: CachedLayer, { starts }: Texts): Texts {
    this.expectHeld('forward')
    const where = 'SelfAttention.forward'
    if (layer !== this.#layer)
      throw new RangeError(`${where}: the cache is another layer's; use layer.cache() of this one`)
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
   * Keys and values of all rows so far and these, text by text. The cache has these rows too once
   * `grow` says so.
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
    return { K: joined(this.#rows.K, K), V: joined(this.#rows.V, V) }
  }

  /** Takes the rows of a forward that is done. */
  grow({ starts }: Texts): void {
    this.#lengths.forEach((length, n) => {
      this.#lengths[n] = length + starts[n + 1] - starts[n]
    })
  }
}

/**
 * A mask of whole texts for a forward with a cache, whose queries are the last rows of each: they
 * look at themselves and before.
 */
export function cachedMask(own: Mask): Mask {
  const mask = and(own, causal())
  const whole = (place: MaskPlace): MaskPlace => ({ ...place, nQuery: place.nKey })
  const rowOf = (i: number, { nQuery, nKey }: MaskPlace): number => i + nKey - nQuery
  return {
    name: `cached(${own.name})`,
    sameForHeads: mask.sameForHeads === true,
    align: 'end',
    allows: (i, j, place) => mask.allows(rowOf(i, place), j, whole(place)),
    span: (first, last, place) => mask.span(rowOf(first, place), rowOf(last, place), whole(place)),
    runs: (i, place) => runsOf(mask, rowOf(i, place), whole(place)),
    check: (place) => mask.check?.(whole(place)),
  }
}
