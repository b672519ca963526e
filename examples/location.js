// @ts-check
import { matrices, openDevice, SelfAttention, Tensor } from 'regard'

/**
 * Location-based alignment: one score for each position, S = Q·(rows 0 … T − 1 of W)ᵀ; no key is
 * looked at.
 *
 * W (longest, d_q) is learned, one for each head. A text of more than `longest` words is an error.
 *
 * @param {number} longest the longest text, ≥ 1
 * @returns {import('regard').Alignment}
 * @see Luong et al. 2015, §3.1, eq. 8
 */
export function location(longest) {
  /**
   * The rows of W for the keys of a block.
   *
   * @param {Float64Array} W
   * @param {number} firstKey
   * @param {number} keys
   */
  const rowsOf = (W, firstKey, keys) => {
    if (firstKey + keys > longest)
      throw new RangeError(
        `location: has rows for ${longest} positions, got a text of ${firstKey + keys} words`,
      )
    return matrices.rows(matrices.matrix(longest, W.length / longest, W), firstKey, firstKey + keys)
  }
  return {
    name: `location:${longest}`,
    widths: 'free',
    parameters: (dQuery) => ({ W: { shape: [longest, dQuery], initial: 'initializer' } }),
    scores: ({ Q, K, firstKey, parameters }) =>
      matrices.productTransposed(Q, rowsOf(parameters.W, firstKey, K.rows)),
    backward(dS, _S, { Q, K, firstKey, parameters }) {
      // forward was: S = Q Rᵀ with R some rows of W
      const dW = new Float64Array(parameters.W.length)
      dW.set(matrices.transposedProduct(dS, Q).data, firstKey * Q.columns)
      return {
        dQ: matrices.product(dS, rowsOf(parameters.W, firstKey, K.rows)),
        dK: matrices.matrix(K.rows, K.columns),
        dParameters: { W: dW },
      }
    },
  }
}

/** Weights of three equal words: the position of a key alone decides. */
export async function show() {
  const device = await openDevice({ device: 'reference' })
  const layer = new SelfAttention(
    { dModel: 2, dQuery: 2, dKey: 3, dValue: 2, alignment: location(5) },
    { device, seed: 7 },
  )
  const X = Tensor.from([
    [1, 2],
    [1, 2],
    [1, 2],
  ])
  const { weights } = await layer.forward(X, { want: { weights: true } }).read()
  return Array.from({ length: 3 }, (_, i) =>
    [...(weights?.slice(0).slice(0).slice(i).data ?? [])].map((a) => a.toFixed(3)).join(' '),
  ).join('\n')
}

if (process.argv[1] === import.meta.filename) console.log(await show())
