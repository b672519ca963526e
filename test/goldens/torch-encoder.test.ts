import { describe, expect, test } from 'vitest'
import { ReferenceDevice } from '../../src/device/reference.ts'
import { Encoder } from '../../src/layer/encoder.ts'
import { learned, sinusoidal } from '../../src/mechanism/position.ts'
import { Tensor } from '../../src/tensor.ts'
import { goldens, ledger } from '../goldens.ts'

const beyond = ledger('torch-encoder')

describe('as PyTorch, in float64, an encoder with', () => {
  test.each(goldens('torch-encoder'))('$name', async ({ name, options, inputs, outputs }) => {
    const device = new ReferenceDevice({ dtype: 'float64' })
    const { dOutput, ...parameters } = inputs
    const [vocabulary, dModel] = parameters['words.E'].shape
    const heads = options.heads as number
    const width = dModel / heads
    const P = parameters['layers.0.position.P']
    const encoder = new Encoder(
      {
        ...{ vocabulary, dModel, residual: true },
        normalization: options.normalization as 'before' | 'after',
        feedForward: { width: parameters['layers.0.feedForward.W_1'].shape[1], activation: 'relu' },
        layers: [
          {
            ...{ heads, dQuery: width, dKey: width, dValue: width, output: dModel, biases: true },
            position: P ? learned(P.shape[0]) : sinusoidal,
          },
        ],
      },
      { device, seed: 1 },
    )
    expect(Object.keys(parameters).sort()).toEqual(Object.keys(encoder.parameters).sort())
    for (const [own, value] of Object.entries(parameters)) device.write(encoder.parameters[own], value)
    const pass = encoder.forward([options.words as number[]])
    const { dParameters, rows } = await pass.backward(dOutput).read()
    const found: Record<string, Tensor> = { output: await pass.read() }
    for (const [own, gradient] of Object.entries(dParameters)) {
      const whole = Tensor.zeros(parameters[own].shape, 'float64')
      const columns = whole.shape[whole.shape.length - 1]
      if (rows[own])
        rows[own].forEach((row, n) => void whole.data.set(gradient.slice(n).data, row * columns))
      found[`d${own}`] = rows[own] ? whole : gradient
    }
    expect(beyond('float64', name, found, outputs)).toEqual({})
  })
})
