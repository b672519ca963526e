import { log } from '../../src/elementary.ts'
import type { Distribution } from '../../src/mechanism/distribution.ts'
import { softmax, topK } from '../../src/mechanism/distributions.ts'
import { Tensor } from '../../src/tensor.ts'
import { type Mutant, powers, withOptions, withResult } from './mutant.ts'

/** One distribution of the layer is another. */
export const distributed = (
  name: string,
  change: (distribution: Distribution) => Partial<Distribution>,
) =>
  withOptions(({ distribution = softmax }) => ({
    distribution:
      distribution.name === name ? { ...distribution, ...change(distribution) } : distribution,
  }))

/** The weights of a distribution are others. */
const reweighted = (
  name: string,
  change: (weights: Float64Array, scores: Float64Array) => Float64Array,
) =>
  distributed(name, ({ weights }) => ({
    weights: (scores, parameters) => change(weights(scores, parameters).slice(), scores),
  }))

const sum = (values: ArrayLike<number>): number =>
  Array.from(values).reduce((total, value) => total + value, 0)

const dropped = (weights: Float64Array): Float64Array =>
  weights.map((weight) => (weight < 0.2 ? 0 : weight))

/** The two best scores, the first of equals before the others. */
function firstTwo(weights: Float64Array, scores: Float64Array): Float64Array {
  const best = [...scores.keys()].sort((a, b) => scores[b] - scores[a]).slice(0, 2)
  return weights.map((weight, j) => (best.includes(j) ? weight : 0))
}

/** What lies above the second best score. */
function aboveSecond(weights: Float64Array, scores: Float64Array): Float64Array {
  const second = [...scores].sort((a, b) => b - a)[1]
  return weights.map((weight, j) => (scores[j] > second ? weight : 0))
}

/** What breaks the claims on distributions. */
export const distributionMutants: readonly Mutant[] = [
  {
    mistake: 'rows that do not sum to one',
    claim: 'rows-sum-to-one',
    build: withOptions(() => ({ distribution: powers })),
  },
  {
    mistake: '(a): softmax drops small weights',
    claim: 'exact-zeros',
    build: reweighted('softmax', dropped),
  },
  {
    mistake: '(b): sigmoid drops small weights',
    claim: 'exact-zeros',
    build: reweighted('sigmoid', dropped),
  },
  {
    mistake: '(e): topK weighs every word',
    claim: 'exact-zeros',
    build: distributed('topK:2', () => ({ weights: softmax.weights })),
  },
  {
    mistake: 'the threshold of sparsemax counts every word',
    claim: 'sparsemax-by-hand',
    build: reweighted('sparsemax', (_weights, scores) =>
      scores.map((s) => Math.max(s - (sum(scores) - 1) / scores.length, 0)),
    ),
  },
  {
    mistake: '(a): sigmoid divided by its sum',
    claim: 'sigmoid-sum',
    build: reweighted('sigmoid', (weights) => weights.map((weight) => weight / sum(weights))),
  },
  {
    mistake: '(c): sigmoid divided by the number of words',
    claim: 'sigmoid-sum',
    build: reweighted('sigmoid', (weights) => weights.map((weight) => weight / weights.length)),
  },
  {
    mistake: '(a): the first of equal scores alone',
    claim: 'ties-kept',
    build: reweighted('topK:2', firstTwo),
  },
  {
    mistake: '(c): none of equal scores',
    claim: 'ties-kept',
    build: reweighted('topK:2', aboveSecond),
  },
  {
    mistake: '(a): powers that nothing divides',
    claim: 'shifted-scores',
    build: distributed('softmax', () => ({ weights: powers.weights })),
  },
  {
    mistake: '(d): sigmoid of scores less the largest',
    claim: 'shifted-scores',
    build: distributed('sigmoid', ({ weights }) => ({
      weights: (scores, parameters) =>
        weights(
          scores.map((s) => s - Math.max(...scores)),
          parameters,
        ),
    })),
  },
  {
    mistake: 'the best word alone',
    claim: 'equal-scores',
    build: withOptions(() => ({ distribution: reduced(topK(1)) })),
  },
  {
    mistake: 'entropy in bits',
    claim: 'equal-scores',
    build: withResult(({ statistics, ...rest }) => ({
      ...rest,
      ...(statistics ? { statistics: { ...statistics, entropy: inBits(statistics.entropy) } } : {}),
    })),
  },
]

/** The first of the weights alone. */
function reduced(distribution: Distribution): Distribution {
  return {
    ...distribution,
    weights: (scores, parameters) =>
      distribution.weights(scores, parameters).map((_, j) => (j === 0 ? 1 : 0)),
  }
}

const inBits = ({ shape, data }: Tensor): Tensor =>
  new Tensor(
    shape,
    Float64Array.from(data, (nats) => nats / log(2)),
  )
