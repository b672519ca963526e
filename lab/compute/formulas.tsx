import type { Matrix } from 'regard/internal'
import type { MathNode } from '../build/formulas.ts'
import { Formula } from '../parts/formula.tsx'
import type { Pass } from '../state/pass.ts'
import { decimal } from '../words/words.ts'
import { type Cell, type MatrixName, shownOf } from './matrices.ts'
import { cell, shownHead } from './selected.ts'
import additive from './tex/additive.tex'
import cosine from './tex/cosine.tex'
import dot from './tex/dot.tex'
import entmax from './tex/entmax.tex'
import entmax15 from './tex/entmax15.tex'
import general from './tex/general.tex'
import mix from './tex/mix.tex'
import negativeDistance from './tex/negativeDistance.tex'
import projectK from './tex/projectK.tex'
import projectQ from './tex/projectQ.tex'
import projectV from './tex/projectV.tex'
import scaledDot from './tex/scaledDot.tex'
import sigmoid from './tex/sigmoid.tex'
import softmax from './tex/softmax.tex'
import sparsemax from './tex/sparsemax.tex'
import topK from './tex/topK.tex'

const ALIGNMENTS: Readonly<Record<string, MathNode>> = {
  dot,
  scaledDot,
  cosine,
  negativeDistance,
  general,
  additive,
}
const PROJECTIONS: Readonly<Record<string, MathNode>> = { Q: projectQ, K: projectK, V: projectV }
const DISTRIBUTIONS: Readonly<Record<string, MathNode>> = {
  softmax,
  sigmoid,
  sparsemax,
  entmax15,
  entmax,
  topK,
}

/** A name without its arguments: `entmax:1.3` is entmax. */
const plain = (name: string): string => name.split(':')[0]

const row = ({ data, columns }: Matrix, i: number): number[] => [
  ...data.subarray(i * columns, (i + 1) * columns),
]
const column = ({ data, columns, rows }: Matrix, j: number): number[] =>
  Array.from({ length: rows }, (_, i) => data[i * columns + j])

/** The formula of a cell and the same with its numbers. */
interface Live {
  readonly formula: MathNode
  /**
   * What stands right of the equals sign: a sum of products, or nothing where only the result is
   * shown.
   */
  readonly numbers: string
}

const signed = (value: number): string => (value < 0 ? `(${decimal(value)})` : decimal(value))

/** a·b + c·d + …, at most eight products. */
function products(a: readonly number[], b: readonly number[]): string {
  const terms = a.slice(0, 8).map((value, n) => `${signed(value)} · ${signed(b[n])}`)
  return a.length > 8 ? `${terms.join(' + ')} + …` : terms.join(' + ')
}

type Matrices = (name: MatrixName) => Matrix

function projected({ name, row: i, column: j }: Cell, of: Matrices, pass: Pass): Live {
  const rows = of(pass.config.position.on === 'embeddings' ? 'P' : 'X')
  return {
    formula: PROJECTIONS[name],
    numbers: products(row(rows, i), column(of(`W_${name}` as MatrixName), j)),
  }
}

function scored({ row: i, column: j }: Cell, of: Matrices, { config }: Pass): Live {
  const name = plain(config.alignment.name)
  const terms = products(row(of('Q'), i), row(of('K'), j))
  const numbers =
    name === 'dot' ? terms : name === 'scaledDot' ? `(${terms}) / √${config.dKey}` : ''
  return {
    formula: ALIGNMENTS[name],
    numbers: config.position.on === 'nothing' || config.position.on === 'embeddings' ? numbers : '',
  }
}

function weighed({ row: i, column: j }: Cell, of: Matrices, { config }: Pass): Live {
  const name = plain(config.distribution.name)
  const scores = row(of('S'), i).filter((s) => s !== -Infinity)
  const s = row(of('S'), i)[j]
  const power = (score: number) => `exp(${decimal(score)})`
  const numbers =
    name === 'softmax' && scores.length <= 8 && s !== -Infinity
      ? `${power(s)} / (${scores.map(power).join(' + ')})`
      : ''
  return { formula: DISTRIBUTIONS[name], numbers }
}

function liveOf(at: Cell, of: Matrices, pass: Pass): Live | undefined {
  if (at.name === 'Q' || at.name === 'K' || at.name === 'V') return projected(at, of, pass)
  if (at.name === 'S') return scored(at, of, pass)
  if (at.name === 'A') return weighed(at, of, pass)
  if (at.name === 'C')
    return { formula: mix, numbers: products(row(of('A'), at.row), column(of('V'), at.column)) }
  return undefined
}

/** The formula of the chosen cell, with its live numbers. */
export function LiveFormula({ pass }: { pass: Pass }) {
  const of: Matrices = (name) => shownOf(name, pass, shownHead.value).matrix
  const live = liveOf(cell.value, of, pass)
  if (!live) return null
  const { name, row: i, column: j } = cell.value
  const value = of(name).data[i * of(name).columns + j]
  return (
    <div class="live-formula" aria-live="polite">
      <Formula of={live.formula} slots={{ row: String(i + 1), column: String(j + 1) }} block />
      <p class="numbers-line">
        {live.numbers && <>= {live.numbers} </>}={' '}
        <b>{value === -Infinity ? '−∞' : decimal(value, 4)}</b>
      </p>
    </div>
  )
}
