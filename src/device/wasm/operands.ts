import { cos, exp, log, sin } from '../../elementary.ts'
import { alignedPosition, type RotaryPosition } from '../../mechanism/position.ts'
import type { AttentionCall } from '../calls.ts'
import { queryRowPositions, queryRowStarts } from '../query-rows.ts'
import type { OperandKernel } from './attention-kernel.ts'
import type { Engine } from './engine.ts'
import { kernels, type RowMap } from './jobs.generated.ts'
import { ROWS_OF_MAP } from './kernels/numbers.ts'
import { productOf } from './product.ts'
import { FEW_LIGHT, rowsInBlock } from './work.ts'

/** Numbers that one thread maps before another has woken. */
const SMALL_MAP = 2 ** 18

/**
 * Queries or keys of a call, (rows, heads · columns), and what they are mapped to, (rows, heads ·
 * width). Addresses.
 */
export interface MappedOperand {
  readonly map: OperandKernel
  readonly rows: number
  readonly heads: number
  readonly columns: number
  readonly width: number
  readonly X: number
  /** Where the mapped rows lie: X itself where nothing maps them. */
  readonly Y: number
  /** Addresses of the alignment's parameters. */
  readonly parameters: Readonly<Record<string, number>>
}

/** Rotary positions of the rows of an operand. */
export interface Turning {
  readonly table: number
  readonly positions: number
}

const blocksOf = (rows: number): number => Math.ceil(rows / ROWS_OF_MAP)

/** Y = the operand of X: mapped, then turned. */
export function mapOperand(
  engine: Engine,
  operand: MappedOperand,
  turning: Turning | undefined,
): void {
  const { map, rows, heads, columns, X, Y } = operand
  if (map.kind === 'linear') mapLinear(engine, operand, map.W, map.b)
  else if (map.kind === 'rows') {
    engine.run(
      kernels.mapRows,
      rowMapOf(operand, map),
      blocksOf(rows),
      rows * heads * columns < SMALL_MAP,
    )
  }
  if (turning) turn(engine, operand, turning, map.kind === 'unchanged' ? X : Y, Y, 1)
}

type RowKernel = Extract<OperandKernel, { readonly kind: 'rows' }>

/** What a map of rows has in common with its backward. */
const rowMapOf = (operand: MappedOperand, { map, factor, parameter }: RowKernel): RowMap => ({
  map,
  rows: operand.rows,
  heads: operand.heads,
  width: operand.columns,
  x: operand.X,
  y: operand.Y,
  dY: 0,
  dX: 0,
  parameters: parameter ? operand.parameters[parameter] : 0,
  factor,
  partials: 0,
})

/**
 * Y_h = X_h W_h + b_h for each head; the bias comes last, so that sums are not rounded to its size.
 */
function mapLinear(
  engine: Engine,
  { rows, heads, columns, width, X, Y, parameters }: MappedOperand,
  W: string,
  b: string | undefined,
): void {
  for (let head = 0; head < heads; head++) {
    const from = { at: X + 4 * head * columns, row: 4 * heads * columns, column: 4 }
    const weights = { at: parameters[W] + 4 * head * columns * width, row: 4 * width, column: 4 }
    const C = { at: Y + 4 * head * width, row: 4 * heads * width }
    productOf(engine, { m: rows, n: width, k: columns }, { A: from, B: weights, C })
  }
  if (!b) return
  const all = heads * width
  const perBlock = rowsInBlock(all)
  const job = { X: Y, b: parameters[b], Y, rows, columns: all, perBlock }
  engine.run(kernels.addBias, job, Math.ceil(rows / perBlock), rows * all < FEW_LIGHT)
}

function turn(
  engine: Engine,
  { rows, heads, width }: MappedOperand,
  { table, positions }: Turning,
  x: number,
  y: number,
  direction: number,
): void {
  const job = { rows, heads, width, x, y, positions, table, direction }
  engine.run(kernels.rotateRows, job, blocksOf(rows), rows * heads * width < SMALL_MAP)
}

/** Gradients of an operand's map: into dX, and by the names of parameters. */
export interface OperandGradients {
  readonly dX: number
  /** Room for (blocks, heads) sums. */
  readonly sums: number
  /** Addresses of the parameters' gradients. */
  readonly dParameters: Readonly<Record<string, number>>
  /** Adds to the gradient of one number of each head. */
  add(name: string, head: number, d: number): void
}

/** Forward was: Y = map(X), turned. dY is used up. */
export function mapOperandBackward(
  engine: Engine,
  operand: MappedOperand,
  turning: Turning | undefined,
  dY: number,
  into: OperandGradients,
): void {
  const { map, rows, heads, columns } = operand
  // a rotation's transpose turns back
  if (turning) turn(engine, operand, turning, dY, dY, -1)
  if (map.kind === 'linear') linearBackward(engine, operand, map.W, map.b, dY, into)
  if (map.kind !== 'rows') return
  const sums = map.parameter ? into.sums : 0
  const job = Object.assign(rowMapOf(operand, map), { dY, dX: into.dX, partials: sums })
  engine.run(kernels.mapRowsBackward, job, blocksOf(rows), rows * heads * columns < SMALL_MAP)
  if (!map.parameter) return
  const found = new Float32Array(engine.arena.memory.buffer, sums, blocksOf(rows) * heads)
  for (let n = 0; n < found.length; n++) into.add(map.parameter, n % heads, found[n])
}

