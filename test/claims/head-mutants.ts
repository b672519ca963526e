import type { AnyLayer } from '../../src/claims/claim.ts'
import type { ForwardResult } from '../../src/layer/pass.ts'
import type { MemoryEstimate, PlannedSizes } from '../../src/layer/self-attention.ts'
import { Tensor } from '../../src/tensor.ts'
import { layer, type Mutant, withGradients, withOptions, withResult } from './mutant.ts'

/** The mean over the heads, in place of one head after the other. */
const meanOfHeads =
  (heads: number) =>
  ({ context, ...rest }: ForwardResult): ForwardResult => {
    const [T, width] = context.shape
    const mean = Tensor.zeros([T, width / heads], 'float64')
    for (let n = 0; n < mean.size; n++) {
      const [t, c] = [Math.floor((n * heads) / width), n % (width / heads)]
      for (let head = 0; head < heads; head++)
        mean.data[n] += context.data[t * width + head * (width / heads) + c] / heads
    }
    return { ...rest, context: mean }
  }

/** The weights of all heads of a text as those that `heads` makes of them. */
const headsAs = (heads: (planes: readonly Tensor[]) => readonly Tensor[]) =>
  withResult(({ weights, ...rest }) => {
    if (!weights) return rest
    const texts = Array.from({ length: weights.shape[0] }, (_, n) => {
      const text = weights.slice(n)
      return heads(Array.from({ length: weights.shape[1] }, (_, h) => text.slice(h)))
    })
    const shape = [texts.length, texts[0].length, ...weights.shape.slice(2)]
    return {
      ...rest,
      weights: new Tensor(shape, Float64Array.from(texts.flat().flatMap(({ data }) => [...data]))),
    }
  })

/** The mean of some matrices. */
const meanOf = (planes: readonly Tensor[]): Tensor =>
  new Tensor(
    planes[0].shape,
    Float64Array.from(
      planes[0].data,
      (_, n) => planes.reduce((sum, { data }) => sum + data[n], 0) / planes.length,
    ),
  )

/** A layer that estimates its memory otherwise. */
const withEstimate =
  (change: (estimate: MemoryEstimate, sizes: PlannedSizes) => number): Mutant['build'] =>
  (options, context): AnyLayer => {
    const made = layer(options, context)
    const estimate = made.estimate.bind(made)
    made.estimate = (sizes) => ({
      ...estimate(sizes),
      forwardAndBackward: change(estimate(sizes), sizes),
    })
    return made
  }

/** Gradients that are larger by a factor with every backward. */
const drifting =
  (factor: number): Mutant['build'] =>
  (options, context) => {
    let scale = 1
    return withGradients(({ dX }, device) => {
      device.combine(scale, dX, 0, dX, dX)
      scale *= factor
    })(options, context)
  }

/** What breaks the claims on heads and on memory. */
export const headMutants: readonly Mutant[] = [
  {
    mistake: '(b): each head as wide as all of them',
    claim: 'heads-count',
    build: withOptions(({ heads = 1, dQuery, dKey, dValue }) => ({
      dQuery: heads * dQuery,
      dKey: heads * dKey,
      dValue: heads * dValue,
    })),
  },
  {
    mistake: '(c): heads that share their matrices',
    claim: 'heads-count',
    build: withOptions(() => ({ heads: 1 })),
  },
  {
    mistake: '(b): the mean of the heads',
    claim: 'heads-width',
    build: (options, context) => withResult(meanOfHeads(options.heads ?? 1))(options, context),
  },
  {
    mistake: '(c): an output matrix nobody asked for',
    claim: 'heads-width',
    build: withOptions(({ dModel }) => ({ output: dModel })),
  },
  {
    mistake: '(a): heads merged into a wide one',
    claim: 'heads-apart',
    build: withOptions(({ heads = 1, dQuery, dKey, dValue }) => ({
      heads: 1,
      dQuery: heads * dQuery,
      dKey: heads * dKey,
      dValue: heads * dValue,
    })),
  },
  {
    mistake: '(c): the weights of the first head for all',
    claim: 'heads-apart',
    build: headsAs((planes) => planes.map(() => planes[0])),
  },
  {
    mistake: '(b): all weights are kept for the backward',
    claim: 'memory-growth',
    build: withEstimate(({ forwardAndBackward }, { N, T }) => forwardAndBackward + 8 * N * T * T),
  },
  {
    mistake: '(c): parameters alone',
    claim: 'memory-growth',
    build: withEstimate(({ parameters }) => parameters),
  },
  {
    mistake: 'weights averaged over the heads',
    claim: 'weights-count',
    build: headsAs((planes) => [meanOf(planes)]),
  },
  {
    mistake: '(b): gradients that drift by rounding',
    claim: 'recomputed',
    build: drifting(1 + 1e-9),
  },
  { mistake: '(c): gradients that drift', claim: 'recomputed', build: drifting(1.1) },
]
