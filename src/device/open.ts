import { expectKnown, expectOptions, valueText } from '../kinds.ts'
import type { Arithmetic, Device, Peak } from './device.ts'

/** What to open. */
export interface DeviceOptions {
  /** `reference` is plain TypeScript, `wasm` has kernels in WebAssembly on threads; `auto` takes `wasm` where it can be had. */
  readonly device?: 'auto' | 'reference' | 'wasm'
  /** How it shall round; absent, as the device does by itself. `portable` and `fused` are the wasm device's. */
  readonly arithmetic?: Arithmetic
  /** `float64` for checking gradients: the reference device alone has it. */
  readonly dtype?: 'float32' | 'float64'
  /** Bytes that all handles together may take, 2 GiB unless told. */
  readonly memoryLimit?: number
  /** Threads of the wasm device, the calling one among them; as many as the machine runs at once unless told. */
  readonly threads?: number
}

/**
 * Opens a device in the calling thread.
 *
 * @throws {RangeError} for a device or arithmetic that there is not, {Error} where the engine has not what it needs
 */
export async function openDevice(options: DeviceOptions = {}): Promise<Device> {
  expectOptions('openDevice', options, "{ device: 'reference' }")
  expectKnown('openDevice', options, ['device', 'arithmetic', 'dtype', 'memoryLimit', 'threads'])
  const { device = 'auto', dtype = 'float32', memoryLimit, threads } = options
  if (dtype !== 'float32' && dtype !== 'float64')
    throw new RangeError(`openDevice: dtype must be float32 or float64, got ${valueText(dtype)}`)
  if (memoryLimit !== undefined && !(typeof memoryLimit === 'number' && memoryLimit > 0))
    throw new RangeError(`openDevice: memoryLimit must be above 0 bytes, got ${valueText(memoryLimit)}`)
  if (threads !== undefined && !(Number.isInteger(threads) && threads >= 1))
    throw new RangeError(`openDevice: threads must be an integer ≥ 1, got ${valueText(threads)}`)
  if (device === 'auto') return openAny(options)
  if (device === 'reference') return openReference(options)
  if (device === 'wasm') return openWasm(options)
  throw new RangeError(`openDevice: unknown device ${valueText(device)}; use auto, reference or wasm`)
}

/** The wasm device where it can be had, else the reference device; the latter cannot stand in for an arithmetic of the former. */
async function openAny(options: DeviceOptions): Promise<Device> {
  const obstacle = obstacleToWasm(options)
  if (obstacle) return openReference(options, [obstacle])
  try {
    return await openWasm(options)
  } catch (error) {
    if (error instanceof RangeError || options.arithmetic !== undefined || !(error instanceof Error)) throw error
    return openReference(options, [`the wasm device was not to be had: ${error.message}`])
  }
}

function obstacleToWasm({ arithmetic, dtype, memoryLimit = 0 }: DeviceOptions): string | undefined {
  if (arithmetic === 'plain') return 'the wasm device was not taken, for its arithmetic is not plain'
  if (arithmetic !== undefined) return undefined
  if (dtype === 'float64') return 'the wasm device was not taken, for it computes in float32'
  return memoryLimit > MOST_BYTES ? `the wasm device was not taken, for it reaches ${MOST_BYTES} bytes at most` : undefined
}

/** Bytes that addresses of 32 bits reach. */
const MOST_BYTES = 2 ** 32

async function openReference(options: DeviceOptions, reasons: readonly string[] = []): Promise<Device> {
  const { arithmetic = 'plain', dtype = 'float32', memoryLimit, threads } = options
  if (arithmetic !== 'plain')
    throw new RangeError(
      `openDevice: the reference device has the arithmetic plain, got ${valueText(arithmetic)}; leave arithmetic out, or open another device`,
    )
  const { ReferenceDevice } = await import('./reference.ts')
  const why = [...reasons, ...(threads === undefined ? [] : [`threads: ${threads} has no effect: the reference device has one`])]
  return new ReferenceDevice({ dtype, why, ...(memoryLimit === undefined ? {} : { memoryLimit }) })
}

async function openWasm({ arithmetic = 'portable', dtype = 'float32', memoryLimit, threads }: DeviceOptions): Promise<Device> {
  if (arithmetic !== 'portable' && arithmetic !== 'fused')
    throw new RangeError(`openDevice: the wasm device has the arithmetics portable and fused, got ${valueText(arithmetic)}`)
  if (dtype !== 'float32') throw new RangeError(`openDevice: the wasm device computes in float32, got ${dtype}; use the reference device`)
  if (memoryLimit !== undefined && memoryLimit > MOST_BYTES)
    throw new RangeError(`openDevice: the wasm device reaches ${MOST_BYTES} bytes at most, got a memoryLimit of ${memoryLimit}`)
  const { openWasm } = await import('./wasm/device.ts')
  return openWasm({ arithmetic, threads, memoryLimit })
}

/**
 * Measures how fast one core of this machine multiplies and adds in an arithmetic of the WebAssembly device, which no kernel can pass.
 *
 * It keeps the calling thread busy for some tenths of a second.
 *
 * @throws {RangeError} for an arithmetic that there is not; one that cannot be had here is no error: the answer says why
 */
export async function measurePeak(arithmetic: 'portable' | 'fused'): Promise<Peak> {
  if (arithmetic !== 'portable' && arithmetic !== 'fused')
    throw new RangeError(`measurePeak: the arithmetics of WebAssembly are portable and fused, got ${valueText(arithmetic)}`)
  const { measurePeak } = await import('./wasm/peak.ts')
  return measurePeak(arithmetic)
}
