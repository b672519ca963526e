export { Asking, type AskingOptions } from './asking.ts'
export { Classes, classes, type Labelled } from './classes.ts'
export { questions } from './questions.ts'
export type { Keys } from './row-map.ts'
export {
  type EncodedSentence as Sentence,
  hiddenWords,
  nextWords,
  WordPrediction,
} from './words.ts'
