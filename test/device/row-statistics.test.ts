import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Device } from '../../src/device/device.ts'
import { openDevice } from '../../src/device/open.ts'
import { SelfAttention } from '../../src/layer/self-attention.ts'
import { dot } from '../../src/mechanism/alignments.ts'
import { window } from '../../src/mechanism/mask.ts'
import { none } from '../../src/mechanism/position.ts'
import { Random } from '../../src/random.ts'
import { distributions } from '../every.ts'
import { foundBy, numbersOf, texts } from './attention-cases.ts'

// Entropy of A/ΣA in nats, the largest weight, and its key: the first of equals.

let devices: readonly Device[]
beforeAll(async () => {
  devices = await Promise.all([
    openDevice({ device: 'wasm', threads: 1 }),
    openDevice({ device: 'reference', dtype: 'float64' }),
  ])
})
afterAll(() => Promise.all(devices.map((device) => device.close())))

const [QUERIES, KEYS] = [
  [5, 3],
  [11, 19],
]
const LONGEST = 19
const heads = 2
const given = {
  alignment: dot,
  mask: window(3, 7),
  position: none,
  heads,
  dQuery: 3,
  dKey: 3,
  dValue: 2,
  ...texts(QUERIES, KEYS),
}

describe.each([0, 1])('on device %i', (which) => {
  test.each(distributions.map((distribution) => [distribution.name, distribution] as const))(
    'of %s are those of its weights',
    async (_name, distribution) => {
      const one = { ...given, distribution }
      const numbers = numbersOf(one)
      // whole numbers, so that scores tie, and every third key is the one before it
      for (const X of [numbers.Q, numbers.K]) X.data.set(X.data.map(Math.round))
      for (let row = 2; row < numbers.K.shape[0]; row += 3)
        for (let c = 0; c < heads * 3; c++)
          numbers.K.data[row * heads * 3 + c] = numbers.K.data[(row - 1) * heads * 3 + c]
      const found = await foundBy(devices[which], one, numbers, { weights: true, statistics: true })
      let ties = 0
      QUERIES.forEach((count, text) => {
        for (let i = 0; i < count; i++)
          for (let head = 0; head < heads; head++) {
            const from = ((text * heads + head) * Math.max(...QUERIES) + i) * LONGEST
            const row = [...found.weights.slice(from, from + KEYS[text])]
            const sum = row.reduce((total, a) => total + a, 0)
            const shares = row.map((a) => a / sum)
            const at = ((text ? QUERIES[0] : 0) + i) * heads + head
            const largest = Math.max(...row)
            if (row.filter((a) => a === largest).length > 1) ties++
            expect(found.entropy[at]).toBeCloseTo(
              shares.reduce((total, p) => total - (p > 0 ? p * Math.log(p) : 0), 0),
              5,
            )
            expect([found.maximum[at], found.argmax[at]]).toEqual([largest, row.indexOf(largest)])
          }
      })
      expect(ties).toBeGreaterThan(3)
    },
  )

  test('the weights of a row that is wanted twice stand twice, in the order in which they are wanted', async () => {
    const device = devices[which]
    const layer = new SelfAttention(
      { dModel: 5, dQuery: 3, dKey: 3, dValue: 2, heads },
      { device, seed: 7 },
    )
    const X = new Random(3, 'X').normals([2, 7, 5], device.dtype)
    const all = await layer.forward(X, { want: { weights: true } }).read()
    const rows = [4, 1, 4, 0, 4]
    const some = await layer.forward(X, { want: { weights: { rows } } }).read()
    expect(some.weights?.shape).toEqual([2, heads, 5, 7])
    for (const [text, head] of [0, 1].flatMap((n) => [0, 1].map((h) => [n, h])))
      for (const [n, row] of rows.entries())
        for (let j = 0; j < 7; j++)
          expect(some.weights?.at(text, head, n, j)).toBe(all.weights?.at(text, head, row, j))
  })
})
