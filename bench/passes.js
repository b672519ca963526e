import { parseArgs } from 'node:util'
import { openDevice, Random, SelfAttention } from '../dist/doors/internal.js'

// Passes in flat memory: the README's forward that is read, and a loss on the host, each many times
// with passes freed in every way that there is. After each, the device must hold the bytes and
// handles that it held before.
//
// usage: node bench/passes.js [--times 100000] [--device wasm|reference] [--shape 1,6,3] N, T and D

const { values } = parseArgs({
  options: {
    times: { type: 'string', default: '100000' },
    device: { type: 'string', default: 'wasm' },
    shape: { type: 'string', default: '1,6,3' },
  },
})
const times = Number(values.times)
const device = await openDevice({ device: values.device, threads: 1 })
const [N, T, dModel] = values.shape.split(',').map(Number)
const layer = new SelfAttention({ dModel, dQuery: 2, dKey: 2, dValue: 2 }, { device, seed: 1 })
const X = new Random(1, 'X').normals([N, T, dModel])
const settings = { rate: 1e-6, momentum: 0, decay: 0 }

/** dL/dC of L = ½ Σ c², and a step down: what a loss on the host does. */
function learn(pass, context) {
  const { dParameters } = pass.backward(context)
  for (const [name, W] of Object.entries(layer.parameters))
    device.sgd(W, dParameters[name], undefined, settings)
}

const ways = {
  'forward, read, pass.free()': async () => {
    const pass = layer.forward(X)
    await pass.read()
    pass.free()
  },
  'a loss on the host, pass.free()': async () => {
    const pass = layer.forward(X)
    learn(pass, (await pass.read()).context)
    pass.free()
  },
  'a loss on the host, an async scope': () =>
    device.scope(async () => {
      const pass = layer.forward(X)
      learn(pass, (await pass.read()).context)
    }),
  'a loss on the host, a scope that is taken': () =>
    device.scope(async (within) => {
      const pass = layer.forward(X)
      const { context } = await pass.read()
      within(() => learn(pass, context))
    }),
}

let failed = false
for (const [name, way] of Object.entries(ways)) {
  await way()
  globalThis.gc?.()
  const before = { ...device.stats(), heap: process.memoryUsage().heapUsed }
  const begin = performance.now()
  for (let n = 0; n < times; n++) await way()
  const seconds = (performance.now() - begin) / 1000
  globalThis.gc?.()
  const after = { ...device.stats(), heap: process.memoryUsage().heapUsed }
  const flat = ['handles', 'bytes', 'peakBytes'].every((key) => after[key] === before[key])
  failed ||= !flat
  console.log(
    `${flat ? 'flat' : 'GROWS'}  ${name.padEnd(42)} ${times} times, ${((1e6 * seconds) / times).toFixed(1)} µs each · handles ${before.handles} → ${after.handles}, bytes ${before.bytes} → ${after.bytes}, heap ${(before.heap / 1e6).toFixed(1)} → ${(after.heap / 1e6).toFixed(1)} MB`,
  )
}
await device.close()
if (failed) process.exitCode = 1
