import type { Device, Handle, Handles } from '../device/device.ts'
import { ANY, BOOLEAN, checkOptions, DEVICE, OBJECT, typed, valueText } from '../kinds.ts'
import type { ParameterShape } from '../mechanism/alignment.ts'
import { type Initializer, Random } from '../random.ts'
import { Tensor } from '../tensor.ts'
import { type GivenParameters, takeGiven } from './given.ts'

/** What a layer is built on: a device, and initial numbers that are drawn from a seed, or given. */
export interface LayerHost {
  readonly device: Device
  /**
   * An integer from 0 to 2⁵³ − 1. The same seed gives the same numbers on every device.
   *
   * It may be left out if parameters are given, unless it is needed for other random draws, such as
   * dropout.
   */
  readonly seed?: number
  /**
   * Every parameter, by its full name, as `parameters` and `save` of such a layer name them.
   *
   * Tensors are uploaded, and freed with the layer. Handles of the same device are shared: two
   * layers learn one parameter, and it is freed with the layer that drew it, or by the code that
   * allocated it.
   */
  readonly parameters?: GivenParameters
  /**
   * Prefix of the names of its parameters, such as `second.`; each name has a random stream of its
   * own.
   *
   * Two layers with one seed and one prefix are twins: they begin with the same numbers and drop
   * the same weights.
   */
  readonly prefix?: string
  /** Replaces the prefix in the names of random streams; default: the prefix. */
  readonly stream?: string
  /** Parameters stay zero and nothing is drawn: for a rehearsal or a file. */
  readonly blank?: boolean
}

const PREFIX = typed('string', "a text such as 'second.'")
const HOST = {
  device: DEVICE,
  seed: ANY,
  parameters: OBJECT,
  prefix: PREFIX,
  stream: PREFIX,
  blank: BOOLEAN,
}

/**
 * @throws {TypeError} unless it holds a device, and for other kinds and unknown names; {RangeError}
 *   for an invalid seed
 */
export function checkHost(where: string, host: LayerHost): void {
  checkOptions(where, host, HOST, '{ device, seed: 7 } beside its own')
  DEVICE(where, 'device', host.device)
  if (host.seed !== undefined || !host.parameters) new Random(host.seed as number)
}

/**
 * The seed for random draws other than parameters.
 *
 * @throws {TypeError} if the host has none
 */
export function seedOf(where: string, { seed }: LayerHost): number {
  if (seed !== undefined) return seed
  throw new TypeError(
    `${where}: draws from the seed of its host, which has none; give { device, parameters, seed: 7 }`,
  )
}

/** Shape and initializer of one parameter. */
export interface Drawn {
  readonly shape: readonly number[]
  readonly initializer: Initializer
}

/** Puts a parameter on the device: the given one, or one drawn from the stream of its full name. */
export function drawParameter(host: LayerHost, name: string, drawn: Drawn): Handle {
  const { device, prefix = '', stream = prefix, blank, parameters } = host
  if (parameters) return takeGiven(device, parameters, prefix + name, drawn.shape)
  return blank
    ? device.allocate(drawn.shape)
    : device.upload(drawnTensor(seedOf(name, host), stream + name, drawn))
}

/** Draws parameters, each from the stream of its full name. */
export const drawParameters = (host: LayerHost, drawn: Readonly<Record<string, Drawn>>): Handles =>
  Object.fromEntries(
    Object.entries(drawn).map(([name, begin]) => [name, drawParameter(host, name, begin)]),
  )

/** Values under their full names: the prefix, then their own. */
export const withPrefix = <Value>(
  { prefix = '' }: LayerHost,
  values: Readonly<Record<string, Value>>,
): Readonly<Record<string, Value>> =>
  prefix
    ? Object.fromEntries(Object.entries(values).map(([name, value]) => [prefix + name, value]))
    : values

/** The host of a part of a layer: its names begin with the layer's prefix and its own. */
export const hostOf = (host: LayerHost, part: string): LayerHost => ({
  ...host,
  prefix: `${host.prefix ?? ''}${part}`,
  ...(host.stream === undefined ? {} : { stream: host.stream + part }),
})

/**
 * The initial numbers of a parameter, in float64.
 *
 * @throws {RangeError} for an initializer that returns NaN, ∞ or no number
 */
export function drawnTensor(seed: number, name: string, { shape, initializer }: Drawn): Tensor {
  const random = new Random(seed, name)
  const [fanIn, fanOut] = shape.length > 1 ? shape.slice(-2) : [shape[0], shape[0]]
  const tensor = Tensor.zeros(shape, 'float64')
  for (let n = 0; n < tensor.size; n++) {
    const drawn = initializer.draw(random, fanIn, fanOut)
    if (!Number.isFinite(drawn))
      throw new RangeError(
        `${initializer.name}: drew ${valueText(drawn)} for ${name}; an initializer draws finite numbers`,
      )
    tensor.data[n] = drawn
  }
  return tensor
}

/** The own parameters of a mechanism's part, with a leading axis of heads. */
export function ownParameters(
  part: string,
  shapes: Readonly<Record<string, ParameterShape>>,
  heads: number,
  initializer: Initializer,
): Record<string, Drawn> {
  const drawn: Record<string, Drawn> = {}
  for (const [name, { shape, initial }] of Object.entries(shapes)) {
    const begin =
      initial === 'initializer' ? initializer : { name: String(initial), draw: () => initial }
    drawn[`${part}.${name}`] = { shape: [heads, ...shape], initializer: begin }
  }
  return drawn
}

/** The handles whose names begin with `part.`, under the rest of their names. */
export function partOf(
  part: string,
  handles: Readonly<Record<string, Handle>>,
): Record<string, Handle> {
  const found: Record<string, Handle> = {}
  for (const [name, handle] of Object.entries(handles))
    if (name.startsWith(`${part}.`)) found[name.slice(part.length + 1)] = handle
  return found
}
