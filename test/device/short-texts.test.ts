import { describe, expect, test } from 'vitest'
import type { AttentionCall } from '../../src/device/device.ts'
import { ReferenceDevice } from '../../src/device/reference.ts'
import { dot, scaledDot } from '../../src/mechanism/alignments.ts'
import { softmax } from '../../src/mechanism/distributions.ts'
import { everything } from '../../src/mechanism/mask.ts'
import { none, type Position, relative } from '../../src/mechanism/position.ts'
import { Random } from '../../src/random.ts'
import type { Tensor } from '../../src/tensor.ts'

/** Empty, short, as long as a block and longer texts; other numbers of keys than of queries. */
const queryStarts = Int32Array.of(0, 1, 8, 8, 25, 57, 90)
const keyStarts = Int32Array.of(0, 3, 10, 12, 12, 44, 75)
const heads = 3

type Change = (numbers: Record<'Q' | 'K' | 'V' | 'dC', Tensor>) => void

/**
 * Context and gradients of a call by an alignment; `copied` asks by a copy of it, which no device
 * can know.
 */
async function computed(
  alignment: typeof dot,
  position: Position,
  copied: boolean,
  dtype: 'float32' | 'float64',
  change?: Change,
) {
  const random = new Random(8009, 'short texts')
  const device = new ReferenceDevice({ dtype })
  const numbers = {
    Q: random.normals([90, heads * 5], 'float64'),
    K: random.normals([75, heads * 5], 'float64'),
    V: random.normals([75, heads * 7], 'float64'),
    dC: random.normals([90, heads * 7], 'float64'),
  }
  change?.(numbers)
  const [Q, K, V, dC] = Object.values(numbers).map((X) => device.upload(X))
  const bias =
    position.on === 'scores'
      ? { bias: device.upload(random.normals([heads, 2 * position.clip + 1], 'float64')) }
      : {}
  const call: AttentionCall = {
    ...{
      Q,
      K,
      V,
      heads,
      queryStarts,
      keyStarts,
      mask: everything,
      distribution: softmax,
      position,
    },
    alignment: copied ? { ...alignment } : alignment,
    ...{ alignmentParameters: {}, distributionParameters: {}, positionParameters: bias },
  }
  const [context, dQ, dK, dV] = [dC, Q, K, V].map(({ shape }) => device.allocate(shape))
  const dPosition = Object.fromEntries(
    Object.entries(bias).map(([name, { shape }]) => [name, device.allocate(shape)]),
  )
  device.attention(call, { context })
  device.attentionBackward(call, dC, { dQ, dK, dV, dAlignment: {}, dDistribution: {}, dPosition })
  const handles = [context, dQ, dK, dV, ...Object.values(dPosition)]
  return Promise.all(handles.map(async (handle) => [...(await device.read(handle)).data]))
}

describe('the loops over short texts', () => {
  for (const alignment of [dot, scaledDot]) {
    for (const position of [none, relative(5), relative(5, { align: 'end' })]) {
      for (const dtype of ['float32', 'float64'] as const) {
        test(`give the bits of the mechanism: ${alignment.name}, ${position.name}, ${dtype}`, async () => {
          const [quick, mechanism] = [false, true].map((copied) =>
            computed(alignment, position, copied, dtype),
          )
          expect(await quick).toEqual(await mechanism)
        })
      }
    }
  }

  const odd: Readonly<Record<string, Change>> = {
    'a query is not finite': ({ Q }) => Q.data.fill(Number.NaN, 40, 41),
    'a key is infinite': ({ K }) => K.data.fill(Number.NEGATIVE_INFINITY, 100, 101),
    'a score overflows': ({ Q, K }) => {
      Q.data.fill(1e200, 30, 45)
      K.data.fill(1e200, 60, 75)
    },
    'a value is infinite': ({ V }) => V.data.fill(Number.POSITIVE_INFINITY, 100, 101),
    'a gradient is NaN': ({ dC }) => dC.data.fill(Number.NaN, 100, 101),
  }
  for (const [what, change] of Object.entries(odd)) {
    test(`give the bits of the mechanism where ${what}`, async () => {
      const [quick, mechanism] = [false, true].map((copied) =>
        computed(scaledDot, relative(5), copied, 'float64', change),
      )
      expect(await quick).toEqual(await mechanism)
    })
  }

  test('leave an alignment that changes what scaledDot scores to its own function', async () => {
    const zero: typeof scaledDot = {
      ...scaledDot,
      scores: ({ Q, K }) =>
        dot.scores({
          Q: { ...Q, data: Q.data.map(() => 0) },
          K,
          firstQuery: 0,
          firstKey: 0,
          parameters: {},
        }),
    }
    const [[own], [dotted]] = await Promise.all([
      computed(zero, none, false, 'float64'),
      computed(scaledDot, none, false, 'float64'),
    ])
    // the first text is a short one
    expect(own.slice(0, heads * 7)).not.toEqual(dotted.slice(0, heads * 7))
  })
})
