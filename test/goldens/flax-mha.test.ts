import { expect, test } from 'vitest'
import { causal, everything } from '../../src/mechanism/mask.ts'
import { type Golden, goldens, ledger } from '../goldens.ts'
import { fromKernels, gradientsOf, type MultiHeadCase, throughLayer } from './multi-head.ts'

const beyond = ledger('flax-mha')

function caseOf({ name, options, inputs, outputs }: Golden): MultiHeadCase {
  const { inputs_q, inputs_k, ...given } = inputs
  const { output, weights, dX, dinputs_q, dinputs_k } = outputs
  return {
    name,
    heads: options.numHeads as number,
    keyValueHeads: (options.numKvHeads ?? options.numHeads) as number,
    mask: options.causal ? causal() : everything,
    inputs: inputs_q ? { ...given, X: inputs_q, source: inputs_k } : given,
    parameters: fromKernels(inputs, 'out'),
    expected: { output, weights, ...(dX ? { dX } : { dX: dinputs_q, dsource: dinputs_k }), ...gradientsOf(fromKernels(outputs, 'out', 'd')) },
  }
}

const cases = goldens('flax-mha').map(caseOf)

test.each(cases)('$name: SelfAttention in float64 is MultiHeadAttention of Flax, forward and backward', async (one) => {
  expect(beyond('float64', one.name, await throughLayer(one, 'float64'), one.expected)).toEqual({})
})

test.each(cases)('$name: SelfAttention in float32 is MultiHeadAttention of Flax, forward and backward', async (one) => {
  expect(beyond('float32', one.name, await throughLayer(one, 'float32'), one.expected)).toEqual({})
})
