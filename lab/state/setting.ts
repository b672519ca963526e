import { type Signal, signal } from '@preact/signals'

/** How a setting is shown where people change it. */
export type Control =
  | { readonly kind: 'choice'; readonly values: readonly string[] }
  | { readonly kind: 'integer'; readonly min: number; readonly max: number }
  | { readonly kind: 'line'; readonly longest: number }
  | { readonly kind: 'flag' }

/**
 * One piece of state: a signal, how it is written in the address, and how it is changed on the
 * page.
 */
export interface Setting<Value> {
  /** Its key in the address. */
  readonly name: string
  readonly initial: Value
  readonly state: Signal<Value>
  readonly control?: Control
  /** @throws {RangeError} for an invalid text */
  read(text: string): Value
  write(value: Value): string
}

function setting<Value>(
  name: string,
  initial: Value,
  parts: { read(text: string): Value; write?(value: Value): string; control?: Control },
): Setting<Value> {
  return { name, initial, state: signal(initial), write: String, ...parts }
}

/** One of some words. */
export function choice<Word extends string>(
  name: string,
  initial: Word,
  values: readonly Word[],
): Setting<Word> {
  const read = (text: string): Word => {
    const found = values.find((value) => value === text)
    if (found === undefined)
      throw new RangeError(
        `${name} is one of ${values.join(', ')}, got ${JSON.stringify(text.slice(0, 40))}`,
      )
    return found
  }
  return setting(name, initial, { read, control: { kind: 'choice', values } })
}

/**
 * A name of the library, such as `entmax:1.3`; `values` are what the page offers, others may stand
 * in the address.
 */
export function named(
  name: string,
  initial: string,
  values: readonly string[],
  valueNamed: (text: string) => { name: string },
) {
  return setting(name, initial, {
    read: (text) => valueNamed(text).name,
    control: { kind: 'choice', values },
  })
}

/** An integer from min to max. */
export function integer(name: string, initial: number, min: number, max: number): Setting<number> {
  const read = (text: string): number => {
    const value = Number(text)
    if (!/^\d+$/.test(text) || value < min || value > max)
      throw new RangeError(
        `${name} is an integer from ${min} to ${max}, got ${JSON.stringify(text.slice(0, 40))}`,
      )
    return value
  }
  return setting(name, initial, { read, control: { kind: 'integer', min, max } })
}

/** A number of any sign. */
export function real(name: string, initial: number): Setting<number> {
  const read = (text: string): number => {
    const value = Number(text)
    if (text.trim() === '' || !Number.isFinite(value))
      throw new RangeError(`${name} is a number, got ${JSON.stringify(text.slice(0, 40))}`)
    return value
  }
  return setting(name, initial, { read })
}

/** One line of text of at most `longest` characters. */
export function line(name: string, initial: string, longest: number): Setting<string> {
  const read = (text: string): string => {
    if (text.length > longest)
      throw new RangeError(`${name} has at most ${longest} characters, got ${text.length}`)
    return text.replace(/\s+/g, ' ')
  }
  return setting(name, initial, { read, control: { kind: 'line', longest } })
}

/** There or not: `bare`. */
export const flag = (name: string): Setting<boolean> =>
  setting<boolean>(name, false, {
    read: (text) => text !== '0' && text !== 'false',
    write: () => '',
    control: { kind: 'flag' },
  })

/** Words with commas between them. */
export const words = (name: string): Setting<readonly string[]> =>
  setting<readonly string[]>(name, [], {
    read: (text) => text.split(',').filter((word) => /^[\w.-]{1,40}$/.test(word)),
    write: (value) => value.join(','),
  })

/** Places from 0 in the state, from 1 in the address, as people count them: `word=3,6`. */
export function places(
  name: string,
  initial: readonly number[],
  most: number,
): Setting<readonly number[]> {
  const read = (text: string): readonly number[] => {
    if (text === '') return []
    const found = text.split(',').map(Number)
    if (
      found.length > most ||
      !found.every((place) => Number.isInteger(place) && place >= 1) ||
      new Set(found).size < found.length
    )
      throw new RangeError(
        `${name} is up to ${most} different places from 1, such as 3,6, got ${JSON.stringify(text.slice(0, 40))}`,
      )
    return found.map((place) => place - 1)
  }
  return setting(name, initial, {
    read,
    write: (value) => value.map((place) => place + 1).join(','),
  })
}

/** Numbers set by hand, by the cell that they stand in: `W_Q.1.2:0.5`, rows and columns from 1. */
export type Edits = ReadonlyMap<string, number>

const CELL = /^(X|W_Q|W_K|W_V|bias)\.(\d{1,3})\.(\d{1,3}):(-?\d{1,6}(?:\.\d{1,6})?)$/

export const edits = (name: string): Setting<Edits> =>
  setting<Edits>(name, new Map(), {
    read: (text) =>
      new Map(
        text.split(';').map((part): [string, number] => {
          const found = CELL.exec(part)
          if (!found)
            throw new RangeError(
              `${name} is cells such as W_Q.1.2:0.5, got ${JSON.stringify(part.slice(0, 40))}`,
            )
          return [`${found[1]}.${found[2]}.${found[3]}`, Number(found[4])]
        }),
      ),
    write: (value) => [...value].map(([cell, number]) => `${cell}:${number}`).join(';'),
  })
