import {
  checkOptions,
  expectNumber,
  type Integers,
  isIntegers,
  type NumberRange,
  valueText,
} from '../kinds.ts'
import { expectTensor, shapeText, Tensor } from '../tensor.ts'
import { expectMask, type Mask, type MaskSizes, runsOf, runsOfAll } from './mask-runs.ts'
import { ALIGN, type Align, alignedPosition } from './position.ts'
import { between, complement, runsOfDocuments, union, where, within } from './runs.ts'

export type { Mask, MaskSizes } from './mask-runs.ts'

/**
 * Makes `runs` and `sameForHeads` non-enumerable, so that a spread with a new rule, `{ ...causal(),
 * allows }`, has neither and cannot contradict its own `allows`.
 */
const ruled = (mask: Mask): Mask =>
  Object.defineProperties(mask, {
    runs: { enumerable: false },
    sameForHeads: { enumerable: false },
  })

/** Every query may attend to every key. */
export const everything: Mask = ruled({
  name: 'everything',
  sameForHeads: true,
  allows: () => true,
  span: (_first, _last, { nKey }) => [0, nKey],
  runs: (_i, { nKey }) => between(0, nKey, nKey),
})

/**
 * Keys before the length of each text. Queries beyond it still attend to these keys: the option
 * `lengths` of a forward leaves them out.
 *
 * @param given one integer ≥ 0 for each text; copied
 */
export function lengths(given: Integers): Mask {
  if (!isIntegers(given))
    throw new TypeError(
      `lengths: needs one length for each text, such as [5, 3], got ${valueText(given)}`,
    )
  const lengths = Array.from(given)
  for (const length of lengths) {
    if (!Number.isInteger(length) || length < 0)
      throw new RangeError(`lengths: every length must be an integer ≥ 0, got ${length}`)
  }
  return ruled({
    name: `lengths:${lengths.join(',')}`,
    sameForHeads: true,
    allows: (_i, j, { text }) => j < lengths[text],
    span: (_first, _last, { text, nKey }) => within(0, lengths[text], nKey),
    runs: (_i, { text, nKey }) => between(0, lengths[text], nKey),
    check({ text, nKey }) {
      if (text >= lengths.length)
        throw new RangeError(
          `lengths: no length for text ${text}, got ${lengths.length} lengths; give one for each text`,
        )
      if (lengths[text] > nKey)
        throw new RangeError(`lengths: text ${text} has ${nKey} keys, got length ${lengths[text]}`)
    },
  })
}

/** How far a query attends. */
const REACH: NumberRange = {
  text: 'an integer ≥ 0 or Infinity',
  holds: (value) => value === Infinity || (Number.isInteger(value) && value >= 0),
}

/**
 * A query attends to the `left` keys before its position, to that position, and to the `right` keys
 * after it.
 *
 * @param left ≥ 0, Infinity for all
 * @param right ≥ 0, Infinity for all
 * @param options.align which ends are aligned if T_q ≠ T_k
 */
export function window(left: number, right: number, options: { align?: Align } = {}): Mask {
  checkOptions('window', options, { align: ALIGN }, "{ align: 'end' }")
  const { align = 'start' } = options
  for (const [side, reach] of Object.entries({ left, right }))
    expectNumber('window', side, reach, REACH)
  return ruled({
    name: `window:${left},${right}${align === 'end' ? ',end' : ''}`,
    sameForHeads: true,
    align,
    allows(i, j, { nQuery, nKey }) {
      const position = alignedPosition(i, nQuery, nKey, align)
      return j >= position - left && j <= position + right
    },
    span: (first, last, { nQuery, nKey }) =>
      within(
        alignedPosition(first, nQuery, nKey, align) - left,
        alignedPosition(last, nQuery, nKey, align) + right + 1,
        nKey,
      ),
    runs(i, { nQuery, nKey }) {
      const position = alignedPosition(i, nQuery, nKey, align)
      return between(position - left, position + right + 1, nKey)
    },
  })
}

/** A query attends to its own position and before, at most `window` positions back. */
export function causal(options: { align?: Align; window?: number } = {}): Mask {
  checkOptions('causal', options, { align: ALIGN, window: REACH }, '{ window: 5 }')
  const { align = 'start', window: back = Infinity } = options
  const words = [align === 'end' ? 'end' : '', back === Infinity ? '' : String(back)].filter(
    Boolean,
  )
  return Object.assign(window(back, 0, { align }), {
    name: words.length ? `causal:${words.join(',')}` : 'causal',
  })
}

