import { describe, expect, test } from 'vitest'
import type { Handle } from '../../src/device/device.ts'
import { ReferenceDevice } from '../../src/device/reference.ts'
import { Tensor } from '../../src/tensor.ts'
import { type Golden, goldens, ledger, type Named } from '../goldens.ts'

const beyond = ledger('torch-optim')
const cases = goldens('torch-optim')
const of = (optimiser: string): Golden[] => cases.filter(({ options }) => options.optimiser === optimiser)
const STEPS = [0, 1, 2, 3, 4]

/** Five steps from the golden's parameter; `step` enqueues each. */
async function run(device: ReferenceDevice, { inputs }: Golden, step: (n: number, parameter: Handle) => void): Promise<Named> {
  const parameter = device.upload(inputs.parameter)
  const after: Record<string, Tensor> = {}
  for (const n of STEPS) {
    step(n, parameter)
    after[`after${n}`] = await device.read(parameter)
  }
  return after
}

const adamOf = ({ options }: Golden, step: number) => {
  const { lr, beta1, beta2, eps, weightDecay = 0 } = options as Record<string, number>
  return { rate: lr, beta1, beta2, epsilon: eps, decay: weightDecay, step }
}

/** Distinct rows and the sums of their gradients: a row that comes twice gets both. */
function summed(rows: Tensor, gradient: Tensor): { rows: Tensor; gradient: Tensor } {
  const distinct = [...new Set(rows.data)]
  const columns = gradient.shape[1]
  const sums = Tensor.zeros([distinct.length, columns], 'float64')
  rows.data.forEach((row, r) => {
    for (let c = 0; c < columns; c++) sums.data[distinct.indexOf(row) * columns + c] += gradient.at(r, c)
  })
  return { rows: new Tensor([distinct.length], Int32Array.from(distinct)), gradient: sums }
}

describe.each(['float64', 'float32'] as const)('on the %s reference device, as PyTorch', (dtype) => {
  test.each(of('AdamW'))('$name', async (golden) => {
    const device = new ReferenceDevice({ dtype })
    const moments = [device.allocate([3, 5]), device.allocate([3, 5])] as const
    const found = await run(device, golden, (n, parameter) => {
      device.adamW(parameter, device.upload(golden.inputs[`grad${n}`]), moments, adamOf(golden, n + 1))
    })
    expect(beyond(dtype, golden.name, found, golden.outputs)).toEqual({})
  })

  test.each(of('SparseAdam'))('$name', async (golden) => {
    const device = new ReferenceDevice({ dtype })
    const moments = [device.allocate(golden.inputs.parameter.shape), device.allocate(golden.inputs.parameter.shape)] as const
    const found = await run(device, golden, (n, parameter) => {
      const { rows, gradient } = summed(golden.inputs[`rows${n}`], golden.inputs[`grad${n}`])
      device.adamW(parameter, device.upload(gradient), moments, adamOf(golden, n + 1), device.upload(rows))
    })
    expect(beyond(dtype, golden.name, found, golden.outputs)).toEqual({})
  })

  test.each(of('SGD'))('$name', async (golden) => {
    const device = new ReferenceDevice({ dtype })
    const { lr: rate, momentum, weightDecay: decay } = golden.options as Record<string, number>
    const velocity = momentum === 0 ? undefined : device.allocate([3, 5])
    const found = await run(device, golden, (n, parameter) => {
      device.sgd(parameter, device.upload(golden.inputs[`grad${n}`]), velocity, { rate, momentum, decay })
    })
    expect(beyond(dtype, golden.name, found, golden.outputs)).toEqual({})
  })

  test.each(of('clip_grad_norm_'))('$name', async (golden) => {
    const device = new ReferenceDevice({ dtype })
    const gradients = [device.upload(golden.inputs.grad0), device.upload(golden.inputs.grad1)]
    const square = device.allocate([1])
    device.squaredNorm(gradients, square)
    device.clip(gradients, square, golden.options.maxNorm as number)
    const [norm, clipped0, clipped1] = await Promise.all([square, ...gradients].map((handle) => device.read(handle)))
    const root = new Tensor([], Float64Array.of(Math.sqrt(norm.data[0])))
    expect(beyond(dtype, golden.name, { norm: root, clipped0, clipped1 }, golden.outputs)).toEqual({})
  })
})
