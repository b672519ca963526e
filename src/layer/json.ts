import { expectOptions } from '../kinds.ts'
import { alignmentNamed, distributionNamed, maskNamed, positionNamed } from '../mechanism/named.ts'

/** Options of a layer as JSON has them: what is a value with a name is its name. */
export type LayerJSON = Readonly<Record<string, unknown>>

/** Options that are values with a name, and what leads from the name back to the value. */
const NAMED: Readonly<Record<string, (name: string) => unknown>> = {
  alignment: alignmentNamed,
  distribution: distributionNamed,
  mask: maskNamed,
  position: positionNamed,
}

const INITIALIZERS = ['initializer', 'embeddingInitializer']

/** Options as JSON; how parameters begin is no part of it. */
export const jsonOf = (options: object): LayerJSON =>
  mapped(options, (key, value) => {
    if (INITIALIZERS.includes(key)) return undefined
    return Object.hasOwn(NAMED, key) ? (value as { readonly name: string }).name : value
  })

/**
 * Options from JSON; values may stand in place of names, such as an alignment of one's own.
 *
 * @throws {RangeError} for a name that leads to no value, {TypeError} for what is no object
 */
export function optionsOf<Options extends object>(where: string, json: LayerJSON): Options {
  expectOptions(where, json, 'layer.toJSON()')
  return mapped(json, (key, value) => {
    if (typeof value !== 'string' || !Object.hasOwn(NAMED, key)) return value
    try {
      return NAMED[key](value)
    } catch (cause) {
      const { message } = cause as Error
      throw new RangeError(
        `${where}: ${message}; one of your own stands there itself: { ...json, ${key} }`,
        { cause },
      )
    }
  }) as Options
}

/** Every option through a function, those of parts too; what becomes undefined is left out. */
function mapped(options: object, one: (key: string, value: unknown) => unknown): LayerJSON {
  const inside = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(inside)
    return isPlain(value) ? mapped(value, one) : value
  }
  return Object.fromEntries(
    Object.entries(options).flatMap(([key, value]) => {
      const found = one(key, value)
      if (found === undefined) return []
      return [[key, found === value && !Object.hasOwn(NAMED, key) ? inside(value) : found]]
    }),
  )
}

const isPlain = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
