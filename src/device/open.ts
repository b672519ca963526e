import { imported } from '../kinds.ts'
import type { Device, Peak } from './device.ts'
import { type DeviceOptions, openOf } from './opening.ts'

export { DEVICE_OPTIONS, type DeviceOptions } from './opening.ts'

const DOOR = 'import it from regard/wasm, which needs none'

/**
 * Opens a device in the calling thread.
 *
 * The device's code is loaded on demand. If `import()` is forbidden, as in a service worker, use
 * `openDevice` of `regard/wasm`, which does without.
 *
 * @throws {RangeError} for an unknown device or arithmetic, {Error} where the engine lacks what it
 *   needs
 */
export async function openDevice(options: DeviceOptions = {}): Promise<Device> {
  return openOf(
    {
      reference: async (reference) =>
        new (
          await imported('openDevice', () => import('./reference/lazy.ts'), DOOR)
        ).ReferenceDevice(reference),
      wasm: async (wasm) =>
        (await imported('openDevice', () => import('./wasm/lazy.ts'), DOOR)).openWasm(wasm),
    },
    options,
  )
}

/**
 * Measures how fast one core of this machine multiplies and adds in an arithmetic of the
 * WebAssembly device: an upper bound for every kernel.
 *
 * It blocks the calling thread for some tenths of a second.
 *
 * @throws {RangeError} for an unknown arithmetic; one that this engine lacks is no error: the
 *   result says why
 */
export async function measurePeak(arithmetic: 'portable' | 'fused'): Promise<Peak> {
  const { measurePeak } = await imported('measurePeak', () => import('./wasm/lazy.ts'), DOOR)
  return measurePeak(arithmetic)
}
