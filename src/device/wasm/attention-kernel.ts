import { type DistributionKernel, distributionKernel } from '../../mechanism/distributions.ts'
import { type EpilogueKernel, isFromOperands, type OperandMap } from '../../mechanism/operands.ts'
import type { AttentionCall, Handle } from '../calls.ts'
import type { AttentionSizes } from '../checks.ts'
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

const DISTRIBUTIONS: Readonly<Record<DistributionKernel['kind'], number>> = {
  softmax: DISTRIBUTION_SOFTMAX,
  sigmoid: DISTRIBUTION_SIGMOID,
  sparsemax: DISTRIBUTION_SPARSEMAX,
  entmax15: DISTRIBUTION_ENTMAX15,
  entmax: DISTRIBUTION_ENTMAX,
  'entmax:learned': DISTRIBUTION_ENTMAX_LEARNED,
  topK: DISTRIBUTION_TOP_K,
}

const EPILOGUES: Readonly<Record<EpilogueKernel['kind'], number>> = {
  product: EPILOGUE_PRODUCT,
  distance: EPILOGUE_DISTANCE,
  tanh: EPILOGUE_TANH,
  sigmoid: EPILOGUE_SIGMOID,
  relu: EPILOGUE_RELU,
  additive: EPILOGUE_ADDITIVE,
}

/** How one operand comes from queries or keys. */
export type OperandKernel =
  | { readonly kind: 'unchanged' }
  | {
      readonly kind: 'rows'
      readonly map: number
      readonly factor: number
      readonly parameter: string | undefined
    }
  | { readonly kind: 'linear'; readonly W: string; readonly b: string | undefined }

/** A call of attention in the terms of the kernels. */
export interface AttentionKernel {
  readonly query: OperandKernel
  readonly key: OperandKernel
  readonly epilogue: number
  /** The parameter that the epilogue reads, and how many numbers it has for each head. */
  readonly epilogueParameter: string | undefined
  readonly epilogueWidth: number
  readonly distribution: number
  /**
   * The parameter that the distribution reads, a number for each head; without one, all heads have
   * `argument`.
   */
  readonly distributionParameter: string | undefined
  readonly argument: number
  /** Columns of both operands, for one head. */
  readonly width: number
}

/** The call in the terms of the kernels; undefined where a part is a user's own. */
export function attentionKernel(
  call: AttentionCall,
  { dQuery, dKey }: AttentionSizes,
): AttentionKernel | undefined {
  const { alignment, alignmentParameters: parameters } = call
  const distribution = distributionKernel(call.distribution)
  if (!distribution || !isFromOperands(alignment) || !alignment.epilogue.kernel) return undefined
  const query = operandKernel(alignment.query, dQuery)
  const key = operandKernel(alignment.key, dKey)
  if (!query || !key) return undefined
  const epilogue = alignment.epilogue.kernel
  const epilogueParameter = 'parameter' in epilogue ? epilogue.parameter : undefined
  const width = query.kind === 'linear' ? columnsOf(parameters[query.W]) : dQuery
  return {
    query,
    key,
    epilogue: EPILOGUES[epilogue.kind],
    epilogueParameter,
    epilogueWidth: epilogueParameter === undefined ? 0 : epilogue.kind === 'additive' ? width : 1,
    distribution: DISTRIBUTIONS[distribution.kind],
    distributionParameter:
      call.distribution.parameters && Object.keys(call.distribution.parameters)[0],
    argument: distribution.argument,
    width,
  }
}

const columnsOf = ({ shape }: Handle): number => shape[shape.length - 1]

const unchanged: OperandKernel = { kind: 'unchanged' }

function operandKernel({ kernel: map }: OperandMap, columns: number): OperandKernel | undefined {
  switch (map?.kind) {
    case undefined:
      return undefined
    case 'unchanged':
      return unchanged
    case 'overRootWidth':
      return { kind: 'rows', map: MAP_SCALED, factor: 1 / Math.sqrt(columns), parameter: undefined }
    case 'dividedBy':
      return { kind: 'rows', map: MAP_DIVIDED, factor: 1, parameter: map.parameter }
    case 'unitRows':
      return { kind: 'rows', map: MAP_UNIT, factor: 1, parameter: map.parameter }
    case 'linear':
      return { kind: 'linear', W: map.W, b: map.b }
  }
}