/**
 * Block diagonal: a query attends to the keys of its own document.
 *
 * @param queries the document of each query row; copied
 * @param keys the document of each key row, default those of the queries; copied
 */
export function documents(queries: Integers, keys: Integers = queries): Mask {
  for (const rows of [queries, keys]) {
    if (!isIntegers(rows))
      throw new TypeError(
        `documents: needs the document of each row, such as [0, 0, 1], got ${valueText(rows)}`,
      )
  }
  const [ofQuery, ofKey] = [Array.from(queries), Array.from(keys)]
  const runs = runsOfDocuments(ofKey)
  return ruled({
    name: 'documents',
    sameForHeads: true,
    allows: (i, j) => ofQuery[i] === ofKey[j],
    span: (first, last) => hull(ofKey, new Set(ofQuery.slice(first, last + 1))),
    runs: (i) => runs.get(ofQuery[i]) ?? [],
    check({ nQuery, nKey }) {
      if (ofQuery.length !== nQuery || ofKey.length !== nKey) {
        throw new RangeError(
          `documents: needs ${nQuery} queries and ${nKey} keys, got ${ofQuery.length} and ${ofKey.length}`,
        )
      }
    },
  })
}

/** First and last key of some documents. */
function hull(keys: readonly number[], wanted: ReadonlySet<number>): readonly [number, number] {
  let from = keys.length
  let to = 0
  for (let j = 0; j < keys.length; j++) {
    if (!wanted.has(keys[j])) continue
    from = Math.min(from, j)
    to = j + 1
  }
  return [from, to]
}

/**
 * Any boolean matrix, 1 = may attend.
 *
 * @param allowed uint8, (T_q, T_k), (N, T_q, T_k) or (N, h, T_q, T_k); an axis N or h of length 1
 *   serves all
 */
export function cells(allowed: Tensor): Mask {
  expectTensor('cells', 'the mask', allowed)
  const rank = allowed.shape.length
  if (allowed.dtype !== 'uint8')
    throw new TypeError(`cells: needs a uint8 tensor of 0 and 1, got ${allowed.dtype}`)
  if (rank < 2 || rank > 4)
    throw new RangeError(
      `cells: needs (T_q, T_k), (N, T_q, T_k) or (N, h, T_q, T_k), got ${shapeText(allowed.shape)}`,
    )
  const [nText, nHead, nQuery, nKey] = [1, 1, ...allowed.shape].slice(-4)
  const [texts, heads] = rank === 3 ? [allowed.shape[0], 1] : [nText, nHead]
  /** Index of the row of query i. */
  const rowAt = (i: number, { text, head }: MaskSizes): number =>
    (((texts === 1 ? 0 : text) * heads + (heads === 1 ? 0 : head)) * nQuery + i) * nKey
  return ruled({
    name: `cells:${allowed.shape.join('x')}`,
    sameForHeads: heads === 1,
    allows: (i, j, sizes) => allowed.data[rowAt(i, sizes) + j] !== 0,
    span: (_first, _last, sizes) => [0, sizes.nKey],
    runs(i, sizes) {
      const at = rowAt(i, sizes)
      return where(between(0, nKey, nKey), (j) => allowed.data[at + j] !== 0)
    },
    check(sizes) {
      const fits =
        nQuery === sizes.nQuery &&
        nKey === sizes.nKey &&
        (texts === 1 || sizes.text < texts) &&
        (heads === 1 || sizes.head < heads)
      if (!fits) {
        throw new RangeError(
          `cells: needs ${shapeText([sizes.nQuery, sizes.nKey])} for text ${sizes.text}, head ${sizes.head}, got ${shapeText(allowed.shape)}`,
        )
      }
    },
  })
}

const checkAll =
  (masks: readonly Mask[]) =>
  (sizes: MaskSizes): void =>
    masks.forEach((mask) => {
      mask.check?.(sizes)
    })

/** 'end' if one of the masks aligns the end. */
const alignOf = (masks: readonly Mask[]): { readonly align: Align } => ({
  align: masks.some(({ align }) => align === 'end') ? 'end' : 'start',
})

const allSameForHeads = (masks: readonly Mask[]): boolean =>
  masks.every((mask) => mask.sameForHeads === true)

