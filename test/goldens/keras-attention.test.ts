import { expect, test } from 'vitest'
import { additive } from '../../src/mechanism/alignments.ts'
import { attend } from '../../src/mechanism/attention.ts'
import { cells, everything, lengths } from '../../src/mechanism/mask.ts'
import { Tensor } from '../../src/tensor.ts'
import { type Golden, goldens, ledger } from '../goldens.ts'
import { fromKernels, gradientsOf, type MultiHeadCase, throughAttend, throughLayer } from './multi-head.ts'

const beyond = ledger('keras-attention')
const cases = goldens('keras-attention')

test.each(cases.filter(({ options }) => options.layer === 'AdditiveAttention'))(
  '$name: attend is Dense and AdditiveAttention of Keras',
  (golden) => {
    const { query, key, value, valueMask, dOutput, ...parameters } = golden.inputs
    const forOneHead = (X: Tensor, ...shape: number[]): Tensor => X.reshape([1, ...shape])
    const { context, weights, backward } = attend(query, key, value, {
      alignment: additive({ hidden: 11 }),
      alignmentParameters: {
        W_1: forOneHead(parameters['query/kernel'], 5, 11),
        W_2: forOneHead(parameters['key/kernel'], 13, 11),
        w: forOneHead(parameters['attention/scale'], 11, 1),
        b: Tensor.zeros([1, 11], 'float64'),
      },
      mask: valueMask ? lengths([0, 1].map((n) => valueMask.slice(n).data.filter((allowed) => allowed).length)) : everything,
      want: { weights: true },
    })
    const { dQ, dK, dV, dAlignment } = backward(dOutput)
    const found = {
      ...{ output: context, weights: weights as Tensor, dquery: dQ, dkey: dK, dvalue: dV },
      ...{ 'dquery/kernel': dAlignment.W_1, 'dkey/kernel': dAlignment.W_2, 'dattention/scale': dAlignment.w },
    }
    expect(beyond('float64', golden.name, found, golden.outputs)).toEqual({})
  },
)

function caseOf({ name, options, inputs, outputs }: Golden): MultiHeadCase {
  const { output, weights, dX, dquery, dkey, dvalue } = outputs
  return {
    name,
    heads: options.numHeads as number,
    mask: inputs.attentionMask ? cells(inputs.attentionMask.as('uint8')) : everything,
    inputs,
    parameters: fromKernels(inputs, 'attention_output'),
    expected: {
      output,
      weights,
      ...(dX ? { dX } : { dquery, dkey, dvalue }),
      ...gradientsOf(fromKernels(outputs, 'attention_output', 'd')),
    },
  }
}

const multiHead = cases.filter(({ options }) => options.layer === 'MultiHeadAttention').map(caseOf)
const self = multiHead.filter(({ inputs }) => inputs.X)
const cross = multiHead.filter(({ inputs }) => !inputs.X)

test.each(self)('$name: SelfAttention in float64 is MultiHeadAttention of Keras, forward and backward', async (one) => {
  expect(beyond('float64', one.name, await throughLayer(one, 'float64'), one.expected)).toEqual({})
})

test.each(self)('$name: SelfAttention in float32 is MultiHeadAttention of Keras, forward and backward', async (one) => {
  expect(beyond('float32', one.name, await throughLayer(one, 'float32'), one.expected)).toEqual({})
})

test.each(cross)('$name: attend and products are MultiHeadAttention of Keras, forward and backward', (one) => {
  expect(beyond('float64', one.name, throughAttend(one), one.expected)).toEqual({})
})
