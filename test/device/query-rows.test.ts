import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Device } from '../../src/device/device.ts'
import { openDevice } from '../../src/device/open.ts'
import { queryRowPositions, queryRowStarts } from '../../src/device/query-rows.ts'
import { ReferenceDevice } from '../../src/device/reference.ts'
import { scaledDot } from '../../src/mechanism/alignments.ts'
import { softmax } from '../../src/mechanism/distributions.ts'
import { everything } from '../../src/mechanism/mask.ts'
import { none, relative, rotary } from '../../src/mechanism/position.ts'
import type { Numbers } from '../../src/tensor.ts'
import { Tensor } from '../../src/tensor.ts'
import { alignments, distributions } from '../every.ts'
import {
  type AttentionCase,
  type CaseNumbers,
  type Found,
  foundBy,
  numbersOf,
  texts,
} from './attention-cases.ts'
import { masks, masksFor, positionsOf, widthsOf } from './attention-grid.ts'

const plain = {
  alignment: scaledDot,
  distribution: softmax,
  mask: everything,
  position: none,
  heads: 2,
  dQuery: 6,
  dKey: 6,
  dValue: 5,
}
const dropout = { rate: 0.3, seed: 9029, stream: 3, step: 5 }

let devices: Device[]
beforeAll(async () => {
  const wasm = await Promise.all([1, 2].map((threads) => openDevice({ device: 'wasm', threads })))
  devices = [new ReferenceDevice({ dtype: 'float64' }), ...wasm]
})
afterAll(() => Promise.all(devices.map((device) => device.close())))

/** Some rows of X, and X with zeros in place of all others. */
const taken = ({ shape: [, columns], data }: Tensor, rows: Int32Array): Tensor =>
  new Tensor(
    [rows.length, columns],
    Float32Array.from(
      rows.length * columns
        ? Array.from(rows).flatMap((r) => [...data.slice(r * columns, (r + 1) * columns)])
        : [],
    ),
  )
const kept = ({ shape, data }: Tensor, rows: Int32Array): Tensor => {
  const columns = shape[1]
  const named = new Set(rows)
  return new Tensor(
    shape,
    Float32Array.from(data, (x, n) => (named.has(Math.floor(n / columns)) ? x : 0)),
  )
}

/**
 * The call that asks about some rows, and that of all rows whose context has no gradient elsewhere.
 */
async function both(
  device: Device,
  given: AttentionCase,
  queryRows: Int32Array,
  numbers: CaseNumbers = numbersOf(given),
) {
  const some = { ...numbers, Q: taken(numbers.Q, queryRows), dC: taken(numbers.dC, queryRows) }
  const found = await foundBy(device, { ...given, queryRows }, some, {})
  const all = await foundBy(device, given, { ...numbers, dC: kept(numbers.dC, queryRows) }, {})
  const { context, dQ } = all
  const rowsOf = (X: Numbers, columns: number): Numbers =>
    taken(new Tensor([X.length / columns, columns], Float32Array.from(X)), queryRows).data
  const expected: Found = {
    ...all,
    context: rowsOf(context, given.heads * given.dValue),
    dQ: rowsOf(dQ, given.heads * given.dQuery),
  }
  return { found, expected }
}

/** Largest difference of any number, by quantity; 0 and −0 are the same. */
const differences = (
  { found, expected }: Awaited<ReturnType<typeof both>>,
  names = Object.keys(expected),
) =>
  Object.fromEntries(
    names.map((name) => {
      expect(found[name]).toHaveLength(expected[name].length)
      let most = 0
      for (let n = 0; n < expected[name].length; n++)
        most = Math.max(
          most,
          Math.abs(Math.fround(found[name][n]) - Math.fround(expected[name][n])),
        )
      return [name, most]
    }),
  )

const rules = [
  ...alignments.map((alignment, n) => ({
    alignment,
    distribution: distributions[n % distributions.length],
  })),
  ...distributions.map((distribution) => ({ alignment: scaledDot, distribution })),
].map((rule) => ({ ...rule, name: `${rule.alignment.name}, ${rule.distribution.name}` }))

