import type { Alignment } from '../../src/mechanism/alignment.ts'
import {
  and,
  causal,
  cells,
  documents,
  everything,
  fromTorchKeyPadding,
  lengths,
  type Mask,
  not,
  or,
  window,
} from '../../src/mechanism/mask.ts'
import { none, type Position, relative, rotary } from '../../src/mechanism/position.ts'
import { Tensor } from '../../src/tensor.ts'
import { type AttentionCase, texts } from './attention-cases.ts'

/** Ragged texts, one of them empty, with more keys than queries and fewer. */
const ragged = texts([5, 0, 9], [7, 0, 6])
/** Two texts of 5 queries and 11 keys, as masks with tables want them. */
const even = texts([5, 5], [11, 11])

/** Open and closed cells without any rule. */
const table = (...shape: number[]): Tensor =>
  new Tensor(
    shape,
    Uint8Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, n) =>
      (n * n + 3 * n) % 7 < 4 ? 1 : 0,
    ),
  )

/** A rule as a user writes it: no runs, and other keys for each head. */
const striped: Mask = {
  name: 'striped',
  allows: (i, j, { text, head }) => (i + j + text + head) % 3 !== 0,
  span: (_first, _last, { nKey }) => [0, nKey],
}

/** Every mask of this package with the texts that it is for, and compositions with holes. */
export const masks: readonly (Pick<AttentionCase, 'mask' | 'queryStarts' | 'keyStarts'> & {
  readonly leastHeads?: number
})[] = [
  ...[
    everything,
    lengths([4, 0, 6]),
    window(2, 1),
    window(1, 2, { align: 'end' }),
    causal(),
    causal({ align: 'end' }),
    causal({ window: 2 }),
    and(window(3, 3), not(window(0, 0))),
    or(window(0, 0), not(causal({ window: 4 }))),
    not(causal()),
    striped,
    and(striped, causal({ align: 'end' })),
  ].map((mask) => ({ mask, ...ragged })),
  ...[
    // document 3 has no keys, document 2 comes back
    documents([0, 3, 2, 2, 1], [0, 2, 2, 1, 1, 0, 2, 4, 4, 2, 1]),
    cells(table(5, 11)),
    cells(table(2, 1, 5, 11)),
    fromTorchKeyPadding(table(2, 11)),
    not(or(documents([0, 3, 2, 2, 1], [0, 2, 2, 1, 1, 0, 2, 4, 4, 2, 1]), cells(table(2, 5, 11)))),
  ].map((mask) => ({ mask, ...even })),
  { mask: cells(table(2, 3, 5, 11)), ...even, leastHeads: 3 },
]

const positions: readonly Position[] = [
  none,
  relative(2),
  relative(3, { align: 'end' }),
  rotary(),
  rotary({ align: 'end', base: 100 }),
]

/** Positions that go with an alignment. */
export const positionsOf = ({ rotates }: Alignment): readonly Position[] =>
  positions.filter((position) => rotates || position.on !== 'operands')

/** Widths of one head, unequal where the alignment takes them. */
export const widthsOf = ({ widths }: Alignment, [dQuery, dKey]: readonly [number, number]) => ({
  dQuery: widths === 'equal' ? dKey : dQuery,
  dKey,
})

/** Masks for one text of any size. */
export function masksFor(nQuery: number, nKey: number): readonly Mask[] {
  const document = (length: number) =>
    Array.from({ length }, (_, n) => Math.floor((5 * n) / length))
  return [
    everything,
    lengths([Math.ceil(nKey / 2)]),
    window(5, 3),
    window(4, 9, { align: 'end' }),
    causal(),
    causal({ align: 'end' }),
    causal({ window: 7 }),
    documents(document(nQuery), document(nKey)),
    cells(table(nQuery, nKey)),
    striped,
    and(not(window(1, 1)), causal({ align: 'end' })),
  ]
}
