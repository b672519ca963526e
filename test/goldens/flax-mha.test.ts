import { expect, test } from 'vitest'
import { causal, everything } from '../../src/mechanism/mask.ts'
import type { Tensor } from '../../src/tensor.ts'
import { type Golden, goldens, ledger, type Named } from '../goldens.ts'
import { foldHeads, fromKernels, gradientsOf, type MultiHeadCase, repeatHeads, throughAttend, throughLayer } from './multi-head.ts'

const beyond = ledger('flax-mha')

function caseOf({ name, options, inputs, outputs }: Golden): MultiHeadCase {
  const { output, weights, dX } = outputs
  return {
    name,
    heads: options.numHeads as number,
    mask: options.causal ? causal() : everything,
    inputs,
    parameters: fromKernels(inputs, 'out'),
    expected: { output, weights, ...(dX ? { dX } : {}), ...gradientsOf(fromKernels(outputs, 'out', 'd')) },
  }
}

const cases = goldens('flax-mha')
const self = cases.filter(({ inputs }) => inputs.X).map(caseOf)

test.each(self)('$name: SelfAttention in float64 is MultiHeadAttention of Flax, forward and backward', async (one) => {
  expect(beyond('float64', one.name, await throughLayer(one, 'float64'), one.expected)).toEqual({})
})

test.each(self)('$name: SelfAttention in float32 is MultiHeadAttention of Flax, forward and backward', async (one) => {
  expect(beyond('float32', one.name, await throughLayer(one, 'float32'), one.expected)).toEqual({})
})

/**
 * Where keys and values have fewer heads: those of a case repeated, and found gradients folded
 * again.
 */
const GROUPED = ['W_K', 'W_V', 'b_K', 'b_V']
const eachGrouped = (named: Named, prefix: string, change: (X: Tensor) => Tensor): Named =>
  Object.fromEntries(Object.entries(named).map(([name, X]) => [name, GROUPED.some((one) => prefix + one === name) ? change(X) : X]))

// the layer has one D for X and its source, and as many heads of keys as of queries
test.each(cases.filter(({ inputs }) => !inputs.X))(
  '$name: attend and products are MultiHeadAttention of Flax, forward and backward',
  (golden) => {
    const groups = golden.options.numKvHeads as number
    const one = caseOf(golden)
    const { inputs_q: query, inputs_k: key, dOutput } = golden.inputs
    const parameters = eachGrouped(one.parameters, '', (X) => repeatHeads(X, groups, one.heads))
    const found = throughAttend({ ...one, inputs: { query, key, value: key, dOutput }, parameters })
    const { dquery: dinputs_q, dkey, dvalue } = found
    // key and value are one input: its gradient is the sum of both
    dkey.data.forEach((d, n) => {
      dkey.data[n] = d + dvalue.data[n]
    })
    const folded = eachGrouped(found, 'd', (X) => foldHeads(X, groups, one.heads))
    const expected = { ...one.expected, dinputs_q: golden.outputs.dinputs_q, dinputs_k: golden.outputs.dinputs_k }
    expect(beyond('float64', golden.name, { ...folded, dinputs_q, dinputs_k: dkey }, expected)).toEqual({})
  },
)
