// Texts: words, sentences, vocabularies, and questions with their answers.

export { readQuestions } from '../learn/triples.ts'
export {
  Corpus,
  type LineSource,
  type TextRules,
  type TextSource,
  type TextSources,
} from '../text/corpus.ts'
export { type AnnotatedToken, type Line, linesOf, type TextStream } from '../text/decode.ts'
export type { WordMatch, WordSearch } from '../text/search.ts'
export { type Sentence, type Sentences, sentenceLines, sentencesOf } from '../text/sentences.ts'
export { type Token, type Tokenization, tokenize } from '../text/tokens.ts'
export { icuVersion } from '../text/unicode/dictionary.ts'
export { needsDictionary } from '../text/unicode/words.ts'
export { countWords, Vocabulary } from '../text/vocabulary.ts'
