import { COUNT, checkOptions, type Kind, oneOf, valueText } from '../kinds.ts'
import type { Arithmetic, Device } from './device.ts'

/** Options of openDevice. */
export interface DeviceOptions {
  /**
   * `reference` is plain TypeScript, `wasm` has kernels in WebAssembly on threads; `auto`, the default, takes `wasm` if this engine has what it needs.
   */
  readonly device?: 'auto' | 'reference' | 'wasm'
  /**
   * How it rounds; default: the device's own choice. `portable` and `fused` belong to the wasm
   * device.
   */
  readonly arithmetic?: Arithmetic
  /** `float64` for checking gradients: only the reference device has it. */
  readonly dtype?: 'float32' | 'float64'
  /** Bytes that all handles together may take; 2 GiB by default. */
  readonly memoryLimit?: number
  /**
   * Threads of the wasm device, the calling one included; default: as many as the machine runs at
   * once.
   */
  readonly threads?: number
  /**
   * The wasm device's kernels, compiled: a `WebAssembly.Module` of a file `regard/wasm/*.wasm`, for
   * hosts that may not compile at run time. Arithmetic and kind of memory are those of the file; by
   * default the device compiles its own kernels.
   */
  readonly kernels?: object
}

/** A first check of `kernels`; the wasm device looks into them. */
const MODULE: Kind = (where, name, value) => {
  if (typeof value !== 'object' || value === null)
    throw new TypeError(
      `${where}: ${name} must be a WebAssembly.Module of a file regard/wasm/*.wasm, got ${valueText(value)}`,
    )
}

/** The functions that make devices. */
export interface Devices {
  reference(
    options: Pick<DeviceOptions, 'dtype' | 'memoryLimit'> & { readonly why: readonly string[] },
  ): Promise<Device>
  wasm(options: {
    readonly arithmetic: 'portable' | 'fused' | undefined
    readonly threads: number | undefined
    readonly memoryLimit: number | undefined
    readonly kernels: object | undefined
  }): Promise<Device>
}

const BYTES = { text: 'above 0 bytes', holds: (value: number) => value > 0 }

/** A check for each option of openDevice. */
export const DEVICE_OPTIONS = {
  device: oneOf('auto', 'reference', 'wasm'),
  arithmetic: oneOf('plain', 'portable', 'fused'),
  dtype: oneOf('float32', 'float64'),
  memoryLimit: BYTES,
  threads: COUNT,
  kernels: MODULE,
}

/**
 * Opens the device that the options ask for.
 *
 * @throws {RangeError} for an unknown device, {Error} where the engine lacks what it needs
 */
export async function openOf(devices: Devices, options: DeviceOptions): Promise<Device> {
  checkOptions('openDevice', options, DEVICE_OPTIONS, "{ device: 'reference' }")
  const { device = 'auto' } = options
  if (device === 'auto') return openAny(devices, options)
  return device === 'reference' ? openReference(devices, options) : openWasm(devices, options)
}

/**
 * The wasm device if this engine has what it needs, else the reference device; an arithmetic or
 * kernels of the wasm device rule out the latter.
 */
async function openAny(devices: Devices, options: DeviceOptions): Promise<Device> {
  const obstacle = obstacleToWasm(options)
  if (obstacle) return openReference(devices, options, [obstacle])
  try {
    return await openWasm(devices, options)
  } catch (error) {
    const { arithmetic, kernels } = options
    if (
      error instanceof RangeError ||
      arithmetic !== undefined ||
      kernels !== undefined ||
      !(error instanceof Error)
    )
      throw error
    return openReference(devices, options, [`the wasm device was not to be had: ${error.message}`])
  }
}

function obstacleToWasm({ arithmetic, dtype, memoryLimit = 0 }: DeviceOptions): string | undefined {
  if (arithmetic === 'plain')
    return 'the wasm device was not taken, for its arithmetic is not plain'
  if (arithmetic !== undefined) return undefined
  if (dtype === 'float64') return 'the wasm device was not taken, for it computes in float32'
  return memoryLimit > MOST_BYTES
    ? `the wasm device was not taken, for it reaches ${MOST_BYTES} bytes at most`
    : undefined
}

/** Bytes that 32-bit addresses reach. */
const MOST_BYTES = 2 ** 32

async function openReference(
  devices: Devices,
  options: DeviceOptions,
  reasons: readonly string[] = [],
): Promise<Device> {
  const { arithmetic = 'plain', dtype = 'float32', memoryLimit, threads, kernels } = options
  if (arithmetic !== 'plain')
    throw new RangeError(
      `openDevice: the reference device has the arithmetic plain, got ${valueText(arithmetic)}; leave arithmetic out, or open another device`,
    )
  const why = [...reasons]
  if (threads !== undefined)
    why.push(`threads: ${threads} has no effect: the reference device has one`)
  if (kernels !== undefined) why.push('kernels have no effect: the reference device has none')
  return devices.reference({ dtype, why, ...(memoryLimit === undefined ? {} : { memoryLimit }) })
}

async function openWasm(
  devices: Devices,
  { arithmetic, dtype = 'float32', memoryLimit, threads, kernels }: DeviceOptions,
): Promise<Device> {
  if (arithmetic !== undefined && arithmetic !== 'portable' && arithmetic !== 'fused')
    throw new RangeError(
      `openDevice: the wasm device has the arithmetics portable and fused, got ${valueText(arithmetic)}`,
    )
  if (dtype !== 'float32')
    throw new RangeError(
      `openDevice: the wasm device computes in float32, got ${dtype}; use the reference device`,
    )
  if (memoryLimit !== undefined && memoryLimit > MOST_BYTES)
    throw new RangeError(
      `openDevice: the wasm device reaches ${MOST_BYTES} bytes at most, got a memoryLimit of ${memoryLimit}`,
    )
  return devices.wasm({ arithmetic, threads, memoryLimit, kernels })
}
