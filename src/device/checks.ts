import { valueText } from '../kinds.ts'
import { checkedForms } from '../mechanism/rule.ts'
import { type Numbers, shapeText, sizeOf } from '../tensor.ts'
import {
  type AttentionCall,
  type AttentionGradients,
  type AttentionResult,
  activationNames,
  type Dropout,
  type Handle,
  type Handles,
  type ProductOptions,
  type Segments,
} from './device.ts'
import { longestText, queryRowStarts } from './query-rows.ts'

/** Rows and columns of a shape whose leading axes all count as rows; other shapes as they are. */
const flat = (shape: readonly number[]): readonly number[] =>
  shape.length > 2 ? [sizeOf(shape.slice(0, -1)), shape[shape.length - 1]] : shape

function expectHandle(where: string, name: string, handle: Handle): void {
  if (!Array.isArray(handle?.shape)) throw new TypeError(`${where}: ${name} must be a handle, got ${valueText(handle)}; use device.upload`)
}

/**
 * Leading axes may be split: (N, T, D) serves as (N·T, D).
 *
 * @throws {RangeError} unless the handle has this shape, {TypeError} unless it holds floating numbers or, where asked, int32
 */
export function expectShape(
  where: string,
  name: string,
  handle: Handle,
  shape: readonly number[],
  kind: 'float' | 'int32' = 'float',
): void {
  expectHandle(where, name, handle)
  if ((handle.dtype === 'int32') !== (kind === 'int32')) {
    throw new TypeError(`${where}: ${name} must hold ${kind === 'int32' ? 'int32' : 'floating'} numbers, got ${handle.dtype}`)
  }
  if (handle.shape === shape) return
  const [found, expected] = [flat(handle.shape), flat(shape)]
  if (found.length !== expected.length || found.some((length, axis) => length !== expected[axis])) {
    throw new RangeError(`${where}: ${name} must have shape ${shapeText(shape)}, got ${shapeText(handle.shape)}`)
  }
}

/** (rows, columns) of a matrix. */
export function matrixShape(where: string, name: string, handle: Handle): readonly [number, number] {
  expectHandle(where, name, handle)
  if (handle.shape.length < 2) throw new RangeError(`${where}: ${name} must be a matrix (rows, columns), got ${shapeText(handle.shape)}`)
  expectShape(where, name, handle, handle.shape)
  const [rows, columns] = flat(handle.shape)
  return [rows, columns]
}

/** @throws {RangeError} if an output is one of the inputs */
export function expectApart(where: string, inputs: Readonly<Record<string, Handle>>, outputs: Readonly<Record<string, Handle>>): void {
  for (const output of Object.keys(outputs)) {
    const read = Object.keys(inputs).find((name) => inputs[name] === outputs[output])
    if (read) throw new RangeError(`${where}: ${output} must be another handle than ${read}; allocate one for the result`)
  }
}

/** Sizes of C (m, n) = A (m, k) B (k, n). */
export function productSizes(A: Handle, B: Handle, C: Handle, { transposeA, transposeB }: ProductOptions) {
  const [aRows, aColumns] = matrixShape('product', 'A', A)
  const [bRows, bColumns] = matrixShape('product', 'B', B)
  const [m, k] = transposeA ? [aColumns, aRows] : [aRows, aColumns]
  const [inner, n] = transposeB ? [bColumns, bRows] : [bRows, bColumns]
  if (k !== inner) {
    const side = (handle: Handle, transposed?: boolean) => `${shapeText(handle.shape)}${transposed ? ' transposed' : ''}`
    throw new RangeError(`product: the columns of A must equal the rows of B, got A ${side(A, transposeA)} and B ${side(B, transposeB)}`)
  }
  expectShape('product', 'C', C, [m, n])
  expectApart('product', { A, B }, { C })
  return { m, n, k }
}

/** Starts must rise from 0 to the number of rows. */
function checkStarts(name: string, starts: Int32Array, rows: number): void {
  const rises = starts.every((start, n) => n === 0 || start >= starts[n - 1])
  if (starts.length === 0 || starts[0] !== 0 || starts[starts.length - 1] !== rows || !rises) {
    throw new RangeError(`attention: ${name} must rise from 0 to the number of rows, ${rows}, got [${starts.join(', ')}]`)
  }
}

/** Rows that are chosen must rise within the query rows, and Q must have as many. */
function checkQueryRows({ queryRows, queryStarts }: AttentionCall, rows: number): void {
  if (!queryRows) return
  const all = queryStarts[queryStarts.length - 1]
  if (queryRows.some((row, n) => row < 0 || row >= all || (n > 0 && row <= queryRows[n - 1])))
    throw new RangeError(`attention: queryRows must rise within the query rows, 0 to ${all - 1}, got [${queryRows.join(', ')}]`)
  if (rows !== queryRows.length)
    throw new RangeError(`attention: Q must have a row for each of the ${queryRows.length} queryRows, got ${rows}`)
}

