import { setFlagsFromString } from 'node:v8'
import { afterAll, describe, expect, test } from 'vitest'
import type { Device, Handle } from '../../src/device/device.ts'
import { openDevice } from '../../src/device/open.ts'
import { ReferenceDevice } from '../../src/device/reference.ts'
import { type Numbers, Tensor } from '../../src/tensor.ts'
import { type Case, floats } from './step-cases.ts'

// Node 20 knows relaxed vectors behind a switch
if (process.versions.node.startsWith('20.')) setFlagsFromString('--experimental-wasm-relaxed-simd')

/** Both arithmetics, the second where the engine takes it, on one thread and on two. */
async function openKernels(): Promise<readonly (readonly [Device, Device])[]> {
  const open = (arithmetic: 'portable' | 'fused') =>
    Promise.all([
      openDevice({ device: 'wasm', arithmetic, threads: 1 }),
      openDevice({ device: 'wasm', arithmetic, threads: 2 }),
    ])
  const portable = await open('portable')
  try {
    return [portable, await open('fused')]
  } catch {
    return [portable]
  }
}

/** What a case writes on a device. */
async function outputsOn(device: Device, { inputs, run }: Case): Promise<Numbers[]> {
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

/** Where two outputs differ first: −1 where all bits are the same; all NaN count as one. */
const firstDifference = (a: Numbers, b: Numbers): number =>
  Array.prototype.findIndex.call(a, (x, n) => !Object.is(x, b[n]))

/**
 * The worst error of any row, in terms of what is allowed: 2 · the error of plain float32 loops + 4
 * units in the last place of the row's largest number.
 */
function worstShare(
  found: readonly Numbers[],
  exact: readonly Numbers[],
  loops: readonly Numbers[],
  { columns }: Case,
): number {
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
const withEdges = (one: Case, edges: readonly number[]): Case => ({
  ...one,
  inputs: one.inputs.map((X, which) => {
    if (X.dtype === 'int32') return X
    const data = Float32Array.from(X.data)
    for (const [e, edge] of edges.entries())
      if (data.length) data[(e * 7 + 3 * which) % data.length] = edge
    return new Tensor(X.shape, data)
  }),
})

/**
 * What kind of number it is: NaN, ∞, 1 for what is no smaller than 10⁻³⁰, and below that the number
 * itself.
 */
const kind = (x: number): number =>
  Number.isFinite(x) && Math.abs(Math.fround(x)) > 1e-30 ? 1 : Math.fround(x)

/** Finite, or not: where a slope of 10⁻³⁰ stands for one of 0, ∞ times it is no NaN. */
const coarseKind = (x: number): number => Number(Number.isFinite(Math.fround(x)))

const EDGES = [[Number.NaN], [Number.POSITIVE_INFINITY], [Number.NEGATIVE_INFINITY, 0], [-0, 1e-40]]

/**
 * Holds operations of the wasm device to the reference in float64, in both arithmetics: errors,
 * edges, bits for any number of threads.
 *
 * @param inexact operations whose numbers near 0 are what is left of a difference
 */
export async function holdToReference(
  cases: Readonly<Record<string, readonly Case[]>>,
  inexact: readonly string[],
): Promise<void> {
  const reference = new ReferenceDevice({ dtype: 'float64' })
  const opened = await openKernels()
  afterAll(async () => {
    for (const device of opened.flat()) await device.close()
  })

  describe.each(Object.keys(cases))('%s', (name) => {
    describe.each(opened.map(([one, two]) => [one.arithmetic, one, two] as const))(
      '%s',
      (_arithmetic, one, two) => {
        test('errs no more than twice as much as plain float32 loops, and 4 units in the last place of its row', async ({
          annotate,
        }) => {
          let worst = { name: '', share: 0 }
          for (const given of cases[name]) {
            const exact = await outputsOn(reference, given)
            const loops = given.loops(given.inputs.map(({ data }) => data))
            const share = worstShare(await outputsOn(one, given), exact, loops, given)
            if (!(share <= worst.share)) worst = { name: given.name, share }
          }
          await annotate(`${worst.share.toFixed(3)} of what is allowed, at ${worst.name}`)
          expect(worst.share, worst.name).toBeLessThanOrEqual(1)
        })

        test('has the same bits on one thread and on two', async () => {
          for (const given of cases[name]) {
            const [alone, shared] = [await outputsOn(one, given), await outputsOn(two, given)]
            expect(
              shared.map((numbers, o) => firstDifference(numbers, alone[o])),
              given.name,
            ).toEqual(shared.map(() => -1))
          }
        })

        test('makes NaN, ∞ and 0 of what the reference makes them of', async () => {
          const kindOf = inexact.includes(name) ? coarseKind : kind
          for (const given of cases[name].filter(({ inputs }) =>
            inputs.every(({ size }) => size < 5000),
          )) {
            for (const edges of EDGES) {
              const edged = withEdges(given, edges)
              const [found, exact] = [
                await outputsOn(one, edged),
                await outputsOn(reference, edged),
              ]
              const wrong = found.map((numbers, o) =>
                firstDifference(numbers.map(kindOf), exact[o].map(kindOf)),
              )
              expect(wrong, `${given.name} with ${edges}`).toEqual(found.map(() => -1))
            }
          }
        })
      },
    )
  })
}
