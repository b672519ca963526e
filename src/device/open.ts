import type { Arithmetic, Device } from './device.ts'

/** What to open. */
export interface DeviceOptions {
  /** `auto` takes the fastest device that is sure to work here; `reference` is plain TypeScript. */
  readonly device?: 'auto' | 'reference'
  /** How it shall round; absent, as the device does by itself. */
  readonly arithmetic?: Arithmetic
  /** `float64` for checking gradients. */
  readonly dtype?: 'float32' | 'float64'
  /** Bytes that all handles together may take, 2 GiB unless told. */
  readonly memoryLimit?: number
}

/**
 * Opens a device in the calling thread.
 *
 * @throws {RangeError} for a device or arithmetic that there is not
 */
export async function openDevice(options: DeviceOptions = {}): Promise<Device> {
  const { device = 'auto', arithmetic = 'plain', dtype = 'float32', memoryLimit } = options
  if (device !== 'auto' && device !== 'reference')
    throw new RangeError(`openDevice: unknown device ${JSON.stringify(device)}; use auto or reference`)
  if (arithmetic !== 'plain')
    throw new RangeError(`openDevice: the reference device has the arithmetic plain, got ${JSON.stringify(arithmetic)}`)
  if (dtype !== 'float32' && dtype !== 'float64')
    throw new RangeError(`openDevice: dtype must be float32 or float64, got ${JSON.stringify(dtype)}`)
  if (memoryLimit !== undefined && !(memoryLimit > 0))
    throw new RangeError(`openDevice: memoryLimit must be above 0 bytes, got ${memoryLimit}`)
  const { ReferenceDevice } = await import('./reference.ts')
  return new ReferenceDevice({ dtype, ...(memoryLimit === undefined ? {} : { memoryLimit }) })
}
