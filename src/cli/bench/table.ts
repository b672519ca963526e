import { availableParallelism, cpus } from 'node:os'
import { columnsOf } from '../terminal/output.ts'
import { type Terminal, wrapped } from '../terminal/terminal.ts'
import type { Measurement, Skipped, Timings } from './measure.ts'
import { flopsOf, SENTENCE_SHAPE, shapeName, WITH_BACKWARD } from './shapes.ts'
import type { Timing } from './timing.ts'

/** The peak of one core in an arithmetic, or why there is none. */
export interface MeasuredPeak {
  readonly arithmetic: 'portable' | 'fused'
  readonly gigaflops: number | undefined
  readonly why: string
}

/** All that was found. */
export interface Bench {
  readonly options: Readonly<Record<'alignment' | 'distribution', string>> & {
    readonly seed: number
  }
  readonly peaks: readonly MeasuredPeak[]
  readonly measurements: readonly Measurement[]
  readonly skipped: readonly Skipped[]
}

/** The machine in words. */
const machine = () => ({
  processor: cpus()[0]?.model.trim() || process.arch,
  threads: availableParallelism(),
  node: process.versions.node,
  platform: `${process.platform} ${process.arch}`,
})

/** Speed of one timing: the fastest run counts. */
function speedOf({ fastest, median, runs }: Timing, flops: number, peak: number | undefined) {
  const gigaflops = flops / fastest / 1e6
  return {
    milliseconds: fastest,
    medianMilliseconds: median,
    runs,
    gigaflops,
    ...(peak ? { shareOfPeak: gigaflops / peak } : {}),
  }
}

const speeds = ({ shape, forward, forwardAndBackward, peak }: Measurement) => ({
  forward: speedOf(forward, flopsOf(shape), peak),
  forwardAndBackward: speedOf(forwardAndBackward, WITH_BACKWARD * flopsOf(shape), peak),
})

/** Everything as one JSON document. */
export function documentOf({ options, peaks, measurements, skipped }: Bench): object {
  const { alignment, distribution, seed } = options
  return {
    ...{ machine: machine(), layer: { alignment, distribution, heads: 1 }, seed, peaks },
    measurements: measurements.map((found) => {
      const { shape, device, arithmetic, threads, why, peakBytes, residentBytes } = found
      const { compared, difference, sentence } = found
      return {
        ...{ shape, device, arithmetic, threads, why, ...speeds(found) },
        memory: { peakBytes, residentBytes },
        check: { compared, difference },
        ...(sentence ? { sentence: sentenceOf(sentence) } : {}),
      }
    }),
    skipped,
    largestResidentBytes: residentBytes(),
  }
}

const residentBytes = () => process.resourceUsage().maxRSS * 1024

const sentenceOf = ({ forward, forwardAndBackward }: Timings) => ({
  forwardMicroseconds: 1000 * forward.median,
  forwardAndBackwardMicroseconds: 1000 * forwardAndBackward.median,
  runs: forward.runs,
})

/** The same for people: the machine, a line for each shape and device, and what was checked. */
export function* tableOf(bench: Bench, terminal: Terminal): Generator<string> {
  const { processor, threads, node, platform } = machine()
  const { alignment, distribution, seed } = bench.options
  const say = (lead: string, text: string) => wrapped(`${lead.padEnd(9)} `, text, terminal.columns)
  yield say('machine', `${processor}, ${threads} threads at once, ${platform}, Node ${node}`)
  yield say('layer', `one head, ${alignment}, ${distribution}, no positions; seed ${seed}`)
  for (const { arithmetic, gigaflops, why } of bench.peaks)
    yield say(
      'peak',
      gigaflops
        ? `${arithmetic} ${gigaflops.toFixed(1)} GFLOP/s, ${why}`
        : `${arithmetic} is not to be had here: ${why}`,
    )
  for (const why of reasons(bench.measurements)) yield say('device', why)
  yield ''
  yield* rowsOf(bench).map((line, n) => (n < 2 ? terminal.style('bold', line) : line))
  yield ''
  yield 'ms is the fastest run; peak is the share of what the threads could do at most, as measured above.'
  yield* sentenceLines(bench.measurements)
  yield say(
    'memory',
    `${megabytes(residentBytes())} MB resident at most, with Node itself and what the checks take`,
  )
  for (const line of checks(bench.measurements)) yield say('checked', line)
}

/**
 * What each device said of itself, in the last line of each arithmetic: that with most threads.
 */
const reasons = (measurements: readonly Measurement[]) => {
  const last = new Map(
    measurements.map(({ arithmetic, device, why }) => [
      arithmetic,
      [`${device}, ${arithmetic}`, ...why],
    ]),
  )
  return [...last.values()].map(([name, ...why]) => `${name}: ${why.join('; ') || 'as asked for'}`)
}

const NAMES = ['ms', 'GFLOP/s', 'peak']

function rowsOf({ measurements, skipped }: Bench) {
  const names = ['N × T × D × d', 'arithmetic', 'threads', ...NAMES, ...NAMES, 'MB']
  const lines = columnsOf([names, ...measurements.map(cellsOf)], [2, 3, 4, 5, 6, 7, 8, 9])
  const [head] = lines
  const forward = head.indexOf('ms') - 6
  const backward = head.lastIndexOf('ms') - 6
  const above = `${' '.repeat(forward)}forward`.padEnd(backward)
  return [`${above}forward + backward`, ...lines, ...skipped.map(skippedLine)]
}

function cellsOf(found: Measurement) {
  const { shape, arithmetic, threads, peakBytes } = found
  const timings = Object.values(speeds(found)).flatMap((speed) => [
    ...[digits(speed.milliseconds), digits(speed.gigaflops)],
    speed.shareOfPeak === undefined ? '–' : `${(100 * speed.shareOfPeak).toFixed(0)} %`,
  ])
  return [shapeName(shape), arithmetic, String(threads), ...timings, megabytes(peakBytes)]
}

const skippedLine = ({ shape, arithmetic, threads, why }: Skipped) =>
  `${shapeName(shape)}  ${arithmetic}, threads ${threads}: left out, ${why}`

/** Three digits. */
const digits = (x: number) => (x >= 100 ? x.toFixed(0) : x.toPrecision(3).replace(/e.*/, ''))
const megabytes = (bytes: number) => digits(bytes / 1e6)

/** One sentence on every device. */
function sentenceLines(measurements: readonly Measurement[]) {
  const rows = measurements.flatMap(({ arithmetic, threads, sentence }) => {
    if (!sentence) return []
    const medians = [sentence.forward, sentence.forwardAndBackward].map(({ median }) => median)
    return [[arithmetic, String(threads), ...medians.map((median) => digits(1000 * median))]]
  })
  if (rows.length === 0) return []
  const names = ['arithmetic', 'threads', 'µs forward', 'µs with backward']
  const heading = `One sentence, ${shapeName(SENTENCE_SHAPE)}, from X of the host to awaited numbers of the host, median:`
  return ['', heading, ...columnsOf([names, ...rows], [1, 2, 3]), '']
}

/** What was compared of each shape, and how far numbers were apart at most. */
function checks(measurements: readonly Measurement[]) {
  const shapes = new Set(measurements.map(({ shape }) => shape))
  return [...shapes].map((shape) => {
    const found = measurements.filter((one) => one.shape === shape)
    const [first] = found
    const worst = Math.max(...found.map(({ difference }) => difference))
    const others =
      found.length > 1
        ? '; all numbers of each line against the others, with the same bits in the same arithmetic'
        : ''
    return `${shapeName(shape)}: ${first.compared}${others}: within ${worst.toExponential(0)}`
  })
}
