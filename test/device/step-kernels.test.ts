import { holdToReference } from './against-reference.ts'
import {
  adamWCase,
  addBiasCase,
  type Case,
  clipCase,
  columnSumsCase,
  combineCase,
  dropoutCase,
  gatherCase,
  normalizeBackwardCase,
  normalizeCase,
  sgdCase,
  squaredNormCase,
  sumRowsCase,
} from './step-cases.ts'

const SIZES = [1, 2, 3, 5, 7, 8, 9, 16, 17, 31, 33, 63, 64, 65, 97, 257]
// the last ones are shared by two threads
const PAIRS: [number, number][] = [
  ...SIZES.flatMap((size): [number, number][] => [
    [size, 13],
    [11, size],
  ]),
  [0, 5],
  [257, 97],
  [1031, 128],
]
const over = (make: (rows: number, columns: number) => Case): Case[] =>
  PAIRS.map(([rows, columns]) => make(rows, columns))

const KINDS = [false, true].flatMap((factors) =>
  [false, true].map((accumulate) => ({ factors, accumulate })),
)
const CASES: Readonly<Record<string, Case[]>> = {
  combine: over(combineCase),
  addBias: over(addBiasCase),
  columnSums: over(columnSumsCase),
  normalize: [...over(normalizeCase), normalizeCase(31, 64, 1000), normalizeCase(7, 13, -30)],
  normalizeBackward: [
    ...over(normalizeBackwardCase),
    normalizeBackwardCase(31, 64, 100),
    normalizeBackwardCase(9000, 3),
  ],
  dropout: over(dropoutCase),
  gather: [false, true].flatMap((accumulate) =>
    over((rows, columns) => gatherCase(rows, columns, accumulate)),
  ),
  sumRows: KINDS.flatMap((kind) => [
    ...over((rows, columns) => sumRowsCase(rows, columns, 3 * rows, kind)),
    sumRowsCase(1, 65, 257, kind),
    sumRowsCase(5, 65, 0, kind),
  ]),
  squaredNorm: [...SIZES, 0, 4095, 4096, 4097, 200_001].map((size) =>
    squaredNormCase([size, 3, size]),
  ),
  clip: [...SIZES, 0, 70_001].flatMap((size) => [clipCase([size, 5], 0.7), clipCase([3, size], 7)]),
  adamW: [false, true].flatMap((touched) =>
    over((rows, columns) => adamWCase(rows, columns, touched)),
  ),
  sgd: [false, true].flatMap((touched) =>
    [false, true].flatMap((velocity) =>
      over((rows, columns) => sgdCase(rows, columns, touched, velocity)),
    ),
  ),
}

await holdToReference(CASES, ['normalizeBackward'])
