// @ts-check
import { matrices, openDevice, SelfAttention, scaledDot, Tensor } from 'regard'

/**
 * Scaled dot product within a soft window: S_ij = q_i·k_j / √d_k − (j − i)² / (2s²).
 *
 * Under softmax each weight is multiplied by a Gaussian of its distance from the query's position,
 * before they are made to sum to one; s, the width in words, is learned for each head and begins at
 * 3. A simplified local-p attention: there the centre is predicted, and the Gaussian is multiplied
 * to weights that already sum to one.
 *
 * @see Luong et al. 2015, §3.2, eq. 10
 * @type {import('regard').Alignment}
 */
export const gaussianWindow = {
  name: 'gaussianWindow',
  widths: 'equal',
  parameters: () => ({ s: { shape: [1], initial: 3 } }),
  scores(block) {
    const { firstQuery, firstKey, parameters } = block
    const S = scaledDot.scores(block)
    return matrices.map(
      S,
      (score, n) =>
        score - distance(n, S.columns, firstQuery, firstKey) ** 2 / (2 * parameters.s[0] ** 2),
    )
  },
  backward(dS, S, block) {
    const { firstQuery, firstKey, parameters } = block
    const { dQ, dK } = scaledDot.backward(dS, S, block)
    // forward was: S −= (j − i)²/(2s²), so ds = Σ dS_ij (j − i)²/s³
    const ds =
      dS.data.reduce(
        (sum, d, n) => sum + d * distance(n, S.columns, firstQuery, firstKey) ** 2,
        0,
      ) /
      parameters.s[0] ** 3
    return { dQ, dK, dParameters: { s: Float64Array.of(ds) } }
  },
}

/**
 * j − i of the n-th score of a block.
 *
 * @type {(n: number, columns: number, firstQuery: number, firstKey: number) => number}
 */
const distance = (n, columns, firstQuery, firstKey) =>
  firstKey + (n % columns) - (firstQuery + Math.floor(n / columns))

/** Weights of five equal words: their distance alone decides. */
export async function show() {
  const device = await openDevice({ device: 'reference' })
  const layer = new SelfAttention(
    { dModel: 2, dQuery: 2, dKey: 2, dValue: 2, alignment: gaussianWindow },
    { device, seed: 7 },
  )
  device.write(layer.parameters['alignment.s'], Tensor.from([[1]]))
  const X = Tensor.from(Array.from({ length: 5 }, () => [1, 2]))
  const { weights } = await layer.forward(X, { want: { weights: true } }).read()
  return Array.from({ length: 5 }, (_, i) =>
    [...(weights?.slice(0).slice(0).slice(i).data ?? [])].map((a) => a.toFixed(3)).join(' '),
  ).join('\n')
}

if (process.argv[1] === import.meta.filename) console.log(await show())
