import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { dot, general, scaledDot } from '../../src/mechanism/alignments.ts'
import { attend } from '../../src/mechanism/attention.ts'
import type { Distribution } from '../../src/mechanism/distribution.ts'
import {
  entmax,
  entmax15,
  sigmoid,
  softmax,
  sparsemax,
  topK,
} from '../../src/mechanism/distributions.ts'
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
import { relative, sinusoidal } from '../../src/mechanism/position.ts'
import { Random } from '../../src/random.ts'
import { Tensor } from '../../src/tensor.ts'
import { innerProduct, worstError } from '../differences.ts'

const distributions: Distribution[] = [
  softmax,
  sigmoid,
  sparsemax,
  entmax15,
  entmax(1.3),
  entmax('learned'),
  topK(2),
]
const parametersOf = ({ parameters }: Distribution, heads = 1) =>
  parameters ? { a: Tensor.zeros([heads, 1], 'float64') } : {}
const normals = (random: Random, ...shape: number[]): Tensor => random.normals(shape, 'float64')

test('one query between two keys mixes their values by the softmax of its scores', () => {
  const Q = Tensor.from([[1, 0]], 'float64')
  const K = Tensor.from(
    [
      [Math.log(3), 5],
      [0, 7],
    ],
    'float64',
  )
  const V = Tensor.from(
    [
      [4, 8],
      [0, 4],
    ],
    'float64',
  )
  const { context, weights } = attend(Q, K, V, { alignment: dot, want: { weights: true } })
  expect(worstError([...context.data, ...(weights?.data ?? [])], [3, 7, 0.75, 0.25])).toBeLessThan(
    1e-15,
  )
})

/** The formulas of attention and its gradients for one text, query by query, without any block. */
function plainly(
  Q: Tensor,
  K: Tensor,
  V: Tensor,
  dC: Tensor,
  allows: (i: number, j: number) => boolean,
) {
  const [C, A] = [
    Tensor.zeros(dC.shape, 'float64'),
    Tensor.zeros([Q.shape[0], K.shape[0]], 'float64'),
  ]
  const [dQ, dK, dV] = [Q, K, V].map(({ shape }) => Tensor.zeros(shape, 'float64'))
  const scale = 1 / Math.sqrt(K.shape[1])
  const addTo = (X: Tensor, r: number, factor: number, x: ArrayLike<number>): void =>
    Array.from(x).forEach((value, c) => {
      X.data[r * x.length + c] += factor * value
    })
  for (let i = 0; i < Q.shape[0]; i++) {
    const keys = Array.from({ length: K.shape[0] }, (_, j) => j).filter((j) => allows(i, j))
    const powers = keys.map((j) => Math.exp(scale * innerProduct(Q.slice(i).data, K.slice(j).data)))
    const sum = powers.reduce((total, power) => total + power, 0)
    const dA = keys.map((j) => innerProduct(dC.slice(i).data, V.slice(j).data))
    const mean = powers.reduce((total, power, n) => total + (power / sum) * dA[n], 0)
    keys.forEach((j, n) => {
      const a = powers[n] / sum
      A.data[i * K.shape[0] + j] = a
      addTo(C, i, a, V.slice(j).data)
      addTo(dV, j, a, dC.slice(i).data)
      addTo(dQ, i, a * (dA[n] - mean) * scale, K.slice(j).data)
      addTo(dK, j, a * (dA[n] - mean) * scale, Q.slice(i).data)
    })
  }
  return { C, A, dQ, dK, dV }
}

