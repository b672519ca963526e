import { type Device, openDevice, type SelfAttention, Tensor } from 'regard/internal'
import { describe, expect, test } from 'vitest'
import * as freezing from '../../examples/freezing.js'
import * as reverse from '../../examples/reverse.js'
import * as shared from '../../examples/shared-parameters.js'
import * as loop from '../../examples/training-loop.js'
import { worstError } from '../differences.ts'

const exact = (): Promise<Device> => openDevice({ device: 'reference', dtype: 'float64' })
const devices = [
  { name: 'reference', open: exact, error: 1e-9 },
  { name: 'wasm', open: () => openDevice({ device: 'wasm' }), error: 1e-3 },
]

/** How many handles more there are after a body. */
async function handlesOf(device: Device, body: () => unknown): Promise<number> {
  const before = device.stats().handles
  await body()
  return device.stats().handles - before
}

/** Names of the tensors that are the same, to the bit. */
const unmoved = (a: Readonly<Record<string, Tensor>>, b: Readonly<Record<string, Tensor>>) =>
  Object.keys(a).filter((name) => String(a[name].data) === String(b[name].data))

describe.each(devices)('on $name, a loop of your own', ({ open, error }) => {
  test('learns the same with its loss on the host as on the device', async () => {
    const device = await open()
    const [host, own] = [await loop.lossOnHost(device, 60), await loop.lossOnDevice(device, 60)]
    expect(worstError(host.losses, own.losses)).toBeLessThan(error)
    expect(own.losses[59]).toBeLessThan(own.losses[0] / 10)
    const [a, b] = [await host.layer.save(), await own.layer.save()]
    for (const [name, { data }] of Object.entries(a))
      expect(worstError(data, b[name].data)).toBeLessThan(error)
    await device.close()
  })

  test('holds no more after 9 steps than after 3', async () => {
    const device = await open()
    for (const learn of [loop.lossOnHost, loop.lossOnDevice]) {
      const [few, more] = [
        await handlesOf(device, () => learn(device, 3)),
        await handlesOf(device, () => learn(device, 9)),
      ]
      expect([few, more]).toEqual([4, 4]) // the layer's parameters
    }
    await device.close()
  })
})

describe.each(devices)('on $name, layers that share', ({ open }) => {
  test('have the handles of the first, which outlives them', async () => {
    const device = await open()
    const [first, second] = shared.sharedLayers(device)
    expect(Object.values(second.parameters)).toEqual(Object.values(first.parameters))
    second.free()
    first.forward(shared.batch(1).X)
    first.free()
    await expect(device.read(first.parameters.W_Q)).rejects.toThrow('freed')
    await device.close()
  })

  test('learn the word two before, and four of them give the word four before', async () => {
    const device = await open()
    const layers = shared.sharedLayers(device, 4)
    const two = layers.slice(0, 2)
    const before = await shared.heldOut(two, 2)
    expect(await handlesOf(device, () => shared.learn(two, 300))).toBe(0)
    expect(await shared.heldOut(two, 2)).toBeLessThan(before / 1000)
    expect(await shared.heldOut(layers, 4)).toBeLessThan(before / 100)
    expect(await shared.heldOut(layers, 2)).toBeGreaterThan(0.5)
    await device.close()
  })
})

test('gradients of a shared parameter, added, are those of central differences', async () => {
  const device = await exact()
  const layers: readonly SelfAttention[] = shared.sharedLayers(device)
  const { gradients } = shared.lossOf(layers, shared.batch(3))
  for (const [name, handle] of Object.entries(layers[0].parameters)) {
    const start = await device.read(handle)
    const moved = async (by: number): Promise<number> => {
      const { data, shape } = start
      device.write(
        handle,
        new Tensor(
          shape,
          Float64Array.from(data, (x, n) => x + (n ? 0 : by)),
        ),
      )
      const [loss] = (await device.read(shared.lossOf(layers, shared.batch(3)).L)).data
      device.write(handle, start)
      return loss
    }
    const difference = ((await moved(1e-6)) - (await moved(-1e-6))) / 2e-6
    const own = await Promise.all(gradients.map((one) => device.read(one.dParameters[name])))
    const [a, b] = own.map(({ data }) => data[0])
    expect(Math.abs(a + b - difference)).toBeLessThan(1e-7)
    // each of the two alone is not it
    expect(Math.abs(a - difference)).toBeGreaterThan(1e-4)
  }
})

describe.each(devices)('on $name, freezing and accumulating', ({ open }) => {
  test('end with the same bits by the options of train as by the loop', async () => {
    const device = await open()
    const [learner, other] = [freezing.begin(device), freezing.begin(device)]
    const before = await freezing.saved(learner)
    expect(await handlesOf(device, () => freezing.byOptions(learner, 7))).toBe(0)
    expect(await handlesOf(device, () => freezing.byLoop(other, 7))).toBe(0)
    const [after, own] = [await freezing.saved(learner), await freezing.saved(other)]
    expect(unmoved(before, after)).toEqual(['words.E'])
    expect(unmoved(after, own)).toEqual(Object.keys(before))
    await device.close()
  })
})

test('what was learned by freezing.js tells almost every tag', async () => {
  expect(Number((await freezing.show()).match(/then (\S+)/)?.[1])).toBeLessThan(0.01)
})

describe.each(devices)('on $name, the reversal', ({ open }) => {
  test('holds no more after a step than before, and moves every parameter', async () => {
    const device = await open()
    const model = reverse.begin(device)
    const modules = [model.encoder, model.decoder, model.cross, model.head]
    const save = async () =>
      Object.assign({}, ...(await Promise.all(modules.map((module) => module.save()))))
    const before = await save()
    expect(await handlesOf(device, () => reverse.learn(model, 3))).toBe(0)
    expect(unmoved(before, await save())).toEqual([])
    expect(await handlesOf(device, () => reverse.answer(model, [[1, 2, 3, 4, 5, 6]]))).toBe(0)
    await device.close()
  })
})

test('the reversal is right on 95 of 100 sequences never seen', async () => {
  const device = await openDevice({ device: 'wasm' })
  const model = reverse.begin(device)
  expect(await reverse.accuracy(model)).toBeLessThan(0.05)
  reverse.learn(model)
  expect(await reverse.accuracy(model)).toBeGreaterThanOrEqual(0.95)
  await device.close()
})

test('the decoder of the reversal sees nothing of what it has yet to write', async () => {
  const device = await exact()
  const model = reverse.begin(device)
  const rows = async (written: number[]) =>
    device.read(reverse.forward(model, [[1, 2, 3, 4, 5, 6]], [written]).H)
  const [a, b] = [await rows([10, 6, 5, 4]), await rows([10, 6, 0, 9])]
  expect(worstError(a.slice(0).data, b.slice(0).data)).toBe(0)
  expect(worstError(a.slice(1).data, b.slice(1).data)).toBe(0)
  expect(worstError(a.slice(2).data, b.slice(2).data)).toBeGreaterThan(1e-3)
})
