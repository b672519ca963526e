import { expect, test } from 'vitest'
import { everything, fromTorchAttentionMask, fromTorchKeyPadding } from '../../src/mechanism/mask.ts'
import { Tensor } from '../../src/tensor.ts'
import { type Golden, goldens, ledger, type Named, transposed } from '../goldens.ts'
import { gradientsOf, type MultiHeadCase, throughAttend, throughLayer } from './multi-head.ts'

const beyond = ledger('torch-mha')

/** The n-th third of rows. */
const third = (X: Tensor, n: number): Tensor =>
  new Tensor([X.shape[0] / 3, ...X.shape.slice(1)], X.data.subarray((n * X.size) / 3, ((n + 1) * X.size) / 3))

/**
 * nn.MultiheadAttention's parameters as the layer's: in_proj stacks Q, K and V, and every matrix is
 * transposed.
 */
function layerParameters(named: Named, prefix = ''): Named {
  const get = (name: string): Tensor | undefined => named[prefix + name]
  const stacked = get('in_proj_weight')
  const bias = get('in_proj_bias')
  const found: Record<string, Tensor> = { W_O: transposed(named[`${prefix}out_proj.weight`]) }
  for (const [n, letter] of ['Q', 'K', 'V'].entries()) {
    const own = get(`${letter.toLowerCase()}_proj_weight`)
    found[`W_${letter}`] = transposed(own ?? third(stacked as Tensor, n))
    if (bias) found[`b_${letter}`] = third(bias, n)
  }
  const last = get('out_proj.bias')
  return last ? { ...found, b_O: last } : found
}

function caseOf({ name, options, inputs, outputs }: Golden): MultiHeadCase {
  const { keyPaddingMask, attnMask, in_proj_weight, in_proj_bias, ...given } = inputs
  const { output, weights, dX, dsource, dquery, dkey, dvalue } = outputs
  return {
    name,
    heads: options.heads as number,
    mask: keyPaddingMask ? fromTorchKeyPadding(keyPaddingMask) : attnMask ? fromTorchAttentionMask(attnMask) : everything,
    inputs: given,
    parameters: layerParameters(inputs),
    expected: { output, weights, ...(dX ? { dX, ...(dsource ? { dsource } : {}) } : { dquery, dkey, dvalue }), ...gradientsOf(layerParameters(outputs, 'd')) },
  }
}

const cases = goldens('torch-mha').map(caseOf)
const self = cases.filter(({ inputs }) => inputs.X)
const cross = cases.filter(({ inputs }) => !inputs.X)

test.each(self)('$name: SelfAttention in float64 is nn.MultiheadAttention, forward and backward', async (one) => {
  expect(beyond('float64', one.name, await throughLayer(one, 'float64'), one.expected)).toEqual({})
})

test.each(self)('$name: SelfAttention in float32 is nn.MultiheadAttention, forward and backward', async (one) => {
  expect(beyond('float32', one.name, await throughLayer(one, 'float32'), one.expected)).toEqual({})
})

test.each(cross)('$name: attend and products are nn.MultiheadAttention, forward and backward', (one) => {
  expect(beyond('float64', one.name, throughAttend(one), one.expected)).toEqual({})
})
