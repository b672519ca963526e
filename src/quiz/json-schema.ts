import { nearest, valueText } from '../kinds.ts'

/** The part of JSON Schema 2020-12 that `quiz/schema.json` is written in. */
export interface Schema {
  readonly $ref?: string
  readonly description?: string
  /** The description of the schema that a reference leads to, where the reference has its own. */
  readonly wording?: string
  readonly type?: string
  readonly const?: unknown
  readonly enum?: readonly unknown[]
  readonly oneOf?: readonly Schema[]
  readonly if?: Schema
  readonly then?: Schema
  readonly pattern?: string
  readonly minimum?: number
  readonly maximum?: number
  readonly exclusiveMinimum?: number
  readonly items?: Schema
  readonly minItems?: number
  readonly maxItems?: number
  readonly uniqueItems?: boolean
  readonly contains?: Schema
  readonly maxContains?: number
  readonly required?: readonly string[]
  readonly properties?: Readonly<Record<string, Schema>>
  readonly propertyNames?: Schema
  readonly minProperties?: number
  readonly additionalProperties?: boolean | Schema
}

/** Where a value violates its schema, and the remedy. */
export interface Fault {
  /** As in `sections[0].items`; empty for the whole. */
  readonly path: string
  readonly text: string
}

type Definitions = Readonly<Record<string, Schema>>

/** A path one step further. */
export const stepTo = (path: string, key: string | number): string => {
  if (typeof key === 'number') return `${path}[${key}]`
  if (!/^[\w$-]+$/.test(key)) return `${path}[${JSON.stringify(key)}]`
  return path ? `${path}.${key}` : key
}

/** The first of some faults; later ones are not computed. */
export const firstFault = (faults: Generator<Fault>): Fault | undefined => {
  for (const fault of faults) return fault
  return undefined
}

/** Validates values. */
export class Validator {
  readonly #definitions: Definitions

  /** @param definitions what `#/$defs/` refers to */
  constructor(definitions: Definitions) {
    this.#definitions = definitions
  }

  /** The first fault of a value, in the order of the value; undefined where there is none. */
  faultOf(schema: Schema, value: unknown, path = ''): Fault | undefined {
    return firstFault(this.#faults(schema, value, path))
  }

  /** What a reference leads to, with what stands beside the reference. */
  #resolved({ $ref, ...beside }: Schema): Schema {
    if ($ref === undefined) return beside
    const meant = this.#resolved(this.#definitions[$ref.replace('#/$defs/', '')])
    return { wording: meant.description, ...meant, ...beside } as Schema
  }