describe('a text of 97 words, in four blocks of query rows, equals the formulas row by row', () => {
  const T = 97
  const random = new Random(97)
  const [Q, K, V, dC] = [5, 5, 3, 3].map((width) => normals(random, T, width))
  const halves = Array.from({ length: T }, (_, t) => Math.floor(t / 41))

  test.each<[string, Mask]>([
    ['everything', everything],
    ['causal', causal()],
    ['window', window(11, 3)],
    ['documents', documents(halves)],
    ['a causal window of documents', and(causal({ window: 7 }), documents(halves))],
  ])('%s', (_name, mask) => {
    const sizes = { text: 0, head: 0, nQuery: T, nKey: T }
    const expected = plainly(Q, K, V, dC, (i, j) => mask.allows(i, j, sizes))
    const found = attend(Q, K, V, { mask, want: { weights: true } })
    const { dQ, dK, dV } = found.backward(dC)
    const errors = [
      worstError(found.context.data, expected.C.data),
      worstError(found.weights?.data ?? [], expected.A.data),
      worstError(dQ.data, expected.dQ.data),
      worstError(dK.data, expected.dK.data),
      worstError(dV.data, expected.dV.data),
    ]
    expect(Math.max(...errors)).toBeLessThan(1e-13)
  })
})

describe('laws', () => {
  const sizes = fc.record({
    nQuery: fc.constantFrom(1, 2, 5),
    nKey: fc.constantFrom(1, 3, 7),
    seed: fc.nat(9973),
  })
  const runs = { seed: 101, numRuns: 60 }

  test.each(distributions)(
    'permuting keys and values permutes the columns of the weights under $name',
    (distribution) => {
      const options = {
        distribution,
        distributionParameters: parametersOf(distribution),
        want: { weights: true },
      }
      fc.assert(
        fc.property(sizes, ({ nQuery, nKey, seed }) => {
          const random = new Random(seed)
          const [Q, K, V] = [
            normals(random, nQuery, 3),
            normals(random, nKey, 3),
            normals(random, nKey, 2),
          ]
          const order = random.shuffle(Array.from({ length: nKey }, (_, j) => j))
          const permuted = (X: Tensor): Tensor =>
            new Tensor(X.shape, Float64Array.from(order.flatMap((j) => [...X.slice(j).data])))
          const [before, after] = [
            attend(Q, K, V, options),
            attend(Q, permuted(K), permuted(V), options),
          ]
          const columns = Array.from({ length: nQuery }, (_, i) =>
            order.map((j) => before.weights?.at(i, j) ?? NaN),
          ).flat()
          return (
            worstError(after.weights?.data ?? [], columns) < 1e-13 &&
            worstError(after.context.data, before.context.data) < 1e-13
          )
        }),
        runs,
      )
    },
  )

  test('equal queries get contexts equal to the last bit', () => {
    const random = new Random(103)
    const [q, K, V] = [normals(random, 1, 5), normals(random, 67, 5), normals(random, 67, 3)]
    const { context } = attend(
      new Tensor(
        [37, 5],
        Float64Array.from({ length: 37 * 5 }, (_, n) => q.data[n % 5]),
      ),
      K,
      V,
    )
    for (let i = 1; i < 37; i++)
      expect([...context.slice(i).data]).toEqual([...context.slice(0).data])
  })

  test('texts and heads do not see each other', () => {
    const random = new Random(107)
    const [Q, K, V] = [
      normals(random, 2, 3, 5, 2),
      normals(random, 2, 3, 7, 2),
      normals(random, 2, 3, 7, 5),
    ]
    const whole = attend(Q, K, V).context
    const alone = attend(Q.slice(1).slice(2), K.slice(1).slice(2), V.slice(1).slice(2)).context
    expect([...whole.slice(1).slice(2).data]).toEqual([...alone.data])
  })

  test('a bias is added to allowed scores alone', () => {
    const random = new Random(109)
    const [Q, K, V] = [normals(random, 3, 2), normals(random, 5, 2), normals(random, 5, 2)]
    const positionParameters = { bias: Tensor.from([[0, 0, 50]], 'float64') }
    const { weights } = attend(Q, K, V, {
      mask: causal(),
      position: relative(1),
      positionParameters,
      want: { weights: true },
    })
    expect([weights?.at(0, 1), weights?.at(1, 2), weights?.at(2, 4)]).toEqual([0, 0, 0])
  })
})

