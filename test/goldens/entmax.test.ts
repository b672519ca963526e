import { describe, expect, test } from 'vitest'
import type { Distribution } from '../../src/mechanism/distribution.ts'
import { entmax, entmax15, sparsemax } from '../../src/mechanism/distributions.ts'
import { Tensor } from '../../src/tensor.ts'
import { type Golden, goldens, ledger, type Named } from '../goldens.ts'

const beyond = ledger('entmax')
const cases = goldens('entmax')

/** Rows of scores through one distribution for each row. */
function rowByRow({ S, dA }: Golden['inputs'], distributionOf: (r: number) => Distribution): Named {
  const [weights, dS] = [Tensor.zeros(S.shape, 'float64'), Tensor.zeros(S.shape, 'float64')]
  for (let r = 0; r < S.shape[0]; r++) {
    const [p, scores] = [distributionOf(r), S.slice(r).data as Float64Array]
    const A = p.weights(scores, {})
    weights.slice(r).data.set(A)
    dS.slice(r).data.set(p.backward(dA.slice(r).data as Float64Array, A, scores, {}).dScores)
  }
  return { weights, dS }
}

/**
 * What the case holds exactly: the package bisects in float64, and the golden then has 60 digits
 * beside it.
 */
const exact = ({ weights, dS, exactWeights, exactDS }: Golden['outputs']): Named => ({
  weights: exactWeights ?? weights,
  dS: exactDS ?? dS,
})

describe('rows of scores, forward and backward', () => {
  test.each(cases.filter(({ options }) => options.distribution === 'sparsemax'))('$name', ({ name, inputs, outputs }) => {
    expect(
      beyond(
        'float64',
        name,
        rowByRow(inputs, () => sparsemax),
        exact(outputs),
      ),
    ).toEqual({})
  })

  test.each(cases.filter(({ options }) => options.distribution === 'entmax15'))('$name', ({ name, inputs, outputs }) => {
    expect(
      beyond(
        'float64',
        name,
        rowByRow(inputs, () => entmax15),
        exact(outputs),
      ),
    ).toEqual({})
  })

  const bisected = cases.filter(({ options }) => options.distribution === 'entmax')
  test.each(bisected)('$name', ({ name, inputs, outputs }) => {
    const found = rowByRow(inputs, (r) => entmax(inputs.alpha.data[r]))
    expect(beyond('float64', name, found, exact(outputs))).toEqual({})
  })

  // learned α lies in (1, 2)
  const learnable = bisected.filter(({ inputs }) => inputs.alpha.data.every((alpha) => alpha < 2))
  test.each(learnable)('$name: the gradient of α', ({ name, inputs: { S, alpha, dA }, outputs }) => {
    const learned = entmax('learned')
    const dAlpha = Float64Array.from(alpha.data, (value, r) => {
      const [scores, parameters] = [S.slice(r).data as Float64Array, { a: Float64Array.of(Math.log((value - 1) / (2 - value))) }]
      const { dParameters } = learned.backward(dA.slice(r).data as Float64Array, learned.weights(scores, parameters), scores, parameters)
      // α = 1 + σ(a): ∂α/∂a = (α − 1)(2 − α)
      return (dParameters?.a[0] ?? NaN) / ((value - 1) * (2 - value))
    })
    expect(beyond('float64', name, { dAlpha: new Tensor(alpha.shape, dAlpha) }, { dAlpha: outputs.exactDAlpha })).toEqual({})
  })
})
