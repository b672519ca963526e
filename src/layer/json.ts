/** Options of a layer in JSON: a value with a name becomes its name. */
export type LayerJSON = Readonly<Record<string, unknown>>

/** Options that are values with a name. */
const NAMED = ['alignment', 'distribution', 'mask', 'position']

/** Options in JSON, without initializers. */
export const jsonOf = (options: object): LayerJSON =>
  mapped(options, (key, value) => {
    if (/initializer$/i.test(key)) return undefined
    return NAMED.includes(key) ? (value as { readonly name: string }).name : inside(value, jsonOf)
  })

/** Maps every option; undefined results are left out. */
export const mapped = (options: object, one: (key: string, value: unknown) => unknown): LayerJSON =>
  Object.fromEntries(
    Object.entries(options).flatMap(([key, value]) => {
      const found = value === undefined ? undefined : one(key, value)
      return found === undefined ? [] : [[key, found]]
    }),
  )

/** Maps the options of parts, alone or in an array; other values stay as they are. */
export function inside(value: unknown, part: (options: object) => object): unknown {
  if (Array.isArray(value)) return value.map((one) => inside(one, part))
  const isPlain = value && Object.getPrototypeOf(value) === Object.prototype
  return isPlain ? part(value) : value
}
