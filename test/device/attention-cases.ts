import type { AttentionCall, Device, Dropout, Handle, Handles } from '../../src/device/device.ts'
import type { Alignment, ParameterShape } from '../../src/mechanism/alignment.ts'
import type { Distribution } from '../../src/mechanism/distribution.ts'
import type { Mask, MaskSizes } from '../../src/mechanism/mask.ts'
import type { Position } from '../../src/mechanism/position.ts'
import { checkedShapes } from '../../src/mechanism/rule.ts'
import { Random } from '../../src/random.ts'
import type { Numbers, Tensor } from '../../src/tensor.ts'
import { type Attention32, attention32 } from './float32-attention.ts'

/** One call of attention, forward and backward. */
export interface AttentionCase {
  readonly alignment: Alignment
  readonly distribution: Distribution
  readonly mask: Mask
  readonly position: Position
  readonly heads: number
  readonly queryStarts: Int32Array
  readonly keyStarts: Int32Array
  /** The query rows that the numbers have; all unless told. */
  readonly queryRows?: Int32Array
  /** For one head. */
  readonly dQuery: number
  readonly dKey: number
  readonly dValue: number
  readonly dropout?: Dropout
  /** The factors that dropout stands for. */
  keep?(sizes: MaskSizes, i: number, j: number): number
  readonly seed?: number
}

/** Numbers of a case, which float32 holds exactly. */
export interface CaseNumbers {
  readonly Q: Tensor
  readonly K: Tensor
  readonly V: Tensor
  readonly dC: Tensor
  /** (heads, …) each, by name. */
  readonly parameters: Readonly<Record<string, Tensor>>
}

export const nameOf = ({
  alignment,
  distribution,
  mask,
  position,
  heads,
  queryStarts,
  keyStarts,
  ...rest
}: AttentionCase): string =>
  [
    ...[alignment, distribution, mask, position].map(({ name }) => name),
    ...[
      `${heads} heads`,
      `queries ${queryStarts}`,
      `keys ${keyStarts}`,
      `widths ${rest.dQuery} ${rest.dKey} ${rest.dValue}`,
    ],
  ].join(' | ')

const startsOf = (lengths: readonly number[]): Int32Array =>
  Int32Array.of(0, ...lengths.map((_, n) => sum(lengths.slice(0, n + 1))))
const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0)

/** Texts of so many queries and keys, packed. */
export const texts = (queries: readonly number[], keys: readonly number[]) => ({
  queryStarts: startsOf(queries),
  keyStarts: startsOf(keys),
})

const rowsOf = (starts: Int32Array): number => starts[starts.length - 1]

/** Shapes of the case's own parameters, by the part that they belong to. */
const formsOf = (given: AttentionCase) => checkedShapes('test', given, given)

/** Random numbers: scores of about 1 at any width, so that no distribution is at its limit. */
export function numbersOf(given: AttentionCase): CaseNumbers {
  const { heads, queryStarts, keyStarts, dQuery, dKey, dValue, alignment, seed = 8011 } = given
  const random = new Random(seed, nameOf(given))
  const normals = (rows: number, columns: number, spread = 1) =>
    random.normals([rows, heads * columns], 'float32', spread)
  const scaled = ['dot', 'general'].includes(alignment.name.split(':')[0]) ? dKey ** -0.25 : 1
  const { alignment: own, distribution, position } = formsOf(given)
  const draw = ([name, { shape }]: [string, ParameterShape]): [string, Tensor] => {
    const width = shape.length > 1 ? shape[0] : 1
    const X = random.normals([heads, ...shape], 'float32', 0.7 / Math.sqrt(width))
    // scales stay away from 0
    if (name === 's' || name === 'sigma') X.data.set(X.data.map((x) => 1 + Math.abs(x)))
    return [name, X]
  }
  return {
    Q: normals(rowsOf(queryStarts), dQuery, scaled),
    K: normals(rowsOf(keyStarts), dKey, scaled),
    V: normals(rowsOf(keyStarts), dValue),
    dC: normals(rowsOf(queryStarts), dValue),
    parameters: Object.fromEntries(
      Object.entries({ ...own, ...distribution, ...position }).map(draw),
    ),
  }
}

