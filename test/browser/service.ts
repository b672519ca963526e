import { openDevice as openByImport } from '../../src/device/open.ts'
import { openDevice } from '../../src/device/static.ts'
import { kernelFingerprints } from './kernel-fingerprints.ts'

/** What a service worker found. */
export interface Served {
  readonly why: readonly string[]
  readonly bits: unknown
  /** What is said of a device that is opened by `import()`. */
  readonly refusal: string
}

const refusal = (): Promise<string> =>
  openByImport().then(
    () => 'opened',
    ({ message }) => message,
  )

addEventListener('message', async ({ ports }) => {
  const device = await openDevice()
  const served: Served = {
    why: device.why,
    bits: await kernelFingerprints(device),
    refusal: await refusal(),
  }
  ports[0].postMessage(served)
})
