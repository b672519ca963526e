/** A value as error messages show it. */
export function valueText(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value)
  if (typeof value === 'function') return value.name ? `the function ${value.name}` : 'a function'
  if (Array.isArray(value)) return 'an array'
  if (value instanceof Promise) return 'a promise; await it first'
  if (ArrayBuffer.isView(value))
    return `${/^I/.test(value.constructor.name) ? 'an' : 'a'} ${value.constructor.name}`
  if (typeof value === 'object' && value !== null) return 'an object'
  return typeof value === 'bigint' ? `${value}n` : String(value)
}

/** Integers as callers may pass them. */
export type Integers = readonly number[] | Int32Array

/** Whether a value is an array, or an Int32Array. */
export const isIntegers = (value: unknown): value is Integers =>
  Array.isArray(value) || value instanceof Int32Array

/** Whether a value is an object by whose names values are found; a promise has none of its own. */
const isObject = (value: unknown): boolean =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  !(value instanceof Promise)

/** @throws {TypeError} unless the value is an object that may hold options */
export function expectOptions(where: string, options: unknown, example: string): void {
  if (!isObject(options)) {
    throw new TypeError(`${where}: needs options such as ${example}, got ${valueText(options)}`)
  }
}

/** @throws {TypeError} for an unknown option, which would be silently ignored */
export function expectKnown(where: string, options: object, known: readonly string[]): void {
  const other = Object.keys(options).find((name) => !known.includes(name))
  if (other === undefined) return
  const near = nearest(other, known)
  throw new TypeError(
    `${where}: unknown option ${other}${near ? `; did you mean ${near}?` : ';'} known: ${known.join(', ')}`,
  )
}

/** Both, cheaply, for what runs at every step: nothing is allocated unless it throws. */
export function expectOnly(
  where: string,
  options: object,
  known: readonly string[],
  example: string,
): void {
  expectOptions(where, options, example)
  for (const name in options) if (!known.includes(name)) expectKnown(where, options, known)
}

/** A check of a named value: a range of numbers, or a function that throws. */
export type Kind = NumberRange | ((where: string, name: string, value: unknown) => void)

/** @throws {TypeError} for a wrong type, {RangeError} for a value out of range */
export function expectValue(where: string, name: string, value: unknown, kind: Kind): void {
  if (typeof kind === 'function') kind(where, name, value)
  else expectNumber(where, name, value, kind)
}

/**
 * Checks an object of options: unknown names, then every value that is not undefined.
 *
 * @param kinds a check for each known option
 * @throws {TypeError} for wrong types and unknown options, {RangeError} for values out of range
 */
export function checkOptions<Options extends object>(
  where: string,
  options: Options,
  kinds: { readonly [Name in keyof Required<Options>]: Kind },
  example: string,
): void {
  expectOptions(where, options, example)
  expectKnown(where, options, Object.keys(kinds))
  for (const [name, kind] of Object.entries<Kind>(kinds)) {
    const value = (options as Readonly<Record<string, unknown>>)[name]
    if (value !== undefined) expectValue(where, name, value, kind)
  }
}

/** One of some strings. */
export const oneOf =
  (...choices: readonly string[]): Kind =>
  (where, name, value) => {
    if (typeof value === 'string' && choices.includes(value)) return
    const Kind = typeof value === 'string' ? RangeError : TypeError
    throw new Kind(
      `${where}: ${name} must be ${choices.length === 2 ? choices.join(' or ') : `one of ${choices.join(', ')}`}, got ${valueText(value)}`,
    )
  }

/** Values of a JavaScript type. */
export const typed =
  (type: string, text: string) =>
  (where: string, name: string, value: unknown): void => {
    if (typeof value !== type)
      throw new TypeError(`${where}: ${name} must be ${text}, got ${valueText(value)}`)
  }

/** true or false. */
export const BOOLEAN = typed('boolean', 'true or false')
/** A text. */
export const TEXT = typed('string', 'a text')
/** A function. */
export const FUNCTION = typed('function', 'a function')

/** A value with these methods. */
export const having =
  (methods: readonly string[], example: string) =>
  (where: string, name: string, value: unknown): void =>
    expectKind(where, name, value, methods, example)

/** An AbortSignal, or any object with `aborted`. */
export const SIGNAL: Kind = (where, name, value) => {
  const { aborted } = Object(value) as { readonly aborted?: unknown }
  if (typeof aborted !== 'boolean')
    throw new TypeError(
      `${where}: ${name} must be a value such as new AbortController().signal, got ${valueText(value)}`,
    )
}

/** An array of integers, or an Int32Array. */
export const INTEGERS = (where: string, name: string, value: unknown): void => {
  if (!isIntegers(value))
    throw new TypeError(
      `${where}: ${name} must be integers such as [0, 5], got ${valueText(value)}`,
    )
}

