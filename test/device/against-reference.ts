import { setFlagsFromString } from 'node:v8'
import type { Device, Handle } from '../../src/device/device.ts'
import { openDevice } from '../../src/device/open.ts'
import { type Numbers, Tensor } from '../../src/tensor.ts'
import { type Case, floats } from './step-cases.ts'

// Node 20 knows relaxed vectors behind a switch
if (process.versions.node.startsWith('20.')) setFlagsFromString('--experimental-wasm-relaxed-simd')

/** Both arithmetics, the second where the engine takes it, on one thread and on two. */
export async function openKernels(): Promise<readonly (readonly [Device, Device])[]> {
  const open = (arithmetic: 'portable' | 'fused') =>
    Promise.all([openDevice({ device: 'wasm', arithmetic, threads: 1 }), openDevice({ device: 'wasm', arithmetic, threads: 2 })])
  const portable = await open('portable')
  try {
    return [portable, await open('fused')]
  } catch {
    return [portable]
  }
}

/** What a case writes on a device. */
export async function outputsOn(device: Device, { inputs, run }: Case): Promise<Numbers[]> {
  const kept = device.scope((): Handle[] =>
    run(
      device,
      inputs.map((X) => device.upload(X)),
    ),
  )
  const outputs: Numbers[] = []
  for (const handle of kept) {
    outputs.push((await device.read(handle)).data)
    device.free(handle)
  }
  return outputs
}

/** Bits of each number, all NaN alike. */
export const bitsOf = (numbers: Numbers): Int32Array =>
  new Int32Array(Float32Array.from(numbers, (x) => (Number.isNaN(x) ? Number.NaN : x)).buffer)

/**
 * The worst error of any row, in terms of what is allowed: 2 · the error of plain float32 loops + 4 units in the last place
 * of the row's largest number.
 */
export function worstShare(found: readonly Numbers[], exact: readonly Numbers[], loops: readonly Numbers[], { columns }: Case): number {
  let worst = 0
  for (const [o, numbers] of exact.entries()) {
    for (let from = 0; from < numbers.length; from += columns[o]) {
      const row = (X: Numbers): Numbers => X.subarray(from, from + columns[o])
      const largest = distance(row(numbers), floats(columns[o]))
      const allowed = 2 * distance(row(loops[o]), row(numbers)) + 4 * 2 ** -23 * largest
      const error = distance(row(found[o]), row(numbers))
      if (!(error === 0)) worst = Math.max(worst, error / allowed)
      if (Number.isNaN(error)) return Number.NaN
    }
  }
  return worst
}

function distance(a: Numbers, b: Numbers): number {
  let most = 0
  for (let n = 0; n < b.length; n++) most = Math.max(most, Math.abs(a[n] - b[n]))
  return most
}

/** The same case with other numbers at some places of its floating inputs. */
export const withEdges = (one: Case, edges: readonly number[]): Case => ({
  ...one,
  inputs: one.inputs.map((X, which) => {
    if (X.dtype === 'int32') return X
    const data = Float32Array.from(X.data)
    for (const [e, edge] of edges.entries()) if (data.length) data[(e * 7 + 3 * which) % data.length] = edge
    return new Tensor(X.shape, data)
  }),
})
