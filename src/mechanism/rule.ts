import { COUNT, expectKind, valueText } from '../kinds.ts'
import { expectTensor, shapeText, type Tensor } from '../tensor.ts'
import type { Alignment, ParameterShape, Parameters } from './alignment.ts'
import { scaledDot } from './alignments.ts'
import type { HeadRule } from './blocks.ts'
import type { Distribution } from './distribution.ts'
import { softmax } from './distributions.ts'
import { everything, type Mask } from './mask.ts'
import { expectMask } from './mask-runs.ts'
import { alignedPosition, none, type Position } from './position.ts'

/** Numbers of own parameters by name, each with a leading axis of heads. */
export type ParameterTensors = Readonly<Record<string, Tensor>>

/** The parts of the mechanism; each is a value that can be swapped for another. */
export interface MechanismOptions {
  readonly alignment?: Alignment
  readonly distribution?: Distribution
  readonly mask?: Mask
  /** `none`, `relative` or `rotary`; the layer adds positions that act on embeddings. */
  readonly position?: Position
  readonly alignmentParameters?: ParameterTensors
  readonly distributionParameters?: ParameterTensors
  /** `bias` (h, 2 clip + 1) for `relative`. */
  readonly positionParameters?: ParameterTensors
}

/** @throws {RangeError} unless keyValueHeads divides heads */
export function checkKeyValueHeads(where: string, heads: number, keyValueHeads: number): void {
  if (!COUNT.holds(keyValueHeads) || heads % keyValueHeads)
    throw new RangeError(
      `${where}: keyValueHeads must divide heads, ${heads}, so that as many share each, got ${valueText(keyValueHeads)}`,
    )
}

/** Sizes of one call: texts, heads, queries, keys and widths. */
export interface AttendSizes {
  readonly nText: number
  readonly heads: number
  readonly keyValueHeads: number
  readonly nQuery: number
  readonly nKey: number
  readonly dQuery: number
  readonly dKey: number
  readonly dValue: number
}

/** The rule of each head of each text, checked. */
export function headRules(sizes: AttendSizes, options: MechanismOptions): HeadRule[] {
  const { position = none } = options
  if (position.on === 'embeddings') {
    throw new RangeError(
      `attend: ${position.name} positions act on embeddings, which attend never sees; give them to SelfAttention, or use relative or rotary`,
    )
  }
  const parameterShapes = checkedShapes('attend', sizes, options)
  checkParameters(
    'attend',
    'alignmentParameters',
    options.alignmentParameters,
    parameterShapes.alignment,
    sizes.heads,
  )
  checkParameters(
    'attend',
    'distributionParameters',
    options.distributionParameters,
    parameterShapes.distribution,
    sizes.heads,
  )
  checkParameters(
    'attend',
    'positionParameters',
    options.positionParameters,
    parameterShapes.position,
    sizes.heads,
  )
  const { nText, heads, nQuery, nKey } = sizes
  return Array.from({ length: nText * heads }, (_, n) =>
    headRule(Math.floor(n / heads), n % heads, nQuery, nKey, options),
  )
}

/** One head's own parameters in float64, the same for every text. */
export interface HeadParameters {
  readonly alignment: Parameters
  readonly distribution: Parameters
  readonly position: Parameters
}

/** The parameters of one head. */
export const headParameters = (options: MechanismOptions, head: number): HeadParameters => ({
  alignment: parametersOf(options.alignmentParameters, head),
  distribution: parametersOf(options.distributionParameters, head),
  position: parametersOf(options.positionParameters, head),
})

/** The rule of one head of a text of nQuery queries and nKey keys. */
export function headRule(
  text: number,
  head: number,
  nQuery: number,
  nKey: number,
  options: MechanismOptions,
  parameters: HeadParameters = headParameters(options, head),
): HeadRule {
  const {
    alignment = scaledDot,
    distribution = softmax,
    mask = everything,
    position = none,
  } = options
  const sizes = { text, head, nQuery, nKey }
  mask.check?.(sizes)
  const shift = 'align' in position ? alignedPosition(0, nQuery, nKey, position.align) : 0
  return {
    alignment,
    distribution,
    alignmentParameters: parameters.alignment,
    distributionParameters: parameters.distribution,
    allows: (i, j) => mask.allows(i, j, sizes),
    span(first, last) {
      const [from, to] = mask.span(first, last, sizes)
      return [from, Math.max(from, to)]
    },
    bias:
      position.on === 'scores'
        ? { values: parameters.position.bias, clip: position.clip, shift }
        : undefined,
    rotation: position.on === 'operands' ? { base: position.base, shift } : undefined,
  }
}

