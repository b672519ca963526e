import { describe, expect, test } from 'vitest'
import { addLosses, Divergence, Watch } from '../../src/learn/watch.ts'

const rate = (): number => 3.1
const one = (loss: number, count = 4) => ({ hidden: { sum: loss * count, count } })

/** A watch that has seen these losses of steps, each reported. */
function seen(...losses: number[]): Watch {
  const watch = new Watch()
  losses.forEach((loss, n) => {
    watch.step(one(loss), n + 1, rate)
    watch.report(loss, n + 1, rate)
  })
  return watch
}

const divergence = (call: () => unknown): Divergence => {
  try {
    call()
  } catch (error) {
    if (error instanceof Divergence) return error
    throw error
  }
  throw new Error('it did not diverge')
}

describe('a watch over the loss', () => {
  test.each([Number.NaN, Infinity])(
    'ends learning at a loss of %s, with step, rate and remedy',
    (loss) => {
      const { message, step, rate: found } = divergence(() => seen(5, loss))
      expect([message, step, found]).toEqual([
        `learn: the loss of the objective hidden became ${loss} at step 2, where the rate was 3.1; give a smaller rate, such as 0.01`,
        ...[2, 3.1],
      ])
    },
  )

  test('advises a tenth of a rate that is small already', () => {
    expect(divergence(() => new Watch().step(one(Number.NaN), 1, () => 0.02)).message).toContain(
      'such as 0.002',
    )
  })

  test('ends it after five reports in a row far above the first loss', () => {
    expect(seen(5, 11, 12, 13, 14).calm).toBe(false)
    expect(divergence(() => seen(5, 11, 12, 13, 14, 15)).message).toContain(
      'the loss rose from 5.00 to 15.0 and stayed there at step 6',
    )
  })

  test('lets a loss rise for a while, or a little', () => {
    expect(seen(5, 11, 12, 13, 14, 6, 11, 12, 13, 14, 6).calm).toBe(true)
    expect(seen(5, ...new Array(20).fill(9.9)).calm).toBe(true)
    expect(seen(0.1, ...new Array(20).fill(2)).calm).toBe(true)
  })

  test('is not calm after one step far above, before any report', () => {
    const watch = seen(5)
    watch.step(one(50), 2, rate)
    expect(watch.calm).toBe(false)
    watch.step(one(5), 3, rate)
    expect(watch.calm).toBe(true)
  })

  test('goes on where another watch was', () => {
    const { state } = seen(5, 11, 12, 13, 14)
    const again = new Watch(state)
    expect(divergence(() => again.report(15, 6, rate)).step).toBe(6)
  })
})

test('losses of steps are added up by objective', () => {
  const before = addLosses({}, { a: { sum: 1, count: 2 } })
  expect(addLosses(before, { a: { sum: 3, count: 1 }, b: { sum: 5, count: 4 } })).toEqual({
    a: { sum: 4, count: 3 },
    b: { sum: 5, count: 4 },
  })
  expect(before).toEqual({ a: { sum: 1, count: 2 } })
})
