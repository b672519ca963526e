import type { Device, Handle, Handles } from '../device/device.ts'
import { ARRAY, DEVICE, expectOptions, isIntegers, valueText } from '../kinds.ts'
import { EncoderGradients } from '../layer/encoder.ts'
import { addPartials } from '../layer/rows.ts'
import { shapeText } from '../tensor.ts'

/** Gradients of one batch by the names of their parameters, as a backward gives them. */
export interface BatchGradients {
  readonly dParameters: Handles
  /** The rows of a sparse gradient. */
  readonly rows?: Readonly<Record<string, readonly number[]>>
}

/** Gradients, and their owner for errors. */
interface GradientSource extends BatchGradients {
  readonly owner: string
}

/** A gradient of a parameter, or of some of its rows. */
interface Gradient {
  readonly gradient: Handle
  readonly rows?: readonly number[] | undefined
}

type SummedGradients = Pick<EncoderGradients, 'dParameters' | 'rows'>

/** Gradients of several batches, added; they hold memory of the device until they are freed. */
class GradientSum extends EncoderGradients {
  static of(device: Device, batches: readonly BatchGradients[]): EncoderGradients {
    return EncoderGradients.made(device, () => {
      const sums = new Map<string, Gradient>()
      batches.forEach(({ dParameters, rows }, n) => {
        for (const [name, gradient] of Object.entries(dParameters)) {
          const own = { gradient, rows: rows?.[name] }
          const before = sums.get(name)
          checkBatch(`sumGradients: gradients[${n}]`, name, own, before)
          sums.set(name, before ? sumOf(device, before, own) : copyOf(device, own))
        }
      })
      return new EncoderGradients(device, summed([...sums]))
    })
  }
}

/**
 * Σ of the gradients of several batches, parameter by parameter: the gradient of one large batch,
 * if the loss is a sum. If the loss is a mean over n, divide each batch's dY by the total n.
 *
 * Sparse gradients, as of a table of words, become those of the union of the rows. The result can
 * be passed to `clip`, to an optimizer's `move`, and to this function.
 *
 * @param gradients results of `backward`, of any layers; they may be freed once this returns
 * @returns new gradients, to be freed by the caller
 * @throws {RangeError} for gradients of one parameter that differ in shape, and rows that are not
 *   distinct rows of it; {TypeError} for wrong types
 */
export function sumGradients(
  device: Device,
  gradients: readonly BatchGradients[],
): EncoderGradients {
  DEVICE('sumGradients', 'device', device)
  ARRAY('sumGradients', 'gradients', gradients)
  gradients.forEach((one, n) => {
    expectOptions(`sumGradients: gradients[${n}]`, one?.dParameters, 'pass.backward(dY)')
  })
  return GradientSum.of(device, gradients)
}

function copyOf(device: Device, { gradient, rows }: Gradient): Gradient {
  const copy = device.allocate(gradient.shape)
  device.combine(1, gradient, 0, gradient, copy)
  return { gradient: copy, rows }
}

/**
 * The gradients of all sources, those of one parameter added: sparse, over the union of the rows,
 * if every source is sparse.
 *
 * @throws {RangeError} for a gradient of an unknown parameter, or of another shape, naming its
 *   owner
 */
export function addGradients(
  device: Device,
  parameters: Handles,
  sources: readonly GradientSource[],
): SummedGradients {
  const sums = new Map<string, Gradient>()
  for (const { owner, dParameters, rows } of sources) {
    for (const [name, gradient] of Object.entries(dParameters)) {
      const own = { gradient, rows: rows?.[name] }
      checkGradient(owner, name, own, parameters)
      const before = sums.get(name)
      sums.set(name, before ? sumOf(device, before, own) : own)
    }
  }
  return summed([...sums])
}

function summed(named: readonly [string, Gradient][]): SummedGradients {
  return {
    dParameters: Object.fromEntries(named.map(([name, { gradient }]) => [name, gradient])),
    rows: Object.fromEntries(named.flatMap(([name, { rows }]) => (rows ? [[name, rows]] : []))),
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
  const indexOf = new Map(rows.map((row, index) => [row, index]))
  const gradient = device.allocate([rows.length, b.gradient.shape[1]])
  const indexed = [a, b].map((one) => ({
    rows: (one.rows ?? []).map((row) => indexOf.get(row) as number),
    gradient: one.gradient,
  }))
  addPartials(device, indexed, gradient)
  return { gradient, rows }
}

function checkGradient(
  owner: string,
  name: string,
  { gradient, rows }: Gradient,
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
  if (rows) checkRows(`train: ${owner}`, name, rows, shape[0])
}

/** Checks a batch without its parameters: against the sum so far. */
function checkBatch(
  where: string,
  name: string,
  { gradient, rows }: Gradient,
  before: Gradient | undefined,
): void {
  if (!Array.isArray(gradient?.shape))
    throw new TypeError(
      `${where}: the gradient of ${name} must be a handle, got ${valueText(gradient)}`,
    )
  const { shape } = gradient
  if (rows && !isIntegers(rows))
    throw new TypeError(
      `${where}: rows of ${name} must be integers such as [0, 5], got ${valueText(rows)}`,
    )
  if (rows && (shape.length !== 2 || shape[0] !== rows.length))
    throw new RangeError(
      `${where}: the gradient of ${rows.length} rows of ${name} must have as many, got ${shapeText(shape)}`,
    )
  const whole = [{ gradient, rows }, before].find((one) => one && !one.rows)?.gradient.shape[0]
  for (const some of [rows, before?.rows]) if (some) checkRows(where, name, some, whole)
  const rest = rows || before?.rows ? 1 : 0
  if (before && shapeText(shape.slice(rest)) !== shapeText(before.gradient.shape.slice(rest)))
    throw new RangeError(
      `${where}: the gradient of ${name} must have the shape of those before, got ${shapeText(shape)} after ${shapeText(before.gradient.shape)}`,
    )
}

function checkRows(where: string, name: string, rows: readonly number[], count = Infinity): void {
  const seen = new Set<number>()
  for (const row of rows) {
    if (!Number.isInteger(row) || row < 0 || row >= count || seen.has(row))
      throw new RangeError(
        `${where}: rows of ${name} must be distinct integers from 0${count < Infinity ? ` to ${count - 1}` : ''}, got ${row}`,
      )
    seen.add(row)
  }
}
