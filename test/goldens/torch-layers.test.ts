import { describe, expect, test } from 'vitest'
import type { ActivationName } from '../../src/device/device.ts'
import { ReferenceDevice } from '../../src/device/reference.ts'
import { Tensor } from '../../src/tensor.ts'
import { type Golden, goldens, ledger, type Named } from '../goldens.ts'

const beyond = ledger('torch-layers')
const cases = goldens('torch-layers')
const of = (...layers: string[]): Golden[] => cases.filter(({ options }) => layers.includes(options.layer as string))
const ints = (X: Tensor): Tensor => new Tensor([X.size], Int32Array.from(X.data))

describe.each(['float64', 'float32'] as const)('on the %s reference device, as PyTorch', (dtype) => {
  test.each(of('LayerNorm'))('$name', async (golden) => {
    const device = new ReferenceDevice({ dtype })
    const { X, gain, bias, dOutput } = golden.inputs
    const epsilon = golden.options.eps as number
    const [x, g, b, dy] = [X, gain, bias, dOutput].map((given) => device.upload(given))
    const [output, dX, dgain, dbias] = [X, X, gain, bias].map(({ shape }) => device.allocate(shape))
    device.normalize(x, g, b, epsilon, output)
    device.normalizeBackward(dy, x, g, epsilon, { dX, dGain: dgain, dBias: dbias })
    expect(beyond(dtype, golden.name, await readAll(device, { output, dX, dgain, dbias }), golden.outputs)).toEqual({})
  })

  test.each(of('gelu tanh', 'relu', 'tanh', 'sigmoid', 'silu'))('$name', async (golden) => {
    const device = new ReferenceDevice({ dtype })
    const name = (golden.options.layer as string).replace(' tanh', '') as ActivationName
    const [x, dy] = [golden.inputs.X, golden.inputs.dOutput].map((given) => device.upload(given))
    const [output, dX] = [device.allocate(x.shape), device.allocate(x.shape)]
    device.activate(name, x, output)
    device.activateBackward(name, dy, x, dX)
    expect(beyond(dtype, golden.name, await readAll(device, { output, dX }), golden.outputs)).toEqual({})
  })

  test.each(of('cross_entropy'))('$name', async (golden) => {
    const device = new ReferenceDevice({ dtype })
    const { C, E, b, targets } = golden.inputs
    const [c, e, offsets] = [C, E, b ?? Tensor.zeros([7])].map((given) => device.upload(given))
    const t = device.upload(ints(targets))
    const [dC, dE, db, losses] = [[5, 3], [7, 3], [7], [5]].map((shape) => device.allocate(shape))
    const factor = golden.options.reduction === 'mean' ? 1 / 5 : 1
    device.crossEntropy(c, e, offsets, t, losses)
    device.crossEntropyBackward(factor, c, e, offsets, t, { dC, dE, dOffsets: db })
    const sum = Array.from((await device.read(losses)).data).reduce((total, value) => total + value, 0)
    const loss = new Tensor([], Float64Array.of(factor * sum))
    const found = { loss, ...(await readAll(device, { dC, dE, ...(b ? { db } : {}) })) }
    expect(beyond(dtype, golden.name, found, golden.outputs)).toEqual({})
  })

  test.each(of('embedding'))('$name', async (golden) => {
    const device = new ReferenceDevice({ dtype })
    const { E, ids, dOutput } = golden.inputs
    const [table, dy] = [E, dOutput].map((given) => device.upload(given))
    const [output, dE] = [device.allocate(dOutput.shape), device.allocate(E.shape)]
    device.gather(table, device.upload(ints(ids)), output)
    const ofRow = Array.from({ length: E.shape[0] }, (_, row) => [...ids.data.keys()].filter((r) => ids.data[r] === row))
    const starts = ofRow.reduce((all, rows) => [...all, (all.at(-1) ?? 0) + rows.length], [0])
    const segments = { starts: device.upload(Tensor.from(starts, 'int32')), occurrences: device.upload(Tensor.from(ofRow.flat(), 'int32')) }
    device.sumRows(dy, segments, dE)
    expect(beyond(dtype, golden.name, await readAll(device, { output, dE }), golden.outputs)).toEqual({})
  })
})

async function readAll(device: ReferenceDevice, handles: Record<string, ReturnType<ReferenceDevice['allocate']>>): Promise<Named> {
  const read = await Promise.all(Object.entries(handles).map(async ([name, handle]) => [name, await device.read(handle)] as const))
  return Object.fromEntries(read)
}
