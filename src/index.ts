// The layer: attention, masks, devices, training, and models of text.

export type * from './device/device.ts'
export { type DeviceOptions, openDevice } from './device/open.ts'
export type { Operation, Rules } from './device/operation.ts'
export type { OperationMethods, OperationName, operations } from './device/operations.ts'
export type {
  Axis,
  Operand,
  OperandShape,
  Range as OperandRange,
  Signature,
} from './device/signature.ts'
export * as initializers from './initializers.ts'
export type { ByteSource, Fetched } from './io/bytes.ts'
export type { FilePath } from './io/path.ts'
export type { Integers, Kind, NumberRange } from './kinds.ts'
export type { CachedLayer, CacheOptions, KeysValues, KeyValueCache } from './layer/cache.ts'
export type {
  EmbeddingOptions,
  EmbeddingPartials,
  EmbeddingParts,
  Embeddings,
  EmbeddingsPass,
  EncoderText,
  TableGradients,
  Word,
  WordFeatures,
} from './layer/embeddings.ts'
export {
  Encoder,
  type EncoderForwardOptions,
  type EncoderGradients,
  type EncoderOptions,
  type EncoderPass,
} from './layer/encoder.ts'
export { FeedForward, type FeedForwardOptions } from './layer/feed-forward.ts'
export type { ForwardOptions, ReplacedQueries } from './layer/forward-options.ts'
export type { GivenParameters } from './layer/given.ts'
export type { Freeable, Held } from './layer/held.ts'
export type { LayerJSON } from './layer/json.ts'
export type { Layer } from './layer/layer.ts'
export { layerOptions } from './layer/layer-options.ts'
export { Linear, type LinearOptions } from './layer/linear.ts'
export { Norm, type Normalization, type NormOptions } from './layer/norm.ts'
export type { OffsetOptions } from './layer/offsets.ts'
export type {
  EqualWidths,
  LayerConfig,
  SelfAttentionOptions,
} from './layer/options.ts'
export type { LayerHost } from './layer/parameters.ts'
export type {
  BackwardPass,
  ForwardResult,
  GradientHandles,
  GradientResult,
  LayerParts,
  Pass,
  SavedTensors,
  StepsPass,
} from './layer/pass.ts'
export type { PartialGradient, RowSegments } from './layer/rows.ts'
export { type MemoryEstimate, type PlannedSizes, SelfAttention } from './layer/self-attention.ts'
export { Stack, type StackLayer, type StackOptions, type StackPass } from './layer/stack.ts'
export type { Gradients, StepBackward, Tape } from './layer/steps/tape.ts'
export type { Sublayer, SublayerPass } from './layer/sublayer.ts'
export type { TextOptions, Texts } from './layer/texts.ts'
export type { AskedSentences, AskingGradients, AskingPass } from './learn/asking.ts'
export type { Checkpointer, SavedState, TrainingProgress } from './learn/checkpoint.ts'
export { Lexicon } from './learn/lexicon.ts'
export * as losses from './learn/losses.ts'
export type {
  Batch,
  Loss,
  Objective,
  Outputs,
  PartialGradients,
  TextPosition,
} from './learn/objective.ts'
export type { Optimizer, Pace, ParameterUpdate } from './learn/optimizer.ts'
export * as optimizers from './learn/optimizers.ts'
export type { Question, QuestionsOptions } from './learn/questions.ts'
export type { RowGradients, TextRows } from './learn/row-map.ts'
export * as schedules from './learn/schedules.ts'
export { heldOutLoss, type StepEvent, train } from './learn/train.ts'
export type { TrainOptions } from './learn/train-options.ts'
export { Divergence, type LossSum, type WatchState } from './learn/watch.ts'
export type { PredictionOptions, Sampler, Target } from './learn/words.ts'
export type * from './mechanism/alignment.ts'
export {
  additive,
  cosine,
  dot,
  general,
  negativeDistance,
  scaledDot,
} from './mechanism/alignments.ts'
export { type Attended, type AttendGradients, attend } from './mechanism/attention.ts'
export type * from './mechanism/distribution.ts'
export {
  entmax,
  entmax15,
  sigmoid,
  softmax,
  sparsemax,
  topK,
} from './mechanism/distributions.ts'
export type { Mask, MaskSizes } from './mechanism/mask.ts'
export * as masks from './mechanism/mask.ts'
export type { Matrix } from './mechanism/matrix.ts'
export * as matrices from './mechanism/matrix.ts'
export { alignmentNamed, distributionNamed, positionNamed } from './mechanism/named.ts'
export * as operands from './mechanism/operands.ts'
export type * from './mechanism/position.ts'
export * as positions from './mechanism/positions.ts'
export type { MechanismOptions, ParameterShapes, ParameterTensors } from './mechanism/rule.ts'
export type { AttentionStatistics, Wanted } from './mechanism/want.ts'
export type { Answer } from './model/ask.ts'
export type { CheckpointBytes, Checkpointing } from './model/checkpoint.ts'
export {
  type ClassExample,
  Classifier,
  type ClassOptions,
  learnClasses,
} from './model/classifier.ts'
export type { ModelConfig } from './model/config.ts'
export type { EmbeddedToken } from './model/embed.ts'
export type { LearnedRecord, ModelRecord } from './model/file.ts'
export type { LearnOptions } from './model/learn-options.ts'
export { type LearnEvent, learn, learning } from './model/learning.ts'
export { type AttendedText, load, Model } from './model/model.ts'
export type { ModelModules, Reader, TextInput } from './model/modules.ts'
export type { NearOptions, NearQuery, Neighbour } from './model/near.ts'
export type { SearchOptions, TextMatch, TextsRead } from './model/occurrences.ts'
export type { LearnText } from './model/run.ts'
export type { ModelSource } from './model/source.ts'
export { STORES, type Store } from './model/store.ts'
export { Random } from './random.ts'
export { type DType, type Nested, type Numbers, Tensor, type TensorJSON } from './tensor.ts'
export type { TextRules, TextSource } from './text/corpus.ts'
export type { Line, TextStream } from './text/decode.ts'
export type { WordMatch, WordSearch } from './text/search.ts'
export type { Sentences } from './text/sentences.ts'
export type { Spool } from './text/spool.ts'
export type { Token, Tokenization } from './text/tokens.ts'
export type { Vocabulary } from './text/vocabulary.ts'