/** An object that is not an array. */
export const OBJECT = (where: string, name: string, value: unknown): void => {
  if (!isObject(value))
    throw new TypeError(`${where}: ${name} must be an object, got ${valueText(value)}`)
}

/** An array. */
export const ARRAY = (where: string, name: string, value: unknown): void => {
  if (!Array.isArray(value))
    throw new TypeError(`${where}: ${name} must be an array, got ${valueText(value)}`)
}

/** Any value: its reader checks it. */
export const ANY: Kind = () => {}

/** A device, as openDevice opens it. */
export const DEVICE = having(['allocate', 'read'], 'await openDevice()')

/** @throws {TypeError} unless the value is an object with these methods */
export function expectKind(
  where: string,
  name: string,
  value: unknown,
  methods: readonly string[],
  example: string,
): void {
  const fields =
    typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
  const missing = methods.find((method) => typeof fields[method] !== 'function')
  if (missing === undefined) return
  const found = valueText(value)
  throw new TypeError(
    `${where}: ${name} must be a value such as ${example}, got ${found === 'an object' ? `an object without ${missing}` : found}`,
  )
}

/** The numbers that an option may have, as error messages put it. */
export interface NumberRange {
  readonly text: string
  holds(value: number): boolean
}

/** A number ≥ 0, as a rate is. */
export const NOT_NEGATIVE: NumberRange = {
  text: 'a number ≥ 0',
  holds: (value) => value >= 0 && value < Infinity,
}
/** A number above 0, as ε is. */
export const ABOVE_0: NumberRange = {
  text: 'a number above 0',
  holds: (value) => value > 0 && value < Infinity,
}
/** A number in [0, 1), as a moment's share is. */
export const BELOW_1: NumberRange = {
  text: 'a number in [0, 1)',
  holds: (value) => value >= 0 && value < 1,
}
/** Integers within bounds. */
export const integersFrom = (from: number, to = Infinity): NumberRange => ({
  text: to === Infinity ? `an integer ≥ ${from}` : `an integer from ${from} to ${to}`,
  holds: (value) => Number.isInteger(value) && value >= from && value <= to,
})
/** A number in [0, 1], as a share is. */
export const SHARE: NumberRange = {
  text: 'a number in [0, 1]',
  holds: (value) => value >= 0 && value <= 1,
}
/** A number that is neither NaN nor ∞. */
export const FINITE: NumberRange = { text: 'a finite number', holds: Number.isFinite }
/** An integer ≥ 1, as a count of steps is. */
export const COUNT: NumberRange = integersFrom(1)
/** An integer ≥ 1, or Infinity for no limit. */
export const COUNT_OR_ALL: NumberRange = {
  text: 'an integer ≥ 1, or Infinity',
  holds: (value) => value === Infinity || COUNT.holds(value),
}
/** An integer from 0 to 2⁵³ − 1, as a seed is. */
export const SEED: NumberRange = {
  text: 'an integer from 0 to 2^53 - 1',
  holds: (value) => Number.isSafeInteger(value) && value >= 0,
}

/** @throws {TypeError} unless the value is a number, {RangeError} unless the range holds it */
export function expectNumber(
  where: string,
  name: string,
  value: unknown,
  { text, holds }: NumberRange,
): void {
  if (typeof value === 'number' && holds(value)) return
  const Kind = typeof value === 'number' ? RangeError : TypeError
  throw new Kind(`${where}: ${name} must be ${text}, got ${valueText(value)}`)
}

/** The closest known name, ignoring case, if any is close. */
export function nearest(name: string, known: readonly string[]): string | undefined {
  const [best] = known
    .map((candidate) => ({
      candidate,
      distance: editDistance(name.toLowerCase(), candidate.toLowerCase()),
    }))
    .sort((a, b) => a.distance - b.distance)
  return best && best.distance <= Math.max(2, name.length / 2.5) ? best.candidate : undefined
}

/** Letters to insert, delete or replace between two names. */
function editDistance(a: string, b: string): number {
  let above = Array.from({ length: b.length + 1 }, (_, n) => n)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      row.push(
        Math.min(above[j] + 1, row[j - 1] + 1, above[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1)),
      )
    }
    above = row
  }
  return above[b.length]
}

/**
 * A module that is loaded on demand.
 *
 * @throws {Error} if the host has no `import()`, as in a service worker, or lacks the file; with
 *   what to do instead
 */
export async function imported<Module>(
  name: string,
  load: () => Promise<Module>,
  instead: string,
): Promise<Module> {
  try {
    return await load()
  } catch (cause) {
    throw new Error(
      `${name}: import() fails here (${cause instanceof Error ? cause.message : cause}); ${instead}`,
      { cause },
    )
  }
}