/**
 * What a device found, by quantity: context, weights, dQ, dK, dV, and d of each parameter by its
 * name.
 */
export type Found = Readonly<Record<string, Numbers>>

export interface Wants {
  readonly weights?: boolean
  readonly statistics?: boolean
}

/** The case on a device, its handles freed again. */
export async function foundBy(
  device: Device,
  given: AttentionCase,
  numbers: CaseNumbers,
  wants: Wants = { weights: true },
) {
  const handles = device.scope(() => attended(device, given, numbers, wants))
  const found: Record<string, Numbers> = {}
  for (const [name, handle] of Object.entries(handles)) {
    found[name] = (await device.read(handle)).data
    device.free(handle)
  }
  return found as Found
}

function attended(
  device: Device,
  given: AttentionCase,
  numbers: CaseNumbers,
  wants: Wants,
): Handles {
  const {
    alignment,
    distribution,
    mask,
    position,
    heads,
    queryStarts,
    keyStarts,
    queryRows,
    dropout,
  } = given
  const [Q, K, V, dC] = [numbers.Q, numbers.K, numbers.V, numbers.dC].map((X) => device.upload(X))
  const [context, dQ, dK, dV] = [dC, Q, K, V].map(({ shape }) => device.allocate(shape))
  const forms = formsOf(given)
  const part = (form: Readonly<Record<string, unknown>>): Handles =>
    Object.fromEntries(
      Object.keys(form).map((name) => [name, device.upload(numbers.parameters[name])]),
    )
  const like = (parameters: Handles): Handles =>
    Object.fromEntries(
      Object.entries(parameters).map(([name, { shape }]) => [name, device.allocate(shape)]),
    )
  const [ofAlignment, ofDistribution, ofPosition] = [
    forms.alignment,
    forms.distribution,
    forms.position,
  ].map(part)
  const [dAlignment, dDistribution, dPosition] = [ofAlignment, ofDistribution, ofPosition].map(like)
  const call: AttentionCall = {
    ...{
      Q,
      K,
      V,
      heads,
      queryStarts,
      keyStarts,
      queryRows,
      alignment,
      distribution,
      mask,
      position,
      dropout,
    },
    ...{
      alignmentParameters: ofAlignment,
      distributionParameters: ofDistribution,
      positionParameters: ofPosition,
    },
  }
  const { weights, statistics } = wanted(device, given, wants)
  device.attention(call, { context, weights: weights && { into: weights }, statistics })
  device.attentionBackward(call, dC, { dQ, dK, dV, dAlignment, dDistribution, dPosition })
  const named = Object.entries({ ...dAlignment, ...dDistribution, ...dPosition }).map(
    ([name, d]) => [`d ${name}`, d],
  )
  return {
    context,
    ...(weights ? { weights } : {}),
    ...statistics,
    dQ,
    dK,
    dV,
    ...Object.fromEntries(named),
  }
}

function wanted(device: Device, { heads, queryStarts, keyStarts }: AttentionCase, wants: Wants) {
  const longest = (starts: Int32Array): number =>
    starts.reduce((most, end, n) => (n ? Math.max(most, end - starts[n - 1]) : most), 0)
  const shape = [queryStarts.length - 1, heads, longest(queryStarts), longest(keyStarts)]
  const rows = [rowsOf(queryStarts), heads]
  const weights: Handle | undefined = wants.weights ? device.allocate(shape) : undefined
  const places = () => ({
    entropy: device.allocate(rows),
    maximum: device.allocate(rows),
    argmax: device.allocate(rows, 'int32'),
  })
  return { weights, statistics: wants.statistics ? places() : undefined }
}

/**
 * Units in the last place of float32 that a kernel may err beyond twice the error of plain float32.
 */
const UNITS = 4

/** A case with its truth in float64 and what plain float32 makes of it. */
export interface Measured {
  readonly given: AttentionCase
  readonly numbers: CaseNumbers
  readonly exact: Found
  readonly plain: Attention32
}

/** @param reference a device of float64 */
export async function measured(reference: Device, given: AttentionCase): Promise<Measured> {
  const numbers = numbersOf(given)
  return {
    given,
    numbers,
    exact: await foundBy(reference, given, numbers),
    plain: attention32(given, numbers),
  }
}

