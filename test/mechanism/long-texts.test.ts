import { describe, expect, test } from 'vitest'
import { attend } from '../../src/mechanism/attention.ts'
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
import {
  none,
  type RelativePosition,
  type RotaryPosition,
  relative,
  rotary,
} from '../../src/mechanism/position.ts'
import { Random } from '../../src/random.ts'
import { Tensor } from '../../src/tensor.ts'
import { innerProduct, worstError } from '../differences.ts'

/** Words of a text: queries come in four blocks of at most 32 rows. */
const T = 97
const normals = (random: Random, ...shape: number[]): Tensor => random.normals(shape, 'float64')

type Allows = (i: number, j: number) => boolean

/** What a position does to a score, in the paper's terms, for query i and key j. */
interface PlainPosition {
  /** x at place t, turned; minus t turns back. */
  turned(x: ArrayLike<number>, t: number): number[]
  /** Which number of the bias belongs to a pair, if any. */
  biasAt?(i: number, j: number): number
}

const still: PlainPosition = { turned: (x) => Array.from(x) }

/** Pairs of columns turned by t · 10000^{−2c/width}; an odd last column stays. */
const turning: PlainPosition = {
  turned: (x, t) =>
    Array.from(x, (value, c) => {
      const pair = c - (c % 2)
      if (pair + 1 >= x.length) return value
      const angle = t * 10_000 ** (-pair / x.length)
      return c % 2
        ? x[pair] * Math.sin(angle) + value * Math.cos(angle)
        : value * Math.cos(angle) - x[pair + 1] * Math.sin(angle)
    }),
}

const biased = (clip: number, shift = 0): PlainPosition => ({
  ...still,
  biasAt: (i, j) => Math.min(2 * clip, Math.max(0, j - i - shift + clip)),
})

interface Inputs {
  readonly Q: Tensor
  readonly K: Tensor
  readonly V: Tensor
  readonly dC: Tensor
  readonly bias: Tensor
}

/**
 * Scaled dot product and softmax with all gradients, one query after the other: no block, no run of
 * keys.
 */
function plainly(
  { Q, K, V, dC, bias }: Inputs,
  allows: Allows,
  { turned, biasAt }: PlainPosition,
  shift = 0,
) {
  const [C, dQ, dK, dV, dBias] = [dC, Q, K, V, bias].map(({ shape }) =>
    Tensor.zeros(shape, 'float64'),
  )
  const scale = 1 / Math.sqrt(K.shape[1])
  const addTo = (X: Tensor, r: number, factor: number, x: ArrayLike<number>): void => {
    for (let c = 0; c < x.length; c++) X.data[r * x.length + c] += factor * x[c]
  }
  const places = Array.from({ length: K.shape[0] }, (_, j) => j)
  const R = places.map((j) => turned(K.slice(j).data, j))
  for (let i = 0; i < Q.shape[0]; i++) {
    const keys = places.filter((j) => allows(i, j))
    const l = turned(Q.slice(i).data, i + shift)
    const powers = keys.map((j) =>
      Math.exp(scale * innerProduct(l, R[j]) + (biasAt ? bias.data[biasAt(i, j)] : 0)),
    )
    const sum = powers.reduce((total, power) => total + power, 0)
    const dA = keys.map((j) => innerProduct(dC.slice(i).data, V.slice(j).data))
    const mean = powers.reduce((total, power, n) => total + (power / sum) * dA[n], 0)
    keys.forEach((j, n) => {
      const a = powers[n] / sum
      const dS = a * (dA[n] - mean)
      addTo(C, i, a, V.slice(j).data)
      addTo(dV, j, a, dC.slice(i).data)
      addTo(dQ, i, dS * scale, turned(R[j], -i - shift))
      addTo(dK, j, dS * scale, turned(l, -j))
      if (biasAt) dBias.data[biasAt(i, j)] += dS
    })
  }
  return { context: C, dQ, dK, dV, bias: dBias }
}

/** Inputs for nQuery queries and nKey keys, of odd width so that a column stays unturned. */
function inputsOf(seed: number, nQuery: number, nKey: number, clip = 0): Inputs {
  const random = new Random(seed, 'long texts')
  const [Q, K, V, dC] = [
    normals(random, nQuery, 5),
    normals(random, nKey, 5),
    normals(random, nKey, 3),
    normals(random, nQuery, 3),
  ]
  return { Q, K, V, dC, bias: normals(random, 1, 2 * clip + 1) }
}

/** Context and every gradient of `attend`, by the names of `plainly`. */
function attended(
  { Q, K, V, dC, bias }: Inputs,
  mask: Mask,
  position: typeof none | RelativePosition | RotaryPosition = none,
) {
  const positionParameters: Record<string, Tensor> = position.on === 'scores' ? { bias } : {}
  const { context, backward } = attend(Q, K, V, { mask, position, positionParameters })
  const { dQ, dK, dV, dPosition } = backward(dC)
  return { context, dQ, dK, dV, ...dPosition }
}

/** Largest error among all that was found. */
const worst = (found: Record<string, Tensor>, expected: Record<string, Tensor>): number =>
  Math.max(...Object.keys(found).map((name) => worstError(found[name].data, expected[name].data)))

