import { type Device, openDevice, Tensor } from 'regard/internal'
import { describe, expect, test } from 'vitest'
import * as classes from '../../examples/classes.js'
import * as decoding from '../../examples/decoding.js'
import * as saving from '../../examples/saving.js'
import { worstError } from '../differences.ts'

const exact = (): Promise<Device> => openDevice({ device: 'reference', dtype: 'float64' })
const wasm = (): Promise<Device> => openDevice({ device: 'wasm' })
const devices = [
  { name: 'reference', open: exact },
  { name: 'wasm', open: wasm },
]

describe.each(devices)('on $name, classes', ({ open }) => {
  test('of sequences never seen are right, with probabilities that sum to one', async () => {
    const device = await open()
    const model = classes.begin(device)
    const unseen = classes.sequences(64, 8)
    expect(await classes.accuracy(model, unseen)).toBeLessThan(0.75)
    await classes.learn(model)
    expect(await classes.accuracy(model, unseen)).toBeGreaterThanOrEqual(0.95)
    const P = await classes.probabilities(model, unseen.X)
    expect(P.shape).toEqual([64, 2])
    for (let n = 0; n < 64; n++) expect(P.at(n, 0) + P.at(n, 1)).toBeCloseTo(1, 12)
    await device.close()
  })

  test('have the same probabilities from a file, to the bit, on a device opened anew', async () => {
    const [device, other] = [await open(), await open()]
    const model = classes.begin(device)
    await classes.learn(model, undefined, 5)
    const { X } = classes.sequences(7, 8)
    const again = classes.load(await classes.save(model), other)
    expect(await classes.probabilities(again, X)).toEqual(await classes.probabilities(model, X))
    await Promise.all([device.close(), other.close()])
  })

  test('hold no more after learning and asking than before', async () => {
    const device = await open()
    const model = classes.begin(device)
    const { handles } = device.stats()
    await classes.learn(model, undefined, 5)
    await classes.probabilities(model, classes.sequences(3).X)
    expect(device.stats().handles).toBe(handles)
    await device.close()
  })
})

describe.each(devices)('on $name, decoding step by step', ({ open }) => {
  test('gives the bits of the whole forward, and leaves nothing but the layers', async () => {
    const device = await open()
    const { layers, X, Y } = await decoding.decode(device, 17)
    const { handles } = device.stats()
    expect(handles).toBe(2 * Object.keys(layers[0].parameters).length)
    const whole = await decoding.forward(device, layers, X)
    expect(String(Y.data)).toBe(String(whole.data))
    // rows 3 … are what came out before
    expect(String(X.data.slice(3 * 8))).toBe(String(Y.data.slice(2 * 8, -8)))
    expect(device.stats().handles).toBe(handles)
    await device.close()
  })
})

/** The layer of saving.js with other numbers than its seed gives. */
async function learned(device: Device) {
  const layer = saving.layerOn(device)
  const moved = Object.entries(await layer.save()).map(([name, { shape, data }], n) => [
    name,
    new Tensor(
      shape,
      Float64Array.from(data, (x) => x / 3 + (n + 1) / 7),
    ),
  ])
  layer.load(Object.fromEntries(moved))
  return layer
}

describe('a saved layer', () => {
  test('is the same from JSON, to the bit, and so is its text', async () => {
    const device = await exact()
    const layer = await learned(device)
    const text = await saving.toText(layer)
    const again = saving.fromText(text, device)
    expect(await saving.difference(layer, again)).toBe(0)
    expect(await saving.toText(again)).toBe(text)
    expect(again.config.mask.name).toBe('causal')
    await device.close()
  })

  test('has its numbers rounded to float32 on the wasm device, and goes back exactly', async () => {
    const [device, other] = [await exact(), await wasm()]
    const layer = await learned(device)
    const there = saving.fromFile(await saving.toFile(layer), other)
    const [a, b] = [await layer.save(), await there.save()]
    expect(Object.keys(b)).toEqual(Object.keys(a))
    for (const [name, { data }] of Object.entries(a))
      expect([...b[name].data]).toEqual(Array.from(data, Math.fround))
    const apart = await saving.difference(layer, there)
    expect(apart).toBeGreaterThan(0)
    expect(apart).toBeLessThan(1e-6)
    const back = saving.fromFile(await saving.toFile(there), device)
    for (const [name, { data }] of Object.entries(await back.save()))
      expect(worstError(data, b[name].data)).toBe(0)
    await Promise.all([device.close(), other.close()])
  })

  test('that was changed differs', async () => {
    const device = await exact()
    const layer = await learned(device)
    const again = saving.fromText(await saving.toText(layer), device)
    again.load({ ...(await again.save()), W_V: Tensor.zeros([6, 8], 'float64') })
    expect(await saving.difference(layer, again)).toBeGreaterThan(0.01)
    await device.close()
  })
})
