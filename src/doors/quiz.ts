// Claims about the layer, each proven by running it, and quizzes: read, prove, take, grade, and exchange.

export {
  type AnyLayer,
  type AnyOptions,
  type Claim,
  type ClaimSettings,
  type ClaimSetup,
  type ClaimSizes,
  type Evidence,
  type Finding,
  judge,
  type Language,
  type LocalizedText,
  type OptionFinding,
  SENTENCE,
  type Verdict,
} from '../claims/claim.ts'
export { claimNamed, claims } from '../claims/claims.ts'
export { type BuiltInQuiz, builtInQuiz, builtInQuizzes } from '../quiz/built-in.ts'
export { findingOf } from '../quiz/findings.ts'
export { writeAppsScript } from '../quiz/formats/apps-script.ts'
export { readGift } from '../quiz/formats/gift-reader.ts'
export { writeGift } from '../quiz/formats/gift-writer.ts'
export { readMoodle } from '../quiz/formats/moodle-reader.ts'
export { writeMoodle } from '../quiz/formats/moodle-writer.ts'
export type { ImportOptions } from '../quiz/formats/question-bank.ts'
export type { Exported, Imported, Remark } from '../quiz/formats/remark.ts'
export { type Responses, type Row, readResponses } from '../quiz/formats/responses.ts'
export { type SheetOptions, writeSheet } from '../quiz/formats/sheet.ts'
export type { XmlElement } from '../quiz/formats/xml.ts'
export {
  type AnswerSheet,
  type GradedItem,
  type GradedPerson,
  type Grades,
  grade,
  type Unread,
} from '../quiz/grading.ts'
export {
  checkQuiz,
  type ItemCheck,
  type KeyFault,
  Prover,
} from '../quiz/proof.ts'
export type * from '../quiz/quiz.ts'
export { itemsOf, textIn } from '../quiz/quiz.ts'
export { readQuiz } from '../quiz/read.ts'
export { readResult, resultRows } from '../quiz/result.ts'
export {
  type Answers,
  answerTo,
  feedbackTo,
  isAnswered,
  isRight,
  keyOf,
  pointsOf,
  scoreOf,
} from '../quiz/score.ts'
export { type ShuffleOptions, shuffled } from '../quiz/shuffle.ts'
export { Sitting, type SittingStart } from '../quiz/sitting.ts'
export { inLanguage } from '../quiz/texts.ts'
export { unicodeOf, unicodeText } from '../quiz/unicode.ts'
export { hasKey, withoutKey } from '../quiz/without-key.ts'
