// @ts-check
import { masks, openDevice, positions, Random, SelfAttention, Tensor } from 'regard'

/*
 * Step-by-step decoding with a key/value cache.
 *
 * Two causal layers read a prompt at once and then row after row: each layer has a cache of its
 * own, and projects the new rows alone. The numbers are those of one forward of the whole text, to
 * the bit.
 */

const D = 8

/** Two layers, with shared key/value heads and rotary positions. @param {Device} device */
export const layersOn = (device) =>
  ['layers.0.', 'layers.1.'].map(
    (prefix) =>
      new SelfAttention(
        {
          ...{ dModel: D, dQuery: 4, dKey: 4, dValue: 2, heads: 4, keyValueHeads: 2 },
          ...{ position: positions.rotary(), mask: masks.causal() },
        },
        { device, seed: 7, prefix },
      ),
  )

/**
 * Both layers with residual connections, X + A(X): of rows that follow those in the caches, or of
 * a whole text.
 *
 * @param {Device} device
 * @param {readonly SelfAttention[]} layers
 * @param {Tensor} X
 * @param {readonly KeyValueCache[]} [caches]
 */
export async function forward(device, layers, X, caches) {
  const Y = device.scope(() => {
    let rows = device.upload(X)
    layers.forEach((layer, n) => {
      const pass = layer.forward(rows, caches ? { cache: caches[n] } : {})
      const sum = device.allocate(rows.shape)
      device.combine(1, rows, 1, pass.context, sum)
      rows = sum
    })
    return rows
  })
  const result = await device.read(Y)
  device.free(Y)
  return result
}

/**
 * Reads a prompt of three rows, then row after row: what came out last is read next.
 *
 * @param {Device} device
 * @returns the layers, the text that was read, and what came out
 */
export async function decode(device, length = 12) {
  const layers = layersOn(device)
  const caches = layers.map((layer) => layer.cache({ capacity: length }))
  const [X, Y] = [0, 1].map(() => Tensor.zeros([length, D], device.dtype))
  X.data.set(new Random(7, 'prompt').normals([3, D]).data)
  for (let [from, to] = [0, 3]; to <= length; [from, to] = [to, to + 1]) {
    const rows = new Tensor([to - from, D], X.data.slice(from * D, to * D))
    const { data } = await forward(device, layers, rows, caches)
    Y.data.set(data, from * D)
    if (to < length) X.data.set(data.slice(-D), to * D)
  }
  for (const cache of caches) cache.free()
  return { layers, X, Y }
}

/** The largest difference from one forward of the whole text. */
export async function show() {
  const device = await openDevice()
  const { layers, X, Y } = await decode(device)
  const whole = await forward(device, layers, X)
  const difference = Math.max(...Array.from(Y.data, (y, n) => Math.abs(y - whole.data[n])))
  await device.close()
  return `${Y.shape[0]} rows, 3 at once and then one by one: largest difference ${difference}`
}

/** @typedef {import('regard').Device} Device */
/** @typedef {import('regard').KeyValueCache} KeyValueCache */

if (process.argv[1] === import.meta.filename) console.log(await show())
