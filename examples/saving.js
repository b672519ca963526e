// @ts-check
import { general, layerOptions, masks, openDevice, Random, SelfAttention, Tensor } from 'regard'
import { decodeTensors, encodeTensors } from 'regard/io'

/*
 * A layer saved as JSON and as safetensors, and loaded on another device.
 *
 * JSON has every number exactly, in text; a safetensors file holds the same numbers in binary, and
 * other frameworks read it. A device that computes in float32 rounds what was saved in float64.
 */

/** Options and parameters as text. @param {SelfAttention<number, number, any>} layer */
export const toText = async (layer) =>
  JSON.stringify({ options: layer, parameters: await layer.save() })

/** @type {(text: string, device: Device) => SelfAttention} */
export function fromText(text, device) {
  const { options, parameters } = JSON.parse(text)
  const tensors = Object.entries(parameters).map(([name, json]) => [name, Tensor.fromJSON(json)])
  return new SelfAttention(layerOptions(options), {
    device,
    parameters: Object.fromEntries(tensors),
  })
}

/** The same as a safetensors file. @param {SelfAttention<number, number, any>} layer */
export const toFile = async (layer) =>
  encodeTensors({ tensors: await layer.save(), metadata: { layer: JSON.stringify(layer) } })

/** @type {(file: Uint8Array, device: Device) => SelfAttention} */
export function fromFile(file, device) {
  const { tensors, metadata } = decodeTensors(file)
  return new SelfAttention(layerOptions(JSON.parse(metadata.layer)), {
    device,
    parameters: tensors,
  })
}

/** A layer with a mask and an alignment of parameters of its own. @param {Device} device */
export const layerOn = (device) =>
  new SelfAttention(
    {
      ...{ dModel: 6, dQuery: 2, dKey: 3, dValue: 4, heads: 2 },
      ...{ alignment: general({ bias: true }), mask: masks.causal() },
    },
    { device, seed: 7 },
  )

/** The largest difference of two contexts. @type {(a: Layer, b: Layer) => Promise<number>} */
export async function difference(a, b) {
  const X = new Random(7, 'X').normals([5, 6])
  const [one, other] = [await contextOf(a, X), await contextOf(b, X)]
  return Math.max(...Array.from(one.data, (c, n) => Math.abs(c - other.data[n])))
}

/** @type {(layer: Layer, X: Tensor) => Promise<Tensor>} */
async function contextOf(layer, X) {
  const pass = layer.forward(X)
  const { context } = await pass.read()
  pass.free()
  return context
}

/** What the layers that were loaded give, beside the one that was saved. */
export async function show() {
  const exact = await openDevice({ device: 'reference', dtype: 'float64' })
  const wasm = await openDevice({ device: 'wasm' })
  const layer = layerOn(exact)
  const [text, file] = [await toText(layer), await toFile(layer)]
  const here = await difference(layer, fromText(text, exact))
  const there = await difference(layer, fromFile(file, wasm))
  await Promise.all([exact.close(), wasm.close()])
  return [
    `as JSON, ${text.length} characters: largest difference ${here}`,
    `as safetensors, ${file.length} bytes, in float32: ${there < 1e-6 ? 'below 10⁻⁶' : there}`,
  ].join('\n')
}

/** @typedef {import('regard').Device} Device */
/** @typedef {SelfAttention<number, number, any>} Layer */

if (process.argv[1] === import.meta.filename) console.log(await show())
