import { beforeAll, describe, expect, test } from 'vitest'
import type { Device } from '../../src/device/device.ts'
import { openDevice } from '../../src/device/open.ts'
import type { ForwardOptions } from '../../src/layer/forward-options.ts'
import type { SelfAttentionOptions } from '../../src/layer/options.ts'
import { SelfAttention } from '../../src/layer/self-attention.ts'
import type { Alignment } from '../../src/mechanism/alignment.ts'
import {
  additive,
  cosine,
  general,
  negativeDistance,
  scaledDot,
} from '../../src/mechanism/alignments.ts'
import { entmax, entmax15, sigmoid, softmax, sparsemax } from '../../src/mechanism/distributions.ts'
import { causal } from '../../src/mechanism/mask.ts'
import { learned, relative, rotary, sinusoidal } from '../../src/mechanism/position.ts'
import { Random } from '../../src/random.ts'
import type { Tensor } from '../../src/tensor.ts'
import { directionalError, innerProduct } from '../differences.ts'

let device: Device
beforeAll(async () => {
  device = await openDevice({ dtype: 'float64' })
})

const sizes = { dModel: 5, dQuery: 3, dKey: 3, dValue: 2 }
type Free = SelfAttentionOptions<number, number, Alignment>

/** Worst error of every gradient of the layer against central differences. */
async function worstGradientError(
  options: Free,
  shape: number[],
  forward: ForwardOptions = {},
): Promise<number> {
  const layer = new SelfAttention<number, number, Alignment>(options, { device, seed: 17 })
  const random = new Random(5, 'layer')
  // parameters that begin at zero must not stay there
  const tensors: [Tensor, string][] = []
  for (const [name, handle] of Object.entries(layer.parameters)) {
    const values = (await device.read(handle)).data
    values.forEach((value, n) => {
      values[n] = value + 0.1 * random.normal()
    })
    device.write(handle, Object.assign(await device.read(handle), { data: values }))
    tensors.push([await device.read(handle), name])
  }
  const X = random.normals(shape, 'float64')
  const dC = random.normals([...shape.slice(0, -1), layer.width], 'float64')
  const run = async () => {
    for (const [tensor, name] of tensors) device.write(layer.parameters[name], tensor)
    return (await layer.forward(X, forward).read()).context
  }
  const context = layer.forward(X, forward)
  const gradients = await context.backward(dC).read()
  let worst = 0
  const pairs: [Tensor, Tensor][] = [[X, gradients.dX]]
  if (gradients.dSource) pairs.push([forward.source as Tensor, gradients.dSource])
  if (gradients.dQueries) pairs.push([forward.queries?.vectors as Tensor, gradients.dQueries])
  for (const [tensor, name] of tensors) pairs.push([tensor, gradients.dParameters[name]])
  for (const [tensor, gradient] of pairs) {
    worst = Math.max(
      worst,
      await directionalError(
        tensor,
        gradient,
        async () => innerProduct((await run()).data, dC.data),
        random,
      ),
    )
  }
  return worst
}

const random = new Random(3, 'inputs')
const cases: [string, Free, number[], ForwardOptions?][] = [
  ['the plain layer', sizes, [2, 7, 5]],
  [
    'heads, an output matrix and biases',
    { ...sizes, heads: 3, output: 11, biases: true },
    [2, 7, 5],
  ],
  [
    'd_q ≠ d_k under general',
    { ...sizes, dQuery: 2, alignment: general({ bias: true, activation: 'tanh' }), heads: 2 },
    [2, 7, 5],
  ],
  [
    'd_q ≠ d_k under additive',
    { ...sizes, dKey: 2, alignment: additive({ hidden: 3 }), distribution: sparsemax, heads: 2 },
    [2, 7, 5],
  ],
  [
    'cosine with learned α',
    { ...sizes, alignment: cosine, distribution: entmax('learned'), heads: 2 },
    [2, 7, 5],
  ],
  [
    'relative positions and a causal mask',
    { ...sizes, position: relative(2), mask: causal(), heads: 2 },
    [2, 7, 5],
  ],
  ['rotary positions', { ...sizes, position: rotary(), distribution: sigmoid }, [7, 5]],
  [
    'sinusoidal positions',
    { ...sizes, position: sinusoidal, alignment: negativeDistance },
    [2, 7, 5],
  ],
  [
    'learned positions of padded texts',
    { ...sizes, position: learned(11), distribution: entmax15 },
    [3, 7, 5],
    { lengths: [7, 0, 2] },
  ],
  [
    'packed rows',
    { ...sizes, position: learned(11), output: 5 },
    [11, 5],
    { starts: [0, 2, 2, 11] },
  ],
  [
    'a source of keys and values',
    { ...sizes, position: learned(13), biases: true },
    [2, 3, 5],
    { source: random.normals([2, 11, 5], 'float64'), sourceLengths: [11, 5] },
  ],
  [
    'a wider source of keys and values',
    { ...sizes, dSource: 11, heads: 2, position: relative(2), biases: true, output: 3 },
    [2, 3, 5],
    { source: random.normals([2, 7, 11], 'float64'), sourceLengths: [7, 5] },
  ],
  [
    'a narrower source of packed rows',
    { ...sizes, dSource: 2, alignment: additive({ hidden: 3 }), distribution: sparsemax },
    [5, 5],
    {
      starts: [0, 2, 5],
      source: random.normals([13, 2], 'float64'),
      sourceStarts: [0, 2, 13],
    },
  ],
  [
    'replaced queries of padded texts',
    { ...sizes, heads: 2 },
    [2, 7, 5],
    { lengths: [4, 7], queries: { at: [2, 8], vectors: random.normals([2, 6], 'float64') } },
  ],
  [
    'dropout of a step',
    { ...sizes, dropout: 0.4, heads: 2, alignment: scaledDot, distribution: softmax },
    [2, 7, 5],
    { step: 3 },
  ],
]

describe('every gradient of the layer agrees with central differences', () => {
  test.each(cases)('with %s', async (_name, options, shape, forward) => {
    expect(await worstGradientError(options, shape, forward)).toBeLessThan(1e-7)
  })
})