/** dX_h = dY_h W_hᵀ, dW_h = X_hᵀ dY_h, db_h = Σ dY_h. */
function linearBackward(
  engine: Engine,
  { rows, heads, columns, width, X, parameters }: MappedOperand,
  W: string,
  b: string | undefined,
  dY: number,
  { dX, dParameters, add }: OperandGradients,
): void {
  for (let head = 0; head < heads; head++) {
    const at = 4 * head * columns * width
    const back = { at: dY + 4 * head * width, row: 4 * heads * width, column: 4 }
    const transposed = { at: parameters[W] + at, row: 4, column: 4 * width }
    const C = { at: dX + 4 * head * columns, row: 4 * heads * columns }
    productOf(engine, { m: rows, n: columns, k: width }, { A: back, B: transposed, C })
    const from = { at: X + 4 * head * columns, row: 4, column: 4 * heads * columns }
    const dW = { at: dParameters[W] + at, row: 4 * width }
    productOf(engine, { m: columns, n: width, k: rows }, { A: from, B: back, C: dW })
  }
  if (!b) return
  const numbers = new Float32Array(engine.arena.memory.buffer, dY, rows * heads * width)
  const sums = new Float64Array(heads * width)
  for (let n = 0; n < numbers.length; n++) sums[n % sums.length] += numbers[n]
  for (let n = 0; n < sums.length; n++) add(b, n, sums[n])
}

/** Keys with as many copies of each head, one after the other: the operand's X. */
export function repeatHeads(
  { arena }: Engine,
  { X, rows, heads, columns }: MappedOperand,
  copies: number,
  from: number,
): void {
  const numbers = new Float32Array(arena.memory.buffer)
  const [source, into] = [from >>> 2, X >>> 2]
  for (let n = 0; n < rows * heads; n++) {
    const at = source + Math.floor(n / copies) * columns
    numbers.copyWithin(into + n * columns, at, at + columns)
  }
}

/** Forward was: heads of keys were copied. Each gradient is the sum of its copies'. */
export function foldHeads(
  { arena }: Engine,
  { rows, heads, columns }: MappedOperand,
  copies: number,
  from: number,
  into: number,
): void {
  const numbers = new Float32Array(arena.memory.buffer)
  for (let n = 0; n < (rows * heads) / copies; n++) {
    for (let c = 0; c < columns; c++) {
      let sum = 0
      for (let copy = 0; copy < copies; copy++)
        sum += numbers[(from >>> 2) + (n * copies + copy) * columns + c]
      numbers[(into >>> 2) + n * columns + c] = sum
    }
  }
}

/** Cosines and sines of rotary positions, computed once for the most positions so far. */
export class RotationTable {
  readonly #engine: Engine
  #base = 0
  #width = 0
  #positions = 0
  #address = 0

  constructor(engine: Engine) {
    this.#engine = engine
  }

  /**
   * Address of a table (positions, width / 2) of cosine and sine side by side. The memory may grow.
   */
  of({ base }: RotaryPosition, width: number, positions: number): number {
    if (base === this.#base && width === this.#width && positions <= this.#positions)
      return this.#address
    const pairs = width >> 1
    const { arena } = this.#engine
    if (this.#positions) arena.release(this.#address, 8 * (this.#width >> 1) * this.#positions)
    this.#positions = 0
    this.#address = arena.reserve(8 * pairs * positions)
    ;[this.#base, this.#width, this.#positions] = [base, width, positions]
    const table = new Float32Array(arena.memory.buffer, this.#address, 2 * pairs * positions)
    for (let c = 0; c < pairs; c++) {
      const speed = exp(((-2 * c) / width) * log(base))
      for (let t = 0; t < positions; t++) {
        table[2 * (t * pairs + c)] = cos(t * speed)
        table[2 * (t * pairs + c) + 1] = sin(t * speed)
      }
    }
    return this.#address
  }
}

/**
 * Position of each packed row of queries, which may stand `align`ed with the end of their keys, and
 * of keys.
 *
 * Where queries would begin below 0, the keys of that text move instead: turning both by as much
 * more changes no product, and other texts of the batch change no bit.
 */
export function positionsOf(call: AttentionCall, { align }: RotaryPosition) {
  const { queryStarts, keyStarts } = call
  const shifts = Array.from({ length: queryStarts.length - 1 }, (_, n) =>
    alignedPosition(0, queryStarts[n + 1] - queryStarts[n], keyStarts[n + 1] - keyStarts[n], align),
  )
  const queries = shifted(queryRowStarts(call), queryRowPositions(call), (n) =>
    Math.max(shifts[n], 0),
  )
  const keys = shifted(keyStarts, queryRowPositions({ queryStarts: keyStarts }), (n) =>
    Math.max(-shifts[n], 0),
  )
  const last = (found: Int32Array): number =>
    found.reduce((most, position) => Math.max(most, position), 0)
  return { queries, keys, count: 1 + Math.max(last(queries), last(keys)) }
}

/** Positions of rows in their texts, of which text n begins at first(n). */
function shifted(
  starts: Int32Array,
  positions: Int32Array,
  first: (text: number) => number,
): Int32Array {
  for (let n = 0; n + 1 < starts.length; n++)
    for (let r = starts[n]; r < starts[n + 1]; r++) positions[r] += first(n)
  return positions
}
