import type { Command } from 'commander'
import {
  alignmentNamed,
  type DeviceOptions,
  distributionNamed,
  measurePeak,
  openDevice,
} from '../../doors/internal.ts'
import { jsonText } from '../terminal/decimals.ts'
import { EXIT, inputError } from '../terminal/errors.ts'
import {
  allowFused,
  commandOf,
  type DeviceFlags,
  deviceOf,
  doing,
  integerFrom,
  nameOf,
  type SpeechOptions,
  withDevice,
  withProgress,
} from '../terminal/options.ts'
import { reporterOf } from '../terminal/progress.ts'
import { terminalOf } from '../terminal/terminal.ts'
import {
  type DeviceSetup,
  type Measurement,
  measured,
  type Patience,
  type Skipped,
} from './measure.ts'
import { QUICK_SHAPES, SHAPES, type Shape, shapeFrom, shapeName } from './shapes.ts'
import { type Bench, documentOf, type MeasuredPeak, tableOf } from './table.ts'
import { ALLOWED, type BenchLayer } from './truth.ts'

interface BenchOptions extends SpeechOptions, DeviceFlags {
  readonly quick?: boolean
  readonly shape?: Shape
  readonly alignment: string
  readonly distribution: string
  readonly seed: number
}

const EXAMPLES = `  regard bench                              one sentence to one text of 8192 words, in about a minute
  regard bench --quick                      in about ten seconds
  regard bench --shape 8,512,256,64         N texts of T words of width D, d = d_q = d_k = d_v
  regard bench --distribution sparsemax --threads 1
`

export function benchCommand(): Command {
  const command = commandOf(
    'bench',
    'how fast this machine runs the layer, and whether it is right',
    EXAMPLES,
  )
    .option('--quick', 'fewer shapes, and less time for each')
    .option('--shape <N,T,D,d>', 'this shape alone', shapeFrom)
    .option('--alignment <name>', 'alignment of the layer', nameOf(alignmentNamed), 'scaledDot')
    .option(
      '--distribution <name>',
      'distribution of the layer',
      nameOf(distributionNamed),
      'softmax',
    )
    .option('--seed <number>', 'what random numbers are drawn from', integerFrom(0), 7)
    .addHelpText(
      'after',
      `
Each arithmetic that can be had is measured, on one thread and on as many as there are; --fused and --threads name one.
Results are checked before anything is timed: a relative difference above ${ALLOWED} ends with exit code ${EXIT.failed}.`,
    )
  return doing(withProgress(withDevice(command)), bench)
}

async function bench(options: BenchOptions): Promise<undefined> {
  const reporter = reporterOf('bench', options)
  const patience: Patience = options.quick
    ? { milliseconds: 150, longest: 2 }
    : { milliseconds: 600, longest: 10 }
  const { threads } = deviceOf(options)
  allowFused()
  if (options.device !== 'reference') reporter.note('peak of one core')
  const peaks = await peaksOf(options)
  const setups = await setupsOf(options, peaks, threads)
  const measurements: Measurement[] = []
  const skipped: Skipped[] = []
  for (const shape of options.shape ? [options.shape] : options.quick ? QUICK_SHAPES : SHAPES) {
    reporter.note(shapeName(shape))
    const layer: BenchLayer = {
      ...{ shape, seed: options.seed, alignment: alignmentNamed(options.alignment) },
      distribution: distributionNamed(options.distribution),
    }
    for await (const found of measured(layer, setups, patience, reporter)) {
      if ('forward' in found) measurements.push(found)
      else skipped.push(found)
    }
  }
  const found: Bench = { options, peaks, measurements, skipped }
  const terminal = terminalOf()
  if (options.json) terminal.print(jsonText(documentOf(found)))
  else for (const line of tableOf(found, terminal)) terminal.print(line)
}

async function peaksOf({ device, fused }: BenchOptions) {
  const peaks: MeasuredPeak[] = []
  for (const arithmetic of ['portable', 'fused'] as const)
    if (device !== 'reference' && (arithmetic === 'fused' || !fused))
      peaks.push({ arithmetic, ...(await measurePeak(arithmetic)) })
  return peaks
}

/**
 * Each arithmetic that can be had, on one thread and on as many as there are.
 *
 * @throws {CommandError} where there is none
 */
async function setupsOf(
  options: BenchOptions,
  peaks: readonly MeasuredPeak[],
  threads: number | undefined,
) {
  const reference: DeviceSetup = { open: { device: 'reference' }, peak: undefined }
  if (options.device === 'reference') return [reference]
  const setups: DeviceSetup[] = []
  for (const { arithmetic, gigaflops } of peaks) {
    if (gigaflops === undefined) continue
    const open: DeviceOptions = { device: 'wasm', arithmetic }
    const counts = threads === undefined ? new Set([1, await threadsOf(open)]) : [threads]
    for (const count of counts) setups.push({ open: { ...open, threads: count }, peak: gigaflops })
  }
  if (setups.length > 0) return setups
  if (options.device === 'auto' && !options.fused) return [reference]
  throw inputError(`${peaks[0].why}; --device reference runs everywhere`)
}

/** Threads that the device has by itself. */
async function threadsOf(open: DeviceOptions) {
  const device = await openDevice(open)
  const { threads } = device
  await device.close()
  return threads
}