/** Sizes of a call of attention. */
export interface AttentionSizes {
  readonly nText: number
  readonly heads: number
  readonly dQuery: number
  readonly dKey: number
  readonly dValue: number
  /** Of the chosen ones. */
  readonly longestQuery: number
  readonly longestKey: number
}

/** Checks the sizes of Q, K, V, starts and parameters against each other. */
export function attentionSizes(call: AttentionCall): AttentionSizes {
  const { Q, K, V, heads, queryStarts, keyStarts } = call
  const [queryRows, qColumns] = matrixShape('attention', 'Q', Q)
  const [keyRows, kColumns] = matrixShape('attention', 'K', K)
  const [valueRows, vColumns] = matrixShape('attention', 'V', V)
  if (!Number.isInteger(heads) || heads < 1 || qColumns % heads || kColumns % heads || vColumns % heads) {
    throw new RangeError(
      `attention: the columns of Q, K and V (${qColumns}, ${kColumns}, ${vColumns}) must be multiples of heads, got ${heads}`,
    )
  }
  if (keyRows !== valueRows) throw new RangeError(`attention: K and V must have one row for each key, got ${keyRows} and ${valueRows}`)
  checkStarts('queryStarts', queryStarts, call.queryRows ? queryStarts[queryStarts.length - 1] : queryRows)
  checkQueryRows(call, queryRows)
  checkStarts('keyStarts', keyStarts, keyRows)
  if (queryStarts.length !== keyStarts.length) {
    throw new RangeError(`attention: queries and keys must be of as many texts, got ${queryStarts.length - 1} and ${keyStarts.length - 1}`)
  }
  checkOwnParameters(call, qColumns / heads, kColumns / heads)
  return {
    nText: queryStarts.length - 1,
    heads,
    dQuery: qColumns / heads,
    dKey: kColumns / heads,
    dValue: vColumns / heads,
    longestQuery: longestText(queryRowStarts(call)),
    longestKey: longestText(keyStarts),
  }
}

/** Checks that alignment, position and widths fit together, and that every own parameter is there in its shape. */
function checkOwnParameters(call: AttentionCall, dQuery: number, dKey: number): void {
  const { alignment, distribution, position, heads, alignmentParameters, distributionParameters, positionParameters } = call
  const forms = checkedForms('attention', { dQuery, dKey }, { alignment, distribution, position })
  const given = { ...alignmentParameters, ...distributionParameters, ...positionParameters }
  for (const [name, { shape }] of Object.entries({ ...forms.alignment, ...forms.distribution, ...forms.position })) {
    if (!given[name]) throw new RangeError(`attention: needs a handle for ${name}, ${shapeText([heads, ...shape])}`)
    expectShape('attention', name, given[name], [heads, ...shape])
  }
}

/** Checks where attention shall write. */
export function checkAttentionResult(call: AttentionCall, sizes: AttentionSizes, result: AttentionResult): void {
  const { nText, heads, dValue, longestQuery, longestKey } = sizes
  const [rows] = matrixShape('attention', 'Q', call.Q)
  expectApart('attention', { Q: call.Q, K: call.K, V: call.V }, { context: result.context })
  expectShape('attention', 'context', result.context, [rows, heads * dValue])
  if (call.queryRows && (result.weights || result.statistics))
    throw new RangeError('attention: weights and statistics are of all query rows; leave out queryRows')
  if (result.weights) {
    const { rows: named, into } = result.weights
    expectShape('attention', 'weights', into, [nText, heads, named?.length ?? longestQuery, longestKey])
  }
  if (result.statistics) {
    expectShape('attention', 'entropy', result.statistics.entropy, [rows, heads])
    expectShape('attention', 'maximum', result.statistics.maximum, [rows, heads])
    expectShape('attention', 'place', result.statistics.place, [rows, heads], 'int32')
  }
}

