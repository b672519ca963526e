import { expectOptions } from '../kinds.ts'
import { alignmentNamed, distributionNamed, maskNamed, positionNamed } from '../mechanism/named.ts'
import { inside, mapped } from './json.ts'

const NAMED: Readonly<Record<string, (name: string) => unknown>> = {
  alignment: alignmentNamed,
  distribution: distributionNamed,
  mask: maskNamed,
  position: positionNamed,
}

/**
 * The options of a layer from what `toJSON` returned, after JSON.parse: values in place of names.
 *
 * Anything but a name stays as it is, such as an alignment of your own. The host then provides the
 * parameters: `new Encoder(layerOptions(json), { device, parameters })`.
 *
 * @throws {RangeError} for an unknown name, {TypeError} for anything but an object
 */
export function layerOptions<Options extends object>(json: object): Options {
  expectOptions('layerOptions', json, 'those of layer.toJSON()')
  return mapped(json, (key, value) => {
    if (!Object.hasOwn(NAMED, key)) return inside(value, layerOptions)
    return typeof value === 'string' ? valueNamed(key, value) : value
  }) as Options
}

function valueNamed(key: string, name: string): unknown {
  try {
    return NAMED[key](name)
  } catch (cause) {
    throw new RangeError(
      `layerOptions: ${(cause as Error).message}; put an own one there as the value itself: { ...json, ${key} }`,
      { cause },
    )
  }
}
