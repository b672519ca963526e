import type { Device, Handle } from '../../src/device/device.ts'
import { decodeTensors } from '../../src/io/safetensors.ts'
import { none } from '../../src/mechanism/position.ts'
import { learn } from '../../src/model/learning.ts'
import { Random } from '../../src/random.ts'
import type { Numbers } from '../../src/tensor.ts'
import { type AttentionCase, foundBy, numbersOf, texts } from '../device/attention-cases.ts'
import { masksFor, positionsOf, widthsOf } from '../device/attention-grid.ts'
import { alignments, distributions } from '../every.ts'

/** FNV-1a over the bytes of all arrays. */
export function hash(arrays: readonly Numbers[]): string {
  let sum = 0x811c9dc5
  for (const array of arrays) {
    for (const byte of new Uint8Array(array.buffer, array.byteOffset, array.byteLength))
      sum = Math.imul(sum ^ byte, 0x01000193)
  }
  return (sum >>> 0).toString(16)
}

export async function hashOf(device: Device, handles: readonly Handle[]): Promise<string> {
  const tensors = await Promise.all(handles.map((handle) => device.read(handle)))
  return hash(tensors.map(({ data }) => data))
}

/**
 * Products of every transposition, some large enough for several threads, accumulated on what was
 * there.
 */
function products(device: Device): Handle[] {
  const random = new Random(9001, 'products')
  return [1, 8, 61, 131].flatMap((m) =>
    [false, true].flatMap((transposeA) =>
      [false, true].map((transposeB) => {
        const [n, k] = [67, 127]
        const A = device.upload(random.normals(transposeA ? [k, m] : [m, k]))
        const B = device.upload(random.normals(transposeB ? [n, k] : [k, n]))
        const C = device.upload(random.normals([m, n]))
        device.product(A, B, C, { transposeA, transposeB, accumulate: true })
        return C
      }),
    ),
  )
}

/**
 * Attention by every alignment with every distribution, masks and positions in turn, one text of
 * which threads share the rows.
 */
async function attention(device: Device): Promise<string> {
  const dropout = { rate: 0.3, seed: 9029, stream: 3, step: 5 }
  const hashes: Numbers[] = []
  for (const [a, alignment] of alignments.entries()) {
    for (const [d, distribution] of distributions.entries()) {
      const [Tq, Tk] = d === a % distributions.length ? [131, 129] : [29, 37]
      const [masks, positions] = [masksFor(Tq, Tk), positionsOf(alignment)]
      const given: AttentionCase = {
        ...{
          alignment,
          distribution,
          heads: 2,
          ...texts([Tq], [Tk]),
          ...widthsOf(alignment, [5, 9]),
          dValue: 11,
        },
        mask: masks[(3 * a + d) % masks.length],
        position: positions[(a + d) % positions.length] ?? none,
        ...((a + d) % 4 === 0 ? { dropout } : {}),
      }
      hashes.push(
        ...Object.values(
          await foundBy(device, given, numbersOf(given), { weights: true, statistics: true }),
        ),
      )
    }
  }
  return hash(hashes)
}

const TEXT = `Tom has been late all summer
The old mill was sold in spring
Last summer Tom sold the mill
The sea was calm all summer
Mary saw Tom at the mill
`

/** The numbers of a small model after some steps on the device. */
async function learned(device: Device): Promise<string> {
  const small = {
    width: 12,
    query: 6,
    key: 6,
    value: 8,
    heads: 2,
    buckets: 64,
    minCount: 1,
    steps: 12,
    seed: 9041,
  }
  const model = await learn(TEXT, { ...small, device })
  const { tensors } = decodeTensors(await model.bytes())
  return hash(Object.values(tensors).map(({ data }) => data))
}

/** What the kernels of a device compute, one hash of bits for each thing. */
export const kernelFingerprints = async (
  device: Device,
): Promise<Readonly<Record<string, string>>> => ({
  products: await hashOf(device, products(device)),
  attention: await attention(device),
  learning: await learned(device),
})
