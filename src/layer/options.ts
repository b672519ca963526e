import { ANY, BELOW_1, BOOLEAN, COUNT, checkOptions, expectNumber, having } from '../kinds.ts'
import type { Alignment } from '../mechanism/alignment.ts'
import { scaledDot } from '../mechanism/alignments.ts'
import type { Distribution } from '../mechanism/distribution.ts'
import { softmax } from '../mechanism/distributions.ts'
import { everything, type Mask } from '../mechanism/mask.ts'
import { none, type Position } from '../mechanism/position.ts'
import { checkedShapes, checkKeyValueHeads, type ParameterShapes } from '../mechanism/rule.ts'
import { type Initializer, xavierUniform, zeros } from '../random.ts'
import type { Tensor } from '../tensor.ts'
import { type Drawn, drawnTensor, ownParameters } from './parameters.ts'

/** Options of a self-attention layer. Widths d_q, d_k, d_v are those of one head. */
export interface SelfAttentionOptions<
  DQuery extends number = number,
  DKey extends number = number,
  A extends Alignment = Alignment,
> {
  /** D, the width of the embeddings. */
  readonly dModel: number
  /**
   * Width of the source that keys and values come from (cross-attention), default dModel; of
   * another width, every forward needs a source. PyTorch's kdim and vdim.
   */
  readonly dSource?: number
  readonly dQuery: DQuery
  readonly dKey: DKey
  readonly dValue: number
  /** h, default 1. */
  readonly heads?: number
  /**
   * Heads of keys and values, which divide h; default h. h / keyValueHeads heads of queries share
   * each: grouped-query attention, with 1 multi-query attention. Parameters of the alignment,
   * distribution and position stay per query head.
   *
   * @see Ainslie et al. 2023, §2.2; Shazeer 2019, §3
   */
  readonly keyValueHeads?: number
  /** Default scaledDot. */
  readonly alignment?: A
  /** Default softmax. */
  readonly distribution?: Distribution
  /** Applies to every forward, combined with the forward's own. */
  readonly mask?: Mask
  readonly position?: Position
  /** Width of an output matrix W_O (h·d_v, output); default none. */
  readonly output?: number
  /** Bias vectors for Q, K, V and the output matrix; default false. */
  readonly biases?: boolean
  /** How W_Q, W_K, W_V, W_O and an alignment's matrices begin; default xavierUniform. */
  readonly initializer?: Initializer
  /**
   * Rate of dropout on attention weights in a forward that is given `step`, in [0, 1); default 0.
   */
  readonly dropout?: number
}

/** If literal widths differ and the alignment needs equal ones, this type rejects the options. */
export type EqualWidths<DQuery extends number, DKey extends number, A> = A extends {
  readonly widths: 'equal'
}
  ? number extends DQuery | DKey
    ? unknown
    : [DQuery, DKey] extends [DKey, DQuery]
      ? unknown
      : { readonly dKey: `dKey must equal dQuery = ${DQuery} under this alignment` }
  : unknown

/** Options with every default filled in, checked. */
export interface LayerConfig {
  readonly dModel: number
  readonly dSource: number
  readonly dQuery: number
  readonly dKey: number
  readonly dValue: number
  readonly heads: number
  readonly keyValueHeads: number
  readonly alignment: Alignment
  readonly distribution: Distribution
  readonly mask: Mask
  readonly position: Position
  readonly output: number | undefined
  readonly biases: boolean
  readonly initializer: Initializer
  readonly dropout: number
  readonly parameterShapes: ParameterShapes
}

const WHERE = 'SelfAttention'

/** Widths are checked below, the parts of the mechanism in checkedShapes. */
const KINDS = {
  dModel: COUNT,
  dSource: COUNT,
  dQuery: COUNT,
  dKey: COUNT,
  dValue: COUNT,
  heads: COUNT,
  keyValueHeads: COUNT,
  alignment: ANY,
  distribution: ANY,
  mask: ANY,
  position: ANY,
  output: COUNT,
  biases: BOOLEAN,
  initializer: having(['draw'], 'xavierUniform'),
  dropout: BELOW_1,
}

