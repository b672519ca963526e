import type { Handle } from '../device/device.ts'
import {
  ANY,
  checkOptions,
  INTEGERS,
  type Integers,
  integersFrom,
  type Kind,
  valueText,
} from '../kinds.ts'
import { expectMask, type Mask } from '../mechanism/mask-runs.ts'
import type { Wanted } from '../mechanism/want.ts'
import type { Tensor } from '../tensor.ts'
import { KeyValueCache } from './cache.ts'
import { OFFSET, type OffsetOptions } from './offsets.ts'
import { expectFloating } from './rows.ts'
import type { TextOptions } from './texts.ts'

/** Queries that replace those of some rows. */
export interface ReplacedQueries {
  readonly at: Integers
  readonly vectors: Tensor | Handle
}

/** Options of one forward. */
export interface ForwardOptions extends TextOptions, OffsetOptions {
  /** Narrows the layer's own mask. */
  readonly mask?: Mask
  /**
   * Where keys and values come from, when it is not X (cross-attention): (N, T_k, dSource), (T_k,
   * dSource) or packed rows.
   */
  readonly source?: Tensor | Handle
  readonly sourceLengths?: Integers
  readonly sourceStarts?: Integers
  /**
   * Queries that replace those of some rows: row n·T + t of the batch takes a row of `vectors`
   * (rows, h·d_q) as its query.
   */
  readonly queries?: ReplacedQueries
  /**
   * X is a table (rows, D), and row r of the batch is its row indices[r]; `starts` cut the batch
   * into texts.
   *
   * What does not depend on context is then computed once for each row of the table; dX is the
   * table's.
   */
  readonly indices?: Int32Array | undefined
  /**
   * Rows of the batch whose queries are computed, rising; default all.
   *
   * The context and its gradient have one row for each of these, and no other query is computed.
   */
  readonly queryRows?: Int32Array | undefined
  readonly want?: Wanted
  /**
   * What `layer.cache` made: X is the rows that follow those in it, any number for each text. A row
   * attends to itself and to all before, as the mask of the whole text allows; positions continue
   * those of the text. The pass has no backward.
   */
  readonly cache?: KeyValueCache
  /** Training step: it turns dropout on, and the same step drops the same weights. */
  readonly step?: number | undefined
}

const ROWS: Kind = (where, name, value) => {
  if (!(value instanceof Int32Array))
    throw new TypeError(`${where}: ${name} must be an Int32Array of rows, got ${valueText(value)}`)
}

const QUERIES: Kind = (where, name, value) => {
  const kinds = { at: INTEGERS, vectors: ANY }
  checkOptions(`${where}: ${name}`, value as ReplacedQueries, kinds, '{ at: [3], vectors }')
  INTEGERS(`${where}: ${name}`, 'at', (value as ReplacedQueries).at)
}

const CACHE: Kind = (where, name, value) => {
  if (!(value instanceof KeyValueCache))
    throw new TypeError(`${where}: ${name} must be what layer.cache made, got ${valueText(value)}`)
}

/** What no later step would catch. */
const KINDS: { readonly [Name in keyof Required<ForwardOptions>]: Kind } = {
  lengths: ANY,
  starts: ANY,
  mask: expectMask,
  source: (where, name, value) => expectFloating(`${where}: ${name}`, value as Tensor),
  sourceLengths: INTEGERS,
  sourceStarts: INTEGERS,
  queries: QUERIES,
  indices: ROWS,
  queryRows: ROWS,
  want: ANY,
  cache: CACHE,
  step: integersFrom(0),
  offset: OFFSET,
  sourceOffset: OFFSET,
}

/** @throws {RangeError} for invalid values, {TypeError} for wrong types */
export function checkForwardOptions(
  options: ForwardOptions,
  where = 'SelfAttention.forward',
): void {
  checkOptions(where, options, KINDS, '{ lengths: [5, 3] }')
  const { source, sourceLengths, sourceStarts, sourceOffset, indices, queryRows } = options
  if (source === undefined && (sourceLengths ?? sourceStarts ?? sourceOffset) !== undefined)
    throw new RangeError(
      `${where}: sourceLengths, sourceStarts and sourceOffset describe the texts of a source; give source, or lengths, starts and offset for X`,
    )
  if (options.cache && (source ?? options.step ?? options.offset) !== undefined)
    throw new RangeError(
      `${where}: cache excludes source, offset and step: it holds the rows before X, knows how many, and has no backward; leave them out`,
    )
  if (indices && !options.starts)
    throw new RangeError(`${where}: indices are of packed rows; give starts too`)
  if (queryRows && (options.lengths ?? options.queries ?? options.want))
    throw new RangeError(
      `${where}: queryRows excludes lengths, queries and want; give starts for texts of unequal length, or leave queryRows out`,
    )
}
