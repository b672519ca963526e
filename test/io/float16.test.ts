import { expect, test } from 'vitest'
import { float16Of, fromFloat16 } from '../../src/io/float16.ts'

const ALL = Array.from({ length: 65_536 }, (_, half) => half)
const finite = ALL.filter((half) => (half & 0x7c00) !== 0x7c00)

test('the numbers of some halves are those of the standard', () => {
  const numbers = [0x3c00, 0xc000, 0x7bff, 0x0400, 0x03ff, 0x0001, 0x3555, 0x7c00, 0xfc00].map(
    fromFloat16,
  )
  expect(numbers).toEqual([
    1,
    -2,
    65504,
    2 ** -14,
    2 ** -14 - 2 ** -24,
    2 ** -24,
    0.333251953125,
    Infinity,
    -Infinity,
  ])
  expect(fromFloat16(0x8000)).toBe(-0)
  expect(fromFloat16(0x7e01)).toBeNaN()
})

test('each of the 65 536 halves is a number of its own that a float32 holds, and comes back as the same bits', () => {
  const wrong = ALL.filter((half) => {
    const value = fromFloat16(half)
    if (Number.isNaN(value))
      return (float16Of(value) & 0x7fff) !== 0x7e00 || (half & 0x7fff) <= 0x7c00
    return Math.fround(value) !== value || float16Of(value) !== half
  })
  expect(wrong).toEqual([])
  expect(new Set(finite.map(fromFloat16)).size).toBe(finite.length - 1) // 0 and -0 are one to a set
})

/** The float32 that follows, away from 0, or comes before. */
function beside(value: number, steps: 1 | -1): number {
  const bits = new Uint32Array(Float32Array.of(value).buffer)
  bits[0] += steps
  return new Float32Array(bits.buffer)[0]
}

test('what lies between two halves becomes the nearer, in the middle the one with the even last bit', () => {
  const wrong = finite.filter((half) => {
    if ((half & 0x7fff) === 0x7bff) return false
    const middle = (fromFloat16(half) + fromFloat16(half + 1)) / 2
    const rounded = [beside(middle, -1), middle, beside(middle, 1)].map(float16Of)
    return rounded.join() !== [half, half % 2 === 0 ? half : half + 1, half + 1].join()
  })
  expect(wrong).toEqual([])
})

test('beyond the largest half, from the middle to the next power of two on, it is infinite', () => {
  expect(
    [65519.99, 65520, 1e30, Infinity, -65520].map((value) => float16Of(Math.fround(value))),
  ).toEqual([0x7bff, 0x7c00, 0x7c00, 0x7c00, 0xfc00])
})

test('below half of the smallest it is 0, with its sign', () => {
  expect([2 ** -25, beside(2 ** -25, 1), -(2 ** -26), 1e-45].map(float16Of)).toEqual([
    0, 1, 0x8000, 0,
  ])
})
