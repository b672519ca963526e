import type { ForwardResult } from '../../src/layer/pass.ts'
import { scaledDot } from '../../src/mechanism/alignments.ts'
import { everything, type Mask, window } from '../../src/mechanism/mask.ts'
import { map } from '../../src/mechanism/matrix.ts'
import { sinusoidal } from '../../src/mechanism/position.ts'
import { Tensor } from '../../src/tensor.ts'
import { layer, type Mutant, withCall, withOptions, withResult } from './mutant.ts'

/** A mask that is another by the same span. */
const maskedBy = (allows: (mask: Mask) => Mask['allows']) =>
  withCall((call) => ({
    ...call,
    mask: { ...call.mask, allows: allows(call.mask), span: (_first, _last, { nKey }) => [0, nKey] },
  }))

/**
 * Hidden scores are one low number, and nothing is left out: a row that sees nothing weighs
 * everything alike.
 */
const filledMask = withCall((call) => ({
  ...call,
  mask: everything,
  alignment: {
    ...scaledDot,
    scores(block) {
      const sizes = { text: 0, head: 0, nQuery: block.Q.rows, nKey: block.K.rows }
      return map(scaledDot.scores(block), (s, n) =>
        call.mask.allows(Math.floor(n / block.K.rows), n % block.K.rows, sizes) ? s : -1e9,
      )
    },
  },
}))

/** Words beyond a text's end are seen, with so much taken from their scores. */
const withPenalty =
  (penalty: number): Mutant['build'] =>
  (options, context) => {
    let length = Infinity
    const alignment: typeof scaledDot = {
      ...scaledDot,
      scores: (block) =>
        map(scaledDot.scores(block), (s, n) => (n % block.K.rows < length ? s : s - penalty)),
    }
    const made = layer({ alignment, ...options }, context)
    const forward = made.forward.bind(made)
    made.forward = (X, { lengths, ...more } = {}) => {
      length = lengths?.[0] ?? Infinity
      return forward(X, more)
    }
    return made
  }

/** 0/0 where nothing was weighed. */
function dividedByNothing(result: ForwardResult): ForwardResult {
  const context = result.context.as(result.context.dtype)
  for (let t = 0; t < context.shape[0]; t++) {
    const vector = context.slice(t).data
    if (vector.every((x) => x === 0)) vector.fill(Number.NaN)
  }
  return { ...result, context }
}

/** NaN everywhere once it is anywhere. */
const poisoned = (context: Tensor): Tensor =>
  Array.from(context.data).some(Number.isNaN)
    ? new Tensor(
        context.shape,
        context.data.map(() => Number.NaN),
      )
    : context

/** What breaks the claims on masks. */
export const maskMutants: readonly Mutant[] = [
  {
    mistake: 'a row without keys sees everything',
    claim: 'empty-row',
    build: withCall((call) => ({ ...call, mask: everything })),
  },
  {
    mistake: '(b): a row without keys gets the mean of all values',
    claim: 'empty-row',
    build: filledMask,
  },
  {
    mistake: '(c): a row without keys gets 0/0',
    claim: 'empty-row',
    build: withResult(dividedByNothing),
  },
  {
    mistake: 'a causal mask that sees one word too far',
    claim: 'causal-past',
    build: maskedBy((mask) => (i, j, sizes) => mask.allows(i, j - 1, sizes)),
  },
  {
    mistake: 'masked scores are multiplied away, so that NaN comes through',
    claim: 'causal-past',
    build: withResult((result) => ({ ...result, context: poisoned(result.context) })),
  },
  {
    mistake: '(a): a causal mask that sees one word too far',
    claim: 'causal-change',
    build: maskedBy((mask) => (i, j, sizes) => mask.allows(i, j - 1, sizes)),
  },
  {
    mistake: '(c), (d): a word sees itself alone',
    claim: 'causal-change',
    build: withCall((call) => ({ ...call, mask: window(0, 0) })),
  },
  {
    mistake: '(c), (d): positions left on',
    claim: 'causal-order',
    build: withOptions(() => ({ position: sinusoidal })),
  },
  {
    mistake: '(a), (b): no mask',
    claim: 'causal-order',
    build: withCall((call) => ({ ...call, mask: everything })),
  },
  {
    mistake: 'a causal mask that leaves out the word itself',
    claim: 'causal-count',
    build: maskedBy((mask) => (i, j, sizes) => mask.allows(i, j + 1, sizes)),
  },
  {
    mistake: '(b): −10⁹ joins the scores of what is hidden',
    claim: 'hidden-words',
    build: withPenalty(1e9),
  },
  {
    mistake: '(c): what is hidden keeps a tiny weight',
    claim: 'hidden-words',
    build: withPenalty(10),
  },
]