describe('a row that may look at nothing', () => {
  const [nQuery, nKey] = [5, 3]
  const emptyRow = Uint8Array.from({ length: 15 }, (_, n) => (n >= 6 && n < 9 ? 0 : 1))
  const masks: [string, Mask][] = [
    ['lengths', lengths([0])],
    ['causal', causal({ align: 'end' })],
    ['window', window(0, 0)],
    ['documents', documents([0, 1, 2, 0, 1], [0, 1, 1])],
    ['cells', cells(new Tensor([nQuery, nKey], emptyRow))],
    ['key padding', fromTorchKeyPadding(new Tensor([1, nKey], Uint8Array.of(1, 1, 1)))],
    ['and', and(window(0, 0), not(window(0, 0)))],
    ['or', or()],
    ['not', not(everything)],
  ]
  const random = new Random(113)
  const [Q, K, V, dC] = [
    normals(random, nQuery, 2),
    normals(random, nKey, 2),
    normals(random, nKey, 7),
    normals(random, nQuery, 7),
  ]

  describe.each(masks)('of %s', (_name, mask) => {
    const sizes = { text: 0, head: 0, nQuery, nKey }
    const empty = [0, 1, 2, 3, 4].filter((i) => [0, 1, 2].every((j) => !mask.allows(i, j, sizes)))

    test('is there', () => {
      expect(empty.length).toBeGreaterThan(0)
    })

    test.each(distributions)(
      'has zero weights, a zero vector and a zero gradient under $name',
      (distribution) => {
        const found = attend(Q, K, V, {
          mask,
          distribution,
          distributionParameters: parametersOf(distribution),
          want: { weights: true, statistics: true },
        })
        const { dQ } = found.backward(dC)
        const rows = empty.flatMap((i) =>
          [found.weights, found.context, dQ].flatMap((X) => [...(X?.slice(i).data ?? [NaN])]),
        )
        expect(rows).toEqual(rows.map(() => 0))
        expect(empty.map((i) => found.statistics?.argmax.at(0, 0, i))).toEqual(empty.map(() => -1))
      },
    )

    test.each(distributions)(
      'gives keys and values the gradients of the other rows alone under $name',
      (distribution) => {
        const options = { mask, distribution, distributionParameters: parametersOf(distribution) }
        const loud = new Tensor(dC.shape, dC.data.slice())
        for (const i of empty) loud.slice(i).data.fill(1000)
        const [quiet, found] = [
          attend(Q, K, V, options).backward(dC),
          attend(Q, K, V, options).backward(loud),
        ]
        expect([...found.dK.data, ...found.dV.data]).toEqual([...quiet.dK.data, ...quiet.dV.data])
      },
    )
  })
})

