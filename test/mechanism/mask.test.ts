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
import { Tensor } from '../../src/tensor.ts'
import { anyMask, at } from './any-mask.ts'

/** The whole mask, one string for each query: x may, . may not. */
const picture = (mask: Mask, sizes: MaskSizes): string[] =>
  Array.from({ length: sizes.nQuery }, (_, i) =>
    Array.from({ length: sizes.nKey }, (_, j) => (mask.allows(i, j, sizes) ? 'x' : '.')).join(''),
  )

const bits = (...planes: string[][]): Uint8Array =>
  Uint8Array.from(planes.flat().join(''), (cell) => (cell === 'x' ? 1 : 0))

describe('worked examples', () => {
  test.each<[string, Mask, MaskSizes, string[]]>([
    ['everything', everything, at(2, 3), ['xxx', 'xxx']],
    ['lengths of the second text', lengths([3, 1]), at(2, 3, 1), ['x..', 'x..']],
    ['causal, as many queries as keys', causal(), at(3, 3), ['x..', 'xx.', 'xxx']],
    ['causal from the start, fewer queries', causal(), at(2, 5), ['x....', 'xx...']],
    ['causal from the end, fewer queries', causal({ align: 'end' }), at(2, 5), ['xxxx.', 'xxxxx']],
    ['causal from the start, more queries', causal(), at(3, 2), ['x.', 'xx', 'xx']],
    ['causal from the end, more queries', causal({ align: 'end' }), at(3, 2), ['..', 'x.', 'xx']],
    ['causal, one place back', causal({ window: 1 }), at(3, 3), ['x..', 'xx.', '.xx']],
    ['window of one before and two after', window(1, 2), at(3, 5), ['xxx..', 'xxxx.', '.xxxx']],
    ['window from the end', window(1, 0, { align: 'end' }), at(2, 5), ['..xx.', '...xx']],
    ['window without an end', window(Infinity, 0), at(3, 3), ['x..', 'xx.', 'xxx']],
    ['documents', documents([0, 0, 1]), at(3, 3), ['xx.', 'xx.', '..x']],
    [
      'documents of queries and of keys',
      documents([1, 2], [0, 1, 1, 2, 1]),
      at(2, 5),
      ['.xx.x', '...x.'],
    ],
    ['and', and(causal(), not(window(0, 0))), at(3, 3), ['...', 'x..', 'xx.']],
    ['or', or(window(0, 0), lengths([1])), at(3, 3), ['x..', 'xx.', 'x.x']],
    ['not', not(causal()), at(3, 3), ['.xx', '..x', '...']],
  ])('%s', (_name, mask, sizes, expected) => {
    expect(picture(mask, sizes)).toEqual(expected)
  })

  const first = ['x.x', '...']
  const second = ['.xx', 'x..']
  test('cells of two axes serve every text and head', () => {
    expect(picture(cells(new Tensor([2, 3], bits(first))), at(2, 3, 5, 7))).toEqual(first)
  })

  test('cells of three axes have one plane for each text', () => {
    expect(picture(cells(new Tensor([2, 2, 3], bits(first, second))), at(2, 3, 1, 3))).toEqual(
      second,
    )
  })

  test('cells of four axes have one plane for each head of each text', () => {
    const mask = cells(new Tensor([1, 2, 2, 3], bits(first, second)))
    expect([picture(mask, at(2, 3, 4, 0)), picture(mask, at(2, 3, 4, 1))]).toEqual([first, second])
  })

  test("PyTorch's key padding of true is ignored", () => {
    const mask = fromTorchKeyPadding(new Tensor([2, 3], bits(['...', '.xx'])))
    expect([picture(mask, at(1, 3, 0)), picture(mask, at(1, 3, 1))]).toEqual([['xxx'], ['x..']])
  })

  test("PyTorch's attention mask of true is ignored", () => {
    expect(picture(fromTorchAttentionMask(new Tensor([2, 3], bits(first))), at(2, 3))).toEqual([
      '.x.',
      'xxx',
    ])
  })

  test("PyTorch's attention mask of three axes has N·heads planes, the heads of a text side by side", () => {
    const ignored = new Tensor([4, 1, 3], bits(['x..'], ['.x.'], ['..x'], ['xx.']))
    const mask = fromTorchAttentionMask(ignored, 2)
    expect(
      [0, 1].flatMap((text) => [0, 1].map((head) => picture(mask, at(1, 3, text, head)))),
    ).toEqual([['.xx'], ['x.x'], ['xx.'], ['..x']])
    expect(() => fromTorchAttentionMask(ignored, 3)).toThrow(
      'the first axis must be N·heads, a multiple of 3, got (4, 1, 3)',
    )
  })
})

const places = fc
  .tuple(fc.integer({ min: 1, max: 7 }), fc.integer({ min: 1, max: 11 }))
  .map(([nQuery, nKey]) => at(nQuery, nKey))
const placed = places.chain((sizes) => fc.tuple(fc.constant(sizes), anyMask(sizes), anyMask(sizes)))
const runs = { seed: 73, numRuns: 300 }

