/** Digits that always read back to the same float32. */
const ENOUGH = 9

/** The shortest decimal that reads back to the same number: float32 for a Float32Array, else float64. */
export function decimalIn(numbers: ArrayLike<number>, n: number): string {
  const x = numbers[n]
  if (Object.is(x, -0)) return '-0'
  return numbers instanceof Float32Array && Number.isFinite(x) ? String(shortest(x)) : String(x)
}

/** The float64 of fewest digits that rounds to the float32 x. */
export function shortest(x: number): number {
  // more digits never read back worse, so the search begins where most numbers end
  let digits = 7
  while (digits < ENOUGH && Math.fround(Number(x.toPrecision(digits))) !== x) digits++
  while (digits > 1 && Math.fround(Number(x.toPrecision(digits - 1))) === x) digits--
  return Number(x.toPrecision(digits))
}

/** All decimals of an array. */
export const decimals = (numbers: ArrayLike<number>): string[] => Array.from(numbers, (_, n) => decimalIn(numbers, n))

/** JSON on one line, with numbers of a Float32Array as the shortest decimals that read back; those that JSON lacks are null. */
export function jsonText(value: unknown): string {
  if (value instanceof Float32Array || value instanceof Float64Array) {
    return `[${decimals(value).map((text) => (/\d$/.test(text) ? text : 'null'))}]`
  }
  if (Array.isArray(value)) return `[${value.map((entry) => jsonText(entry ?? null))}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const entries = Object.entries(value).filter(([, entry]) => entry !== undefined)
  return `{${entries.map(([name, entry]) => `${JSON.stringify(name)}:${jsonText(entry)}`)}}`
}

/** A number for people: two decimals without the zero before the point, such as .58. */
export const brief = (x: number): string => x.toFixed(2).replace(/^(-?)0\./, '$1.')

/** A count for people, in groups of three digits. */
export const grouped = (n: number): string => String(Math.round(n)).replace(/\B(?=(\d{3})+$)/g, ' ')
