import type { Numbers } from '../tensor.ts'

const one = new Float32Array(1)
const bits = new Uint32Array(one.buffer)

/**
 * The float16 nearest to a number, as its 16 bits: a sign, five of the exponent, ten of the
 * fraction. Ties round to even; from 65520 on ±∞.
 *
 * @param value is rounded to float32 first
 * @see IEEE 754-2019, binary16
 */
export function float16Of(value: number): number {
  one[0] = value
  const sign = (bits[0] >>> 16) & 0x8000
  const size = bits[0] & 0x7fffffff
  if (size > 0x7f800000) return sign | 0x7e00
  if (size >= 0x477ff000) return sign | 0x7c00
  // below 2⁻¹⁴ float16 counts in steps of 2⁻²⁴
  if (size < 0x38800000) return sign | evenRounded(Math.abs(one[0]) * 2 ** 24)
  // the exponent bias is 112 lower; a fraction that rounds up to 2 carries into the exponent
  const kept = size - 0x38000000
  return sign | ((kept + 0xfff + ((kept >>> 13) & 1)) >>> 13)
}

/** The number of 16 bits; a float32 holds it without rounding. */
export function fromFloat16(half: number): number {
  const exponent = (half >>> 10) & 0x1f
  const fraction = half & 0x3ff
  const size =
    exponent === 0
      ? fraction * 2 ** -24
      : exponent === 31
        ? fraction
          ? NaN
          : Infinity
        : (1024 + fraction) * 2 ** (exponent - 25)
  return half & 0x8000 ? -size : size
}

/**
 * Numbers as halves.
 *
 * @throws {RangeError} for a number that is too large, naming its tensor
 */
export function halvesOf(data: Numbers, name: string): Uint16Array {
  const halves = Uint16Array.from(data, float16Of)
  const beyond = halves.findIndex(
    (half, n) => (half & 0x7fff) === 0x7c00 && Number.isFinite(data[n]),
  )
  if (beyond >= 0)
    throw new RangeError(
      `${name} holds ${data[beyond]}, beyond what float16 can; keep it as float32`,
    )
  return halves
}

function evenRounded(value: number): number {
  const below = Math.floor(value)
  const rest = value - below
  return below + (rest > 0.5 || (rest === 0.5 && below % 2 === 1) ? 1 : 0)
}
