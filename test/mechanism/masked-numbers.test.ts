import { describe, expect, test } from 'vitest'
import type { Alignment } from '../../src/mechanism/alignment.ts'
import {
  additive,
  cosine,
  dot,
  general,
  negativeDistance,
  scaledDot,
} from '../../src/mechanism/alignments.ts'
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
import { causal, cells } from '../../src/mechanism/mask.ts'
import { matrix } from '../../src/mechanism/matrix.ts'
import { relative, rotary } from '../../src/mechanism/position.ts'
import {
  checkedShapes,
  type MechanismOptions,
  type ParameterTensors,
} from '../../src/mechanism/rule.ts'
import { Random } from '../../src/random.ts'
import { Tensor } from '../../src/tensor.ts'
import { worstError } from '../differences.ts'

const alignments: Alignment[] = [
  dot,
  scaledDot,
  cosine,
  negativeDistance,
  general({ bias: true }),
  general({ bias: true, activation: 'tanh' }),
  general({ activation: 'relu' }),
  additive({ hidden: 3 }),
]
const distributions: Distribution[] = [
  softmax,
  sigmoid,
  sparsemax,
  entmax15,
  entmax(1.3),
  entmax('learned'),
  topK(2),
]

const [nQuery, nKey] = [5, 7]
const random = new Random(131)
const inputs = {
  Q: random.normals([nQuery, 3], 'float64'),
  K: random.normals([nKey, 3], 'float64'),
  V: random.normals([nKey, 2], 'float64'),
  dC: random.normals([nQuery, 2], 'float64'),
}
type Inputs = typeof inputs

/** One row of one input filled with a number. */
const poisoned = (name: keyof Inputs, r: number, value: number): Inputs => {
  const X = new Tensor(inputs[name].shape, inputs[name].data.slice())
  X.slice(r).data.fill(value)
  return { ...inputs, [name]: X }
}

/** Own parameters for one head, none of them zero. */
function ownParameters(options: MechanismOptions): MechanismOptions {
  const forms = checkedShapes('test', { dQuery: 3, dKey: 3 }, options)
  const draw = (form: Record<string, { shape: readonly number[] }>): ParameterTensors =>
    Object.fromEntries(
      Object.entries(form).map(([name, { shape }], n) => [
        name,
        new Random(137 + n, name).normals([1, ...shape], 'float64', 0.7),
      ]),
    )
  return {
    ...options,
    alignmentParameters: draw(forms.alignment),
    distributionParameters: draw(forms.distribution),
    positionParameters: draw(forms.position),
  }
}

/** Everything that attend gives, forward and backward, by name. */
function everythingOf({ Q, K, V, dC }: Inputs, options: MechanismOptions): Record<string, Tensor> {
  const { context, weights, backward } = attend(Q, K, V, {
    ...ownParameters(options),
    want: { weights: true },
  })
  const { dAlignment, dDistribution, dPosition, ...gradients } = backward(dC)
  return {
    context,
    weights: weights as Tensor,
    ...gradients,
    ...dAlignment,
    ...dDistribution,
    ...dPosition,
  }
}

const worstOf = (found: Record<string, Tensor>, clean: Record<string, Tensor>): number =>
  Math.max(...Object.keys(clean).map((name) => worstError(found[name].data, clean[name].data)))

const BLIND = 3
const HIDDEN = 2
/** Query 3 may look at nothing, at key 2 nobody may look; of the rest some. */
const mask = cells(
  new Tensor(
    [nQuery, nKey],
    Uint8Array.from({ length: nQuery * nKey }, (_, n) => {
      const [i, j] = [Math.floor(n / nKey), n % nKey]
      return i === BLIND || j === HIDDEN || (i * j) % 5 === 4 ? 0 : 1
    }),
  ),
)

