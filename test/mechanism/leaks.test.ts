import { expect, test } from 'vitest'
import { additive, dot, general } from '../../src/mechanism/alignments.ts'
import { attend } from '../../src/mechanism/attention.ts'
import { attendHeadBackward } from '../../src/mechanism/head.ts'
import { causal } from '../../src/mechanism/mask.ts'
import { matrix } from '../../src/mechanism/matrix.ts'
import { headRule } from '../../src/mechanism/rule.ts'
import { Random } from '../../src/random.ts'
import { Tensor } from '../../src/tensor.ts'

const finite = (tensor: Tensor): boolean => tensor.data.every(Number.isFinite)

test('a key whose score is −∞ leaves no NaN in the gradient of the query that looked at it', () => {
  const Q = Tensor.from([[1, 0.5]], 'float64')
  const K = Tensor.from(
    [
      [1, 0],
      [Number.NEGATIVE_INFINITY, -1],
      [0.3, 1],
    ],
    'float64',
  )
  const V = Tensor.from([[1], [2], [3]], 'float64')
  const { context, backward } = attend(Q, K, V, { alignment: dot })
  const { dQ, dK, dV } = backward(Tensor.from([[1]], 'float64'))
  expect([context, dQ, dK, dV].every(finite)).toBe(true)
  expect([...dK.slice(1).data, ...dV.slice(1).data]).toEqual([0, 0, 0])
})

test('an operand that overflows behind a mask leaves no NaN', () => {
  const random = new Random(2)
  const Q = random.normals([3, 2], 'float64')
  const K = random.normals([3, 2], 'float64')
  Q.data.set([1e200, -1e200], 4)
  const W = Tensor.from(
    [
      [
        [1e200, 1],
        [1, 1e200],
      ],
    ],
    'float64',
  )
  const attended = attend(Q, K, random.normals([3, 2], 'float64'), {
    alignment: general(),
    alignmentParameters: { W },
    mask: causal(),
  })
  const { dQ, dK } = attended.backward(
    Tensor.from(
      [
        [1, 2],
        [3, 4],
        [0, 0],
      ],
      'float64',
    ),
  )
  expect(finite(dQ.slice(0)) && finite(dQ.slice(1))).toBe(true)
  expect(attended.context.slice(0).data.every(Number.isFinite)).toBe(true)
  expect(dK.shape).toEqual([3, 2])
})

test('an infinite key behind a mask leaves the gradients of additive alignment as they were', () => {
  const random = new Random(3)
  const [Q, K, V] = [
    random.normals([3, 2], 'float64'),
    random.normals([3, 5], 'float64'),
    random.normals([3, 2], 'float64'),
  ]
  const alignmentParameters = {
    W_1: random.normals([1, 2, 7], 'float64'),
    W_2: random.normals([1, 5, 7], 'float64'),
    b: random.normals([1, 7], 'float64'),
    w: random.normals([1, 7, 1], 'float64'),
  }
  const run = () =>
    attend(Q, K, V, { alignment: additive({ hidden: 7 }), alignmentParameters, mask: causal() })
  const dC = Tensor.from(
    [
      [1, 2],
      [3, 4],
      [0, 0],
    ],
    'float64',
  )
  const clean = run().backward(dC)
  K.data[10] = Number.POSITIVE_INFINITY
  const after = run().backward(dC)
  expect([...after.dQ.data.subarray(0, 4)]).toEqual([...clean.dQ.data.subarray(0, 4)])
  expect([...after.dK.data.subarray(0, 10)]).toEqual([...clean.dK.data.subarray(0, 10)])
})

test('a dropped weight carries no infinite gradient to its value', () => {
  const rows = (...numbers: number[]) => matrix(2, 1, Float64Array.from(numbers))
  const keep = (i: number, j: number): number => (i === 0 && j === 1 ? 0 : 2)
  const operands = { Q: rows(1, 2), K: rows(3, -1), V: rows(0.5, 0.25) }
  const { dV } = attendHeadBackward(
    operands,
    { ...headRule(0, 0, 2, 2, {}), keep },
    rows(Number.POSITIVE_INFINITY, 1),
  )
  expect([dV.data[0], Number.isFinite(dV.data[1]), dV.data[1] > 0]).toEqual([
    Number.POSITIVE_INFINITY,
    true,
    true,
  ])
})
