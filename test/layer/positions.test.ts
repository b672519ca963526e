import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Device } from '../../src/device/device.ts'
import { openDevice } from '../../src/device/open.ts'
import { SelfAttention } from '../../src/layer/self-attention.ts'
import type { Alignment } from '../../src/mechanism/alignment.ts'
import {
  and,
  causal,
  cells,
  documents,
  everything,
  lengths,
  not,
  or,
  window,
} from '../../src/mechanism/mask.ts'
import {
  learned,
  none,
  type Position,
  relative,
  rotary,
  sinusoidal,
} from '../../src/mechanism/position.ts'
import { Random } from '../../src/random.ts'
import { Tensor } from '../../src/tensor.ts'
import { directionalError, innerProduct } from '../differences.ts'
import { alignments, distributions } from '../every.ts'

const T = 5
const somewhere = cells(
  new Tensor(
    [T, T],
    Uint8Array.from({ length: T * T }, (_, n) => (n % 3 === 0 && n < 20 ? 1 : 0)),
  ),
)
const masks = [
  everything,
  lengths([4]),
  causal(),
  causal({ window: 2 }),
  window(1, 2),
  documents([0, 1, 1, 2, 2]),
  somewhere,
  and(causal(), not(documents([0, 1, 1, 2, 2]))),
  or(window(0, 0), somewhere),
]
const positions: Position[] = [none, sinusoidal, learned(7), relative(2), rotary()]

let device: Device
beforeAll(async () => {
  device = await openDevice({ dtype: 'float64' })
})

describe('every gradient of the layer agrees with differences under every alignment, distribution, mask and position', () => {
  const worst: { alignment: string; error: number; where: string; count: number }[] = []
  afterAll(() => {
    console.log(
      `worst gradient error of the layer over ${worst.reduce((sum, { count }) => sum + count, 0)} combinations`,
    )
    for (const { alignment, error, where } of worst)
      console.log(`  ${alignment.padEnd(22)} ${error.toExponential(1)}  at ${where}`)
  })

  // relu's zeros tie, a bias that begins at 0 leaves them tied, and topK jumps where a tie ends:
  // its gradients are checked beside the mechanism
  const smooth = alignments.filter(({ name }) => !name.endsWith('relu'))

  test.each(smooth)('$name', async (alignment) => {
    const row = { alignment: alignment.name, error: 0, where: '', count: 0 }
    worst.push(row)
    const widths = alignment.widths === 'equal' ? { dQuery: 3, dKey: 3 } : { dQuery: 3, dKey: 13 }
    for (const distribution of distributions) {
      for (const position of positions) {
        if (position.on === 'operands' && !alignment.rotates) continue
        const options = {
          dModel: 7,
          ...widths,
          dValue: 11,
          heads: 2,
          alignment,
          distribution,
          position,
        }
        for (const mask of masks) {
          const error = await errorOf(
            new SelfAttention<number, number, Alignment>(
              { ...options, mask },
              { device, seed: 100 + row.count++ },
            ),
          )
          if (error >= row.error)
            Object.assign(row, {
              error,
              where: `${distribution.name}, ${mask.name}, ${position.name}`,
            })
        }
      }
    }
    expect(row.error).toBeLessThan(1e-6)
  })
})

/** Worst error of dX and of every parameter's gradient along a random direction. */
async function errorOf(layer: SelfAttention<number, number, Alignment>): Promise<number> {
  const random = new Random(31, layer.config.mask.name)
  const X = random.normals([T, 7], 'float64')
  const dC = random.normals([T, 22], 'float64')
  const { dX, dParameters } = await device.scope(() => layer.forward(X).backward(dC)).read()
  const loss = async (): Promise<number> => {
    const context = device.scope(() => layer.forward(X).context)
    const { data } = await device.read(context)
    device.free(context)
    return innerProduct(data, dC.data)
  }
  let error = await directionalError(X, dX, loss, random)
  for (const [name, handle] of Object.entries(layer.parameters)) {
    const value = await device.read(handle)
    const moved = async (): Promise<number> => {
      device.write(handle, value)
      return loss()
    }
    error = Math.max(error, await directionalError(value, dParameters[name], moved, random))
    device.write(handle, value)
  }
  layer.free()
  return error
}
