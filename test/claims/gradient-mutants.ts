import { dot, scaledDot } from '../../src/mechanism/alignments.ts'
import { softmax } from '../../src/mechanism/distributions.ts'
import { map } from '../../src/mechanism/matrix.ts'
import { distributed } from './distribution-mutants.ts'
import { type Mutant, withDevice, withOptions } from './mutant.ts'

const backwards = (
  name: string,
  backward: (dA: Float64Array, A: Float64Array, S: Float64Array) => ArrayLike<number>,
) =>
  distributed(name, () => ({
    backward: (dA, A, S) => ({ dScores: Float64Array.from(backward(dA, A, S)) }),
  }))

/** Scores as far apart as they may be, whatever their scale. */
const standardised = (scores: Float64Array): Float64Array =>
  scores.map((s) => s / Math.max(...scores.map(Math.abs)))

/** What breaks the claims on gradients. */
export const gradientMutants: readonly Mutant[] = [
  {
    mistake: 'the backward forgets √d_k',
    claim: 'gradients',
    build: withDevice((device) => ({
      attentionBackward: (call, dC, gradients) =>
        device.attentionBackward(
          { ...call, alignment: { ...scaledDot, backward: dot.backward } },
          dC,
          gradients,
        ),
    })),
  },
  {
    mistake: '(b): the gradients of scores are the weights',
    claim: 'score-gradients',
    build: backwards('softmax', (_dA, A) => A),
  },
  {
    mistake: '(c): the gradients of scores are those of the weights',
    claim: 'score-gradients',
    build: backwards('softmax', (dA) => dA),
  },
  {
    mistake: '(b): the gradients of softmax',
    claim: 'off-support',
    build: backwards(
      'sparsemax',
      (dA, _A, S) => softmax.backward(dA, softmax.weights(S, {}), S, {}).dScores,
    ),
  },
  {
    mistake: '(c): a word without weight is pulled in',
    claim: 'off-support',
    build: backwards('sparsemax', (dA, A) => A.map((a, j) => (a === 0 ? -1 : dA[j]))),
  },
  {
    mistake: '(b): A where Aᵀ belongs',
    claim: 'value-gradient',
    build: withDevice((device) => ({
      attentionBackward(call, dC, gradients) {
        device.attentionBackward(call, dC, gradients)
        device.attention({ ...call, V: dC }, { context: gradients.dV })
      },
    })),
  },
  {
    mistake: '(c): each value learns from its own word alone',
    claim: 'value-gradient',
    build: withDevice((device) => ({
      attentionBackward(call, dC, gradients) {
        device.attentionBackward(call, dC, gradients)
        device.combine(1, dC, 0, dC, gradients.dV)
      },
    })),
  },
  { mistake: 'no √d_k', claim: 'score-spread', build: withOptions(() => ({ alignment: dot })) },
  {
    mistake: '(b): a softmax that sees no scale',
    claim: 'score-spread',
    build: distributed('softmax', () => ({
      weights: (scores) => softmax.weights(standardised(scores), {}),
    })),
  },
  {
    mistake: '(c): scores so small that weights are equal',
    claim: 'score-spread',
    build: withOptions(({ alignment }) =>
      alignment === dot
        ? { alignment: { ...dot, scores: (block) => map(dot.scores(block), (s) => s / 1000) } }
        : {},
    ),
  },
]
