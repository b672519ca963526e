import { setFlagsFromString } from 'node:v8'

// How far exp, log, tanh and sigmoid of the kernels are from the truth, over all 2^32 numbers of
// float32: the worst error of each, in units in the last place of the result, and where.
// `node scripts/ulp.js [function …]`, after `npm run build`; minutes for each.

if (process.versions.node.startsWith('20.')) setFlagsFromString('--experimental-wasm-relaxed-simd')
const { openEngine } = await import('../dist/device/wasm/engine.js')
const { kernels } = await import('../dist/device/wasm/jobs.generated.js')
const numbers = await import('../dist/device/wasm/kernels/numbers.js')
const elementary = await import('../dist/elementary.js')

const COUNT = 2 ** 20
const bits = new Uint32Array(COUNT)
const given = new Float32Array(bits.buffer)
const truths = new Float64Array(COUNT)
const single = new Float32Array(1)
const word = new Uint32Array(single.buffer)
const units = Float64Array.from(
  { length: 256 },
  (_, exponent) => 2 ** (Math.min(254, Math.max(1, exponent)) - 150),
)
const bounded = (x) => Math.max(-(2 ** 128), Math.min(2 ** 128, x))

/** Units in the last place of float32 between a result and the truth; ∞ counts as 2^128. */
function ulps(result, truth) {
  if (result === truth || (result !== result && truth !== truth)) return 0
  single[0] = truth
  return Math.abs(bounded(result) - bounded(truth)) / units[(word[0] >>> 23) & 255]
}

/** Results of the function number `which` for the numbers that are given. */
function computed(engine, which) {
  const address = engine.room(4 * COUNT)
  const results = new Float32Array(engine.arena.memory.buffer, address, COUNT)
  results.set(given)
  engine.run(
    kernels.elementary,
    { which, from: address, to: address, count: COUNT },
    COUNT / engine.constants.BLOCK_NUMBERS,
    true,
  )
  return results
}

const engines = {}
for (const arithmetic of ['portable', 'fused'])
  engines[arithmetic] = await openEngine(arithmetic, 1, 16 * COUNT)

function worstOf(f, which) {
  const worst = { portable: { error: 0 }, fused: { error: 0 } }
  for (let first = 0; first < 2 ** 32; first += COUNT) {
    for (let n = 0; n < COUNT; n++) bits[n] = first + n
    for (let n = 0; n < COUNT; n++) truths[n] = f(given[n])
    for (const [arithmetic, engine] of Object.entries(engines)) {
      const results = computed(engine, which)
      for (let n = 0; n < COUNT; n++) {
        const error = ulps(results[n], truths[n])
        if (!(error <= worst[arithmetic].error))
          worst[arithmetic] = { error, at: given[n], result: results[n], truth: truths[n] }
      }
    }
  }
  return worst
}

for (const name of process.argv.length > 2
  ? process.argv.slice(2)
  : ['exp', 'log', 'tanh', 'sigmoid']) {
  console.log(name, worstOf(elementary[name], numbers[`FUNCTION_${name.toUpperCase()}`]))
}
