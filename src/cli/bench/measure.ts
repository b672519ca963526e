import { type Device, type DeviceOptions, openDevice } from '../../doors/internal.ts'
import type { Reporter } from '../terminal/progress.ts'
import { flopsOf, SENTENCE_SHAPE, type Shape, shapeName } from './shapes.ts'
import { type Timing, timed } from './timing.ts'
import {
  type BenchLayer,
  compareWithTruth,
  expectAgreement,
  type Input,
  inputOf,
  layerOn,
  type Results,
  resultsOf,
  type Truth,
  truthOf,
} from './truth.ts'

/** One way to compute. */
export interface DeviceSetup {
  readonly open: DeviceOptions
  readonly peak: number | undefined
}

/** A shape on one device. */
interface MeasuredShape {
  readonly shape: Shape
  readonly device: string
  readonly arithmetic: string
  readonly threads: number
}

/** How long a forward takes, and one with its backward. */
export interface Timings {
  readonly forward: Timing
  readonly forwardAndBackward: Timing
}

/** What was measured of one shape on one device. */
export interface Measurement extends MeasuredShape, Timings {
  readonly why: readonly string[]
  /** GFLOP/s of all threads together at most; undefined where no peak belongs to the device. */
  readonly peak: number | undefined
  readonly compared: string
  readonly difference: number
  /** Bytes that the device held at most, and bytes of the process afterwards. */
  readonly peakBytes: number
  readonly residentBytes: number
  /** One sentence from numbers of the host to numbers of the host, in milliseconds. */
  readonly sentence?: Timings
}

/** A shape that would have taken too long. */
export interface Skipped extends MeasuredShape {
  readonly why: string
}

/** Milliseconds for each timing, and seconds that a forward and backward may take. */
export interface Patience {
  readonly milliseconds: number
  readonly longest: number
}

/** One shape on every device: checked, then timed. */
export async function* measured(
  layer: BenchLayer,
  setups: readonly DeviceSetup[],
  patience: Patience,
  reporter: Reporter,
): AsyncGenerator<Measurement | Skipped> {
  let truth: Truth | undefined
  const before: Before[] = []
  for (const { open, peak } of setups) {
    const device = await openDevice(open)
    try {
      const { name, arithmetic, threads } = device
      const about = { shape: layer.shape, device: name, arithmetic, threads }
      const seconds = await secondsFor(device, layer)
      if (seconds > patience.longest) {
        yield {
          ...about,
          why: `a forward and backward would take about ${seconds.toPrecision(2)} s`,
        }
        continue
      }
      reporter.note(`  ${deviceName(device)}: checked, then timed`)
      truth ??= await truthOf(layer)
      const checked = await check(device, layer, truth, before)
      const taken = await timings(device, layer, truth, patience)
      yield { ...about, why: device.why, peak: peak && peak * threads, ...checked, ...taken }
    } finally {
      await device.close()
    }
  }
}

const deviceName = ({ name, arithmetic, threads }: Device) =>
  `${name}, ${arithmetic}, ${threads} thread${threads === 1 ? '' : 's'}`

/** What another device made of the same input. */
interface Before {
  readonly name: string
  readonly arithmetic: string
  readonly results: Results
}

/**
 * Holds a device to what is true, and to what the devices before it made of the whole input: the same
 * bits in the same arithmetic.
 *
 * @throws {CommandError} that a check failed
 */
async function check(
  device: Device,
  layer: BenchLayer,
  truth: Truth,
  before: Before[],
): Promise<Pick<Measurement, 'compared' | 'difference'>> {
  const name = deviceName(device)
  const where = `${shapeName(layer.shape)} on ${name}`
  const own = layerOn(device, layer)
  let difference = await compareWithTruth(where, own, truth)
  const results = await resultsOf(own, truth.X, truth.dC)
  own.free()
  let compared = `${truth.compared} against float64`
  const same = before.find(({ arithmetic }) => arithmetic === device.arithmetic)
  const other = before.find(({ arithmetic }) => arithmetic !== device.arithmetic)
  if (same) {
    expectAgreement(where, same.name, results, same.results, 0)
    compared += `; all numbers the same as on ${same.name}`
  }
  if (other) {
    difference = Math.max(difference, expectAgreement(where, other.name, results, other.results))
    compared += `; all numbers against ${other.name}`
  }
  before.push({ name, arithmetic: device.arithmetic, results })
  return { compared, difference }
}

/** Seconds that a forward and backward will take, from those of a short text. */
async function secondsFor(device: Device, layer: BenchLayer) {
  const shape = { ...layer.shape, N: 1, T: Math.min(layer.shape.T, 64) }
  const short = await layerTimings(device, { ...layer, shape }, inputOf(layer.seed, shape), 60)
  return (short.forwardAndBackward.fastest / 1000) * (flopsOf(layer.shape) / flopsOf(shape))
}

async function timings(
  device: Device,
  layer: BenchLayer,
  truth: Truth,
  { milliseconds }: Patience,
) {
  const taken = await layerTimings(device, layer, truth, milliseconds)
  const { peakBytes } = device.stats()
  const sentence =
    layer.shape === SENTENCE_SHAPE
      ? { sentence: await sentenceTimings(device, layer, truth, milliseconds) }
      : {}
  return { ...taken, peakBytes, residentBytes: process.memoryUsage.rss(), ...sentence }
}

/** Numbers on the device to numbers on the device. */
async function layerTimings(device: Device, layer: BenchLayer, input: Input, milliseconds: number) {
  const own = layerOn(device, layer)
  const X = device.upload(input.X)
  const dC = device.upload(input.dC)
  const mark = device.allocate([1])
  // a read is done when all before it is
  const taken = (run: () => unknown) =>
    timed(() => {
      device.scope(() => void run())
      return device.read(mark)
    }, milliseconds)
  const forward = await taken(() => own.forward(X))
  const forwardAndBackward = await taken(() => own.forward(X).backward(dC))
  for (const handle of [X, dC, mark]) device.free(handle)
  own.free()
  return { forward, forwardAndBackward }
}

/** Numbers of the host to numbers of the host. */
async function sentenceTimings(
  device: Device,
  layer: BenchLayer,
  { X, dC }: Input,
  milliseconds: number,
) {
  const own = layerOn(device, layer)
  const forward = await timed(async () => {
    const context = device.scope(() => own.forward(X).context)
    await device.read(context)
    device.free(context)
  }, milliseconds)
  const forwardAndBackward = await timed(() => resultsOf(own, X, dC), milliseconds)
  own.free()
  return { forward, forwardAndBackward }
}
