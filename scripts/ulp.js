import { setFlagsFromString } from 'node:v8'

// How far exp, log, tanh and sigmoid of the kernels are from the truth, over all 2^32 numbers of float32: the worst error of each,
// in units in the last place of the result, and where. `node scripts/ulp.js [function …]`, after `npm run build`; minutes for each.

if (process.versions.node.startsWith('20.')) setFlagsFromString('--experimental-wasm-relaxed-simd')
const { openEngine } = await import('../dist/device/wasm/engine.js')
const numbers = await import('../dist/device/wasm/kernels/numbers.js')
const elementary = await import('../dist/elementary.js')

const COUNT = 2 ** 20
const engines = {}
for (const arithmetic of ['portable', 'fused']) engines[arithmetic] = await openEngine(arithmetic, 1, 16 * COUNT)

/** Units in the last place of float32 between a result and the truth; ∞ counts as 2^128. */
function ulps(result, truth) {
  if (result === truth || (result !== result && truth !== truth)) return 0
  const exponent = Math.max(-126, Math.min(127, Math.floor(Math.log2(Math.abs(truth)))))
  const bounded = (x) => Math.max(-(2 ** 128), Math.min(2 ** 128, x))
  return Math.abs(bounded(result) - bounded(truth)) / 2 ** (exponent - 23)
}

const names = process.argv.length > 2 ? process.argv.slice(2) : ['exp', 'log', 'tanh', 'sigmoid']
for (const name of names) {
  const worst = { portable: { error: 0, at: 0 }, fused: { error: 0, at: 0 } }
  for (let first = 0; first < 2 ** 32; first += COUNT) {
    const bits = Uint32Array.from({ length: COUNT }, (_, n) => first + n)
    const given = new Float32Array(bits.buffer)
    const truths = Float64Array.from(given, (x) => elementary[name](x))
    for (const [arithmetic, engine] of Object.entries(engines)) {
      const address = engine.room(4 * COUNT)
      new Float32Array(engine.arena.memory.buffer, address, COUNT).set(given)
      const which = numbers[`FUNCTION_${name.toUpperCase()}`]
      engine.run(numbers.ELEMENTARY, [which, address, address, COUNT], COUNT / engine.constants.BLOCK_NUMBERS, true)
      const results = new Float32Array(engine.arena.memory.buffer, address, COUNT)
      for (let n = 0; n < COUNT; n++) {
        const error = ulps(results[n], truths[n])
        if (!(error <= worst[arithmetic].error)) worst[arithmetic] = { error, at: given[n], result: results[n], truth: truths[n] }
      }
    }
  }
  console.log(name, worst)
}