/** Errors of one quantity, in units in the last place of the largest number. */
interface Errors {
  readonly quantity: string
  readonly kernel: number
  readonly plain: number
}

/** Largest |x − y|, NaN if any is. */
function distance(x: Numbers, y: Numbers): number {
  let most = 0
  for (let n = 0; n < y.length; n++) most = Math.max(most, Math.abs(x[n] - y[n]))
  return most
}

const largest = (x: Numbers): number => distance(new Float32Array(x.length), x)

function errorsOf(
  quantity: string,
  found: Numbers,
  plain: Numbers,
  exact: Numbers,
  scale: number,
): Errors {
  const unit = 2 ** Math.max(-149, Math.floor(Math.log2(scale)) - 23)
  return { quantity, kernel: distance(found, exact) / unit, plain: distance(plain, exact) / unit }
}

/** Above 1 it is too much. */
const partOfAllowed = ({ kernel, plain }: Errors): number => kernel / (2 * plain + UNITS)

/**
 * Errors of kernels beside those of plain float32, both against float64.
 *
 * They count in units in the last place of the largest number of the quantity in its call. What is
 * summed from terms that cancel counts in units of those, where they are larger: all gradients that
 * pass through scores of a score's gradient before its mean is taken away (operands are about 1), a
 * parameter's gradient of the largest Σ |terms| too. In one call plain float32 may be exact by
 * luck, or far off. So worst stands against worst over the calls of one `beyond`: allowed is twice
 * the error of plain float32, and 4 units.
 */
export class Comparison {
  readonly #all: Errors[] = []
  #since: (Errors & { readonly name: string })[] = []

  add({ given, exact, plain }: Measured, found: Found): void {
    const add = (errors: Errors): void => {
      this.#all.push(errors)
      this.#since.push({ ...errors, name: nameOf(given) })
    }
    for (const name of ['context', 'weights', 'dQ', 'dK', 'dV'] as const) {
      const before = name === 'dQ' || name === 'dK' ? plain.uncentred : 0
      add(
        errorsOf(
          name,
          found[name],
          plain[name],
          exact[name],
          Math.max(before, largest(exact[name])),
        ),
      )
    }
    for (const [parameter, { values, magnitudes }] of Object.entries(plain.dParameters)) {
      const name = `d ${parameter}`
      add(
        errorsOf(
          name,
          found[name],
          values,
          exact[name],
          Math.max(plain.uncentred, largest(magnitudes)),
        ),
      )
    }
  }

  /** What errs more than it may since it was last asked. */
  beyond(): string[] {
    const pooled = [...groups(this.#since).values()].map((errors) => ({
      ...worstOf(errors),
      name: errors.reduce((worst, one) => (one.kernel > worst.kernel ? one : worst)).name,
    }))
    this.#since = []
    return pooled
      .filter((errors) => !(partOfAllowed(errors) <= 1))
      .map(
        ({ name, quantity, kernel, plain }) =>
          `${name}: ${quantity} errs by ${kernel} ulp, plain float32 by ${plain}`,
      )
  }

  /** One line for each quantity. */
  toString(): string {
    const line = (errors: Errors[]): string => {
      const { quantity, kernel, plain } = worstOf(errors)
      const ratio = errors.reduce(
        (most, one) => (one.kernel > UNITS ? Math.max(most, one.kernel / one.plain) : most),
        0,
      )
      return `${quantity} of ${errors.length} calls: kernel ${kernel.toFixed(1)} ulp, plain float32 ${plain.toFixed(1)} ulp, worst ratio beyond ${UNITS} ulp ${ratio.toFixed(2)}`
    }
    return [...groups(this.#all).values()].map(line).join('\n')
  }
}

function groups<One extends Errors>(all: readonly One[]): Map<string, One[]> {
  const found = new Map<string, One[]>()
  for (const one of all) {
    const group = found.get(one.quantity)
    if (group) group.push(one)
    else found.set(one.quantity, [one])
  }
  return found
}

const worstOf = (errors: readonly Errors[]): Errors => ({
  quantity: errors[0].quantity,
  kernel: errors.reduce((most, { kernel }) => Math.max(most, kernel), 0),
  plain: errors.reduce((most, { plain }) => Math.max(most, plain), 0),
})
