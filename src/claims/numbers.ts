import { ANY, checkOptions, oneOf, TEXT } from '../kinds.ts'
import { inner } from '../mechanism/matrix.ts'
import { Random } from '../random.ts'
import { Tensor } from '../tensor.ts'
import type { ClaimSetup } from './claim.ts'

/** X (T, D) of the sentence under test. */
export const embeddings = (
  { seed, sizes, device, sentence }: ClaimSetup,
  stream = 'words',
): Tensor => drawnEmbeddings(sentence, sizes.dModel, { seed, dtype: device.dtype, stream })

const DRAWN = { seed: ANY, dtype: oneOf('float32', 'float64'), stream: TEXT }

/**
 * X (T, D): a random vector for each word, the same for the same word.
 *
 * @param words T words
 * @param dModel D
 * @param options.stream sets vectors apart from others of the same seed
 */
export function drawnEmbeddings(
  words: readonly string[],
  dModel: number,
  options: { seed: number; dtype?: 'float32' | 'float64'; stream?: string },
): Tensor {
  checkOptions('drawnEmbeddings', options, DRAWN, '{ seed: 7 }')
  const { seed, dtype = 'float64', stream = 'words' } = options
  const X = Tensor.zeros([words.length, dModel], dtype)
  words.forEach((word, t) => {
    const random = new Random(seed, `${stream} ${word}`)
    for (let c = 0; c < dModel; c++) X.data[t * dModel + c] = random.normal()
  })
  return X
}

/** Largest |a − b|. */
export function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let largest = a.length === b.length ? 0 : Infinity
  for (let n = 0; n < a.length; n++) {
    const difference = Math.abs(a[n] - b[n])
    // NaN is as far as can be
    largest = Math.max(largest, Number.isNaN(difference) ? Infinity : difference)
  }
  return largest
}

/** Largest |a|, at least 1: what differences are measured against. */
export const scaleOf = (a: ArrayLike<number>): number =>
  Math.max(1, largestDifference(a, new Float64Array(a.length)))

/** Rows of XW as vectors: the queries, keys or values of every word. */
export function projected(X: Tensor, W: Tensor): Float64Array[] {
  const [D, width] = W.shape
  return Array.from({ length: X.size / D }, (_, t) => {
    const x = X.data.subarray(t * D, (t + 1) * D)
    return Float64Array.from({ length: width }, (_, c) => {
      const column = Float64Array.from({ length: D }, (_, r) => W.data[r * width + c])
      return inner(x, column)
    })
  })
}

/** Index of the first largest number. */
export const indexOfLargest = (values: ArrayLike<number>): number => {
  let best = 0
  for (let n = 1; n < values.length; n++) if (values[n] > values[best]) best = n
  return best
}
