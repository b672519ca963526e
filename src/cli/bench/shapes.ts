import { InvalidArgumentError } from 'commander'

/**
 * Sizes of a layer of one head and its batch: N texts of T words of width D; d = d_q = d_k = d_v.
 */
export interface Shape {
  readonly N: number
  readonly T: number
  readonly D: number
  readonly d: number
}

/** One sentence. */
export const SENTENCE_SHAPE: Shape = { N: 1, T: 6, D: 16, d: 8 }

/** What is measured by default, from one sentence to one long text; the first three are quick. */
export const SHAPES: readonly Shape[] = [
  SENTENCE_SHAPE,
  { N: 32, T: 32, D: 128, d: 128 },
  { N: 8, T: 512, D: 256, d: 64 },
  { N: 1, T: 2048, D: 64, d: 64 },
  { N: 1, T: 8192, D: 64, d: 64 },
]
export const QUICK_SHAPES = SHAPES.slice(0, 3)

export const shapeName = ({ N, T, D, d }: Shape): string => [N, T, D, d].join(' × ')

/**
 * Multiplications and additions of a forward: N (6TDd + 4T²d); with its backward, three times as
 * many are counted.
 */
export const flopsOf = ({ N, T, D, d }: Shape): number => N * (6 * T * D * d + 4 * T * T * d)
export const WITH_BACKWARD = 3

/** Reads `N,T,D,d`. @throws {InvalidArgumentError} for anything else */
export function shapeFrom(text: string): Shape {
  const sizes = text.split(',').map((size) => (/^ *\d{1,9} *$/.test(size) ? Number(size) : 0))
  const [N, T, D, d] = sizes
  if (sizes.length !== 4 || sizes.includes(0))
    throw new InvalidArgumentError('It must be four integers from 1 on, N,T,D,d: 8,512,256,64.')
  return { N, T, D, d }
}