const places: [string, keyof Inputs, number][] = [
  ['a query that may look at nothing', 'Q', BLIND],
  ['a key that nobody may look at', 'K', HIDDEN],
  ['a value that nobody may look at', 'V', HIDDEN],
  ['the gradient of a row that may look at nothing', 'dC', BLIND],
]

describe('a number that is not finite, where no query may look, changes nothing in value or gradient', () => {
  describe.each(alignments)('$name', (alignment) => {
    test.each(places)('in %s', (_where, name, r) => {
      const clean = everythingOf(inputs, { alignment, mask })
      const errors = [NaN, Infinity, -Infinity].map((value) =>
        worstOf(everythingOf(poisoned(name, r, value), { alignment, mask }), clean),
      )
      expect(Math.max(...errors)).toBeLessThan(1e-12)
    })
  })

  describe.each(distributions)('$name', (distribution) => {
    test.each(places)('in %s', (_where, name, r) => {
      const options = { distribution, mask }
      expect(
        worstOf(everythingOf(poisoned(name, r, NaN), options), everythingOf(inputs, options)),
      ).toBeLessThan(1e-12)
    })
  })

  describe.each([relative(2), rotary()])('$name', (position) => {
    test.each(places)('in %s', (_where, name, r) => {
      const options = { position, mask }
      expect(
        worstOf(everythingOf(poisoned(name, r, NaN), options), everythingOf(inputs, options)),
      ).toBeLessThan(1e-12)
    })
  })
})

describe('under a causal mask NaN in the future leaves the past as it was', () => {
  const FUTURE = 3
  describe.each(alignments)('$name', (alignment) => {
    test.each(['K', 'V'] as const)('in %s', (name) => {
      const clean = everythingOf(inputs, { alignment, mask: causal() })
      const found = everythingOf(poisoned(name, FUTURE, NaN), { alignment, mask: causal() })
      const past = ({ context, weights, dQ }: Record<string, Tensor>): number[] =>
        [context, weights, dQ].flatMap((X) => [...X.data.subarray(0, (X.size / nQuery) * FUTURE)])
      expect(past(found)).toEqual(past(clean))
    })

    test('and the row that sees it is NaN', () => {
      const { context } = everythingOf(poisoned('K', FUTURE, NaN), { alignment, mask: causal() })
      expect([...context.slice(FUTURE).data]).toEqual([NaN, NaN])
    })
  })
})

describe('a NaN that a query may look at makes its row NaN', () => {
  describe.each(distributions)('$name', (distribution) => {
    const found = everythingOf(poisoned('K', 4, NaN), { distribution, mask })
    const clean = everythingOf(inputs, { distribution, mask })
    const sizes = { text: 0, head: 0, nQuery, nKey }
    const seeing = [0, 1, 2, 3, 4].filter((i) => mask.allows(i, 4, sizes))

    test('its whole context', () => {
      expect(seeing.flatMap((i) => [...found.context.slice(i).data])).toEqual(
        seeing.flatMap(() => [NaN, NaN]),
      )
    })

    test('every allowed weight, while the masked ones stay 0', () => {
      const expected = seeing.flatMap((i) =>
        Array.from({ length: nKey }, (_, j) => (mask.allows(i, j, sizes) ? NaN : 0)),
      )
      expect(seeing.flatMap((i) => [...found.weights.slice(i).data])).toEqual(expected)
    })

    test('its gradient', () => {
      expect(seeing.flatMap((i) => [...found.dQ.slice(i).data])).toEqual(
        seeing.flatMap(() => [NaN, NaN, NaN]),
      )
    })

    test('and no other row', () => {
      const others = [0, 1, 2, 3, 4].filter((i) => !seeing.includes(i))
      const rows = (all: Record<string, Tensor>) =>
        others.flatMap((i) => [...all.context.slice(i).data, ...all.dQ.slice(i).data])
      expect(others.length).toBeGreaterThan(1)
      expect(worstError(rows(found), rows(clean))).toBeLessThan(1e-12)
    })
  })
})

