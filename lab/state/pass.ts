import {
  type Alignment,
  attend,
  type Distribution,
  drawnEmbeddings,
  initialParameters,
  type Mask,
  type Matrix,
  matrices,
  offsetIndex,
  type Position,
  positions,
  Tensor,
  tokenize,
} from 'regard/internal'
import type { Edits } from './setting.ts'

/** What one layer is, as the page's settings say it. */
export interface LayerConfig {
  readonly alignment: Alignment
  readonly distribution: Distribution
  readonly mask: Mask
  readonly position: Position
  readonly dModel: number
  readonly dQuery: number
  readonly dKey: number
  readonly dValue: number
  readonly heads: number
  readonly seed: number
}

/** Everything that the layer computes on one text, in float64. */
export interface Pass {
  readonly config: LayerConfig
  readonly tokens: readonly string[]
  /** Words, without positions, (T, D). */
  readonly X: Matrix
  /** What is projected: X, with positions where they act on embeddings. */
  readonly rows: Matrix
  /** W_Q, W_K, W_V (D, h·d), and own parameters, by name. */
  readonly parameters: Readonly<Record<string, Tensor>>
  /** One for each head: (T, d_q), (T, d_k), (T, d_v). */
  readonly Q: readonly Matrix[]
  readonly K: readonly Matrix[]
  readonly V: readonly Matrix[]
  /** One for each head: scores before the mask, weights, context. */
  readonly scores: readonly Matrix[]
  readonly weights: readonly Matrix[]
  readonly context: readonly Matrix[]
}

/** The words of a sentence. */
export const tokensOf = (text: string): string[] =>
  tokenize(text, 'words').map(({ token }) => token)

/** A matrix of a tensor of two axes. */
export const matrixOf = ({ shape: [rows, columns], data }: Tensor): Matrix =>
  matrices.matrix(rows, columns, Float64Array.from(data))

/**
 * The layer on some words: X is drawn by the seed, a vector for each different word.
 *
 * @throws {RangeError} with the library's own message
 */
export function passOf(
  config: LayerConfig,
  tokens: readonly string[],
  edits: Edits = new Map(),
): Pass {
  const { seed, ...options } = config
  const parameters = initialParameters(options, seed)
  for (const [name, tensor] of Object.entries(parameters))
    applyEdits(tensor, name === 'position.bias' ? 'bias' : name, edits)
  const embedded = drawnEmbeddings(tokens, config.dModel, { seed })
  applyEdits(embedded, 'X', edits)
  return passOver(config, tokens, matrixOf(embedded), parameters)
}

/** The same with words and parameters that are given. */
export function passOver(
  config: LayerConfig,
  tokens: readonly string[],
  X: Matrix,
  parameters: Readonly<Record<string, Tensor>>,
): Pass {
  const rows = positioned(X, config.position, parameters)
  const [Q, K, V] = ['W_Q', 'W_K', 'W_V'].map((name) =>
    headsOf(matrices.product(rows, matrixOf(parameters[name])), config.heads),
  )
  const alignmentParameters = partOf('alignment', parameters)
  const { context, weights } = attend(tensorOf(Q), tensorOf(K), tensorOf(V), {
    alignment: config.alignment,
    distribution: config.distribution,
    mask: config.mask,
    position: config.position.on === 'embeddings' ? positions.none : config.position,
    alignmentParameters,
    distributionParameters: partOf('distribution', parameters),
    positionParameters: config.position.on === 'scores' ? partOf('position', parameters) : {},
    want: { weights: true },
  })
  const scores = Q.map((queries, head) => scoresOf(config, queries, K[head], head, parameters))
  const each = (tensor: Tensor | undefined): Matrix[] =>
    Q.map((_, head) => matrixOf((tensor as Tensor).slice(0).slice(head)))
  return {
    config,
    tokens,
    X,
    rows,
    parameters,
    Q,
    K,
    V,
    scores,
    weights: each(weights),
    context: each(context),
  }
}

function applyEdits(tensor: Tensor, name: string, edits: Edits): void {
  const columns = tensor.shape[tensor.shape.length - 1]
  const rows = tensor.size / columns
  for (const [cell, number] of edits) {
    const [of, row, column] = cell.split('.')
    if (
      of !== name ||
      Number(row) < 1 ||
      Number(row) > rows ||
      Number(column) < 1 ||
      Number(column) > columns
    )
      continue
    tensor.data[(Number(row) - 1) * columns + Number(column) - 1] = number
  }
}

/** X + P, where positions act on embeddings. */
function positioned(
  X: Matrix,
  position: Position,
  parameters: Readonly<Record<string, Tensor>>,
): Matrix {
  if (position.on !== 'embeddings') return X
  const P =
    'table' in position ? position.table(X.rows, X.columns) : matrixOf(parameters['position.P'])
  return matrices.map(X, (x, n) => x + P.data[n])
}

/** The columns of each head: (T, h·d) to h times (T, d). */
export function headsOf(Y: Matrix, heads: number): Matrix[] {
  const width = Y.columns / heads
  return Array.from({ length: heads }, (_, head) =>
    matrices.map(
      matrices.matrix(Y.rows, width),
      (_value, n) => Y.data[Math.floor(n / width) * Y.columns + head * width + (n % width)],
    ),
  )
}

/** (1, h, T, d). */
const tensorOf = (heads: readonly Matrix[]): Tensor =>
  new Tensor(
    [1, heads.length, heads[0].rows, heads[0].columns],
    Float64Array.from(heads.flatMap(({ data }) => [...data])),
  )

/** Own parameters of a part of the layer, under the rest of their names. */
const partOf = (
  part: string,
  parameters: Readonly<Record<string, Tensor>>,
): Record<string, Tensor> =>
  Object.fromEntries(
    Object.entries(parameters)
      .filter(([name]) => name.startsWith(`${part}.`))
      .map(([name, tensor]) => [name.slice(part.length + 1), tensor]),
  )

/** S = a(Q, K), plus the bias of relative positions, before the mask. */
function scoresOf(
  { alignment, position }: LayerConfig,
  Q: Matrix,
  K: Matrix,
  head: number,
  all: Readonly<Record<string, Tensor>>,
): Matrix {
  const own = Object.entries(partOf('alignment', all)).map(([name, tensor]) => [
    name,
    Float64Array.from(tensor.slice(head).data),
  ])
  const rotation = position.on === 'operands' ? { base: position.base, shift: 0 } : undefined
  const S = alignment.scores({
    Q,
    K,
    firstQuery: 0,
    firstKey: 0,
    parameters: Object.fromEntries(own),
    rotation,
  })
  if (position.on !== 'scores') return S
  const bias = all['position.bias'].slice(head).data
  return matrices.map(
    S,
    (s, n) => s + bias[offsetIndex((n % S.columns) - Math.floor(n / S.columns), position.clip)],
  )
}