/** Checks where attention's backward shall write: every gradient has the shape of what it belongs to. */
export function checkAttentionGradients(call: AttentionCall, sizes: AttentionSizes, dContext: Handle, gradients: AttentionGradients): void {
  const { dQ, dK, dV } = gradients
  expectApart('attentionBackward', { Q: call.Q, K: call.K, V: call.V, dContext }, { dQ, dK, dV })
  expectShape('attentionBackward', 'dContext', dContext, [matrixShape('attention', 'Q', call.Q)[0], sizes.heads * sizes.dValue])
  expectShape('attentionBackward', 'dQ', gradients.dQ, call.Q.shape)
  expectShape('attentionBackward', 'dK', gradients.dK, call.K.shape)
  expectShape('attentionBackward', 'dV', gradients.dV, call.V.shape)
  const parts: [Handles, Handles][] = [
    [call.alignmentParameters, gradients.dAlignment],
    [call.distributionParameters, gradients.dDistribution],
    [call.positionParameters, gradients.dPosition],
  ]
  for (const [parameters, found] of parts) {
    for (const [name, { shape }] of Object.entries(parameters)) {
      if (!found[name]) throw new RangeError(`attentionBackward: needs a handle for the gradient of ${name}, ${shapeText(shape)}`)
      expectShape('attentionBackward', `d${name}`, found[name], shape)
    }
  }
}

/** @throws {RangeError} for a rate outside of [0, 1) */
export function checkDropout(where: string, { rate, step }: Dropout): void {
  if (!(rate >= 0 && rate < 1)) throw new RangeError(`${where}: rate must lie in [0, 1), got ${rate}`)
  if (!Number.isInteger(step) || step < 0 || step >= 2 ** 32)
    throw new RangeError(`${where}: step must be an integer from 0 to 2^32 - 1, got ${step}`)
}

/** Checks that segments fit the gradients that they are summed from and into. */
export function checkSegments(X: Handle, { starts, occurrences, factors }: Segments, Y: Handle): void {
  const [, columns] = matrixShape('sumRows', 'X', X)
  const [segments] = matrixShape('sumRows', 'Y', Y)
  expectApart('sumRows', { X }, { Y })
  expectShape('sumRows', 'Y', Y, [segments, columns])
  expectShape('sumRows', 'starts', starts, [segments + 1], 'int32')
  expectShape('sumRows', 'occurrences', occurrences, [occurrences.shape[0]], 'int32')
  if (factors) expectShape('sumRows', 'factors', factors, occurrences.shape)
}

/** Columns of a parameter, after checking that the gradient has its shape, or a row for each of the rows named. */
export function touchedColumns(where: string, parameter: Handle, gradient: Handle, rows: Handle | undefined): number {
  if (!rows) {
    expectShape(where, 'gradient', gradient, parameter.shape)
    return 0
  }
  const [, columns] = matrixShape(where, 'parameter', parameter)
  expectShape(where, 'rows', rows, [rows.shape[0]], 'int32')
  expectShape(where, 'gradient', gradient, [rows.shape[0], columns])
  return columns
}

export function checkActivation(where: string, name: string): void {
  if (!activationNames.some((known) => known === name)) {
    throw new RangeError(`${where}: unknown activation ${JSON.stringify(name)}; use one of ${activationNames.join(', ')}`)
  }
}

/** @throws {RangeError} if a place lies outside of from … to − 1 */
export function checkPlaces(where: string, name: string, places: Numbers, from: number, to: number): void {
  for (let n = 0; n < places.length; n++) {
    if (places[n] < from || places[n] >= to)
      throw new RangeError(`${where}: ${name}[${n}] must be from ${from} to ${to - 1}, got ${places[n]}`)
  }
}

/** @returns rows, classes and columns */
export function checkLoss(where: string, C: Handle, E: Handle, offsets: Handle, targets: Handle): readonly [number, number, number] {
  const [rows, columns] = matrixShape(where, 'C', C)
  expectShape(where, 'E', E, [E.shape[0], columns])
  expectShape(where, 'offsets', offsets, [E.shape[0]])
  expectShape(where, 'targets', targets, [rows], 'int32')
  if (E.shape[0] === 0) throw new RangeError(`${where}: E must have at least one class, got ${shapeText(E.shape)}`)
  return [rows, E.shape[0], columns]
}

/** Checks where the backward of a loss shall write. @returns the handles that it writes, in the order of its last arguments */
export function lossOutputs(
  { C, E, offsets, targets }: Readonly<Record<'C' | 'E' | 'offsets' | 'targets', Handle>>,
  outputs: Readonly<Record<'dC' | 'dE', Handle>> & Readonly<Record<'dOffsets' | 'losses', Handle | undefined>>,
): Handle[] {
  const shapes = { dC: C.shape, dE: E.shape, dOffsets: offsets.shape, losses: targets.shape }
  const given = Object.entries(outputs).flatMap(([name, handle]) => (handle ? [[name, handle] as const] : []))
  expectApart('crossEntropyBackward', { C, E, offsets }, Object.fromEntries(given))
  for (const [name, handle] of given) expectShape('crossEntropyBackward', name, handle, shapes[name as keyof typeof shapes])
  return given.map(([, handle]) => handle)
}