/** One head's numbers, in float64. */
function parametersOf(parameters: ParameterTensors = {}, head: number): Parameters {
  return Object.fromEntries(
    Object.entries(parameters).map(([name, tensor]) => [
      name,
      Float64Array.from(tensor.slice(head).data),
    ]),
  )
}

/** Adds one head's gradients to its entry of the leading axis. */
export function addHead(total: ParameterTensors, gradients: Parameters, head: number): void {
  for (const [name, gradient] of Object.entries(gradients)) {
    gradient.forEach((d, n) => {
      total[name].data[head * gradient.length + n] += d
    })
  }
}

/** Shapes of all own parameters of one head, by part. */
export interface ParameterShapes {
  readonly alignment: Readonly<Record<string, ParameterShape>>
  readonly distribution: Readonly<Record<string, ParameterShape>>
  readonly position: Readonly<Record<string, ParameterShape>>
}

/** @throws {TypeError} unless each part is a value of its kind */
function checkKinds(
  where: string,
  {
    alignment = scaledDot,
    distribution = softmax,
    mask = everything,
    position = none,
  }: MechanismOptions,
) {
  expectKind(
    where,
    'alignment',
    alignment,
    ['scores', 'backward'],
    'scaledDot or additive({ hidden })',
  )
  expectKind(where, 'distribution', distribution, ['weights', 'backward'], 'softmax or entmax(1.5)')
  expectMask(where, 'mask', mask)
  if (
    typeof position !== 'object' ||
    !['nothing', 'embeddings', 'scores', 'operands'].includes(position?.on)
  )
    throw new TypeError(
      `${where}: position must be a value such as none, sinusoidal or relative(12), got ${valueText(position)}`,
    )
}

/**
 * Checks that all parts are of their type, and that alignment, position and widths fit together.
 * Returns the shapes of own parameters.
 */
export function checkedShapes(
  where: string,
  widths: { dQuery: number; dKey: number },
  options: MechanismOptions,
): ParameterShapes {
  const { alignment = scaledDot, distribution = softmax, position = none } = options
  const { dQuery, dKey } = widths
  checkKinds(where, options)
  if (alignment.widths === 'equal' && dQuery !== dKey) {
    throw new RangeError(
      `${where}: ${alignment.name} needs dQuery = dKey, got dQuery ${dQuery} and dKey ${dKey}; make them equal, or use an alignment that allows it, such as general() or additive({ hidden })`,
    )
  }
  if (position.on === 'operands' && !alignment.rotates) {
    throw new RangeError(
      `${where}: rotary positions turn the operands of a product, and ${alignment.name} has none; use relative positions, or an alignment such as scaledDot`,
    )
  }
  return {
    alignment: alignment.parameters?.(dQuery, dKey) ?? {},
    distribution: distribution.parameters ?? {},
    position:
      position.on === 'scores' ? { bias: { shape: [2 * position.clip + 1], initial: 0 } } : {},
  }
}

function checkParameters(
  where: string,
  part: string,
  given: ParameterTensors = {},
  parameterShapes: Record<string, ParameterShape>,
  heads: number,
): void {
  for (const [name, tensor] of Object.entries(given)) expectTensor(where, `${part}.${name}`, tensor)
  for (const [name, { shape }] of Object.entries(parameterShapes)) {
    const expected = shapeText([heads, ...shape])
    const found = given[name] ? shapeText(given[name].shape) : 'nothing'
    if (found !== expected)
      throw new RangeError(`${where}: ${part}.${name} must be ${expected}, got ${found}`)
  }
  for (const name of Object.keys(given)) {
    if (!parameterShapes[name])
      throw new RangeError(
        `${where}: unknown ${part}.${name}; known: ${Object.keys(parameterShapes).join(', ') || 'none'}`,
      )
  }
}
