import { OBJECT } from '../kinds.ts'
import { checkedShapes, checkKeyValueHeads } from '../mechanism/rule.ts'
import { shapeText } from '../tensor.ts'
import type {
  AttentionCall,
  AttentionGradients,
  AttentionResult,
  Dropout,
  Handle,
  Handles,
  ProductOptions,
} from './calls.ts'
import { longestText, queryRowStarts } from './query-rows.ts'
import { expectApart, expectShape, flat, matrixShape, rowsOf } from './shapes.ts'

/** Starts must rise from 0 to the number of rows. */
function checkStarts(name: string, starts: Int32Array, rows: number): void {
  const rises = starts.every((start, n) => n === 0 || start >= starts[n - 1])
  if (starts.length === 0 || starts[0] !== 0 || starts[starts.length - 1] !== rows || !rises) {
    throw new RangeError(
      `attention: ${name} must rise from 0 to the number of rows, ${rows}, got [${starts.join(', ')}]`,
    )
  }
}

/** Chosen rows must rise within the query rows, and Q must have one row for each. */
function checkQueryRows({ queryRows, queryStarts }: AttentionCall, rows: number): void {
  if (!queryRows) return
  const all = queryStarts[queryStarts.length - 1]
  if (queryRows.some((row, n) => row < 0 || row >= all || (n > 0 && row <= queryRows[n - 1])))
    throw new RangeError(
      `attention: queryRows must rise within the query rows, 0 to ${all - 1}, got [${queryRows.join(', ')}]`,
    )
  if (rows !== queryRows.length)
    throw new RangeError(
      `attention: Q must have a row for each of the ${queryRows.length} queryRows, got ${rows}`,
    )
}

/** Sizes of a call of attention. */
export interface AttentionSizes {
  readonly nText: number
  readonly heads: number
  readonly keyValueHeads: number
  /** Query heads per key/value head. */
  readonly group: number
  readonly dQuery: number
  readonly dKey: number
  readonly dValue: number
  /** Chosen query rows. */
  readonly longestQuery: number
  readonly longestKey: number
}

/** Checks the sizes of Q, K, V, starts and parameters against each other. */
export function attentionSizes(call: AttentionCall): AttentionSizes {
  OBJECT('attention', 'call', call)
  const { Q, K, V, heads, keyValueHeads = heads, queryStarts, keyStarts } = call
  const [queryRows, qColumns] = matrixShape('attention', 'Q', Q)
  const [keyRows, kColumns] = matrixShape('attention', 'K', K)
  const [valueRows, vColumns] = matrixShape('attention', 'V', V)
  if (keyValueHeads !== heads) checkKeyValueHeads('attention', heads, keyValueHeads)
  if (
    !Number.isInteger(heads) ||
    heads < 1 ||
    qColumns % heads ||
    kColumns % keyValueHeads ||
    vColumns % keyValueHeads
  ) {
    const those = keyValueHeads === heads ? '' : ` and keyValueHeads ${keyValueHeads}`
    throw new RangeError(
      `attention: the columns of Q, K and V (${qColumns}, ${kColumns}, ${vColumns}) must be multiples of heads, got ${heads}${those}`,
    )
  }
  if (keyRows !== valueRows)
    throw new RangeError(
      `attention: K and V must have one row for each key, got ${keyRows} and ${valueRows}`,
    )
  checkStarts(
    'queryStarts',
    queryStarts,
    call.queryRows ? queryStarts[queryStarts.length - 1] : queryRows,
  )
  checkQueryRows(call, queryRows)
  checkStarts('keyStarts', keyStarts, keyRows)
  if (queryStarts.length !== keyStarts.length) {
    throw new RangeError(
      `attention: queries and keys must have the same number of texts, got ${queryStarts.length - 1} and ${keyStarts.length - 1}`,
    )
  }
  checkOwnParameters(call, qColumns / heads, kColumns / keyValueHeads)
  return {
    nText: queryStarts.length - 1,
    heads,
    keyValueHeads,
    group: heads / keyValueHeads,
    dQuery: qColumns / heads,
    dKey: kColumns / keyValueHeads,
    dValue: vColumns / keyValueHeads,
    longestQuery: longestText(queryRowStarts(call)),
    longestKey: longestText(keyStarts),
  }
}

/**
 * Checks that alignment, position and widths fit together, and that every own parameter is there in
 * its shape.
 */
function checkOwnParameters(call: AttentionCall, dQuery: number, dKey: number): void {
  const {
    alignment,
    distribution,
    position,
    heads,
    alignmentParameters,
    distributionParameters,
    positionParameters,
  } = call
  const parameterShapes = checkedShapes(
    'attention',
    { dQuery, dKey },
    { alignment, distribution, position },
  )
  const given = { ...alignmentParameters, ...distributionParameters, ...positionParameters }
  for (const [name, { shape }] of Object.entries({
    ...parameterShapes.alignment,
    ...parameterShapes.distribution,
    ...parameterShapes.position,
  })) {
    if (!given[name])
      throw new RangeError(`attention: needs a handle for ${name}, ${shapeText([heads, ...shape])}`)
    expectShape('attention', name, given[name], [heads, ...shape])
  }
}

