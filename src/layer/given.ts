import type { Device, Handle, Handles } from '../device/device.ts'
import { nearest, valueText } from '../kinds.ts'
import { shapeText, Tensor } from '../tensor.ts'

/** Parameters given to a layer, by their full names. */
export type GivenParameters = Readonly<Record<string, Tensor | Handle>>

/** A layer under construction from given parameters, and the names that it took so far. */
interface Building {
  readonly where: string
  readonly taken: Set<string>
}

/** Keyed by the given parameters; only while a constructor runs. */
const buildings = new WeakMap<GivenParameters, Building>()

/**
 * Builds a layer, whose parts take their own of the given parameters.
 *
 * @throws {RangeError} for a parameter that no part took
 */
export function builtOf<Built>(
  where: string,
  given: GivenParameters | undefined,
  build: () => Built,
): Built {
  // parts leave the rest to the layer around them
  if (!given || buildings.has(given)) return build()
  const taken = new Set<string>()
  buildings.set(given, { where, taken })
  try {
    const built = build()
    expectNone(where, given, [...taken])
    expectOneName(where, given)
    return built
  } finally {
    buildings.delete(given)
  }
}

/**
 * One of the given parameters, on the device: a tensor is uploaded, a handle is shared.
 *
 * @throws {RangeError} where it is missing, of another shape or not finite, {TypeError} for a wrong
 *   type or a handle of another device, naming it
 */
export function takeGiven(
  device: Device,
  given: GivenParameters,
  name: string,
  shape: readonly number[],
): Handle {
  const { where = 'parameters', taken } = buildings.get(given) ?? {}
  taken?.add(name)
  checkParameter(where, given, name, { shape, dtype: device.dtype })
  const value = given[name]
  if (value instanceof Tensor) return device.upload(value)
  expectOwn(where, device, name, value)
  return value
}

/**
 * @throws {RangeError} for tensors that are missing, left over, of another shape or not finite,
 *   {TypeError} for anything but tensors of floating numbers, naming them
 */
export function checkTensors(
  where: string,
  tensors: Readonly<Record<string, Tensor>>,
  parameters: Handles,
): void {
  for (const [name, handle] of Object.entries(parameters)) {
    checkParameter(where, tensors, name, handle)
    if (!(tensors[name] instanceof Tensor))
      throw new TypeError(`${where}: ${name} must be a Tensor, got a handle; read it first`)
  }
  expectNone(where, tensors, Object.keys(parameters))
}

function expectNone(where: string, given: GivenParameters, known: readonly string[]): void {
  const other = Object.keys(given).find((name) => !known.includes(name))
  if (other === undefined) return
  throw new RangeError(
    `${where}: has no parameter ${other}${hint(other, known)}; it has ${known.join(', ')}`,
  )
}

/** @throws {RangeError} for two names of one handle, which would share one gradient */
function expectOneName(where: string, given: GivenParameters): void {
  const names = new Map<unknown, string>()
  for (const [name, value] of Object.entries(given)) {
    const other = value instanceof Tensor ? undefined : names.get(value)
    if (other !== undefined)
      throw new RangeError(
        `${where}: the parameters ${other} and ${name} are one handle; upload it twice, or use one layer twice`,
      )
    names.set(value, name)
  }
}

const hint = (name: string, known: readonly string[]): string => {
  const near = nearest(name, known)
  return near === undefined ? '' : ` (did you mean ${near}?)`
}

function checkParameter(
  where: string,
  given: GivenParameters,
  name: string,
  { shape, dtype }: Handle,
): void {
  const names = Object.keys(given)
  if (!Object.hasOwn(given, name) || given[name] === undefined)
    throw new RangeError(
      `${where}: the parameter ${name} ${shapeText(shape)} is missing; given are ${names.join(', ') || 'none'}`,
    )
  const value: Partial<Handle> = Object(given[name])
  if (!Array.isArray(value.shape))
    throw new TypeError(
      `${where}: the parameter ${name} must be a Tensor or a handle of its device, got ${valueText(given[name])}`,
    )
  if (value.dtype !== 'float32' && value.dtype !== 'float64')
    throw new TypeError(
      `${where}: the parameter ${name} must hold floating numbers, got ${valueText(value.dtype)}`,
    )
  if (shapeText(value.shape) !== shapeText(shape))
    throw new RangeError(
      `${where}: the parameter ${name} must be ${shapeText(shape)}, got ${shapeText(value.shape)}`,
    )
  if (value instanceof Tensor && !value.data.every((x) => Number.isFinite(x)))
    throw new RangeError(`${where}: the parameter ${name} holds numbers that are not finite`)
  if (value instanceof Tensor && dtype === 'float32' && !value.data.every(isFloat32))
    throw new RangeError(
      `${where}: the parameter ${name} holds numbers that are not finite as float32, the type of its device; use a float64 device`,
    )
}

const isFloat32 = (x: number): boolean => Number.isFinite(Math.fround(x))

/** @throws {TypeError} for a handle of another device, {Error} for one that was freed */
function expectOwn(where: string, device: Device, name: string, handle: Handle): void {
  try {
    device.scope(() => device.squaredNorm([handle], device.allocate([1])))
  } catch (cause) {
    const { message } = cause as Error
    const Kind = cause instanceof TypeError ? TypeError : Error
    throw new Kind(`${where}: the parameter ${name}: ${message}`, { cause })
  }
}
