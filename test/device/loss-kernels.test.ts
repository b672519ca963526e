import { activationNames } from '../../src/device/device.ts'
import { holdToReference } from './against-reference.ts'
import { activateBackwardCase, activateCase, crossEntropyBackwardCase, crossEntropyCase, type LossSizes } from './loss-cases.ts'

const SIZES = [1, 2, 3, 5, 7, 8, 9, 16, 17, 31, 33, 63, 64, 65, 97, 257]
const PAIRS: [number, number][] = [...SIZES.map((size): [number, number] => [3, size]), [0, 5], [65, 1031]]

// rows at once are as many as fit, and 16 at least: 1031 classes are cut after 2032 rows, 20000 after 96
const LOSSES: LossSizes[] = [
  ...SIZES.flatMap((size) => [
    { rows: size, classes: 13, columns: 7 },
    { rows: 5, classes: size, columns: 7 },
    { rows: 5, classes: 13, columns: size },
  ]),
  { rows: 1, classes: 1, columns: 1 },
  { rows: 3, classes: 2, columns: 64 },
  { rows: 1, classes: 2, columns: 3 },
  { rows: 0, classes: 3, columns: 5 },
  { rows: 257, classes: 97, columns: 31 },
  { rows: 2100, classes: 1031, columns: 3 },
  { rows: 100, classes: 20_000, columns: 5 },
]

await holdToReference(
  {
    ...Object.fromEntries(
      activationNames.flatMap((name) => [
        [`activate ${name}`, PAIRS.map(([rows, columns]) => activateCase(name, rows, columns))],
        [`activateBackward ${name}`, PAIRS.map(([rows, columns]) => activateBackwardCase(name, rows, columns))],
      ]),
    ),
    crossEntropy: LOSSES.map(crossEntropyCase),
    crossEntropyBackward: LOSSES.map(crossEntropyBackwardCase),
  },
  ['crossEntropy', 'crossEntropyBackward', 'activate gelu', ...activationNames.map((name) => `activateBackward ${name}`)],
)
