import { decodeTensors } from '../../dist/doors/internal.js'

// One peer at one shape, in Node or in a page's worker: verified, then timed.
//
// A peer is a module of layers/ with `open({ shape, parameters, threads, load, settings })`, which
// gives threads how many it really has, and `note` where that needs a word forward(X) → context, a
// Float32Array gradients(X, dC) → { context, dX, dW_Q, dW_K, dW_V }, likewise; absent where the
// peer does not train time(work, seconds, X, dC) → milliseconds, where the peer must keep time
// itself close() Numbers go in and come out as Float32Array; parameters (W_Q, W_K, W_V, each [D,
// d]) are with the peer before the clock starts. Each multiplies by 1/√d where that is cheapest, in
// Q.

/**
 * Largest error, as a share of the largest number: what float32 may do over 8192 words, many times
 * over.
 */
const TOLERANCE = 1e-5

/** A result that is not the reference's: what ends the whole bench. */
class Disagreement extends Error {}

/** What a job gave, or why it gave nothing. */
export async function answerTo({ module, ...job }, load) {
  try {
    const { peaks, open } = await import(module)
    return peaks ? await peaks(job.seconds) : await measure(open, { ...job, load })
  } catch (error) {
    return { [error instanceof Disagreement ? 'disagrees' : 'why']: reasonOf(error) }
  }
}

/** Milliseconds and errors of a peer's forward, and of its forward and backward. */
async function measure(open, { work, shape, threads, seconds, load, settings }) {
  const { tensors } = decodeTensors(work)
  const parameters = Object.fromEntries(
    ['W_Q', 'W_K', 'W_V'].map((name) => [name, tensors[name].data]),
  )
  const layer = await open({ shape, parameters, threads, load, settings })
  try {
    const forward = await verifiedAndTimed('forward', layer, tensors, seconds)
    const both = layer.gradients
      ? await orWhy(() => verifiedAndTimed('gradients', layer, tensors, seconds))
      : { why: 'does not train' }
    return { threads: layer.threads, version: layer.version, note: layer.note, forward, both }
  } finally {
    await layer.close()
  }
}

/** What fails is told, but a result that disagrees is thrown. */
async function orWhy(body) {
  try {
    return await body()
  } catch (error) {
    if (error instanceof Disagreement) throw error
    return { why: reasonOf(error) }
  }
}

/** The first line of what was thrown, shortened. */
function reasonOf(error) {
  const text = String(error?.message ?? error).split('\n')[0]
  return text.length > 160 ? `${text.slice(0, 159)}…` : text
}

async function verifiedAndTimed(work, layer, tensors, seconds) {
  const X = tensors.X.data
  const result = await layer[work](X, tensors['check.dC'].data)
  const error = verified(work, work === 'forward' ? { context: result } : result, tensors)
  const run = () => layer[work](X, tensors.dC.data)
  const milliseconds = layer.time
    ? await layer.time(work, seconds, X, tensors.dC.data)
    : await fastest(run, seconds)
  return { milliseconds, error }
}

/** The largest error of all results. @throws {Disagreement} beyond the tolerance */
function verified(work, results, tensors) {
  const rows = tensors['expected.rows'].data
  let largest = 0
  for (const [name, numbers] of Object.entries(results)) {
    const expected = tensors[`expected.${name}`]
    const error = differenceOf(
      name === 'context' ? rowsOf(numbers, rows, expected.shape.at(-1)) : numbers,
      expected.data,
    )
    if (!(error <= TOLERANCE))
      throw new Disagreement(
        `${work}: ${name} is off by ${error.toExponential(1)} of its largest number`,
      )
    largest = Math.max(largest, error)
  }
  return largest
}

function rowsOf(numbers, rows, width) {
  const chosen = new Float32Array(rows.length * width)
  rows.forEach((i, n) => {
    chosen.set(numbers.subarray(i * width, (i + 1) * width), n * width)
  })
  return chosen
}

/** max |a − b| / max |b|; NaN where there is one. */
function differenceOf(a, b) {
  if (a.length !== b.length) return Number.NaN
  let difference = 0
  let scale = 0
  for (let n = 0; n < b.length; n++) {
    const off = Math.abs(a[n] - b[n])
    if (Number.isNaN(off)) return Number.NaN
    difference = Math.max(difference, off)
    scale = Math.max(scale, Math.abs(b[n]))
  }
  return difference / scale
}

/** What a clock can tell apart many times over, in milliseconds. */
const BATCH = 2

/**
 * Milliseconds of the fastest run within some seconds.
 *
 * Short runs are timed in batches, for a browser's clock counts in steps of 5 µs; what was timed
 * before a batch was long enough does not count, and warms up. A run that takes longer than all of
 * the time is timed once more.
 */
async function fastest(run, seconds) {
  const begun = performance.now()
  let best = Number.POSITIVE_INFINITY
  let batch = 1
  do {
    const from = performance.now()
    for (let n = 0; n < batch; n++) await run()
    const took = performance.now() - from
    best = Math.min(best, took / batch)
    if (took < BATCH) {
      batch *= 2
      best = Number.POSITIVE_INFINITY
    }
  } while (performance.now() - begun < 1000 * seconds || best === Number.POSITIVE_INFINITY)
  return best
}
