import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  and,
  causal,
  cells,
  documents,
  everything,
  fromTorchAttentionMask,
  fromTorchKeyPadding,
  lengths,
  type Mask,
  type MaskSizes,
  not,
  or,
  window,
} from '../../src/mechanism/mask.ts'
import { runsOf } from '../../src/mechanism/mask-runs.ts'
import { Tensor } from '../../src/tensor.ts'
import { anyMask, at, own, simpleMasks } from './any-mask.ts'

const bit = (shape: readonly number[], data: readonly number[]): Tensor =>
  new Tensor(shape, Uint8Array.from(data))
const odd = own((_i, j) => j % 2 === 1)

describe('worked examples', () => {
  test.each<[string, Mask, number, MaskSizes, number[]]>([
    ['everything', everything, 1, at(2, 3), [0, 3]],
    ['everything of no keys', everything, 1, at(2, 0), []],
    ['lengths of the second text', lengths([3, 1]), 0, at(2, 3, 1), [0, 1]],
    ['a length of 0', lengths([0]), 0, at(2, 3), []],
    ['causal', causal(), 1, at(3, 3), [0, 2]],
    ['causal from the end, fewer queries', causal({ align: 'end' }), 0, at(2, 5), [0, 4]],
    ['causal from the end, more queries', causal({ align: 'end' }), 0, at(3, 2), []],
    ['window', window(1, 2), 2, at(3, 7), [1, 5]],
    ['window beyond the keys', window(1, 2), 6, at(7, 3), []],
    ['window without a beginning', window(Infinity, 1), 2, at(3, 7), [0, 4]],
    ['window without an end', window(1, Infinity), 2, at(3, 7), [1, 7]],
    ['window without either', window(Infinity, Infinity, { align: 'end' }), 2, at(3, 7), [0, 7]],
    ['documents that lie scattered', documents([1, 2], [0, 1, 1, 2, 1]), 0, at(2, 5), [1, 3, 4, 5]],
    ['a document without keys', documents([5, 0], [0, 1]), 0, at(2, 2), []],
    ['a document that is no number', documents([NaN, 0], [NaN, 0]), 0, at(2, 2), []],
    ['cells', cells(bit([2, 5], [0, 0, 0, 0, 0, 1, 0, 1, 1, 0])), 1, at(2, 5), [0, 1, 2, 4]],
    [
      "PyTorch's key padding",
      fromTorchKeyPadding(bit([2, 3], [1, 1, 1, 0, 1, 0])),
      1,
      at(2, 3, 1),
      [0, 1, 2, 3],
    ],
    [
      "PyTorch's attention mask",
      fromTorchAttentionMask(bit([2, 1, 3], [0, 0, 0, 1, 0, 0]), 2),
      0,
      at(1, 3, 0, 1),
      [1, 3],
    ],
    ['and', and(documents([0, 0], [0, 0, 1, 0, 0]), window(0, 2)), 1, at(2, 5), [1, 2, 3, 4]],
    ['and of nothing', and(), 1, at(2, 5), [0, 5]],
    ['or of runs that touch', or(window(0, 0), lengths([1])), 1, at(2, 5), [0, 2]],
    ['or of runs that do not', or(window(0, 0), lengths([1])), 2, at(3, 5), [0, 1, 2, 3]],
    ['or of nothing', or(), 1, at(2, 5), []],
    ['not', not(window(1, 0)), 2, at(3, 5), [0, 1, 3, 5]],
    ['not of everything', not(everything), 2, at(3, 5), []],
    ['not of nothing', not(or()), 2, at(3, 5), [0, 5]],
    ["a user's own", odd, 0, at(2, 5), [1, 2, 3, 4]],
    ["not of a user's own", not(odd), 0, at(2, 5), [0, 1, 2, 3, 4, 5]],
  ])('%s', (_name, mask, i, sizes, expected) => {
    expect(runsOf(mask, i, sizes)).toEqual(expected)
  })

  test("and asks a user's own mask only for keys that the others leave", () => {
    const asked: number[] = []
    const watched: Mask = {
      name: 'watched',
      allows: (_i, j) => asked.push(j) > 0,
      span: () => [0, 11],
    }
    expect([runsOf(and(watched, window(1, 1)), 5, at(7, 11)), asked]).toEqual([
      [4, 7],
      [4, 5, 6],
    ])
  })

  test('documents keep what they were given', () => {
    const rows = [0, 0, 1]
    const mask = documents(rows)
    rows[1] = 1
    expect([runsOf(mask, 0, at(3, 3)), mask.allows(0, 1, at(3, 3))]).toEqual([[0, 2], true])
  })
})