describe('algebra of masks', () => {
  const same = (x: Mask, y: Mask, sizes: MaskSizes): boolean =>
    picture(x, sizes).join() === picture(y, sizes).join()

  test('not of not is the mask itself', () => {
    fc.assert(
      fc.property(placed, ([sizes, x]) => same(not(not(x)), x, sizes)),
      runs,
    )
  })

  test('not of and is or of nots', () => {
    fc.assert(
      fc.property(placed, ([sizes, x, y]) => same(not(and(x, y)), or(not(x), not(y)), sizes)),
      runs,
    )
  })

  test('not of or is and of nots', () => {
    fc.assert(
      fc.property(placed, ([sizes, x, y]) => same(not(or(x, y)), and(not(x), not(y)), sizes)),
      runs,
    )
  })

  test('and of nothing allows everything, or of nothing forbids everything', () => {
    expect([picture(and(), at(2, 3)), picture(or(), at(2, 3))]).toEqual([
      ['xxx', 'xxx'],
      ['...', '...'],
    ])
  })

  test('the span of a run of queries holds every key that one of them may look at', () => {
    fc.assert(
      fc.property(placed, fc.nat(), fc.nat(), ([sizes, mask], a, b) => {
        const [first, last] = [a % sizes.nQuery, b % sizes.nQuery].sort((x, y) => x - y)
        const [from, to] = mask.span(first, last, sizes)
        for (let i = first; i <= last; i++) {
          for (let j = 0; j < sizes.nKey; j++)
            if (mask.allows(i, j, sizes) && (j < from || j >= to)) return false
        }
        return from >= 0 && to <= sizes.nKey
      }),
      runs,
    )
  })

  test.each<[string, Mask, readonly [number, number]]>([
    ['causal', causal(), [0, 6]],
    ['window', window(1, 2), [2, 8]],
    ['lengths', lengths([4]), [0, 4]],
    ['documents', documents([0, 0, 0, 1, 1, 1, 2, 2, 2, 2, 2]), [3, 6]],
    ['and', and(causal(), window(1, 2)), [2, 6]],
    ['or', or(window(0, 0), window(2, 0)), [1, 6]],
  ])('the span of %s is no wider than needed', (_name, mask, expected) => {
    expect(mask.span(3, 5, at(11, 11))).toEqual(expected)
  })
})

describe('names', () => {
  test.each([
    [lengths([3, 5]).name, 'lengths:3,5'],
    [causal().name, 'causal'],
    [causal({ align: 'end', window: 5 }).name, 'causal:end,5'],
    [window(2, Infinity).name, 'window:2,Infinity'],
    [and(causal(), not(lengths([2]))).name, 'and(causal;not(lengths:2))'],
  ])('%s', (name, expected) => {
    expect(name).toBe(expected)
  })
})

describe('errors', () => {
  test.each<[string, () => unknown, Error]>([
    [
      'a length below 0',
      () => lengths([3, -1]),
      new RangeError('lengths: every length must be an integer ≥ 0, got -1'),
    ],
    [
      'a window below 0',
      () => window(2, -1),
      new RangeError('window: right must be an integer ≥ 0 or Infinity, got -1'),
    ],
    ['a causal window that is no integer', () => causal({ window: 1.5 }), RangeError as never],
    [
      'cells that are not uint8',
      () => cells(Tensor.zeros([2, 3])),
      new TypeError('cells: needs a uint8 tensor of 0 and 1, got float32'),
    ],
    ['cells of one axis', () => cells(Tensor.zeros([3], 'uint8')), RangeError as never],
    [
      'a key padding of one axis',
      () => fromTorchKeyPadding(Tensor.zeros([3], 'uint8')),
      new RangeError('fromTorchKeyPadding: needs (N, T_k), got (3,)'),
    ],
  ])('%s is refused', (_what, make, error) => {
    expect(make).toThrow(error)
  })

  test.each<[string, Mask, MaskSizes, string]>([
    [
      'a text without a length',
      lengths([3]),
      at(2, 5, 1),
      'lengths: no length for text 1, got 1 lengths; give one for each text',
    ],
    [
      'a length beyond the keys',
      lengths([7]),
      at(2, 5),
      'lengths: text 0 has 5 keys, got length 7',
    ],
    [
      'documents of other sizes',
      documents([0, 1]),
      at(2, 5),
      'documents: needs 2 queries and 5 keys, got 2 and 2',
    ],
    [
      'cells of other sizes',
      cells(Tensor.zeros([2, 3], 'uint8')),
      at(2, 5),
      'cells: needs (2, 5) for text 0, head 0, got (2, 3)',
    ],
    [
      'cells of too few texts',
      cells(Tensor.zeros([2, 2, 5], 'uint8')),
      at(2, 5, 2),
      'cells: needs (2, 5) for text 2, head 0, got (2, 2, 5)',
    ],
    [
      'a key padding of other sizes',
      fromTorchKeyPadding(Tensor.zeros([2, 3], 'uint8')),
      at(2, 5),
      'fromTorchKeyPadding: needs 5 keys and text 0, got (2, 3)',
    ],
    [
      'a part of and that does not fit',
      and(causal(), not(lengths([7]))),
      at(2, 5),
      'lengths: text 0 has 5 keys, got length 7',
    ],
  ])('%s are found by check', (_what, mask, sizes, message) => {
    expect(() => mask.check?.(sizes)).toThrow(new RangeError(message))
  })
})