/** Three documents for keys; the second block of queries belongs to a fourth that has no key. */
const keyDocuments = Array.from({ length: T }, (_, j) => Math.floor(j / 41))
const queryDocuments = keyDocuments.map((document, i) => (i >= 31 && i < 67 ? 3 : document))
/** Two cells in five, none in the third block of queries. */
const someCells = Tensor.zeros([T, T], 'uint8')
const random = new Random(89, 'cells')
for (let n = 0; n < T * T; n++)
  someCells.data[n] = random.uniform() < 0.4 && !(n >= 64 * T && n < 96 * T) ? 1 : 0

/** Each kind of mask with what it says of one pair, written again. */
const masks: [string, Mask, Allows][] = [
  ['everything', everything, () => true],
  ['a length of 11', lengths([11]), (_i, j) => j < 11],
  ['a length of 0', lengths([0]), () => false],
  ['causal', causal(), (i, j) => j <= i],
  ['causal with a window', causal({ window: 7 }), (i, j) => j <= i && i - j <= 7],
  ['window', window(5, 3), (i, j) => i - j <= 5 && j - i <= 3],
  [
    'documents',
    documents(queryDocuments, keyDocuments),
    (i, j) => queryDocuments[i] === keyDocuments[j],
  ],
  ['cells', cells(someCells), (i, j) => someCells.at(i, j) === 1],
  [
    'key padding',
    fromTorchKeyPadding(
      new Tensor(
        [1, T],
        Uint8Array.from({ length: T }, (_, j) => (j % 3 === 0 ? 1 : 0)),
      ),
    ),
    (_i, j) => j % 3 !== 0,
  ],
  ['not a length', not(lengths([11])), (_i, j) => j >= 11],
  ['not a window', not(window(5, 3)), (i, j) => i - j > 5 || j - i > 3],
  [
    'not documents',
    not(documents(queryDocuments, keyDocuments)),
    (i, j) => queryDocuments[i] !== keyDocuments[j],
  ],
]

describe('a text of 97 words, in four blocks of query rows, equals one row after the other', () => {
  describe.each(masks)('under %s', (_name, mask, allows) => {
    test('without positions', () => {
      const inputs = inputsOf(97, T, T)
      expect(worst(attended(inputs, mask), plainly(inputs, allows, still))).toBeLessThan(1e-13)
    })

    test('with relative positions', () => {
      const inputs = inputsOf(101, T, T, 19)
      expect(
        worst(attended(inputs, mask, relative(19)), plainly(inputs, allows, biased(19))),
      ).toBeLessThan(1e-13)
    })

    test('with rotary positions', () => {
      const inputs = inputsOf(103, T, T)
      expect(
        worst(attended(inputs, mask, rotary()), plainly(inputs, allows, turning)),
      ).toBeLessThan(1e-12)
    })
  })
})

describe('97 queries that end with 113 keys', () => {
  const shift = 113 - T
  const mask = window(13, 5, { align: 'end' })
  const allows: Allows = (i, j) => i + shift - j <= 13 && j - i - shift <= 5

  test('equal one row after the other with relative positions', () => {
    const inputs = inputsOf(107, T, 113, 7)
    const found = attended(inputs, mask, relative(7, { align: 'end' }))
    expect(worst(found, plainly(inputs, allows, biased(7, shift)))).toBeLessThan(1e-13)
  })

  test('equal one row after the other with rotary positions', () => {
    const inputs = inputsOf(109, T, 113)
    expect(
      worst(
        attended(inputs, mask, rotary({ align: 'end' })),
        plainly(inputs, allows, turning, shift),
      ),
    ).toBeLessThan(1e-12)
  })
})

describe('two masks joined', () => {
  const inputs = inputsOf(113, T, T)
  const pairs = masks.flatMap(([x, first, allowsFirst], n) =>
    masks
      .slice(n)
      .map(([y, second, allowsSecond]) => ({ x, y, first, second, allowsFirst, allowsSecond })),
  )

  test.each(pairs)(
    '$x and $y give what a plain selection gives, forward and backward',
    ({ first, second, allowsFirst, allowsSecond }) => {
      const expected = plainly(inputs, (i, j) => allowsFirst(i, j) && allowsSecond(i, j), still)
      expect(
        Math.max(
          ...[and(first, second), and(second, first)].map((mask) =>
            worst(attended(inputs, mask), expected),
          ),
        ),
      ).toBeLessThan(1e-13)
    },
  )

  test.each(pairs)(
    '$x or $y give what a plain selection gives, forward and backward',
    ({ first, second, allowsFirst, allowsSecond }) => {
      const expected = plainly(inputs, (i, j) => allowsFirst(i, j) || allowsSecond(i, j), still)
      expect(
        Math.max(
          ...[or(first, second), or(second, first)].map((mask) =>
            worst(attended(inputs, mask), expected),
          ),
        ),
      ).toBeLessThan(1e-13)
    },
  )
})

describe('documents of queries that no key belongs to', () => {
  test('give a query without a key a context and gradients of zeros', () => {
    const inputs = inputsOf(127, 1, 2)
    const found = attended(inputs, documents([5], [0, 0]))
    expect(Object.values(found).flatMap(({ data }) => [...data])).toEqual(
      new Array(3 + 5 + 10 + 6).fill(0),
    )
  })

  test('give their rows zeros in a text of 97 words', () => {
    const { context, dQ } = attended(inputsOf(131, T, T), documents(queryDocuments, keyDocuments))
    const rows = queryDocuments.flatMap((document, i) =>
      document === 3 ? [...context.slice(i).data, ...dQ.slice(i).data] : [],
    )
    expect(rows).toEqual(new Array(36 * 8).fill(0))
  })
})
