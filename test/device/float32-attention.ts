import { alignedPosition, offsetIndex } from '../../src/mechanism/position.ts'
import type { AttentionCase, CaseNumbers } from './attention-cases.ts'
import {
  alignment32,
  type Matrix32,
  matrix32,
  type Parameters32,
  rotate32,
  Sum32,
  type Sums32,
} from './float32.ts'
import { distribution32 } from './float32-rows.ts'

const f = Math.fround

/** What attention computes in plain float32, packed as on a device. */
export interface Attention32 {
  readonly context: Float32Array
  /** (N, h, longest T_q, longest T_k) */
  readonly weights: Float32Array
  readonly dQ: Float32Array
  readonly dK: Float32Array
  readonly dV: Float32Array
  /** By name, (heads, …). */
  readonly dParameters: Sums32
  /** Largest gradient of a score before its mean is taken away. */
  readonly uncentred: number
}

/** One head of one text. */
interface Head {
  readonly text: number
  readonly head: number
  readonly Q: Matrix32
  readonly K: Matrix32
  readonly V: Matrix32
  readonly dC: Matrix32
  readonly parameters: Parameters32
  readonly sums: Sums32
}

/**
 * Attention and its gradients, every operation rounded to float32, sums from the first term to the
 * last.
 */
export function attention32(given: AttentionCase, numbers: CaseNumbers): Attention32 {
  const { heads, queryStarts, keyStarts, dQuery, dKey, dValue } = given
  const nText = queryStarts.length - 1
  const lengths = (starts: Int32Array) =>
    Array.from({ length: nText }, (_, n) => starts[n + 1] - starts[n])
  const [longestQuery, longestKey] = [
    Math.max(0, ...lengths(queryStarts)),
    Math.max(0, ...lengths(keyStarts)),
  ]
  const [context, dQ, dK, dV] = [numbers.dC, numbers.Q, numbers.K, numbers.V].map(
    ({ size }) => new Float32Array(size),
  )
  const weights = new Float32Array(nText * heads * longestQuery * longestKey)
  const dParameters = Object.fromEntries(
    Object.entries(numbers.parameters).map(([name, { size }]) => [name, new Sum32(size)]),
  )
  let uncentred = 0
  for (let text = 0; text < nText; text++) {
    for (let head = 0; head < heads; head++) {
      const one: Head = {
        ...{ text, head, Q: packed(numbers.Q.data, queryStarts, text, head, dQuery, heads) },
        K: packed(numbers.K.data, keyStarts, text, head, dKey, heads),
        V: packed(numbers.V.data, keyStarts, text, head, dValue, heads),
        dC: packed(numbers.dC.data, queryStarts, text, head, dValue, heads),
        parameters: Object.fromEntries(
          Object.entries(numbers.parameters).map(([name, X]) => [
            name,
            X.slice(head).data as Float32Array,
          ]),
        ),
        sums: Object.fromEntries(
          Object.entries(dParameters).map(([name, sum]) => [name, ofHead(sum, head, heads)]),
        ),
      }
      const found = attendHead32(given, one)
      uncentred = Math.max(uncentred, found.uncentred)
      unpack(found.C, context, queryStarts, text, head, heads)
      unpack(found.dQ, dQ, queryStarts, text, head, heads)
      unpack(found.dK, dK, keyStarts, text, head, heads)
      unpack(found.dV, dV, keyStarts, text, head, heads)
      for (let i = 0; i < found.A.rows; i++) {
        const row = found.A.data.subarray(i * found.A.columns, (i + 1) * found.A.columns)
        weights.set(row, ((text * heads + head) * longestQuery + i) * longestKey)
      }
    }
  }
  return { context, weights, dQ, dK, dV, dParameters, uncentred }
}

/** One head's part of a sum over (heads, …), sharing its numbers. */
function ofHead(sum: Sum32, head: number, heads: number): Sum32 {
  const length = sum.values.length / heads
  const part = (array: Float32Array | Float64Array) =>
    array.subarray(head * length, (head + 1) * length)
  return Object.assign(Object.create(Sum32.prototype), {
    values: part(sum.values),
    magnitudes: part(sum.magnitudes),
  })
}