describe("a row of NaN scores is never handed to a user's distribution", () => {
  /** softmax that keeps every row of scores that it was given. */
  const watched = () => {
    const [forward, backward]: [number[][], number[][]] = [[], []]
    const distribution: Distribution = {
      ...softmax,
      name: 'watched',
      weights(scores, parameters) {
        forward.push([...scores])
        return softmax.weights(scores, parameters)
      },
      backward(dA, A, scores, parameters) {
        backward.push([...scores])
        return softmax.backward(dA, A, scores, parameters)
      },
    }
    return { distribution, forward, backward }
  }
  const rowsSeen = [0, 1, 2, 3, 4].filter((i) => i !== BLIND)
  const poisons: [string, keyof Inputs, number, number[]][] = [
    ['a query of NaN', 'Q', 1, [1]],
    [
      'a key of NaN',
      'K',
      4,
      rowsSeen.filter((i) => mask.allows(i, 4, { text: 0, head: 0, nQuery, nKey })),
    ],
  ]

  test.each(poisons)('forward, with %s', (_what, name, r, rows) => {
    const { distribution, forward } = watched()
    const { Q, K, V } = poisoned(name, r, NaN)
    attend(Q, K, V, { distribution, mask })
    expect([forward.flat().filter(Number.isNaN), forward.length]).toEqual([
      [],
      rowsSeen.length - rows.length,
    ])
  })

  test.each(poisons)('backward, with %s', (_what, name, r, rows) => {
    const { distribution, backward } = watched()
    const { Q, K, V, dC } = poisoned(name, r, NaN)
    attend(Q, K, V, { distribution, mask }).backward(dC)
    expect([backward.flat().filter(Number.isNaN), backward.length]).toEqual([
      [],
      rowsSeen.length - rows.length,
    ])
  })
})

describe('a NaN in a query stays out of the gradients of keys and values that it may not look at', () => {
  const SEEN = 4
  const sizes = { text: 0, head: 0, nQuery, nKey }
  const unseen = [0, 1, 2, 3, 4, 5, 6].filter((j) => !mask.allows(SEEN, j, sizes))

  test.each(alignments)('$name', (alignment) => {
    const [found, clean] = [
      everythingOf(poisoned('Q', SEEN, NaN), { alignment, mask }),
      everythingOf(inputs, { alignment, mask }),
    ]
    const rows = ({ dK, dV }: Record<string, Tensor>): number[] =>
      unseen.flatMap((j) => [...dK.slice(j).data, ...dV.slice(j).data])
    expect(worstError(rows(found), rows(clean))).toBeLessThan(1e-12)
  })

  test('of which there are some besides the key that nobody may look at', () => {
    expect(unseen.length).toBeGreaterThan(1)
  })
})

describe("a score of −∞ from a user's alignment counts as masked", () => {
  /** scaledDot with holes: the scores where a mask forbids are −∞. */
  const holed: Alignment = {
    ...scaledDot,
    name: 'holed',
    scores(block) {
      const S = scaledDot.scores(block)
      return matrix(
        S.rows,
        S.columns,
        S.data.map((s, n) => {
          const [i, j] = [
            block.firstQuery + Math.floor(n / S.columns),
            block.firstKey + (n % S.columns),
          ]
          return mask.allows(i, j, { text: 0, head: 0, nQuery, nKey }) ? s : -Infinity
        }),
      )
    },
  }

  test.each(distributions)('under $name', (distribution) => {
    const [found, expected] = [
      everythingOf(inputs, { alignment: holed, distribution }),
      everythingOf(inputs, { distribution, mask }),
    ]
    expect(worstOf(found, expected)).toBe(0)
  })

  test('so that a row of −∞ alone is zero', () => {
    const { context, weights, dQ } = everythingOf(inputs, { alignment: holed })
    expect([context, weights, dQ].flatMap((X) => [...X.slice(BLIND).data])).toEqual(
      new Array(2 + nKey + 3).fill(0),
    )
  })
})
