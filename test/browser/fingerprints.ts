import type { Device } from '../../src/device/device.ts'
import { openDevice } from '../../src/device/open.ts'
import { cos, exp, log, sin, tanh } from '../../src/elementary.ts'
import { SelfAttention } from '../../src/layer/self-attention.ts'
import { scaledDot } from '../../src/mechanism/alignments.ts'
import { sparsemax } from '../../src/mechanism/distributions.ts'
import { relative } from '../../src/mechanism/position.ts'
import { Random } from '../../src/random.ts'
import type { Numbers } from '../../src/tensor.ts'
import { attentionBy, manhattan } from '../device/own-alignment.ts'
import { hash, hashOf, kernelFingerprints } from './kernel-fingerprints.ts'

/** What one engine computed: one hash of bits for each thing. */
export interface Fingerprints {
  readonly threads: number
  readonly why: readonly string[]
  readonly bits: Readonly<Record<string, string>>
}

/** exp, log, tanh, sin and cos at 5003 points each. */
function elementary(): Numbers[] {
  const random = new Random(9007, 'elementary')
  const points = Array.from({ length: 5003 }, () => random.uniform(-1, 1))
  const over = (f: (x: number) => number, scale: number) =>
    Float64Array.from(points, (x) => f(scale * x))
  return [
    over(exp, 700),
    over((x) => log(Math.abs(x)), 1e9),
    over(tanh, 20),
    over(sin, 1e6),
    over(cos, 1e6),
  ]
}

/**
 * Two passes of a layer, open together: read in reverse, after more work was enqueued, each with
 * its backward.
 */
async function passesReadLate(device: Device): Promise<string> {
  const layer = new SelfAttention(
    {
      dModel: 67,
      dQuery: 31,
      dKey: 31,
      dValue: 37,
      heads: 2,
      distribution: sparsemax,
      position: relative(5),
    },
    { device, seed: 9011 },
  )
  const random = new Random(9013, 'passes')
  const texts = [random.normals([3, 41, 67]), random.normals([2, 13, 67])]
  const passes = texts.map((X) => layer.forward(X))
  const gradients = passes.map((pass) => pass.backward(random.normals(pass.context.shape)))
  layer.forward(random.normals([1, 5, 67]))
  const read: Numbers[] = []
  for (const n of [1, 0]) {
    read.push((await passes[n].read()).context.data)
    const { dX, dParameters } = await gradients[n].read()
    read.push(dX.data, ...Object.values(dParameters).map(({ data }) => data))
  }
  return hash(read)
}

const namedBy = ({ arithmetic }: Device, found: Readonly<Record<string, string>>) =>
  Object.fromEntries(
    Object.entries(found).map(([name, bits]) => [
      `${name} of the wasm device, ${arithmetic}`,
      bits,
    ]),
  )

/** Opens the devices in the calling thread, computes, and closes them. */
export async function fingerprints(threads: number): Promise<Fingerprints> {
  const wasm = await openDevice({ device: 'wasm', threads })
  const fused = await openDevice({ device: 'wasm', arithmetic: 'fused', threads })
  const single = await openDevice({ device: 'reference' })
  const double = await openDevice({ device: 'reference', dtype: 'float64' })
  const bits = {
    ...namedBy(wasm, await kernelFingerprints(wasm)),
    ...namedBy(fused, await kernelFingerprints(fused)),
    "a user's alignment on the wasm device": await hashOf(wasm, attentionBy(wasm, manhattan)),
    'passes read late on the wasm device': await passesReadLate(wasm),
    'passes read late on the reference device': await passesReadLate(single),
    'attention of the reference in float32': await hashOf(single, attentionBy(single, scaledDot)),
    'attention of the reference in float64': await hashOf(double, attentionBy(double, scaledDot)),
    'elementary functions': hash(elementary()),
  }
  const found = { threads: wasm.threads, why: wasm.why, bits }
  await Promise.all([wasm, fused, single, double].map((device) => device.close()))
  return found
}
