import { nearest, valueText } from '../kinds.ts'

/** The part of JSON Schema 2020-12 that `quiz/schema.json` is written in. */
export interface Schema {
  readonly $ref?: string
  readonly description?: string
  /** Of what a reference leads to: its description, where another stands beside the reference. */
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

/** Where a value has not the form that it should have, and how to mend it. */
export interface Fault {
  /** As in `sections[0].items`; empty for the whole. */
  readonly path: string
  readonly text: string
}

export type Definitions = Readonly<Record<string, Schema>>

/** A path one step further. */
export const stepTo = (path: string, key: string | number): string => {
  if (typeof key === 'number') return `${path}[${key}]`
  if (!/^[\w$-]+$/.test(key)) return `${path}[${JSON.stringify(key)}]`
  return path ? `${path}.${key}` : key
}

/**
 * The first fault of a value against a schema, in the order of the value; undefined where there is
 * none.
 */
export function faultOf(
  given: Schema,
  value: unknown,
  definitions: Definitions,
  path = '',
): Fault | undefined {
  const schema = resolved(given, definitions)
  const text = faultOfValue(schema, value)
  if (text) return { path, text }
  if (schema.oneOf) return faultOfOne(schema, value, definitions, path)
  if (Array.isArray(value)) return faultOfList(schema, value, definitions, path)
  if (isObject(value)) return faultOfObject(schema, value, definitions, path)
  return undefined
}

/** What a reference leads to, with the words that stand beside the reference. */
function resolved({ $ref, ...beside }: Schema, definitions: Definitions): Schema {
  if ($ref === undefined) return beside
  const meant = resolved(definitions[$ref.replace('#/$defs/', '')], definitions)
  return { wording: meant.description, ...meant, ...beside } as Schema
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

/** What is wrong with a value by itself, whatever it holds. */
function faultOfValue(schema: Schema, value: unknown): string | undefined {
  const {
    type,
    description,
    pattern,
    minimum = -Infinity,
    maximum = Infinity,
    exclusiveMinimum = -Infinity,
  } = schema
  const must = (what: string): string => `must be ${what}, got ${shown(value)}`
  const more = description ? `: ${description}` : ''
  if (schema.const !== undefined && value !== schema.const)
    return must(JSON.stringify(schema.const) + more)
  if (schema.enum && !schema.enum.includes(value)) return must(listed(schema.enum) + more)
  if (type && !TYPES[type].is(value)) return must(TYPES[type].text + more)
  if (typeof value === 'string' && pattern && !compiled(pattern).test(value))
    return must(schema.wording ?? description ?? `like ${pattern}`)
  if (typeof value !== 'number') return undefined
  if (value < minimum || value > maximum)
    return must(
      `${maximum < Infinity ? `from ${minimum} to ${maximum}` : `at least ${minimum}`}${more}`,
    )
  return value <= exclusiveMinimum ? must(`above ${exclusiveMinimum}${more}`) : undefined
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

/** A value as an error shows it: of a long text its beginning. */
function shown(value: unknown): string {
  const text = valueText(value)
  return text.length > 60 ? `${[...text].slice(0, 50).join('')}…` : text
}

/** Whether a value begins as the values of a schema do: it has their type and their kind. */
function isLike(given: Schema, value: unknown, definitions: Definitions): boolean {
  const { type, properties } = resolved(given, definitions)
  if (type && !TYPES[type].is(value)) return false
  const kind = properties?.kind
  if (!kind || !isObject(value) || !Object.hasOwn(value, 'kind')) return true
  return !faultOfValue(kind, value.kind)
}

function faultOfOne(
  { oneOf = [], description }: Schema,
  value: unknown,
  definitions: Definitions,
  path: string,
): Fault | undefined {
  const like = oneOf.find((schema) => isLike(schema, value, definitions))
  if (like) return faultOf(like, value, definitions, path)
  if (!isObject(value) || !Object.hasOwn(value, 'kind'))
    return { path, text: `must be ${description}, got ${shown(value)}` }
  const kinds = oneOf.flatMap((schema) => {
    const kind = resolved(schema, definitions).properties?.kind
    return kind ? (kind.enum ?? [kind.const]) : []
  })
  return { path: stepTo(path, 'kind'), text: `must be ${listed(kinds)}, got ${shown(value.kind)}` }
}

function faultOfList(
  schema: Schema,
  list: readonly unknown[],
  definitions: Definitions,
  path: string,
): Fault | undefined {
  const {
    items,
    minItems = 0,
    maxItems = Infinity,
    uniqueItems,
    contains,
    maxContains = Infinity,
    description,
  } = schema
  if (list.length < minItems)
    return { path, text: `needs at least ${minItems}, has ${list.length}` }
  if (list.length > maxItems)
    return { path, text: `may have at most ${maxItems}, has ${list.length}; cut it into parts` }
  for (const [n, item] of list.entries()) {
    const fault = items && faultOf(items, item, definitions, stepTo(path, n))
    if (fault) return fault
  }
  const twice = uniqueItems ? list.find((item, n) => list.indexOf(item) < n) : undefined
  if (twice !== undefined) return { path, text: `${JSON.stringify(twice)} stands twice; keep one` }
  const found = contains ? list.filter((item) => !faultOf(contains, item, definitions)).length : 0
  if (found <= maxContains) return undefined
  return {
    path,
    text: `has ${found} ${contains?.description}, and may have ${maxContains}; ${description}`,
  }
}

function faultOfObject(
  schema: Schema,
  value: Record<string, unknown>,
  definitions: Definitions,
  path: string,
): Fault | undefined {
  const {
    required = [],
    properties = {},
    propertyNames,
    minProperties = 0,
    additionalProperties = true,
  } = schema
  const known = Object.keys(properties)
  for (const [key, held] of Object.entries(value)) {
    const at = stepTo(path, key)
    const own = Object.hasOwn(properties, key) ? properties[key] : additionalProperties
    if (own === false) return { path: at, text: unknownField(key, known) }
    const name = propertyNames && faultOf(propertyNames, key, definitions, at)
    if (name) return { path, text: `each of its names ${name.text}` }
    const fault = typeof own === 'object' ? faultOf(own, held, definitions, at) : undefined
    if (fault) return fault
  }
  const missing = required.find((key) => !Object.hasOwn(value, key))
  if (missing !== undefined)
    return {
      path,
      text: `${JSON.stringify(missing)} is missing${wordsOf(properties[missing], definitions)}`,
    }
  if (Object.keys(value).length < minProperties)
    return { path, text: `needs at least ${minProperties}, has none` }
  const fault = schema.if && !faultOf(schema.if, value, definitions) && schema.then
  return fault ? faultOf(fault, value, definitions, path) : undefined
}

const wordsOf = (schema: Schema, definitions: Definitions): string => {
  const { description } = resolved(schema, definitions)
  return description ? `: ${description}` : ''
}

function unknownField(key: string, known: readonly string[]): string {
  const near = nearest(key, known)
  return `unknown field${near ? `; did you mean ${JSON.stringify(near)}?` : ''} known: ${known.join(', ')}`.replace(
    'field known',
    'field; known',
  )
}