describe('chosen query rows get what they get among all rows, forward and backward', () => {
  test.each(rules)('$name', async ({ alignment, distribution }) => {
    for (const position of positionsOf(alignment)) {
      const given: AttentionCase = {
        ...plain,
        alignment,
        distribution,
        position,
        ...texts([7, 0, 4, 19], [7, 3, 6, 19]),
        ...widthsOf(alignment, [4, 6]),
      }
      const queryRows = Int32Array.of(1, 2, 6, 12, 13, 29)
      for (const device of devices) {
        const sums = differences(await both(device, given, queryRows))
        expect(Math.max(...Object.values(sums))).toBeLessThan(4e-6)
        expect([sums.context, sums.dQ]).toEqual([0, 0])
      }
    }
  })

  test.each(masks.map((one) => ({ ...one, name: one.mask.name })))(
    'mask $name, with dropout',
    async ({ mask, queryStarts, keyStarts, leastHeads = 2 }) => {
      const given: AttentionCase = {
        ...plain,
        mask,
        position: relative(2, { align: 'end' }),
        heads: leastHeads,
        queryStarts,
        keyStarts,
        dropout,
      }
      for (const device of devices) {
        const sums = differences(await both(device, given, Int32Array.of(0, 3, 4, 6, 9)))
        expect(Math.max(...Object.values(sums))).toBeLessThan(2e-6)
        expect([sums.context, sums.dQ, sums.dK, sums.dV]).toEqual([0, 0, 0, 0])
      }
    },
  )

  test('a long text, whose rows threads share, under every mask', async () => {
    const queryRows = Int32Array.from({ length: 131 }, (_, n) => 2 * n + (n % 2))
    for (const mask of masksFor(263, 257)) {
      const given: AttentionCase = {
        ...plain,
        mask,
        position: rotary({ align: 'end' }),
        ...texts([263], [257]),
      }
      const [one, two] = await Promise.all(
        devices.slice(1).map((device) => both(device, given, queryRows)),
      )
      expect(differences({ found: one.found, expected: two.found })).toEqual({
        context: 0,
        dQ: 0,
        dK: 0,
        dV: 0,
      })
      expect(Math.max(...Object.values(differences(one)))).toBeLessThan(4e-6)
    }
  })
})

test('a key that no chosen row may look at gets zeros, be it NaN', async () => {
  const given: AttentionCase = { ...plain, mask: masksFor(9, 9)[4], ...texts([9], [9]) }
  const numbers = numbersOf(given)
  numbers.K.data.fill(Number.NaN, 5 * 12)
  const queryRows = Int32Array.of(1, 4)
  for (const device of devices) {
    const found = await foundBy(
      device,
      { ...given, queryRows },
      { ...numbers, Q: taken(numbers.Q, queryRows), dC: taken(numbers.dC, queryRows) },
      {},
    )
    expect(found.context.every(Number.isFinite)).toBe(true)
    expect([...found.dK.slice(5 * 12), ...found.dV.slice(5 * 10)].every((x) => x === 0)).toBe(true)
  }
})

test('asking about no row gives keys and values zeros', async () => {
  const given: AttentionCase = { ...plain, ...texts([3, 4], [3, 4]) }
  const { found } = await both(devices[1], given, new Int32Array(0))
  expect(found.context).toHaveLength(0)
  expect([...found.dK, ...found.dV].every((x) => x === 0)).toBe(true)
})

test('rows that do not rise, or are not those of Q, are refused', async () => {
  const given: AttentionCase = { ...plain, ...texts([3, 4], [3, 4]) }
  const numbers = numbersOf(given)
  const ask = (...rows: number[]) =>
    foundBy(devices[0], { ...given, queryRows: Int32Array.from(rows) }, numbers, {})
  await expect(ask(2, 2)).rejects.toThrow(
    'attention: queryRows must rise within the query rows, 0 to 6, got [2, 2]',
  )
  await expect(ask(5, 7)).rejects.toThrow(
    'attention: queryRows must rise within the query rows, 0 to 6, got [5, 7]',
  )
  await expect(ask(1, 2)).rejects.toThrow(
    'attention: Q must have a row for each of the 2 queryRows, got 7',
  )
})

test('weights and statistics are of all rows', async () => {
  const given: AttentionCase = { ...plain, ...texts([3], [3]) }
  const numbers = numbersOf(given)
  const queryRows = Int32Array.of(0, 1, 2)
  await expect(
    foundBy(devices[0], { ...given, queryRows }, numbers, { statistics: true }),
  ).rejects.toThrow('weights and statistics are of all query rows; leave out queryRows')
})

test('chosen query rows are counted by text, and keep their places', () => {
  const queryStarts = Int32Array.of(0, 3, 3, 9)
  const queryRows = Int32Array.of(2, 3, 8)
  expect([...queryRowStarts({ queryStarts, queryRows })]).toEqual([0, 1, 1, 3])
  expect([...queryRowPositions({ queryStarts, queryRows })]).toEqual([2, 0, 5])
  expect(queryRowStarts({ queryStarts })).toBe(queryStarts)
  expect([...queryRowPositions({ queryStarts })]).toEqual([0, 1, 2, 0, 1, 2, 3, 4, 5])
})
