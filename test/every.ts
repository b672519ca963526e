import type { Alignment } from '../src/mechanism/alignment.ts'
import {
  additive,
  cosine,
  dot,
  general,
  negativeDistance,
  scaledDot,
} from '../src/mechanism/alignments.ts'
import type { Distribution } from '../src/mechanism/distribution.ts'
import {
  entmax,
  entmax15,
  sigmoid,
  softmax,
  sparsemax,
  topK,
} from '../src/mechanism/distributions.ts'

/** Every alignment, in every form. */
export const alignments: readonly Alignment[] = [
  dot,
  scaledDot,
  cosine,
  negativeDistance,
  general(),
  general({ bias: true }),
  general({ activation: 'tanh' }),
  general({ bias: true, activation: 'sigmoid' }),
  general({ bias: true, activation: 'relu' }),
  additive({ hidden: 17 }),
]

/** Every distribution. */
export const distributions: readonly Distribution[] = [
  softmax,
  sigmoid,
  sparsemax,
  entmax15,
  entmax(1.3),
  entmax('learned'),
  topK(2),
]
