import { stepTo } from './json-schema.ts'

/** Where a value stands in a text of JSON. */
export interface LineNumbers {
  /** Lines from 1, by path. */
  readonly lines: ReadonlyMap<string, number>
  /** Path of the first field that its object has twice. */
  readonly twice?: string
}

/** Deeper than any quiz. */
const DEEPEST = 64

const TOKEN = /\n|"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/gs

/** An object or array that is open. */
interface Level {
  readonly path: string
  readonly list: boolean
  /** Of an array: the item that comes next; of an object, the key whose value comes next. */
  next: string | number
  /** Whether a key has been read, and its value comes. */
  keyed: boolean
  readonly keys: Set<string>
}

/**
 * Lines of every value, and fields that stand twice, of a text that is JSON: up to where it is
 * deeper than any quiz.
 */
export function lineNumbersOf(text: string): LineNumbers {
  const lines = new Map<string, number>()
  const open: Level[] = []
  let line = 1
  let twice: string | undefined
  const begin = (): string => {
    const level = open.at(-1)
    const path = level ? stepTo(level.path, level.next) : ''
    lines.set(path, line)
    return path
  }
  for (const [token] of text.matchAll(TOKEN)) {
    const level = open.at(-1)
    if (open.length > DEEPEST) break
    if (token === '\n') line++
    else if (token === '{' || token === '[')
      open.push({ path: begin(), list: token === '[', next: 0, keyed: false, keys: new Set() })
    else if (token === '}' || token === ']') open.pop()
    else if (token === ',' && level) advance(level)
    else if (token === ':' && level) level.keyed = true
    else if (level && !level.list && !level.keyed) twice ??= keyOf(level, token)
    else begin()
  }
  return { lines, ...(twice === undefined ? {} : { twice }) }
}

function advance(level: Level): void {
  if (level.list) level.next = (level.next as number) + 1
  level.keyed = false
}

/** Reads a key. Returns its path where the object has it already. */
function keyOf(level: Level, token: string): string | undefined {
  const key = JSON.parse(token) as string
  level.next = key
  const known = level.keys.has(key)
  level.keys.add(key)
  return known ? stepTo(level.path, key) : undefined
}
