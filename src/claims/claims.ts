import type { Claim } from './claim.ts'
import {
  equalScores,
  exactZeros,
  shiftedScores,
  sigmoidSum,
  sparsemaxByHand,
  tiesKept,
} from './distributions.ts'
import { attentionFormula, rowsSumToOne } from './formula.ts'
import { offSupport, scoreSpread, scoreSum, valueGradient } from './gradients.ts'
import { headsApart, headsCount, headsWidth } from './heads.ts'
import { causalChange, causalCount, causalOrder, paddingHidden } from './masks.ts'
import { memoryGrowth, recomputed, weightsCount } from './memory.ts'
import { equalRows, wordOrder } from './order.ts'
import { parameterCount, trainedParameters } from './parameters.ts'
import { movedText, relativeCount, rotaryPositions } from './positions.ts'
import { contextualEmbedding, questionWhat, questionWhen } from './questions.ts'
import { causalPast, emptyRow, gradientsAgree } from './safety.ts'
import { batchShape, equalWidths, projectionShape } from './shapes.ts'

/** The claims that the questions of the quiz ask about, in their order. */
const ofQuiz: readonly Claim[] = [
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
]

/**
 * Every claim: those of the quiz in its order, then the others by subject: masks, distributions,
 * gradients, positions, heads, memory.
 */
export const claims: readonly Claim[] = [
  ...ofQuiz.map((claim, n) => ({ ...claim, question: n + 1 })),
  emptyRow,
  causalPast,
  causalChange,
  causalCount,
  paddingHidden,
  rowsSumToOne,
  exactZeros,
  sparsemaxByHand,
  sigmoidSum,
  tiesKept,
  shiftedScores,
  equalScores,
  gradientsAgree,
  scoreSum,
  offSupport,
  valueGradient,
  scoreSpread,
  equalRows,
  causalOrder,
  movedText,
  rotaryPositions,
  relativeCount,
  headsCount,
  headsWidth,
  headsApart,
  memoryGrowth,
  weightsCount,
  recomputed,
]

/** The claim of a name. @throws {RangeError} for an unknown name */
export function claimNamed(name: string): Claim {
  const found = claims.find((claim) => claim.name === name)
  if (!found)
    throw new RangeError(
      `prove: unknown claim ${JSON.stringify(name)}; known: ${claims.map((claim) => claim.name).join(', ')}`,
    )
  return found
}
