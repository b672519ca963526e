export {
  type Claim,
  type ClaimSettings,
  type Finding,
  judge,
  type Language,
  type OptionFinding,
  SENTENCE,
  type Verdict,
} from './claims/claim.ts'
export { claimNamed, claims } from './claims/claims.ts'
export type * from './device/device.ts'
export { type DeviceOptions, openDevice } from './device/open.ts'
export { decodeTensors, encodeTensors, type TensorFile } from './io/safetensors.ts'
export { Encoder, type EncoderOptions } from './layer/encoder.ts'
export type { SelfAttentionOptions } from './layer/options.ts'
export type { BackwardPass, ForwardResult, GradientResult, Pass } from './layer/pass.ts'
export { type ForwardOptions, type MemoryEstimate, SelfAttention } from './layer/self-attention.ts'
export type * from './mechanism/alignment.ts'
export * from './mechanism/alignments.ts'
export { type Attended, type AttendGradients, attend } from './mechanism/attention.ts'
export type * from './mechanism/distribution.ts'
export * from './mechanism/distributions.ts'
export type { Mask, MaskPlace } from './mechanism/mask.ts'
export * as masks from './mechanism/mask.ts'
export type { Matrix } from './mechanism/matrix.ts'
export * as matrices from './mechanism/matrix.ts'
export * as operands from './mechanism/operands.ts'
export type { Position } from './mechanism/position.ts'
export * as positions from './mechanism/position.ts'
export type { MechanismOptions, ParameterTensors } from './mechanism/rule.ts'
export type { AttentionStatistics, Wanted } from './mechanism/want.ts'
export * as initializers from './random.ts'
export { Random } from './random.ts'
export { type DType, type Nested, type Numbers, Tensor } from './tensor.ts'
export { type Line, LONGEST_LINE, linesOf, type TextStream } from './text/decode.ts'
export { bucketsOf } from './text/letters.ts'
export { type Sentence, type Sentences, sentencesOf } from './text/sentences.ts'
export { type Token, type Tokenization, tokenize } from './text/tokens.ts'
export { countWords, Vocabulary } from './text/vocabulary.ts'
