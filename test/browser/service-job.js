// What a service worker does with the package's files as they are, and Node with the same files.

/** FNV-1a over the bytes of arrays. */
function hash(arrays) {
  let sum = 0x811c9dc5
  for (const { buffer, byteOffset, byteLength } of arrays)
    for (const byte of new Uint8Array(buffer, byteOffset, byteLength))
      sum = Math.imul(sum ^ byte, 0x01000193)
  return (sum >>> 0).toString(16)
}

/**
 * A layer forward and backward, and a small model that learns and is read again: one hash of all
 * numbers.
 */
export async function job({ SelfAttention, Random, learn, load }, device) {
  const random = new Random(9043, 'service')
  const layer = new SelfAttention(
    { dModel: 23, dQuery: 11, dKey: 11, dValue: 13, heads: 2 },
    { device, seed: 9049 },
  )
  const pass = layer.forward(random.normals([2, 37, 23]))
  const { context } = await pass.read()
  const { dX } = await pass.backward(random.normals(pass.context.shape)).read()
  const small = {
    width: 8,
    query: 4,
    key: 4,
    value: 8,
    heads: 2,
    buckets: 32,
    minCount: 1,
    steps: 4,
    device,
  }
  const bytes = await (
    await learn('Tom sold the mill\nThe sea was calm all summer\n', small)
  ).bytes()
  const model = await load(bytes, { on: device })
  const [words] = await model.embed('The mill was calm')
  return hash([context.data, dX.data, bytes, ...words.map(({ vector }) => vector)])
}