describe('what is wanted beside the context', () => {
  const random = new Random(127)
  const [Q, K, V] = [
    normals(random, 2, 3, 37, 5),
    normals(random, 2, 3, 11, 5),
    normals(random, 2, 3, 11, 2),
  ]
  const whole = attend(Q, K, V, {
    distribution: sparsemax,
    mask: causal(),
    want: { weights: true, statistics: true },
  })

  test('nothing is returned that was not asked for', () => {
    expect(Object.keys(attend(Q, K, V)).sort()).toEqual(['backward', 'context'])
  })

  test('rows of weights are the rows of the whole', () => {
    const rows = [36, 0, 33, 0]
    const { weights } = attend(Q, K, V, {
      distribution: sparsemax,
      mask: causal(),
      want: { weights: { rows } },
    })
    const expected = [0, 1].flatMap((n) =>
      [0, 1, 2].flatMap((h) =>
        rows.flatMap((i) => [...(whole.weights?.slice(n).slice(h).slice(i).data ?? [])]),
      ),
    )
    expect([weights?.shape, [...(weights?.data ?? [])]]).toEqual([[2, 3, 4, 11], expected])
  })

  test('statistics are those of the whole weights', () => {
    const rows = Array.from({ length: 2 * 3 * 37 }, (_, r) => [
      ...(whole.weights?.data.subarray(r * 11, (r + 1) * 11) ?? []),
    ])
    const entropy = rows.map((A) => A.reduce((sum, a) => sum - (a > 0 ? a * Math.log(a) : 0), 0))
    expect(worstError(whole.statistics?.entropy.data ?? [], entropy)).toBeLessThan(1e-14)
    expect([...(whole.statistics?.maximum.data ?? [])]).toEqual(rows.map((A) => Math.max(...A)))
    expect([...(whole.statistics?.argmax.data ?? [])]).toEqual(
      rows.map((A) => A.indexOf(Math.max(...A))),
    )
  })

  test('entropy is of A/ΣA where weights do not sum to one', () => {
    const { statistics } = attend(
      Tensor.zeros([1, 2]),
      Tensor.zeros([3, 2]),
      Tensor.zeros([3, 1]),
      {
        distribution: sigmoid,
        want: { statistics: true },
      },
    )
    expect(statistics?.entropy.at(0, 0, 0)).toBeCloseTo(Math.log(3), 14)
  })

  test.each([-1, 37, 1.5])('row %d of 37 is refused', (i) => {
    expect(() => attend(Q, K, V, { want: { weights: { rows: [i] } } })).toThrow(
      new RangeError(`want.weights.rows: every row must be from 0 to 36, got ${i}`),
    )
  })
})

describe('errors name what was expected', () => {
  const X = (...shape: number[]): Tensor => Tensor.zeros(shape)
  test.each<[string, () => unknown, string]>([
    [
      'ranks that differ',
      () => attend(X(3, 2), X(1, 5, 2), X(5, 2)),
      'attend: Q, K and V must all be (T, d), (N, T, d) or (N, h, T, d), got Q (3, 2), K (1, 5, 2), V (5, 2)',
    ],
    [
      'texts that differ',
      () => attend(X(2, 3, 2), X(3, 5, 2), X(3, 5, 2)),
      'attend: Q, K and V must agree in texts and heads, got Q (2, 3, 2), K (3, 5, 2), V (3, 5, 2)',
    ],
    [
      'values that are missing',
      () => attend(X(3, 2), X(5, 2), X(3, 2)),
      'attend: K and V must have one row for each key, got Q (3, 2), K (5, 2), V (3, 2)',
    ],
    [
      'widths that differ',
      () => attend(X(3, 2), X(5, 7), X(5, 2)),
      'attend: scaledDot needs dQuery = dKey, got dQuery 2 and dKey 7; make them equal, or use an alignment that allows it, such as general() or additive({ hidden })',
    ],
    [
      'parameters that are missing',
      () => attend(X(3, 2), X(5, 7), X(5, 2), { alignment: general() }),
      'attend: alignmentParameters.W must be (1, 2, 7), got nothing',
    ],
    [
      'parameters that are unknown',
      () => attend(X(3, 2), X(5, 2), X(5, 2), { alignmentParameters: { W: X(1, 2, 2) } }),
      'attend: unknown alignmentParameters.W; known: none',
    ],
    [
      'positions on embeddings',
      () => attend(X(3, 2), X(5, 2), X(5, 2), { position: sinusoidal }),
      'attend: sinusoidal positions act on embeddings, which attend never sees; give them to SelfAttention, or use relative or rotary',
    ],
    [
      'a gradient of another shape',
      () => attend(X(3, 2), X(5, 2), X(5, 7), { alignment: scaledDot }).backward(X(3, 2)),
      "attend: dContext must have the context's shape (3, 7), got (3, 2)",
    ],
  ])('%s', (_what, call, message) => {
    expect(call).toThrow(new RangeError(message))
  })
})