/** The intersection of masks. */
export function and(...masks: readonly Mask[]): Mask {
  for (const mask of masks) expectMask('and', 'every mask', mask)
  return ruled({
    name: `and(${masks.map((mask) => mask.name).join(';')})`,
    sameForHeads: allSameForHeads(masks),
    ...alignOf(masks),
    allows: (i, j, sizes) => masks.every((mask) => mask.allows(i, j, sizes)),
    span(first, last, sizes) {
      const spans = masks.map((mask) => mask.span(first, last, sizes))
      return [
        Math.max(0, ...spans.map(([from]) => from)),
        Math.min(sizes.nKey, ...spans.map(([, to]) => to)),
      ]
    },
    runs: (i, sizes) => runsOfAll(masks, i, sizes),
    check: checkAll(masks),
  })
}

/** The union of masks. */
export function or(...masks: readonly Mask[]): Mask {
  for (const mask of masks) expectMask('or', 'every mask', mask)
  return ruled({
    name: `or(${masks.map((mask) => mask.name).join(';')})`,
    sameForHeads: allSameForHeads(masks),
    ...alignOf(masks),
    allows: (i, j, sizes) => masks.some((mask) => mask.allows(i, j, sizes)),
    span(first, last, sizes) {
      const spans = masks
        .map((mask) => mask.span(first, last, sizes))
        .filter(([from, to]) => from < to)
      return spans.length
        ? [Math.min(...spans.map(([from]) => from)), Math.max(...spans.map(([, to]) => to))]
        : [0, 0]
    },
    runs: (i, sizes) => masks.map((mask) => runsOf(mask, i, sizes)).reduce(union, []),
    check: checkAll(masks),
  })
}

/** The complement of a mask. */
export function not(mask: Mask): Mask {
  expectMask('not', 'the mask', mask)
  return ruled({
    name: `not(${mask.name})`,
    sameForHeads: allSameForHeads([mask]),
    ...alignOf([mask]),
    allows: (i, j, sizes) => !mask.allows(i, j, sizes),
    span: (_first, _last, { nKey }) => [0, nKey],
    runs: (i, sizes) => complement(runsOf(mask, i, sizes), sizes.nKey),
    check: checkAll([mask]),
  })
}

/**
 * PyTorch's `key_padding_mask` (N, T_k), where true means *ignore*, as a mask where true means
 * attend.
 */
export function fromTorchKeyPadding(ignored: Tensor): Mask {
  expectTensor('fromTorchKeyPadding', 'the mask', ignored)
  if (ignored.shape.length !== 2)
    throw new RangeError(`fromTorchKeyPadding: needs (N, T_k), got ${shapeText(ignored.shape)}`)
  const [nText, nKey] = ignored.shape
  return ruled({
    name: 'torchKeyPadding',
    sameForHeads: true,
    allows: (_i, j, { text }) => ignored.data[text * nKey + j] === 0,
    span: (_first, _last, sizes) => [0, sizes.nKey],
    runs: (_i, { text }) =>
      where(between(0, nKey, nKey), (j) => ignored.data[text * nKey + j] === 0),
    check(sizes) {
      if (sizes.nKey !== nKey || sizes.text >= nText) {
        throw new RangeError(
          `fromTorchKeyPadding: needs ${sizes.nKey} keys and text ${sizes.text}, got ${shapeText(ignored.shape)}`,
        )
      }
    },
  })
}

/**
 * PyTorch's boolean `attn_mask` of nn.MultiheadAttention, where true means *ignore*: (T_q, T_k), or
 * (N·heads, T_q, T_k) with `heads` given.
 */
export function fromTorchAttentionMask(ignored: Tensor, heads = 1): Mask {
  expectTensor('fromTorchAttentionMask', 'the mask', ignored)
  const { shape } = ignored
  if (shape.length === 3 && shape[0] % heads !== 0) {
    throw new RangeError(
      `fromTorchAttentionMask: the first axis must be N·heads, a multiple of ${heads}, got ${shapeText(shape)}`,
    )
  }
  const planes = shape.length === 3 ? [shape[0] / heads, heads, ...shape.slice(1)] : shape
  const allowed = Uint8Array.from(ignored.data, (value) => (value === 0 ? 1 : 0))
  return cells(new Tensor(planes, allowed))
}
