import { DROPPED, PAIRS, RUNS } from './table.ts'

/** Set in a value of the table where NFC may change a word that holds the code point. */
export const UNCOMPOSED = 32

let table: Uint8Array | undefined

/** The class of each code point, with UNCOMPOSED; read from its runs when it is first wanted. */
export function classTable(): Uint8Array {
  table ??= tableOf()
  return table
}

function tableOf(): Uint8Array {
  let runs = RUNS
  for (const pair of PAIRS.split(' ')) runs = runs.replaceAll(pair[0], pair.slice(1))
  const values = new Uint8Array(0x110000)
  let at = 0
  for (const [, letter, mark, length] of runs.matchAll(/([A-Z])(!?)([\da-z]*)/g)) {
    const end = at + (length ? Number.parseInt(length, 36) : 1)
    values.fill((letter.charCodeAt(0) - 65) | (mark ? UNCOMPOSED : 0), at, end)
    at = end
  }
  return values
}

/** The value of the code point at a UTF-16 unit; DROPPED for a lone surrogate. */
export function valueAt(values: Uint8Array, text: string, at: number): number {
  const value = values[text.charCodeAt(at)]
  return value === DROPPED ? values[text.codePointAt(at) ?? 0] : value
}

/** The classes as bits. */
export const bits = (...classes: readonly number[]): number =>
  classes.reduce((sum, one) => sum | (1 << one), 0)
