/** Digits that always read back to the same float32. */
const ENOUGH = 9
/** Digits that most float32 need: where the search begins. */
const COMMON_DIGITS = 7

/** 10⁰ to 10²², which float64 has without an error. */
const POWERS = Float64Array.from({ length: 23 }, (_, n) => Number(`1e${n}`))

/**
 * The shortest decimal that reads back to the same number: float32 for a Float32Array, else
 * float64.
 */
export function decimalIn(numbers: ArrayLike<number>, n: number): string {
  const x = numbers[n]
  if (Object.is(x, -0)) return '-0'
  return numbers instanceof Float32Array && Number.isFinite(x) ? String(shortest(x)) : String(x)
}

/**
 * Sizes that are written without an exponent, and that a power of ten makes an integer of nine
 * digits without a second rounding.
 */
const isPlain = (size: number) => size >= 1e-6 && size < 1e9

/** n with 10⁸ ≤ size · 10ⁿ < 10⁹. */
function scaleOf(size: number) {
  let n = ENOUGH - 1
  while (size * POWERS[n] >= 1e9) n--
  while (size * POWERS[n] < 1e8) n++
  return n
}

/** The float64 of fewest digits that rounds to the float32 x. */
export function shortest(x: number): number {
  const size = Math.abs(x)
  if (!isPlain(size)) return searched(x)
  const scale = scaleOf(size)
  const scaled = size * POWERS[scale]
  let best: number | undefined
  // more digits never read back worse, so the search begins where most numbers end
  for (let digits = COMMON_DIGITS; digits >= 1 && digits <= ENOUGH; ) {
    const unit = POWERS[ENOUGH - digits]
    const floor = Math.floor(scaled / unit)
    const rest = scaled / unit - floor
    // the error of scaling is below 10⁻⁶ and could decide here
    if (Math.abs(rest - 0.5) < 1e-6) return searched(x)
    // integers below 2⁵³ and exact powers: one rounding, as of the decimal itself
    const decimal = ((rest < 0.5 ? floor : floor + 1) * unit) / POWERS[scale]
    const readsBack = Math.fround(decimal) === size
    if (readsBack) best = decimal
    if (readsBack ? digits > COMMON_DIGITS : best !== undefined) break
    digits += readsBack ? -1 : 1
  }
  return best === undefined ? searched(x) : x < 0 ? -best : best
}

/** The same by the engine's own decimals. */
function searched(x: number) {
  let digits = COMMON_DIGITS
  while (digits < ENOUGH && Math.fround(Number(x.toPrecision(digits))) !== x) digits++
  while (digits > 1 && Math.fround(Number(x.toPrecision(digits - 1))) === x) digits--
  return Number(x.toPrecision(digits))
}

/** All decimals of an array. */
export function decimals(numbers: ArrayLike<number>): string[] {
  if (!(numbers instanceof Float32Array))
    return Array.from(numbers, (_, n) => decimalIn(numbers, n))
  return numbers.length ? parted(numbers, String).split(',') : []
}

const [COMMA, MINUS, POINT, ZERO] = Buffer.from(',-.0')
/** Bytes that a number and a comma take at most. */
const ROOM = 24

/**
 * Shortest decimals with commas between them, written as bytes; `otherwise` says what is not
 * finite.
 */
function parted(numbers: Float32Array, otherwise: (x: number) => string) {
  const bytes = Buffer.allocUnsafe(ROOM * numbers.length)
  let at = 0
  for (let n = 0; n < numbers.length; n++) {
    const x = numbers[n]
    if (n > 0) bytes[at++] = COMMA
    if (isPlain(Math.abs(x))) at = writePlain(shortest(x), bytes, at)
    else at += bytes.write(Number.isFinite(x) ? decimalIn(numbers, n) : otherwise(x), at, 'latin1')
  }
  return bytes.toString('latin1', 0, at)
}

/** Writes a number of nine digits at most. @returns where it ends */
function writePlain(x: number, bytes: Uint8Array, from: number) {
  let at = from
  if (x < 0) bytes[at++] = MINUS
  const size = Math.abs(x)
  const scale = scaleOf(size)
  let digits = Math.round(size * POWERS[scale])
  let count = ENOUGH
  for (; digits % 10 === 0; count--) digits /= 10
  const whole = ENOUGH - scale
  if (whole <= 0) {
    bytes[at++] = ZERO
    bytes[at++] = POINT
    for (let n = whole; n < 0; n++) bytes[at++] = ZERO
  }
  for (let n = count; n < whole; n++) bytes[at + n] = ZERO
  const hasPoint = whole > 0 && count > whole
  for (let n = count - 1; n >= 0; n--) {
    const tenth = Math.floor(digits / 10)
    bytes[at + n + (hasPoint && n >= whole ? 1 : 0)] = ZERO + digits - 10 * tenth
    digits = tenth
  }
  if (hasPoint) bytes[at + whole] = POINT
  return at + Math.max(count, whole) + (hasPoint ? 1 : 0)
}

/**
 * JSON with no control character as it is: what JSON allows within quotes, U+007F to U+009F, is
 * escaped too.
 *
 * @param indent blanks before what is within something
 */
export const plainJson = (value: unknown, indent?: number): string =>
  JSON.stringify(value, undefined, indent).replace(
    /[\x7f-\x9f]/g,
    (sign) => `\\u00${sign.charCodeAt(0).toString(16)}`,
  )

/**
 * JSON on one line, with numbers of a Float32Array as the shortest decimals that read back; those
 * that JSON lacks are null.
 */
export function jsonText(value: unknown): string {
  if (value instanceof Float32Array) return `[${parted(value, () => 'null')}]`
  if (value instanceof Float64Array)
    return `[${decimals(value).map((text) => (/\d$/.test(text) ? text : 'null'))}]`
  if (Array.isArray(value)) {
    return value.every((entry) => typeof entry !== 'object')
      ? plainJson(value)
      : `[${value.map((entry) => jsonText(entry ?? null))}]`
  }
  if (typeof value !== 'object' || value === null) return plainJson(value)
  const entries = Object.entries(value).filter(([, entry]) => entry !== undefined)
  return `{${entries.map(([name, entry]) => `${plainJson(name)}:${jsonText(entry)}`)}}`
}

/** A number for people: two decimals without the zero before the point, such as .58. */
export const brief = (x: number): string => x.toFixed(2).replace(/^(-?)0\./, '$1.')

/** A count for people, in groups of three digits. */
export const grouped = (n: number): string => String(Math.round(n)).replace(/\B(?=(\d{3})+$)/g, ' ')

/** How many, with the noun. */
export const counted = (n: number, noun: string): string =>
  `${grouped(n)} ${noun}${n === 1 ? '' : 's'}`
