import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Device } from '../../src/device/device.ts'
import { openDevice } from '../../src/device/open.ts'
import { scaledDot } from '../../src/mechanism/alignments.ts'
import { sigmoid, softmax, sparsemax } from '../../src/mechanism/distributions.ts'
import { causal, everything, type Mask, window } from '../../src/mechanism/mask.ts'
import { none, type Position, relative, rotary } from '../../src/mechanism/position.ts'
import { Tensor } from '../../src/tensor.ts'
import { worstError } from '../differences.ts'
import { alignments, distributions } from '../every.ts'
import {
  type AttentionCase,
  type CaseNumbers,
  type Found,
  foundBy,
  numbersOf,
  texts,
} from './attention-cases.ts'
import { positionsOf, widthsOf } from './attention-grid.ts'

const plain = {
  alignment: scaledDot,
  distribution: softmax,
  mask: everything,
  position: none,
  dQuery: 6,
  dKey: 6,
  dValue: 5,
}

let one: Device
let two: Device
beforeAll(async () => {
  ;[one, two] = await Promise.all([1, 2].map((threads) => openDevice({ device: 'wasm', threads })))
})
afterAll(() => Promise.all([one, two].map((device) => device.close())))

/** Every alignment with some distribution, then every distribution. */
const rules = [
  ...alignments.map((alignment, n) => ({
    alignment,
    distribution: distributions[n % distributions.length],
  })),
  ...distributions.map((distribution) => ({ alignment: scaledDot, distribution })),
].map((rule) => ({ ...rule, name: `${rule.alignment.name}, ${rule.distribution.name}` }))

/** The quantities whose bits differ; every NaN is one. */
const differing = (a: Found, b: Found): string[] =>
  Object.keys(a).filter(
    (name) =>
      a[name].length !== b[name]?.length || !a[name].every((x, n) => Object.is(x, b[name][n])),
  )

test.each(rules)(
  '$name: equal rows of queries give equal rows of context, wherever they stand',
  async ({ alignment, distribution }) => {
    const given: AttentionCase = {
      ...plain,
      alignment,
      distribution,
      heads: 2,
      ...texts([131], [67]),
      ...widthsOf(alignment, [4, 6]),
    }
    const numbers = numbersOf(given)
    const equal = [1, 5, 23, 24, 47, 96, 97, 128, 130]
    for (const i of equal) numbers.Q.data.copyWithin(2 * i * given.dQuery, 0, 2 * given.dQuery)
    const { context } = await foundBy(one, given, numbers)
    for (const i of equal) expect(context.slice(10 * i, 10 * i + 10)).toEqual(context.slice(0, 10))
  },
)

/** Rows from … to − 1 of a matrix. */
const cut = ({ shape: [, columns], data }: Tensor, from: number, to: number): Tensor =>
  new Tensor([to - from, columns], data.slice(from * columns, to * columns) as Float32Array)

/** One text of a batch, by itself. */
function alone(given: AttentionCase, { parameters, ...numbers }: CaseNumbers, text: number) {
  const { queryStarts, keyStarts } = given
  const [queries, keys] = [queryStarts, keyStarts].map(
    (starts) => [starts[text], starts[text + 1]] as const,
  )
  const single = { ...given, ...texts([queries[1] - queries[0]], [keys[1] - keys[0]]) }
  const { Q, K, V, dC } = numbers
  return {
    given: single,
    numbers: {
      Q: cut(Q, ...queries),
      K: cut(K, ...keys),
      V: cut(V, ...keys),
      dC: cut(dC, ...queries),
      parameters,
    },
  }
}

describe('a text alone and in a batch has the same bits, forward and backward', () => {
  const batch = texts([30, 0, 9, 150, 5, 7], [21, 4, 17, 120, 0, 1])
  const cases = rules.flatMap(({ alignment, distribution, name }, n) => {
    const positions = positionsOf(alignment)
    const position: Position = positions[n % positions.length]
    return [{ name: `${name}, ${position.name}`, alignment, distribution, position }]
  })
  const turned = {
    name: 'rotary, aligned at the end',
    alignment: scaledDot,
    distribution: softmax,
    position: rotary({ align: 'end' }),
  }

  test.each([...cases, turned])('$name', async ({ alignment, distribution, position }) => {
    const mask = causal({ align: 'end' })
    const widths = { ...widthsOf(alignment, [4, 6]), dValue: 5 }
    const given: AttentionCase = {
      alignment,
      distribution,
      mask,
      position,
      heads: 2,
      ...batch,
      ...widths,
    }
    const numbers = numbersOf(given)
    const whole = await foundBy(one, given, numbers, {})
    for (const text of [0, 2, 3, 4, 5]) {
      const single = alone(given, numbers, text)
      const found = await foundBy(two, single.given, single.numbers, {})
      const columns = {
        context: 2 * widths.dValue,
        dQ: 2 * widths.dQuery,
        dK: 2 * widths.dKey,
        dV: 2 * widths.dValue,
      }
      for (const [name, width] of Object.entries(columns)) {
        const first =
          (name === 'context' || name === 'dQ' ? given.queryStarts : given.keyStarts)[text] * width
        expect({ text, name, data: found[name] }).toEqual({
          text,
          name,
          data: whole[name].slice(first, first + found[name].length),
        })
      }
    }
  })
})

describe('two threads give the bits of one, whether they share texts or divide them', () => {
  // few long texts are shared row by row; many are divided
  const batches = {
    shared: texts([259, 0, 70], [131, 5, 0]),
    divided: texts(Array(9).fill(67), Array(9).fill(59)),
  }
  const masks: readonly Mask[] = [everything, window(9, 30)]

  test.each(rules)('$name', async ({ alignment, distribution }) => {
    for (const [n, batch] of Object.values(batches).entries()) {
      const widths = { ...widthsOf(alignment, [4, 6]), dValue: 5 }
      const given: AttentionCase = {
        alignment,
        distribution,
        mask: masks[n],
        position: relative(7),
        heads: 2,
        ...batch,
        ...widths,
      }
      const numbers = numbersOf(given)
      const wants = { weights: true, statistics: true }
      expect(
        differing(
          await foundBy(one, given, numbers, wants),
          await foundBy(two, given, numbers, wants),
        ),
      ).toEqual([])
    }
  })
})

test.each(rules)(
  '$name: what is wanted beside the context changes no bit of it',
  async ({ alignment, distribution }) => {
    const given: AttentionCase = {
      ...plain,
      alignment,
      distribution,
      heads: 3,
      ...texts([29, 3], [31, 40]),
      ...widthsOf(alignment, [4, 6]),
    }
    const numbers = numbersOf(given)
    const bare = await foundBy(one, given, numbers, {})
    for (const wants of [
      { weights: true },
      { statistics: true },
      { weights: true, statistics: true },
    ])
      expect(differing(bare, await foundBy(one, given, numbers, wants))).toEqual([])
  },
)

test('entropy, maximum and place are those of the weights', async () => {
  const reference = await openDevice({ dtype: 'float64' })
  for (const distribution of [softmax, sigmoid, sparsemax]) {
    const given: AttentionCase = {
      ...plain,
      distribution,
      mask: window(2, 3),
      heads: 2,
      ...texts([9, 0, 40], [12, 3, 33]),
    }
    const numbers = numbersOf(given)
    const [found, exact] = [
      await foundBy(one, given, numbers, { statistics: true }),
      await foundBy(reference, given, numbers, { statistics: true }),
    ]
    expect(found.place).toEqual(exact.place)
    for (const name of ['entropy', 'maximum'])
      expect(worstError(found[name], exact[name])).toBeLessThan(2e-6)
  }
})
