import { type Matrix, matrices } from 'regard/internal'
import { headsOf, matrixOf, type Pass } from '../state/pass.ts'
import { distinct } from '../words/words.ts'

/** Every matrix on the way from words to contextual embeddings. */
export type MatrixName =
  | 'X'
  | 'P'
  | 'W_Q'
  | 'W_K'
  | 'W_V'
  | 'Q'
  | 'K'
  | 'V'
  | 'bias'
  | 'S'
  | 'A'
  | 'C'

export type Role = 'query' | 'key' | 'value' | 'context' | 'weight' | 'word'

/** A matrix of one head as it is shown. */
export interface Shown {
  readonly name: MatrixName
  readonly role: Role
  readonly matrix: Matrix
  readonly rows: readonly string[]
  readonly columns: readonly string[]
  /** Where its cells stand in the matrix of all heads; undefined where they cannot be edited. */
  readonly edited: { readonly row: number; readonly column: number } | undefined
  /** The number at which a cell has its full colour. */
  readonly full: number
}

const ROLES: Readonly<Record<MatrixName, Role>> = {
  X: 'word',
  P: 'word',
  W_Q: 'query',
  W_K: 'key',
  W_V: 'value',
  Q: 'query',
  K: 'key',
  V: 'value',
  bias: 'weight',
  S: 'weight',
  A: 'weight',
  C: 'context',
}

export type Stage = 'projections' | 'scores' | 'weights' | 'context'

/** The matrices of each stage, in the order in which they follow from one another. */
export function namesOf(stage: Stage, { config }: Pass): readonly MatrixName[] {
  const added: readonly MatrixName[] = config.position.on === 'embeddings' ? ['P'] : []
  const bias: readonly MatrixName[] = config.position.on === 'scores' ? ['bias'] : []
  if (stage === 'projections') return ['X', ...added, 'W_Q', 'Q', 'W_K', 'K', 'W_V', 'V']
  if (stage === 'scores') return ['Q', 'K', ...bias, 'S']
  return stage === 'weights' ? ['S', 'A'] : ['A', 'V', 'C']
}

/** What a stage gives. */
export const RESULTS: Readonly<Record<Stage, MatrixName>> = {
  projections: 'Q',
  scores: 'S',
  weights: 'A',
  context: 'C',
}

/** Scores that a mask hides, as −∞. */
function masked({ config, scores }: Pass, head: number): Matrix {
  const S = scores[head]
  const sizes = { text: 0, head, nQuery: S.rows, nKey: S.columns }
  return matrices.map(S, (s, n) =>
    config.mask.allows(Math.floor(n / S.columns), n % S.columns, sizes) ? s : -Infinity,
  )
}

function matrixNamed(name: MatrixName, pass: Pass, head: number): Matrix {
  const { X, rows, Q, K, V, weights, context, parameters, config } = pass
  const plain = {
    X,
    P: rows,
    Q: Q[head],
    K: K[head],
    V: V[head],
    A: weights[head],
    C: context[head],
  }
  if (name in plain) return plain[name as keyof typeof plain]
  if (name === 'S') return masked(pass, head)
  if (name === 'bias') {
    const row = parameters['position.bias'].slice(head).data
    return matrices.matrix(1, row.length, Float64Array.from(row))
  }
  return headsOf(matrixOf(parameters[name]), config.heads)[head]
}

const numbered = (count: number): string[] => Array.from({ length: count }, (_, n) => String(n + 1))

/** A matrix of the pass with what its rows and columns are. */
export function shownOf(name: MatrixName, pass: Pass, head: number): Shown {
  const matrix = matrixNamed(name, pass, head)
  const words = pass.tokens.map((_, place) => distinct(pass.tokens, place))
  const byWord = name.length === 1
  const between = name === 'S' || name === 'A'
  const editable = name === 'X' || name.startsWith('W_') || name === 'bias'
  const offset = name.startsWith('W_') ? head * matrix.columns : 0
  return {
    name,
    role: ROLES[name],
    matrix,
    rows: byWord ? words : name === 'bias' ? [''] : numbered(matrix.rows),
    columns: between ? words : name === 'bias' ? offsets(matrix.columns) : numbered(matrix.columns),
    edited: editable ? { row: name === 'bias' ? head : 0, column: offset } : undefined,
    full: name === 'A' ? 1 : name.startsWith('W_') ? 1.5 : 3,
  }
}

/** j − i from −L to L. */
const offsets = (count: number): string[] =>
  Array.from({ length: count }, (_, n) => String(n - (count - 1) / 2))

/** A cell of a matrix. */
export interface Cell {
  readonly name: MatrixName
  readonly row: number
  readonly column: number
}

/** What a cell is computed from: rows and columns of the matrices before it. */
export function sourcesOf({
  name,
  row,
  column,
}: Cell): Readonly<Partial<Record<MatrixName, { row?: number; column?: number }>>> {
  if (name === 'Q' || name === 'K' || name === 'V')
    return { X: { row }, P: { row }, [`W_${name}`]: { column } }
  if (name === 'S') return { Q: { row }, K: { row: column } }
  if (name === 'A') return { S: { row } }
  return name === 'C' ? { A: { row }, V: { column } } : {}
}
