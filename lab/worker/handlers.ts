import { claimNamed, type Device, judge, openDevice, type Verdict } from 'regard'

let opened: Promise<Device> | undefined

/** The worker's device, opened by the first call that needs it: WebAssembly where there is any. */
export function deviceOf(): Promise<Device> {
  opened ??= openDevice()
  return opened
}

/** What the page can ask its worker. */
export const handlers = {
  /** Which device computes, and why. */
  async device(_argument: null): Promise<{ name: string; why: readonly string[] }> {
    const { name, why } = await deviceOf()
    return { name, why }
  },
  /** Runs a claim in float64: its verdict, evidence and counter-examples. */
  async prove({ claim, seed, sentence }: { claim: string; seed: number; sentence: readonly string[] }): Promise<Verdict> {
    const device = await openDevice({ device: 'reference', dtype: 'float64' })
    try {
      return await judge(claimNamed(claim), { device, seed, sentence })
    } finally {
      await device.close()
    }
  },
}
