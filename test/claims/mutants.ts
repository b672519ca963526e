import { exp, log } from '../../src/elementary.ts'
import type { ForwardResult } from '../../src/layer/pass.ts'
import type { Alignment } from '../../src/mechanism/alignment.ts'
import { dot, scaledDot } from '../../src/mechanism/alignments.ts'
import { map, matrix, productTransposed, row } from '../../src/mechanism/matrix.ts'
import { sinusoidal } from '../../src/mechanism/position.ts'
import { Tensor } from '../../src/tensor.ts'
import { distributionMutants } from './distribution-mutants.ts'
import { gradientMutants } from './gradient-mutants.ts'
import { headMutants } from './head-mutants.ts'
import { maskMutants } from './mask-mutants.ts'
import {
  firstRow,
  layer,
  type Mutant,
  powers,
  withCall,
  withGradients,
  withOptions,
  withParameter,
  withResult,
} from './mutant.ts'
import { positionMutants } from './position-mutants.ts'

/**
 * S_ij = q_j·k_j/scale less log Σ_j′ exp(q_j·k_j′/scale): each key by its own query, for a
 * distribution that only takes powers.
 */
const byOwnQuery = (scale: (width: number) => number): Alignment => ({
  ...scaledDot,
  name: 'byOwnQuery',
  scores({ Q, K }) {
    const S = map(productTransposed(Q, K), (s) => s / scale(K.columns))
    const own = Array.from({ length: K.rows }, (_, j) => {
      const scores = Array.from(row(S, j))
      return scores[j] - log(scores.reduce((sum, s) => sum + exp(s), 0))
    })
    return matrix(
      Q.rows,
      K.rows,
      Float64Array.from({ length: Q.rows * K.rows }, (_, n) => own[n % K.rows]),
    )
  },
})

/** Scores that a place adds to, whatever the query asks. */
const drawnTo = (favourite: (keys: number) => number): Alignment => ({
  ...scaledDot,
  name: 'drawnTo',
  scores(block) {
    const S = scaledDot.scores(block)
    return map(S, (s, n) => (n % S.columns === favourite(S.columns) ? s + 50 : s))
  },
})

/** Text by text, the row of one place in place of another's. */
const swappedRows = (to: number, from: number) => (result: ForwardResult) => {
  const context = result.context.as(result.context.dtype)
  if (context.shape.length === 2 && context.shape[0] > Math.max(to, from))
    context.slice(to).data.set(result.context.slice(from).data)
  return { ...result, context }
}

const transposed = (W: Tensor): Tensor => new Tensor([...W.shape].reverse(), W.data)

/** Mean over the words of each text. */
function pooled(result: ForwardResult): ForwardResult {
  const { context } = result
  if (context.shape.length !== 3) return result
  const [N, T, width] = context.shape
  const means = Tensor.zeros([N, width], 'float64')
  for (let n = 0; n < N * T; n++)
    for (let c = 0; c < width; c++)
      means.data[Math.floor(n / T) * width + c] += context.data[n * width + c] / T
  return { ...result, context: means }
}

/**
 * For each wrong option of the quiz a layer built that way, and for each option of the further
 * claims.
 */
