// What one thread of WebAssembly can do at most: some sums of four numbers each, by a module that
// is written byte by byte.

/**
 * How many sums: the sooner a processor ends what it began, the fewer it needs; engines differ in
 * how many they keep in registers.
 */
const SUMS = [6, 8]
const LOADED = 2
const ITERATIONS = 2 ** 18

/** A length or an address. */
const unsigned = (n) => (n < 128 ? [n] : [(n & 127) | 128, n >> 7])

const V128 = 0x7b
const [GET, SET, TEE] = [0x20, 0x21, 0x22]
const vector = (...code) => [0xfd, ...code]
const LOAD = vector(0x00, 4)
const ADD = vector(0xe4, 0x01)
const MULTIPLY = vector(0xe6, 0x01)
const FUSED = vector(0x85, 0x02)

// locals: 0 counts down, then what is loaded in each iteration, the sums, and what is loaded once
const loaded = (n) => 1 + n
const sum = (n) => 1 + LOADED + n

/** Sum n += loaded · kept; no two products are the same, so none can be shared. */
function step(n, kept, fused) {
  const operands = [GET, loaded(n % LOADED), GET, kept(Math.floor(n / LOADED))]
  const code = fused
    ? [...operands, GET, sum(n), ...FUSED]
    : [...operands, ...MULTIPLY, GET, sum(n), ...ADD]
  return [...code, SET, sum(n)]
}

const load = (address, local) => [0x41, 0, ...LOAD, ...unsigned(address), SET, local]
const steps = (count, body) => Array.from({ length: count }, (_, n) => body(n)).flat()

/** Function (count): repeats the steps; the sums go to memory, so that they are needed. */
function body(fused, sums) {
  const kept = (n) => sum(sums + n)
  const keptCount = sums / LOADED
  const setup = steps(keptCount, (n) => load(16 * n, kept(n)))
  const loop = [
    ...steps(LOADED, (n) => load(16 * n, loaded(n))),
    ...steps(sums, (n) => step(n, kept, fused)),
    ...[GET, 0, 0x41, 1, 0x6b, TEE, 0, 0x0d, 0],
  ]
  const store = steps(sums, (n) => [0x41, 0, GET, sum(n), ...vector(0x0b, 4), ...unsigned(16 * n)])
  return [1, LOADED + sums + keptCount, V128, ...setup, 0x03, 0x40, ...loop, 0x0b, ...store, 0x0b]
}

const section = (id, bytes) => [id, ...unsigned(bytes.length), ...bytes]

function moduleOf(fused, sums) {
  const code = body(fused, sums)
  return Uint8Array.from([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [1, 0x60, 1, 0x7f, 0]),
    ...section(3, [1, 0]),
    ...section(5, [1, 0, 1]),
    ...section(7, [1, 4, ...new TextEncoder().encode('peak'), 0, 0]),
    ...section(10, [1, ...unsigned(code.length), ...code]),
  ])
}

/** Whether this engine has fused multiply-add as it was started. */
export const hasFused = () => WebAssembly.validate(moduleOf(true, SUMS[0]))

/**
 * GFLOP/s of one thread, with fused multiply-add (undefined where there is none) and with multiply
 * then add.
 */
export async function peaks(seconds) {
  return {
    fused: hasFused() ? await peak(true, seconds) : undefined,
    portable: await peak(false, seconds),
  }
}

async function peak(fused, seconds) {
  const rates = []
  for (const sums of SUMS)
    rates.push(
      (2 * 4 * sums * ITERATIONS) / 1e6 / (await fastest(fused, sums, seconds / SUMS.length)),
    )
  return Math.max(...rates)
}

/** Milliseconds of the fastest call. */
async function fastest(fused, sums, seconds) {
  const { instance } = await WebAssembly.instantiate(moduleOf(fused, sums))
  const begun = performance.now()
  let best = Number.POSITIVE_INFINITY
  while (performance.now() - begun < 1000 * seconds) {
    const from = performance.now()
    instance.exports.peak(ITERATIONS)
    best = Math.min(best, performance.now() - from)
  }
  return best
}
