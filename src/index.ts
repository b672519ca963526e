export {
  type AnyLayer,
  type AnyOptions,
  type Claim,
  type ClaimSettings,
  type ClaimSizes,
  type Evidence,
  type Finding,
  type Ground,
  judge,
  type Language,
  type OptionFinding,
  SENTENCE,
  type Verdict,
  type Words,
} from './claims/claim.ts'
export { claimNamed, claims } from './claims/claims.ts'
export { allOrders } from './claims/order.ts'
export { drawnEmbeddings, largestDifference } from './claims/words.ts'
export type * from './device/device.ts'
export { type DeviceOptions, measurePeak, openDevice } from './device/open.ts'
export type { ByteSource, Fetched } from './io/bytes.ts'
export { csvRow } from './io/csv.ts'
export { type Pieces, readPieces, readWhole, writeWhole } from './io/files.ts'
export { encodeNpy } from './io/npy.ts'
export { openTensors, type StoredTensor, type TensorReader } from './io/open-tensors.ts'
export type { FilePath } from './io/path.ts'
export { type Bytes, decodeTensors, encodeTensors, type TensorFile } from './io/safetensors.ts'
export { Sha256 } from './io/sha256.ts'
export { openSpool } from './io/spool.ts'
export { nearest } from './kinds.ts'
export {
  Encoder,
  type EncoderGradients,
  type EncoderOptions,
  type EncoderPass,
} from './layer/encoder.ts'
export type { ForwardOptions, ReplacedQueries } from './layer/forward-options.ts'
export type { Held } from './layer/held.ts'
export {
  type EqualWidths,
  initialParameters,
  type LayerForm,
  type SelfAttentionOptions,
} from './layer/options.ts'
export type { LayerContext } from './layer/parameters.ts'
export type { BackwardPass, ForwardResult, GradientResult, Pass } from './layer/pass.ts'
export { type MemoryEstimate, type PlannedSizes, SelfAttention } from './layer/self-attention.ts'
export type { Stack, StackLayer, StackOptions, StackPass } from './layer/stack.ts'
export type { FeedForwardOptions, Normalization, Sublayer, SublayerPass } from './layer/sublayer.ts'
export type { TextOptions, Texts } from './layer/texts.ts'
export type { GradientHandles, Learned, Trail } from './layer/trail.ts'
export type { Asked, AskingPass } from './learn/asking.ts'
export { Average } from './learn/average.ts'
export type { Keeper, Kept, Progress } from './learn/checkpoint.ts'
export { type Form, Lexicon } from './learn/forms.ts'
export { Network, type NetworkOptions, type NetworkPass, type PassParts } from './learn/network.ts'
export type { Place } from './learn/objective.ts'
export * as objectives from './learn/objectives.ts'
export * from './learn/optimizer.ts'
export type { Question, QuestionsOptions } from './learn/questions.ts'
export type { RowGradients, Rows } from './learn/row-map.ts'
export { heldOutLoss, type StepEvent, train } from './learn/train.ts'
export type { TrainOptions } from './learn/train-options.ts'
export { readQuestions } from './learn/triples.ts'
export { Divergence, type Gathered, type WatchState } from './learn/watch.ts'
export type {
  RowsOfForms,
  TableGradients,
  WordVectors,
  WordVectorsPass,
} from './learn/word-vectors.ts'
export type { PredictionOptions, Sampler, Target } from './learn/words.ts'
export type * from './mechanism/alignment.ts'
export * from './mechanism/alignments.ts'
export { type Attended, type AttendGradients, attend } from './mechanism/attention.ts'
export type * from './mechanism/distribution.ts'
export * from './mechanism/distributions.ts'
export type { Mask, MaskPlace } from './mechanism/mask.ts'
export * as masks from './mechanism/mask.ts'
export type { Matrix } from './mechanism/matrix.ts'
export * as matrices from './mechanism/matrix.ts'
export * from './mechanism/named.ts'
export * as operands from './mechanism/operands.ts'
export type { Position } from './mechanism/position.ts'
export * as positions from './mechanism/position.ts'
export type { MechanismOptions, ParameterForms, ParameterTensors } from './mechanism/rule.ts'
export type { AttentionStatistics, Wanted } from './mechanism/want.ts'
export { type Agreement, agreement } from './model/agreement.ts'
export type { Answer } from './model/ask.ts'
export type { CheckpointBytes, Checkpointing } from './model/checkpoint.ts'
export {
  type ClassExample,
  Classifier,
  type ClassOptions,
  learnClasses,
} from './model/classifier.ts'
export { type Descriptor, spread } from './model/describing.ts'
export type { EmbeddedToken } from './model/embed.ts'
export {
  CHECKPOINT,
  type Checkpoint,
  checkpointOf,
  type LearnedRecord,
  type ModelRecord,
} from './model/file.ts'
export { DEFAULT_FORM, embeddingWidth, type ModelForm } from './model/form.ts'
export { LEARN_OPTIONS, type LearnFlags, type LearnOptions } from './model/learn-options.ts'
export { type LearnEvent, learn, learning } from './model/learning.ts'
export { type Attended as AttendedText, load, Model } from './model/model.ts'
export {
  cosine as cosineSimilarity,
  type NearOptions,
  type NearQuery,
  type Neighbour,
} from './model/near.ts'
export { type Occurrence, type SenseView, sameForm } from './model/occurrences.ts'
export { defaultText, type OptionFlag, type OptionRow } from './model/option-rows.ts'
export type { Parts, Reader, TextInput } from './model/parts.ts'
export type { SenseEdit, SenseReference } from './model/regrouping.ts'
export {
  type SenseGroup,
  type SenseLine,
  type Senses,
  type SensesOptions,
  UNCERTAIN,
} from './model/senses.ts'
export type { Parting } from './model/silhouette.ts'
export type { ModelSource } from './model/source.ts'
export { STORES, type Store } from './model/store.ts'
export type { LearnText } from './model/subject.ts'
export { type BuiltInQuiz, builtInQuiz, builtInQuizzes, USUAL_QUIZ } from './quiz/built-in.ts'
export { writeAppsScript } from './quiz/formats/apps-script.ts'
export { quizInScript } from './quiz/formats/apps-script-reader.ts'
export type { ImportOptions } from './quiz/formats/bank.ts'
export { readGift } from './quiz/formats/gift-reader.ts'
export { writeGift } from './quiz/formats/gift-writer.ts'
export { letterOf } from './quiz/formats/lacks.ts'
export { readMoodle } from './quiz/formats/moodle-reader.ts'
export { writeMoodle } from './quiz/formats/moodle-writer.ts'
export { type Exported, type Imported, type Remark, remarkLine } from './quiz/formats/remark.ts'
export { type Responses, type Row, readResponses } from './quiz/formats/responses.ts'
export { type SheetOptions, writeSheet } from './quiz/formats/sheet.ts'
export type { XmlElement } from './quiz/formats/xml.ts'
export { type Part, partsOf } from './quiz/formulas.ts'
export {
  type AnswerSheet,
  type GradedItem,
  type GradedPerson,
  type Grades,
  grade,
  type Unread,
} from './quiz/grading.ts'
export { hasKey, withoutKey } from './quiz/keyless.ts'
export {
  checkQuiz,
  findingOf,
  type ItemCheck,
  type KeyFault,
  numberFound,
  Prover,
} from './quiz/proof.ts'
export type * from './quiz/quiz.ts'
export { itemsOf, textIn } from './quiz/quiz.ts'
export { readQuiz } from './quiz/read.ts'
export { RESULT_COLUMNS, readResult, resultRows } from './quiz/result.ts'
export {
  type Answers,
  answerTo,
  feedbackTo,
  isAnswered,
  isRight,
  keyOf,
  pointsOf,
  scoreOf,
} from './quiz/score.ts'
export { type ShuffleOptions, shuffled } from './quiz/shuffle.ts'
export { plainName, Sitting, type SittingStart } from './quiz/sitting.ts'
export { inLanguage } from './quiz/texts.ts'
export { unicodeOf, unicodeText } from './quiz/unicode.ts'
export * as initializers from './random.ts'
export { Random } from './random.ts'
export { type DType, type Nested, type Numbers, Tensor } from './tensor.ts'
export { Corpus, type TextRules, type TextSource } from './text/corpus.ts'
export { type Line, LONGEST_LINE, linesOf, type TextStream, wholeText } from './text/decode.ts'
export { bucketsOf } from './text/letters.ts'
export { type Sentence, type Sentences, sentencesOf } from './text/sentences.ts'
export type { Spool } from './text/spool.ts'
export { type Token, type Tokenization, tokenize } from './text/tokens.ts'
export { countWords, Vocabulary } from './text/vocabulary.ts'