export const mutants: readonly Mutant[] = [
  {
    mistake: '1 (b): W_Q transposed',
    claim: 'projection-shape',
    build: withParameter(['W_Q'], transposed),
  },
  {
    mistake: '2: no check of d_q = d_k (the longer one is cut)',
    claim: 'equal-widths',
    build: withOptions(({ dQuery, dKey }) => ({
      dQuery: Math.min(dQuery, dKey),
      dKey: Math.min(dQuery, dKey),
    })),
  },
  {
    mistake: '2 (b): d_v = d_k is needed',
    claim: 'equal-widths',
    build: (options, context) => {
      if (options.dValue !== options.dKey) throw new RangeError('dValue must equal dKey')
      return layer({ ...options, dQuery: options.dKey }, context)
    },
  },
  {
    mistake: '2 (c): d_q = d_v is needed',
    claim: 'equal-widths',
    build: (options, context) => {
      if (options.dValue !== options.dQuery) throw new RangeError('dValue must equal dQuery')
      return layer({ ...options, dKey: options.dQuery }, context)
    },
  },
  {
    mistake: '3 (b): q^t for q^3',
    claim: 'attention-formula',
    build: withOptions(() => ({ alignment: byOwnQuery(Math.sqrt), distribution: powers })),
  },
  {
    mistake: '3 (c): q^t for q^3, and no √d_k',
    claim: 'attention-formula',
    build: withOptions(() => ({ alignment: byOwnQuery(() => 1), distribution: powers })),
  },
  {
    mistake: 'no √d_k',
    claim: 'attention-formula',
    build: withOptions(() => ({ alignment: dot })),
  },
  {
    mistake: '4 (b): the vector of place 6 at place 3',
    claim: 'contextual-embedding',
    build: withResult(swappedRows(2, 5)),
  },
  {
    mistake: '4 (c): place 3 is moved by both queries',
    claim: 'contextual-embedding',
    build: withCall((call) => ({
      ...call,
      alignment: {
        ...scaledDot,
        scores: (block) =>
          scaledDot.scores({
            ...block,
            Q: map(
              block.Q,
              (q, n) => q + block.Q.data[(n + 3 * block.Q.columns) % block.Q.data.length],
            ),
          }),
      },
    })),
  },
  {
    mistake: '4: positions left on',
    claim: 'contextual-embedding',
    build: withOptions(() => ({ position: sinusoidal })),
  },
  {
    mistake: '5 (a): the first word always wins',
    claim: 'question-what',
    build: withOptions(() => ({ alignment: drawnTo(() => 0) })),
  },
  {
    mistake: '5 (c): the last word always wins',
    claim: 'question-what',
    build: withOptions(() => ({ alignment: drawnTo((keys) => keys - 1) })),
  },
  {
    mistake: '6 (a): the first word always wins',
    claim: 'question-when',
    build: withOptions(() => ({ alignment: drawnTo(() => 0) })),
  },
  {
    mistake: '6 (b): the fourth word always wins',
    claim: 'question-when',
    build: withOptions(() => ({ alignment: drawnTo(() => 3) })),
  },
  {
    mistake: '5, 6: the question points away from its key',
    claim: 'question-what',
    build: withOptions(() => ({
      alignment: { ...scaledDot, scores: (block) => map(scaledDot.scores(block), (s) => -s) },
    })),
  },
  {
    mistake: '7 (a): d_q as output width',
    claim: 'batch-shape',
    build: withOptions(({ dQuery }) => ({ dValue: dQuery })),
  },
  {
    mistake: '7 (c): pooled output of width d_k',
    claim: 'batch-shape',
    build: (options, context) => withResult(pooled)({ ...options, dValue: options.dKey }, context),
  },
  {
    mistake: '7: texts of a batch see each other',
    claim: 'batch-shape',
    build: withCall((call) => ({
      ...call,
      queryStarts: Int32Array.of(0, call.queryStarts[call.queryStarts.length - 1]),
      keyStarts: Int32Array.of(0, call.keyStarts[call.keyStarts.length - 1]),
    })),
  },
  {
    mistake: '8 (b), (c): queries, keys and values are what is trained',
    claim: 'parameters',
    build: (options, context) => {
      const made = layer(options, context)
      const { W_Q, W_K, W_V } = made.parameters
      Object.defineProperty(made, 'parameters', {
        value: { q: W_Q, k: W_K, v: W_V, W_Q, W_K, W_V },
      })
      return made
    },
  },
  {
    mistake: '8: learning leaves W_Q as it is',
    claim: 'parameters',
    build: withGradients(({ dParameters }, device) =>
      device.combine(0, dParameters.W_Q, 0, dParameters.W_Q, dParameters.W_Q),
    ),
  },
  {
    mistake: '9 (b): one number for each column',
    claim: 'parameter-count',
    build: withParameter(['W_Q', 'W_K', 'W_V'], firstRow),
  },
  {
    mistake: '9: biases nobody asked for',
    claim: 'parameter-count',
    build: withOptions(() => ({ biases: true })),
  },
  {
    mistake: '10 (a): positions left on',
    claim: 'order',
    build: withOptions(() => ({ position: sinusoidal })),
  },
  {
    mistake: '10: pooled, so that no order is left at all',
    claim: 'order',
    build: withResult(({ context, ...rest }) => ({ ...rest, context: constantRows(context) })),
  },
  ...maskMutants,
  ...distributionMutants,
  ...gradientMutants,
  ...positionMutants,
  ...headMutants,
]

/** Every row of a text as its first. */
function constantRows(context: Tensor): Tensor {
  const same = context.as(context.dtype)
  const width = context.shape[context.shape.length - 1]
  for (let n = 0; n < same.size; n++) same.data[n] = context.data[n % width]
  return same
}
