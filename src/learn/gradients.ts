import type { Device, Handle, Handles } from '../device/device.ts'
import { addPartials, uploadPlaces } from '../layer/rows.ts'
import { shapeText } from '../tensor.ts'

/** Gradients by the names of their parameters, and who has them. */
export interface GradientSource {
  readonly owner: string
  readonly dParameters: Handles
  /** Of gradients of some rows alone: which. */
  readonly rows?: Readonly<Record<string, readonly number[]>>
  /** The same on the device, where they are there. */
  readonly touched?: Handles
}

/** A gradient of a parameter, or of some of its rows. */
interface Gradient {
  readonly gradient: Handle
  readonly rows?: readonly number[] | undefined
  readonly touched?: Handle | undefined
}

/**
 * The gradients of all sources, those of one parameter added: of rows alone where every source has
 * rows alone, of their union.
 *
 * @throws {RangeError} for a gradient of what is no parameter, or of another shape, naming who has
 *   it
 */
export function sumGradients(
  device: Device,
  parameters: Handles,
  sources: readonly GradientSource[],
): { dParameters: Handles; touched: Handles } {
  const sums = new Map<string, Gradient>()
  for (const { owner, dParameters, rows, touched } of sources) {
    for (const [name, gradient] of Object.entries(dParameters)) {
      const own = { gradient, rows: rows?.[name], touched: touched?.[name] }
      checkGradient(owner, name, own, parameters)
      const before = sums.get(name)
      sums.set(name, before ? sumOf(device, before, own) : own)
    }
  }
  const named = [...sums]
  return {
    dParameters: Object.fromEntries(named.map(([name, { gradient }]) => [name, gradient])),
    touched: Object.fromEntries(
      named.flatMap(([name, { rows, touched }]) =>
        rows ? [[name, touched ?? uploadPlaces(device, rows)]] : [],
      ),
    ),
  }
}

function sumOf(device: Device, a: Gradient, b: Gradient): Gradient {
  if (!a.rows && b.rows) return sumOf(device, b, a)
  if (!b.rows) {
    const gradient = device.allocate(b.gradient.shape)
    device.combine(1, b.gradient, 0, b.gradient, gradient)
    if (a.rows) addPartials(device, [{ rows: a.rows, gradient: a.gradient }], gradient)
    else device.combine(1, a.gradient, 1, b.gradient, gradient)
    return { gradient }
  }
  const rows = [...new Set([...(a.rows ?? []), ...b.rows])].sort((one, other) => one - other)
  const placeOf = new Map(rows.map((row, place) => [row, place]))
  const gradient = device.allocate([rows.length, b.gradient.shape[1]])
  const placed = [a, b].map((one) => ({
    rows: (one.rows ?? []).map((row) => placeOf.get(row) as number),
    gradient: one.gradient,
  }))
  addPartials(device, placed, gradient)
  return { gradient, rows }
}

function checkGradient(
  owner: string,
  name: string,
  { gradient, rows, touched }: Gradient,
  parameters: Handles,
): void {
  if (!Object.hasOwn(parameters, name))
    throw new RangeError(
      `train: ${owner} has a gradient of ${name}, which is no parameter; there are ${Object.keys(parameters).join(', ')}`,
    )
  const { shape } = parameters[name]
  const expected = rows ? [rows.length, ...shape.slice(1)] : shape
  if (shapeText(gradient.shape) !== shapeText(expected) || (rows && shape.length !== 2))
    throw new RangeError(
      `train: ${owner} has a gradient ${shapeText(gradient.shape)} of ${rows ? `${rows.length} rows of ` : ''}${name}, which is ${shapeText(shape)}`,
    )
  if (rows && !touched) checkRows(owner, name, rows, shape[0])
}

function checkRows(owner: string, name: string, rows: readonly number[], count: number): void {
  const seen = new Set<number>()
  for (const row of rows) {
    if (!Number.isInteger(row) || row < 0 || row >= count || seen.has(row))
      throw new RangeError(
        `train: ${owner}: rows of ${name} must be distinct integers from 0 to ${count - 1}, got ${row}`,
      )
    seen.add(row)
  }
}
