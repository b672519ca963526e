import type { AttentionCall, Device, Handle } from '../../src/device/device.ts'
import type { Alignment } from '../../src/mechanism/alignment.ts'
import { softmax } from '../../src/mechanism/distributions.ts'
import { everything } from '../../src/mechanism/mask.ts'
import { matrix } from '../../src/mechanism/matrix.ts'
import { none } from '../../src/mechanism/position.ts'
import { Random } from '../../src/random.ts'

/** An alignment as a user writes it: S_ij = −Σ_c |q_ic − k_jc|. */
export const manhattan: Alignment = {
  name: 'manhattan',
  widths: 'equal',
  scores({ Q, K }) {
    const S = matrix(Q.rows, K.rows)
    for (let i = 0; i < Q.rows; i++)
      for (let j = 0; j < K.rows; j++)
        for (let c = 0; c < Q.columns; c++)
          S.data[i * K.rows + j] -= Math.abs(Q.data[i * Q.columns + c] - K.data[j * K.columns + c])
    return S
  },
  backward(dS, _S, { Q, K }) {
    const dQ = matrix(Q.rows, Q.columns)
    const dK = matrix(K.rows, K.columns)
    for (let i = 0; i < Q.rows; i++)
      for (let j = 0; j < K.rows; j++)
        for (let c = 0; c < Q.columns; c++) {
          const slope =
            dS.data[i * K.rows + j] *
            Math.sign(Q.data[i * Q.columns + c] - K.data[j * K.columns + c])
          dQ.data[i * Q.columns + c] -= slope
          dK.data[j * K.columns + c] += slope
        }
    return { dQ, dK, dParameters: {} }
  },
}

/**
 * Attention by an alignment over two texts of 19 and 11 queries and 23 and 13 keys; context, dQ, dK
 * and dV as handles.
 */
export function attentionBy(device: Device, alignment: Alignment): Handle[] {
  const random = new Random(7001, 'attention')
  const heads = 2
  const upload = (rows: number, width: number) =>
    device.upload(random.normals([rows, heads * width]))
  const [Q, K, V, dContext] = [upload(30, 5), upload(36, 5), upload(36, 7), upload(30, 7)]
  const [context, dQ, dK, dV] = [dContext, Q, K, V].map(({ shape }) => device.allocate(shape))
  const call: AttentionCall = {
    ...{ Q, K, V, heads, alignment },
    queryStarts: Int32Array.of(0, 19, 30),
    keyStarts: Int32Array.of(0, 23, 36),
    distribution: softmax,
    mask: everything,
    position: none,
    alignmentParameters: {},
    distributionParameters: {},
    positionParameters: {},
  }
  device.attention(call, { context })
  device.attentionBackward(call, dContext, {
    dQ,
    dK,
    dV,
    dAlignment: {},
    dDistribution: {},
    dPosition: {},
  })
  return [context, dQ, dK, dV]
}