/**
 * Fills in the defaults.
 *
 * @throws {RangeError} for sizes that do not fit, {TypeError} for wrong types, with what was
 *   expected and the remedy
 */
export function layerConfig(options: SelfAttentionOptions): LayerConfig {
  checkOptions(WHERE, options, KINDS, '{ dModel: 16, dQuery: 8, dKey: 8, dValue: 4 }')
  const { heads = 1, output, biases = false, initializer = xavierUniform, dropout = 0 } = options
  const {
    alignment = scaledDot,
    distribution = softmax,
    mask = everything,
    position = none,
  } = options
  for (const [name, size] of Object.entries({
    dModel: options.dModel,
    dQuery: options.dQuery,
    dKey: options.dKey,
    dValue: options.dValue,
    heads,
    output: output ?? 1,
  })) {
    expectNumber(WHERE, name, size, COUNT)
  }
  const { dModel, dSource = dModel, dQuery, dKey, dValue, keyValueHeads = heads } = options
  checkKeyValueHeads(WHERE, heads, keyValueHeads)
  if (dSource !== dModel && position.on === 'embeddings')
    throw new RangeError(
      `${WHERE}: ${position.name} positions are as wide as X, dModel ${dModel}, and the source has dSource ${dSource}; use relative or rotary positions, or add positions to both before`,
    )
  const parameterShapes = checkedShapes(
    WHERE,
    { dQuery, dKey },
    { alignment, distribution, mask, position },
  )
  return {
    dModel,
    dSource,
    dQuery,
    dKey,
    dValue,
    heads,
    keyValueHeads,
    alignment,
    distribution,
    mask,
    position,
    output,
    biases,
    initializer,
    dropout,
    parameterShapes,
  }
}

/**
 * Every parameter of the layer with its shape and initializer: D·h·d_q numbers in W_Q and
 * dSource·keyValueHeads·(d_k + d_v) in W_K and W_V.
 */
export function drawnParameters(config: LayerConfig): Record<string, Drawn> {
  const { dModel, dSource, dQuery, dKey, dValue, heads, keyValueHeads } = config
  const { output, biases, initializer, position, parameterShapes } = config
  const matrixOf = (columns: number, rows = dModel): Drawn => ({
    shape: [rows, columns],
    initializer,
  })
  const vectorOf = (length: number): Drawn => ({ shape: [length], initializer: zeros })
  return {
    W_Q: matrixOf(heads * dQuery),
    W_K: matrixOf(keyValueHeads * dKey, dSource),
    W_V: matrixOf(keyValueHeads * dValue, dSource),
    ...(output ? { W_O: matrixOf(output, heads * dValue) } : {}),
    ...(biases
      ? {
          b_Q: vectorOf(heads * dQuery),
          b_K: vectorOf(keyValueHeads * dKey),
          b_V: vectorOf(keyValueHeads * dValue),
        }
      : {}),
    ...(biases && output ? { b_O: vectorOf(output) } : {}),
    ...ownParameters('alignment', parameterShapes.alignment, heads, initializer),
    ...ownParameters('distribution', parameterShapes.distribution, heads, initializer),
    ...ownParameters('position', parameterShapes.position, heads, initializer),
    ...('longest' in position ? { 'position.P': matrixOf(dModel, position.longest) } : {}),
  }
}

/**
 * The initial parameters of a layer, without a device: the numbers that
 * `new SelfAttention(options, { device, seed })` uploads, in float64.
 *
 * @returns W_Q (D, h·d_q), W_K and W_V (dSource, keyValueHeads·d), and the optional ones, by name
 * @throws {RangeError} for sizes that do not fit, {TypeError} for wrong types
 */
export const initialParameters = (
  options: SelfAttentionOptions,
  seed: number,
): Record<string, Tensor> =>
  Object.fromEntries(
    Object.entries(drawnParameters(layerConfig(options))).map(([name, drawn]) => [
      name,
      drawnTensor(seed, name, drawn),
    ]),
  )