/** Checks the handles that attention writes to. */
export function checkAttentionResult(
  call: AttentionCall,
  sizes: AttentionSizes,
  result: AttentionResult,
): void {
  OBJECT('attention', 'result', result)
  const { nText, heads, dValue, longestQuery, longestKey } = sizes
  const [rows] = matrixShape('attention', 'Q', call.Q)
  expectApart('attention', { Q: call.Q, K: call.K, V: call.V }, { context: result.context })
  expectShape('attention', 'context', result.context, [rows, heads * dValue])
  if (call.queryRows && (result.weights || result.statistics))
    throw new RangeError(
      'attention: weights and statistics are of all query rows; leave out queryRows',
    )
  if (result.weights) {
    const { rows: named, into } = result.weights
    expectShape('attention', 'weights', into, [
      nText,
      heads,
      named?.length ?? longestQuery,
      longestKey,
    ])
  }
  if (result.statistics) {
    expectShape('attention', 'entropy', result.statistics.entropy, [rows, heads])
    expectShape('attention', 'maximum', result.statistics.maximum, [rows, heads])
    expectShape('attention', 'argmax', result.statistics.argmax, [rows, heads], 'int32')
  }
}

/**
 * Checks the handles that attention's backward writes to: every gradient has the shape of its
 * operand.
 */
export function checkAttentionGradients(
  call: AttentionCall,
  sizes: AttentionSizes,
  dContext: Handle,
  gradients: AttentionGradients,
): void {
  OBJECT('attentionBackward', 'gradients', gradients)
  const { dQ, dK, dV } = gradients
  expectApart('attentionBackward', { Q: call.Q, K: call.K, V: call.V, dContext }, { dQ, dK, dV })
  expectShape('attentionBackward', 'dContext', dContext, [
    matrixShape('attention', 'Q', call.Q)[0],
    sizes.heads * sizes.dValue,
  ])
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
      if (!found[name])
        throw new RangeError(
          `attentionBackward: needs a handle for the gradient of ${name}, ${shapeText(shape)}`,
        )
      expectShape('attentionBackward', `d${name}`, found[name], shape)
    }
  }
}

/** @throws {RangeError} for a rate outside of [0, 1) */
export function checkDropout(where: string, { rate, step }: Dropout): void {
  if (!(rate >= 0 && rate < 1))
    throw new RangeError(`${where}: rate must lie in [0, 1), got ${rate}`)
  if (!Number.isInteger(step) || step < 0 || step >= 2 ** 32)
    throw new RangeError(`${where}: step must be an integer from 0 to 2^32 - 1, got ${step}`)
}

/** Of a product of matrices. @throws {RangeError} unless their inner sizes agree */
export function checkInnerAxes(
  A: Handle,
  B: Handle,
  { transposeA = false, transposeB = false }: ProductOptions,
): void {
  // anything but a matrix is found by its shape
  if (!(A?.shape?.length >= 2 && B?.shape?.length >= 2)) return
  if (flat(A.shape)[transposeA ? 0 : 1] === flat(B.shape)[transposeB ? 1 : 0]) return
  const side = (handle: Handle, transposed: boolean) =>
    `${shapeText(handle.shape)}${transposed ? ' transposed' : ''}`
  throw new RangeError(
    `product: the columns of A must equal the rows of B, got A ${side(A, transposeA)} and B ${side(B, transposeB)}`,
  )
}

/** @throws {RangeError} unless the rows lie within X and within Y, and X is not Y */
export function checkCopiedRows(
  where: string,
  { from, to, count }: { readonly from: number; readonly to: number; readonly count: number },
  [X, Y]: readonly [Handle, Handle],
): void {
  // anything but a matrix is found by its shape
  if (!(X?.shape?.length >= 2 && Y?.shape?.length >= 2)) return
  expectApart(where, { X }, { Y })
  for (const [name, handle, first] of [
    ['X', X, from],
    ['Y', Y, to],
  ] as const) {
    const rows = rowsOf(handle)
    if (first + count > rows)
      throw new RangeError(
        `${where}: ${name} must have the rows ${first} to ${first + count - 1}, got ${rows} rows; give from, to and count`,
      )
  }
}

/** @throws {RangeError} for a loss without classes */
export function checkClasses(where: string, E: Handle): void {
  if (E?.shape?.[0] === 0)
    throw new RangeError(`${where}: E must have at least one class, got ${shapeText(E.shape)}`)
}
