import { expect, test } from 'vitest'
import type { Alignment } from '../../src/mechanism/alignment.ts'
import { additive, cosine, dot, general, negativeDistance, scaledDot } from '../../src/mechanism/alignments.ts'
import { type Matrix, matrix } from '../../src/mechanism/matrix.ts'
import { Tensor } from '../../src/tensor.ts'
import { type Golden, goldens, ledger, type Named } from '../goldens.ts'

const beyond = ledger('torch-alignments')

function alignmentOf({ options }: Golden): Alignment {
  const { alignment, bias, activation, hidden } = options as { alignment: string; bias?: string; activation?: 'tanh'; hidden?: number }
  if (alignment === 'general') return general({ bias: bias !== undefined, ...(activation ? { activation } : {}) })
  if (alignment === 'additive') return additive({ hidden: hidden ?? 0 })
  const plain = { dot, scaledDot, cosine, negativeDistance }[alignment]
  if (!plain) throw new RangeError(`unknown alignment ${alignment}`)
  return plain
}

const matrixOf = ({ shape, data }: Tensor): Matrix => matrix(shape[0], shape[1], data as Float64Array)
const tensorOf = ({ rows, columns, data }: Matrix): Tensor => new Tensor([rows, columns], data)

test.each(goldens('torch-alignments'))('$name agrees with PyTorch in its scores and every gradient', (golden) => {
  const { Q, K, dS, ...parameters } = golden.inputs
  const alignment = alignmentOf(golden)
  const numbers = Object.fromEntries(Object.entries(parameters).map(([name, X]) => [name, X.data as Float64Array]))
  // without a bias in the golden, it is zero here
  if (alignment.name === 'additive:11') numbers.b ??= new Float64Array(11)
  const block = { Q: matrixOf(Q), K: matrixOf(K), firstQuery: 0, firstKey: 0, parameters: numbers }
  const S = alignment.scores(block)
  const { dQ, dK, dParameters } = alignment.backward(matrixOf(dS), S, block)
  const own = Object.entries(dParameters).map(([name, d]): [string, Tensor] => [`d${name}`, new Tensor([d.length], d)])
  const found: Named = { S: tensorOf(S), dQ: tensorOf(dQ), dK: tensorOf(dK), ...Object.fromEntries(own) }
  expect(beyond('float64', golden.name, found, golden.outputs)).toEqual({})
})
