import { describe, expect, test } from 'vitest'
import { ReferenceDevice } from '../../src/device/reference.ts'
import { dot, scaledDot } from '../../src/mechanism/alignments.ts'
import { attend } from '../../src/mechanism/attention.ts'
import { softmax } from '../../src/mechanism/distributions.ts'
import { causal, cells, everything } from '../../src/mechanism/mask.ts'
import { none, relative } from '../../src/mechanism/position.ts'
import { Tensor } from '../../src/tensor.ts'
import { type Golden, goldens, ledger, type Named, packed } from '../goldens.ts'

const beyond = ledger('torch-sdpa')

/** The rule of a case, and its inputs; a scale of one's own goes into the queries. */
function ruleOf({ options, inputs }: Golden) {
  const { scale, isCausal, L, aligned } = options as { scale?: number; isCausal?: boolean; L?: number; aligned?: 'start' | 'end' }
  const { b, mask, Q, K, V, dContext } = inputs
  return {
    scale: scale ?? 1,
    inputs: {
      K,
      V,
      dContext,
      Q: scale
        ? new Tensor(
            Q.shape,
            Q.data.map((q) => q * scale),
          )
        : Q,
    },
    alignment: scale ? dot : scaledDot,
    mask: mask ? cells(mask.as('uint8')) : isCausal ? causal() : everything,
    position: L ? relative(L, { align: aligned ?? 'start' }) : none,
    positionParameters: b ? { bias: b } : undefined,
  }
}

const rescaled = (found: Named, scale: number): Named => ({
  ...found,
  dQ: new Tensor(
    found.dQ.shape,
    Float64Array.from(found.dQ.data, (d) => scale * d),
  ),
})

describe('scaled_dot_product_attention of PyTorch', () => {
  test.each(goldens('torch-sdpa'))('$name: attend, forward and backward', (golden) => {
    const { inputs, scale, positionParameters, ...rule } = ruleOf(golden)
    const { context, backward } = attend(inputs.Q, inputs.K, inputs.V, { ...rule, ...(positionParameters ? { positionParameters } : {}) })
    const { dQ, dK, dV, dPosition } = backward(inputs.dContext)
    const found = rescaled({ context, dQ, dK, dV, ...(dPosition.bias ? { db: dPosition.bias } : {}) }, scale)
    expect(beyond('float64', golden.name, found, golden.outputs)).toEqual({})
  })

  test.each(goldens('torch-sdpa'))('$name: the float32 device, forward and backward', async (golden) => {
    const device = new ReferenceDevice({ dtype: 'float32' })
    const { inputs, scale, positionParameters, ...rule } = ruleOf(golden)
    const [N, heads, nQuery] = inputs.Q.shape
    const starts = (T: number): Int32Array => Int32Array.from({ length: N + 1 }, (_, n) => n * T)
    const upload = (X: Tensor) => device.upload(packed(X))
    const [Q, K, V, dC] = [upload(inputs.Q), upload(inputs.K), upload(inputs.V), upload(inputs.dContext)]
    const bias = positionParameters && device.upload(positionParameters.bias)
    const like = (handle: { shape: readonly number[] }) => device.allocate(handle.shape)
    const call = {
      ...rule,
      ...{ Q, K, V, heads, keyValueHeads: inputs.K.shape[1], queryStarts: starts(nQuery), keyStarts: starts(inputs.K.shape[2]), distribution: softmax },
      ...{ alignmentParameters: {}, distributionParameters: {}, positionParameters: bias ? { bias } : {} },
    }
    const [context, dQ, dK, dV] = [like(dC), like(Q), like(K), like(V)]
    const dPosition = bias ? { bias: like(bias) } : undefined
    device.attention(call, { context })
    device.attentionBackward(call, dC, { dQ, dK, dV, dAlignment: {}, dDistribution: {}, dPosition: dPosition ?? {} })
    const read = { context, dQ, dK, dV, ...(dPosition ? { db: dPosition.bias } : {}) }
    const found = Object.fromEntries(
      await Promise.all(Object.entries(read).map(async ([name, handle]) => [name, await device.read(handle)] as const)),
    )
    const expected = Object.fromEntries(Object.entries(golden.outputs).map(([name, X]) => [name, name === 'db' ? X : packed(X)]))
    expect(beyond('float32', golden.name, rescaled(found, scale), expected)).toEqual({})
  })
})