  *#faults(given: Schema, value: unknown, path: string): Generator<Fault> {
    const schema = this.#resolved(given)
    const text = faultOfValue(schema, value)
    if (text) yield { path, text }
    else if (schema.oneOf) yield* this.#faultsOfOne(schema, value, path)
    else if (Array.isArray(value)) yield* this.#faultsOfList(schema, value, path)
    else if (isObject(value)) yield* this.#faultsOfObject(schema, value, path)
  }

  /** The kinds of item that a schema is for; undefined where it is for any. */
  #kindsOf(schema: Schema): readonly unknown[] | undefined {
    const kind = this.#resolved(schema).properties?.kind
    return kind && (kind.enum ?? [kind.const])
  }

  *#faultsOfOne(schema: Schema, value: unknown, path: string): Generator<Fault> {
    const { oneOf = [], description } = schema
    const hasKind = isObject(value) && Object.hasOwn(value, 'kind')
    const like = oneOf.find((one) => {
      const { type } = this.#resolved(one)
      const kinds = this.#kindsOf(one)
      return (!type || TYPES[type].is(value)) && (!kinds || !hasKind || kinds.includes(value.kind))
    })
    if (like) yield* this.#faults(like, value, path)
    else if (!hasKind) yield { path, text: `must be ${description}, got ${shown(value)}` }
    else {
      const kinds = listed(oneOf.flatMap((one) => this.#kindsOf(one) ?? []))
      yield { path: stepTo(path, 'kind'), text: `must be ${kinds}, got ${shown(value.kind)}` }
    }
  }

  *#faultsOfList(schema: Schema, list: readonly unknown[], path: string): Generator<Fault> {
    const { items, minItems = 0, maxItems = Infinity, uniqueItems, contains } = schema
    if (list.length < minItems)
      yield { path, text: `needs at least ${minItems}, has ${list.length}` }
    if (list.length > maxItems)
      yield { path, text: `may have at most ${maxItems}, has ${list.length}; cut it into parts` }
    for (const [n, item] of list.entries())
      if (items) yield* this.#faults(items, item, stepTo(path, n))
    const twice = uniqueItems ? list.find((item, n) => list.indexOf(item) < n) : undefined
    if (twice !== undefined) yield { path, text: `${JSON.stringify(twice)} stands twice; keep one` }
    const { maxContains = Infinity, description } = schema
    const found = contains ? list.filter((item) => !this.faultOf(contains, item)).length : 0
    if (found > maxContains)
      yield {
        path,
        text: `has ${found} ${contains?.description}, and may have ${maxContains}; ${description}`,
      }
  }

  *#faultsOfObject(schema: Schema, value: Record<string, unknown>, path: string): Generator<Fault> {
    const { required = [], properties = {}, propertyNames, minProperties = 0 } = schema
    const { additionalProperties = true } = schema
    for (const [key, held] of Object.entries(value)) {
      const at = stepTo(path, key)
      const own = Object.hasOwn(properties, key) ? properties[key] : additionalProperties
      if (own === false) yield { path: at, text: unknownField(key, Object.keys(properties)) }
      const name = propertyNames && this.faultOf(propertyNames, key)
      if (name) yield { path, text: `each of its names ${name.text}` }
      if (typeof own === 'object') yield* this.#faults(own, held, at)
    }
    for (const missing of required.filter((key) => !Object.hasOwn(value, key))) {
      const { description } = this.#resolved(properties[missing])
      const more = description ? `: ${description}` : ''
      yield { path, text: `${JSON.stringify(missing)} is missing${more}` }
    }
    if (Object.keys(value).length < minProperties)
      yield { path, text: `needs at least ${minProperties}, has none` }
    if (schema.if && schema.then && !this.faultOf(schema.if, value))
      yield* this.#faults(schema.then, value, path)
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const TYPES: Readonly<
  Record<string, { readonly is: (value: unknown) => boolean; readonly text: string }>
> = {
  object: { is: isObject, text: 'an object' },
  array: { is: Array.isArray, text: 'an array' },
  string: { is: (value) => typeof value === 'string', text: 'a string' },
  boolean: { is: (value) => typeof value === 'boolean', text: 'true or false' },
  number: { is: Number.isFinite, text: 'a number' },
  integer: { is: Number.isInteger, text: 'an integer' },
  null: { is: (value) => value === null, text: 'null' },
}

/** The required type of a value that has another one. */
function expected(schema: Schema, value: unknown): string | undefined {
  const { type, description, pattern, minimum = -Infinity, maximum = Infinity } = schema
  const { exclusiveMinimum = -Infinity } = schema
  const more = description ? `: ${description}` : ''
  if (schema.const !== undefined && value !== schema.const)
    return JSON.stringify(schema.const) + more
  if (schema.enum && !schema.enum.includes(value)) return listed(schema.enum) + more
  if (type && !TYPES[type].is(value)) return TYPES[type].text + more
  if (typeof value === 'string' && pattern && !compiled(pattern).test(value))
    return schema.wording ?? description ?? `like ${pattern}`
  if (typeof value !== 'number') return undefined
  if (value < minimum || value > maximum)
    return (maximum < Infinity ? `from ${minimum} to ${maximum}` : `at least ${minimum}`) + more
  return value <= exclusiveMinimum ? `above ${exclusiveMinimum}${more}` : undefined
}

function faultOfValue(schema: Schema, value: unknown): string | undefined {
  const what = expected(schema, value)
  return what && `must be ${what}, got ${shown(value)}`
}

/** Patterns of the schema, compiled when they are first met. */
const patterns = new Map<string, RegExp>()

function compiled(pattern: string): RegExp {
  const found = patterns.get(pattern) ?? new RegExp(pattern, 'u')
  patterns.set(pattern, found)
  return found
}

const listed = (values: readonly unknown[]): string =>
  values.map((value) => JSON.stringify(value)).join(' or ')

/** A value as an error shows it: the beginning of a long text. */
function shown(value: unknown): string {
  const text = valueText(value)
  return text.length > 60 ? `${[...text].slice(0, 50).join('')}…` : text
}

function unknownField(key: string, known: readonly string[]): string {
  const near = nearest(key, known)
  return `unknown field${near ? `; did you mean ${JSON.stringify(near)}?` : ';'} known: ${known.join(', ')}`
}
