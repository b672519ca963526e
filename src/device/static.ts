import type { Device, Peak } from './device.ts'
import { type DeviceOptions, openOf } from './opening.ts'
import { ReferenceDevice } from './reference.ts'
import { openWasm } from './wasm/device.ts'
import { measurePeak as peakOf } from './wasm/peak.ts'

/**
 * Opens a device in the calling thread, as `openDevice` of `regard` does, without `import()`: for
 * service workers and Workers.
 *
 * A host that may not compile at run time passes compiled kernels:
 * `openDevice({ kernels })`.
 *
 * @throws {RangeError} for an unknown device or arithmetic, {Error} where the engine lacks what it
 *   needs
 */
export async function openDevice(options: DeviceOptions = {}): Promise<Device> {
  return openOf(
    { reference: async (reference) => new ReferenceDevice(reference), wasm: openWasm },
    options,
  )
}

/**
 * Measures how fast one core of this machine multiplies and adds, as `measurePeak` of `regard`
 * does, without `import()`.
 *
 * @throws {RangeError} for an unknown arithmetic; one that this engine lacks is no error: the
 *   result says why
 */
export const measurePeak = (arithmetic: 'portable' | 'fused'): Promise<Peak> => peakOf(arithmetic)
