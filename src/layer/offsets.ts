import { type Integers, integersFrom, isIntegers, type Kind, valueText } from '../kinds.ts'
import type { Mask } from '../mechanism/mask.ts'
import { type Align, alignedPosition, type Position } from '../mechanism/position.ts'
import type { Texts } from './texts.ts'

const WHERE = 'SelfAttention.forward'

/** Positions of the first rows of a forward. */
export interface OffsetOptions {
  /**
   * Position of the first row of X, an integer ≥ 0, or one for each text: for a text that is read
   * in parts, the number of rows before.
   *
   * Default 0, or with a source its first position; plus T_k − T_q if mask or position align the
   * ends of queries and keys.
   */
  readonly offset?: number | Integers
  /** The same for the first row of the source; default 0. */
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

/** Positions of the first rows of the texts of X and of their source, and their alignment. */
export interface Offsets {
  readonly rows: Int32Array
  readonly source: Int32Array
  /** The position of the layer, with the alignment of this forward. */
  readonly position: Position
}

/**
 * The positions of queries and keys in this forward.
 *
 * @param keyTexts the texts of the source; those of X if there is none
 * @throws {RangeError} if the number of offsets differs from the number of texts, for positions
 *   below 0, and for offsets that relative or rotary positions do not support
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
  const aligned = (n: number, side: Align): number =>
    alignedPosition(0, rowsIn(texts, n), rowsIn(keyTexts, n), side)
  const source = eachText('sourceOffset', given.sourceOffset ?? 0, texts)
  const rows =
    given.offset === undefined
      ? source.map((first, n) => first + aligned(n, align))
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
    rows.every((first, n) => first - source[n] === aligned(n, side))
  const side = [align, 'start', 'end'].find((one) => stands(one as Align)) as Align | undefined
  if (!side)
    throw new RangeError(
      `${WHERE}: ${position.name} positions support queries that begin where the keys begin, or end where the keys end, got offset [${rows.join(', ')}]; use sinusoidal or learned positions for other offsets`,
    )
  return { rows, source, position: side === own ? position : { ...position, align: side } }
}

const rowsIn = ({ starts }: Texts, n: number): number => starts[n + 1] - starts[n]

/**
 * An option as one number per text. @throws {RangeError} if their number differs from that of the
 * texts
 */
export function eachText(name: string, given: number | Integers, { starts }: Texts): Int32Array {
  const count = starts.length - 1
  if (typeof given === 'number') return new Int32Array(count).fill(given)
  if (given.length !== count)
    throw new RangeError(
      `${WHERE}: ${name} must be one number, or one for each of ${count} texts, got ${given.length}`,
    )
  return Int32Array.from(given)
}