function packed(
  data: ArrayLike<number>,
  starts: Int32Array,
  text: number,
  head: number,
  columns: number,
  heads: number,
): Matrix32 {
  const X = matrix32(starts[text + 1] - starts[text], columns)
  for (let n = 0; n < X.data.length; n++) {
    X.data[n] =
      data[((starts[text] + Math.floor(n / columns)) * heads + head) * columns + (n % columns)]
  }
  return X
}

function unpack(
  { data, columns }: Matrix32,
  into: Float32Array,
  starts: Int32Array,
  text: number,
  head: number,
  heads: number,
): void {
  for (let n = 0; n < data.length; n++)
    into[((starts[text] + Math.floor(n / columns)) * heads + head) * columns + (n % columns)] =
      data[n]
}

function attendHead32(given: AttentionCase, { text, head, Q, K, V, dC, parameters, sums }: Head) {
  const { position, mask, keep } = given
  const alignment = alignment32(given.alignment)
  const distribution = distribution32(given.distribution)
  const own = parameters.a?.[0] ?? 0
  const shift = 'align' in position ? alignedPosition(0, Q.rows, K.rows, position.align) : 0
  const turned = (X: Matrix32, first: number, direction: 1 | -1) =>
    position.on === 'operands' ? rotate32(X, first, position, direction) : X
  // S = epilogue(L, R)
  const L = turned(alignment.query.forward(Q, parameters), shift, 1)
  const R = turned(alignment.key.forward(K, parameters), 0, 1)
  const S = alignment.epilogue.forward(L, R, parameters)
  const [A, dS] = [matrix32(Q.rows, K.rows), matrix32(Q.rows, K.rows)]
  const [C, dV] = [matrix32(Q.rows, V.columns), matrix32(K.rows, V.columns)]
  let uncentred = 0
  const sizes = { text, head, nQuery: Q.rows, nKey: K.rows }
  for (let i = 0; i < Q.rows; i++) {
    const keys = Array.from({ length: K.rows }, (_, j) => j).filter((j) => mask.allows(i, j, sizes))
    if (keys.length === 0) continue
    const offset = (j: number) =>
      position.on === 'scores' ? offsetIndex(j - i - shift, position.clip) : 0
    const bias = (j: number) => (position.on === 'scores' ? parameters.bias[offset(j)] : 0)
    // A = p(S + bias), C = (keep ∘ A)V
    const weights = distribution.weights(
      Float32Array.from(keys, (j) => S.data[i * K.rows + j] + bias(j)),
      own,
    )
    const factors = keys.map((j) => keep?.(sizes, i, j) ?? 1)
    const dA = new Float32Array(keys.length)
    keys.forEach((j, n) => {
      A.data[i * K.rows + j] = weights[n]
      const kept = f(factors[n] * weights[n])
      for (let c = 0; c < V.columns; c++) {
        const d = dC.data[i * V.columns + c]
        C.data[i * V.columns + c] += f(kept * V.data[j * V.columns + c])
        dV.data[j * V.columns + c] += f(kept * d)
        dA[n] += f(d * V.data[j * V.columns + c])
      }
      dA[n] *= factors[n]
    })
    uncentred = distribution
      .slopes(weights, own)
      .reduce((most, r, n) => Math.max(most, Math.abs(r * dA[n])), uncentred)
    const dScores = distribution.backward(dA, weights, own)
    distribution.terms?.(dA, weights, own).forEach((term, n) => {
      sums.a.add(0, term, Math.abs(dA[n]))
    })
    keys.forEach((j, n) => {
      dS.data[i * K.rows + j] = dScores[n]
      if (position.on === 'scores') sums.bias.add(offset(j), dScores[n])
    })
  }
  const { dL, dR } = alignment.epilogue.backward(dS, S, L, R, parameters, sums)
  return {
    ...{ C, A, dV, uncentred },
    dQ: alignment.query.backward(turned(dL, shift, -1), Q, parameters, sums),
    dK: alignment.key.backward(turned(dR, 0, -1), K, parameters, sums),
  }
}