describe('the runs are the keys that allows allows, rise, do not touch, and lie within the span', () => {
  const places = fc
    .tuple(fc.integer({ min: 1, max: 7 }), fc.nat(11), fc.nat(2), fc.nat(2))
    .map(([nQuery, nKey, text, head]) => at(nQuery, nKey, text, head))

  const holds = (mask: Mask, sizes: MaskSizes): void => {
    for (let i = 0; i < sizes.nQuery; i++) {
      const runs = runsOf(mask, i, sizes)
      const open = Array.from({ length: sizes.nKey }, (_, j) =>
        runs.some((from, n) => n % 2 === 0 && from <= j && j < runs[n + 1]),
      )
      expect(open).toEqual(open.map((_, j) => mask.allows(i, j, sizes)))
      expect([runs.length % 2, runs.filter((end, n) => n > 0 && end <= runs[n - 1])]).toEqual([
        0,
        [],
      ])
      const [from, to] = mask.span(i, i, sizes)
      expect(runs.filter((end) => end < from || end > to)).toEqual([])
    }
  }
  const check = (masksAt: (sizes: MaskSizes) => fc.Arbitrary<Mask>, numRuns: number): void =>
    fc.assert(
      fc.property(
        places.chain((sizes) => fc.tuple(fc.constant(sizes), masksAt(sizes))),
        ([sizes, mask]) => holds(mask, sizes),
      ),
      { seed: 79, numRuns },
    )

  test.each(Object.keys(simpleMasks(at(1, 1))))('%s', (name) => {
    check((sizes) => simpleMasks(sizes)[name], 200)
  })

  test('masks of masks of masks', () => {
    check(anyMask, 1000)
  })

  test('every built-in mask has runs', () => {
    const simple = fc
      .sample(fc.tuple(...Object.values(simpleMasks(at(2, 3)))), { seed: 83, numRuns: 1 })
      .flat()
    const builtIn = [...simple.filter(({ name }) => name !== 'own'), and(odd), or(odd), not(odd)]
    expect(builtIn.map(({ runs }) => typeof runs)).toEqual(builtIn.map(() => 'function'))
  })
})

describe('a mask that is the same for all heads', () => {
  test('says so', () => {
    const simple = [
      everything,
      lengths([3]),
      window(1, 2),
      causal(),
      documents([0]),
      fromTorchKeyPadding(bit([1, 1], [0])),
    ]
    const shared = [
      cells(bit([2, 1], [0, 1])),
      cells(bit([2, 1, 1], [0, 1])),
      cells(bit([2, 1, 1, 1], [0, 1])),
    ]
    const joined = [
      and(),
      or(),
      and(causal(), lengths([3])),
      or(causal(), lengths([3])),
      not(causal()),
    ]
    const all = [...simple, ...shared, ...joined]
    expect(all.map(({ sameForHeads }) => sameForHeads)).toEqual(all.map(() => true))
  })

  test("and no other: cells for each head, a user's own, and what is made of them", () => {
    const forEach = cells(bit([1, 2, 1, 1], [0, 1]))
    const others = [
      forEach,
      odd,
      and(causal(), odd),
      or(forEach, causal()),
      not(odd),
      not(and(or(causal(), forEach))),
    ]
    expect(others.filter(({ sameForHeads }) => sameForHeads)).toEqual([])
  })

  test('allows every head the same', () => {
    const sizes = at(3, 5, 1, 1)
    fc.assert(
      fc.property(
        anyMask(sizes).filter(({ sameForHeads }) => sameForHeads === true),
        (mask) => {
          for (let i = 0; i < 3; i++)
            expect(runsOf(mask, i, sizes)).toEqual(runsOf(mask, i, { ...sizes, head: 0 }))
        },
      ),
      { seed: 89, numRuns: 300 },
    )
  })
})

describe("a user's own mask", () => {
  test('that spreads another and changes what it allows has the runs of what it allows', () => {
    const changed = { ...causal(), allows: (_i: number, j: number) => j === 1 }
    expect([runsOf(changed, 2, at(3, 3)), changed.sameForHeads, changed.name]).toEqual([
      [1, 2],
      undefined,
      'causal',
    ])
  })

  test('is asked within its span and within the keys', () => {
    const wide: Mask = { name: 'wide', allows: () => true, span: () => [-2, 17] }
    const narrow: Mask = { name: 'narrow', allows: () => true, span: () => [1, 3] }
    const between: Mask = { name: 'between', allows: () => true, span: () => [0.5, 2.5] }
    const closed: Mask = { name: 'closed', allows: () => true, span: () => [3, 1] }
    expect([wide, narrow, between, closed].map((mask) => runsOf(mask, 0, at(1, 5)))).toEqual([
      [0, 5],
      [1, 3],
      [1, 3],
      [],
    ])
  })

  test('may have runs of its own, which are followed', () => {
    const fast: Mask = { ...odd, runs: () => [1, 2, 3, 4] }
    expect([runsOf(fast, 0, at(2, 5)), runsOf(not(fast), 0, at(2, 5))]).toEqual([
      [1, 2, 3, 4],
      [0, 1, 2, 3, 4, 5],
    ])
  })

  test.each<[string, number[], string]>([
    ['that fall', [3, 2], 'integers that rise within 0 … 5, got [3, 2]'],
    ['that are empty', [2, 2], 'integers that rise within 0 … 5, got [2, 2]'],
    ['that touch', [0, 2, 2, 3], 'integers that rise within 0 … 5, got [0, 2, 2, 3]'],
    ['before the keys', [-1, 2], 'integers that rise within 0 … 5, got [-1, 2]'],
    ['beyond the keys', [0, 7], 'integers that rise within 0 … 5, got [0, 7]'],
    ['between keys', [0, 2.5], 'integers that rise within 0 … 5, got [0, 2.5]'],
    ['without an end', [0, 2, 3], 'pairs of from and to, got [0, 2, 3]'],
  ])('with runs %s is refused', (_what, runs, message) => {
    const wrong: Mask = { ...odd, runs: () => runs }
    for (const mask of [wrong, and(causal(), wrong), or(wrong), not(wrong)]) {
      expect(() => runsOf(mask, 1, at(2, 5))).toThrow(
        new RangeError(`attention: own.runs(1) must be ${message}`),
      )
    }
  })
})
