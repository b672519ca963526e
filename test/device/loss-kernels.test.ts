import { expect, test } from 'vitest'
import { activationNames } from '../../src/device/device.ts'
import { openDevice } from '../../src/device/open.ts'
import { holdToReference } from './against-reference.ts'
import {
  activateBackwardCase,
  activateCase,
  crossEntropyBackwardCase,
  crossEntropyCase,
  type LossSizes,
  lossesOfBackwardCase,
} from './loss-cases.ts'

const SIZES = [1, 2, 3, 5, 7, 8, 9, 16, 17, 31, 33, 63, 64, 65, 97, 257]
const PAIRS: [number, number][] = [
  ...SIZES.map((size): [number, number] => [3, size]),
  [0, 5],
  [65, 1031],
]

// rows at once are as many as fit, and 16 at least: 20000 classes are cut after 416 rows
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
  { rows: 420, classes: 20_000, columns: 5 },
]

await holdToReference(
  {
    ...Object.fromEntries(
      activationNames.flatMap((name) => [
        [`activate ${name}`, PAIRS.map(([rows, columns]) => activateCase(name, rows, columns))],
        [
          `activateBackward ${name}`,
          PAIRS.map(([rows, columns]) => activateBackwardCase(name, rows, columns)),
        ],
      ]),
    ),
    crossEntropy: LOSSES.map(crossEntropyCase),
    crossEntropyBackward: LOSSES.map(crossEntropyBackwardCase),
    'losses of crossEntropyBackward': LOSSES.map(lossesOfBackwardCase),
  },
  [
    'crossEntropy',
    'crossEntropyBackward',
    'losses of crossEntropyBackward',
    'activate gelu',
    'activate geluErf',
    ...activationNames.map((name) => `activateBackward ${name}`),
  ],
)

test('logits that are kept count as scratch: rows beyond the limit are refused', async () => {
  const device = await openDevice({ device: 'wasm', threads: 1, memoryLimit: 2e6 })
  const [C, E, offsets] = [
    device.allocate([100, 5]),
    device.allocate([20_000, 5]),
    device.allocate([20_000]),
  ]
  const [targets, losses] = [device.allocate([100], 'int32'), device.allocate([100])]
  expect(() => device.crossEntropy(C, E, offsets, targets, losses)).toThrow(
    'the scratch of crossEntropy needs 8.00 MB',
  )
  await device.close()
})
