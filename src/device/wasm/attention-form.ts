import type { Alignment } from '../../mechanism/alignment.ts'
import { type DistributionForm, distributionForm } from '../../mechanism/distributions.ts'
import { isFromOperands, type OperandAlignment, type OperandMap } from '../../mechanism/operands.ts'
import type { AttentionSizes } from '../checks.ts'
import type { AttentionCall, Handle } from '../device.ts'
import {
  DISTRIBUTION_ENTMAX,
  DISTRIBUTION_ENTMAX_LEARNED,
  DISTRIBUTION_ENTMAX15,
  DISTRIBUTION_SIGMOID,
  DISTRIBUTION_SOFTMAX,
  DISTRIBUTION_SPARSEMAX,
  DISTRIBUTION_TOP_K,
  EPILOGUE_ADDITIVE,
  EPILOGUE_DISTANCE,
  EPILOGUE_PRODUCT,
  EPILOGUE_RELU,
  EPILOGUE_SIGMOID,
  EPILOGUE_TANH,
  MAP_DIVIDED,
  MAP_SCALED,
  MAP_UNIT,
} from './kernels/numbers.ts'

const DISTRIBUTIONS: Readonly<Record<DistributionForm['kind'], number>> = {
  softmax: DISTRIBUTION_SOFTMAX,
  sigmoid: DISTRIBUTION_SIGMOID,
  sparsemax: DISTRIBUTION_SPARSEMAX,
  entmax15: DISTRIBUTION_ENTMAX15,
  entmax: DISTRIBUTION_ENTMAX,
  'entmax:learned': DISTRIBUTION_ENTMAX_LEARNED,
  topK: DISTRIBUTION_TOP_K,
}

const EPILOGUES: Readonly<Record<string, number>> = {
  product: EPILOGUE_PRODUCT,
  distance: EPILOGUE_DISTANCE,
  tanh: EPILOGUE_TANH,
  sigmoid: EPILOGUE_SIGMOID,
  relu: EPILOGUE_RELU,
  additive: EPILOGUE_ADDITIVE,
}

/** How one operand comes from queries or keys. */
export type MapForm =
  | { readonly kind: 'unchanged' }
  | {
      readonly kind: 'rows'
      readonly map: number
      readonly factor: number
      readonly parameter: string | undefined
    }
  | { readonly kind: 'linear'; readonly W: string; readonly b: string | undefined }

/** A call of attention in the terms of the kernels. */
export interface AttentionForm {
  readonly query: MapForm
  readonly key: MapForm
  readonly epilogue: number
  /** The parameter that the epilogue reads, and how many numbers it has for each head. */
  readonly epilogueParameter: string | undefined
  readonly epilogueWidth: number
  readonly distribution: number
  readonly argument: number
  /** Columns of both operands, for one head. */
  readonly width: number
}

/** The call in the terms of the kernels; undefined where a part is a user's own. */
export function attentionForm(
  call: AttentionCall,
  { dQuery, dKey }: AttentionSizes,
): AttentionForm | undefined {
  const distribution = distributionForm(call.distribution)
  if (!distribution || !isFromOperands(call.alignment as Alignment)) return undefined
  const alignment = call.alignment as OperandAlignment
  const [epilogueName, epilogueParameter] = alignment.epilogue.name.split(':')
  const query = mapForm(alignment.query, dQuery)
  const key = mapForm(alignment.key, dKey)
  const epilogue = EPILOGUES[epilogueName]
  if (!query || !key || epilogue === undefined) return undefined
  const parameters = call.alignmentParameters
  const width = query.kind === 'linear' ? columnsOf(parameters[query.W]) : dQuery
  const ownWidth = epilogueParameter === undefined ? 0 : epilogue === EPILOGUE_ADDITIVE ? width : 1
  return {
    ...{ query, key, epilogue, epilogueParameter, width },
    epilogueWidth: ownWidth,
    distribution: DISTRIBUTIONS[distribution.kind],
    argument: distribution.argument,
  }
}

const columnsOf = ({ shape }: Handle): number => shape[shape.length - 1]

/** Kind and parameters of a map, as its name has them. */
const words = new WeakMap<OperandMap, readonly string[]>()

function wordsOf(map: OperandMap): readonly string[] {
  const known = words.get(map)
  if (known) return known
  const [kind, rest = ''] = map.name.split(':')
  const found = [kind, ...rest.split(',')]
  words.set(map, found)
  return found
}

function mapForm(map: OperandMap, columns: number): MapForm | undefined {
  const [kind, first, second] = wordsOf(map)
  const parameter = first || undefined
  if (kind === 'unchanged') return { kind }
  if (kind === 'overRootWidth')
    return { kind: 'rows', map: MAP_SCALED, factor: 1 / Math.sqrt(columns), parameter }
  if (kind === 'dividedBy') return { kind: 'rows', map: MAP_DIVIDED, factor: 1, parameter }
  if (kind === 'unitRows') return { kind: 'rows', map: MAP_UNIT, factor: 1, parameter }
  return kind === 'linear' && parameter ? { kind, W: parameter, b: second } : undefined
}
