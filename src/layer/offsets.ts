import { type Integers, integersFrom, isIntegers, type Kind, valueText } from '../kinds.ts'
import type { Mask } from '../mechanism/mask.ts'
import { type Align, type Position, placeOf } from '../mechanism/position.ts'
import type { Texts } from './texts.ts'

const WHERE = 'SelfAttention.forward'

/** Where the texts of a forward begin. */
export interface OffsetOptions {
  /**
   * Position of the first row of X, an integer from 0 to 10⁶, or one for each text: how far a text has come
   * that is read in parts.
   *
   * Default 0, and with a source its first position; where mask or position align the ends of
   * queries and keys, T_k − T_q further.
   */
  readonly offset?: number | Integers
  /** Likewise of the first row of the source; default 0. */
  readonly sourceOffset?: number | Integers
}

/** Sinusoids have angles so large. */
const POSITION = integersFrom(0, 1e6)

/** A position, or positions. */
export const OFFSET: Kind = (where, name, value) => {
  const all = isIntegers(value) ? Array.from(value) : [value]
  if (all.every((one) => typeof one === 'number' && POSITION.holds(one))) return
  const Kind = all.every((one) => typeof one === 'number') ? RangeError : TypeError
  const found = isIntegers(value) ? `[${Array.from(value).join(', ')}]` : valueText(value)
  throw new Kind(`${where}: ${name} must be ${POSITION.text}, or one for each text, got ${found}`)
}

/** Positions of the first rows of the texts of X and of their source, and how both stand. */
export interface Offsets {
  readonly rows: Int32Array
  readonly source: Int32Array
  /** The position of the layer, aligned as this forward is. */
  readonly position: Position
}

/**
 * Where queries and keys stand in this forward.
 *
 * @param keyTexts the texts of the source; those of X where there is none
 * @throws {RangeError} if the number of offsets is not that of the texts, for positions below 0, and for
 *   offsets that relative or rotary positions cannot have
 */
export function offsetsOf(
  given: OffsetOptions,
  texts: Texts,
  keyTexts: Texts,
  mask: Mask,
  position: Position,
): Offsets {
  const own = 'align' in position ? position.align : 'start'
  const align = own === 'end' ? own : (mask.align ?? 'start')
  const place = (n: number, side: Align): number =>
    placeOf(0, rowsIn(texts, n), rowsIn(keyTexts, n), side)
  const source = eachText('sourceOffset', given.sourceOffset ?? 0, texts)
  const rows =
    given.offset === undefined
      ? source.map((first, n) => first + place(n, align))
      : eachText('offset', given.offset, texts)
  if (position.on === 'embeddings') {
    const below = rows.find((first) => first < 0)
    if (below !== undefined)
      throw new RangeError(
        `${WHERE}: X has more rows than its source, and ends where that ends: its first position would be ${below}; give offset, or a mask that aligns the start`,
      )
  }
  if (!('align' in position) || texts === keyTexts) return { rows, source, position }
  const stands = (side: Align): boolean =>
    rows.every((first, n) => first - source[n] === place(n, side))
  const side = [align, 'start', 'end'].find((one) => stands(one as Align)) as Align | undefined
  if (!side)
    throw new RangeError(
      `${WHERE}: ${position.name} positions know queries that begin where the keys begin, and those that end where the keys end, got offset [${rows.join(', ')}]; use sinusoidal or learned positions for other offsets`,
    )
  return { rows, source, position: side === own ? position : { ...position, align: side } }
}

const rowsIn = ({ starts }: Texts, n: number): number => starts[n + 1] - starts[n]

/** An option as one number for each text. @throws {RangeError} unless there is one for each */
export function eachText(name: string, given: number | Integers, { starts }: Texts): Int32Array {
  const count = starts.length - 1
  if (typeof given === 'number') return new Int32Array(count).fill(given)
  if (given.length !== count)
    throw new RangeError(
      `${WHERE}: ${name} must be one number, or one for each of ${count} texts, got ${given.length}`,
    )
  return Int32Array.from(given)
}
