import { learn, load, openDevice, SelfAttention, Tensor } from 'regard'

const TEXT = `Tom has been late all summer.
The old mill was sold in spring.
Last summer Tom sold the mill.
The sea was calm all summer.
Mary saw Tom at the mill.`

/** SHA-256 of the bytes of arrays, or of these bytes. */
async function hashOf(...arrays) {
  const bytes = new Uint8Array(await new Blob(arrays).arrayBuffer())
  const digest = await crypto.subtle.digest('SHA-256', bytes)
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** A layer's context, and the gradients of half the sum of its squares. */
async function layerBits(device) {
  const layer = new SelfAttention(
    { dModel: 5, dQuery: 3, dKey: 3, dValue: 2, heads: 2 },
    { device, seed: 7 },
  )
  const X = Tensor.from([
    Array.from({ length: 11 }, (_, t) =>
      Array.from({ length: 5 }, (_, c) => ((3 * t + 7 * c) % 13) / 13),
    ),
  ])
  const pass = layer.forward(X)
  const { context } = await pass.read()
  const { dX, dParameters } = await pass.backward(context).read()
  return hashOf(...[context, dX, ...Object.values(dParameters)].map(({ data }) => data))
}

/** What was said when a model was saved, and whether the file that was saved is the model. */
async function saved(model, path) {
  try {
    await model.save(path)
  } catch (error) {
    return error.message
  }
  const read = await load(path)
  const bits = await hashOf(await read.bytes())
  await read.close()
  return bits
}

/**
 * What everyone does with the package: a layer forward and backward, a model learned, asked,
 * written and read.
 *
 * @param path where the model is saved
 * @param open how the device is opened
 */
export async function job(path, open = openDevice) {
  const device = await open()
  const layer = await layerBits(device)
  const model = await learn(TEXT, {
    width: 12,
    query: 6,
    key: 6,
    value: 8,
    heads: 2,
    buckets: 64,
    minCount: 1,
    steps: 20,
    seed: 11,
    device,
  })
  const [words] = await model.embed('Tom sold the mill')
  const bytes = await model.bytes()
  const again = await load(bytes, { on: device })
  const bits = {
    layer,
    embeddings: await hashOf(...words.map(({ vector }) => vector)),
    model: await hashOf(bytes),
    loaded: await hashOf(await again.bytes()),
  }
  const answer = {
    bits,
    arithmetic: device.arithmetic,
    threads: device.threads,
    why: device.why,
    saved: await saved(model, path),
  }
  await device.close()
  return answer
}
