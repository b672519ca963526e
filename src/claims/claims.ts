import type { Claim } from './claim.ts'
import { attentionFormula, rowsSumToOne } from './formula.ts'
import { equalRows, wordOrder } from './order.ts'
import { parameterCount, trainedParameters } from './parameters.ts'
import { contextualEmbedding, questionWhat, questionWhen } from './questions.ts'
import { causalPast, emptyRow, gradientsAgree } from './safety.ts'
import { batchShape, equalWidths, projectionShape } from './shapes.ts'

/** Every claim: those of the quiz in its order, then those that hold beside it. */
export const claims: readonly Claim[] = [
  projectionShape,
  equalWidths,
  attentionFormula,
  contextualEmbedding,
  questionWhat,
  questionWhen,
  batchShape,
  trainedParameters,
  parameterCount,
  wordOrder,
  rowsSumToOne,
  emptyRow,
  equalRows,
  causalPast,
  gradientsAgree,
]

/** The claim of a name. @throws {RangeError} for a name that there is not */
export function claimNamed(name: string): Claim {
  const found = claims.find((claim) => claim.name === name)
  if (!found) throw new RangeError(`prove: unknown claim ${JSON.stringify(name)}; known: ${claims.map((claim) => claim.name).join(', ')}`)
  return found
}
