import type { Question } from '../learn/questions.ts'
import { isUndivided } from '../text/dictionaries.ts'
import type { Tokenization } from '../text/tokens.ts'
import { countWords, folded, mergedSpellings, Vocabulary } from '../text/vocabulary.ts'
import type { Dataset } from './dataset.ts'
import type { LearnConfig } from './learn-config.ts'
import type { LearningRun } from './run.ts'

/** Largest vocabulary for a text that does not fit into memory. */
const WORDS_OF_A_LARGE_TEXT = 50_000

/**
 * How often each word occurs in the text and the questions, in lower case, with one apostrophe: ',
 * or under the rule `words` the commonest.
 */
export function countsOf(
  dataset: Dataset,
  questions: readonly Question[],
  tokens: Tokenization,
): Map<string, number> {
  const lower = tokens === 'words' ? (word: string): string => word.toLowerCase() : folded
  const counts = countWords(
    questions.flatMap(({ words, question }) => [...words, ...question]).map(lower),
  )
  for (const [word, count] of dataset.wordCounts())
    counts.set(lower(word), (counts.get(lower(word)) ?? 0) + count)
  return mergedSpellings(counts)
}

/** The vocabulary and its counts: the words of the model before, then the new ones. */
export function vocabularyOf(
  counts: ReadonlyMap<string, number>,
  { minCount, model }: LearnConfig,
  { options, inMemory }: LearningRun,
) {
  const { from } = options
  const most = options.vocabulary ?? (inMemory ? Infinity : WORDS_OF_A_LARGE_TEXT)
  const vocabulary = from
    ? from.vocabulary.grown(counts, minCount, most)
    : Vocabulary.of(counts, minCount, most)
  const now = new Map([...counts].map(([word, count]) => [vocabulary.numberOf(word), count]))
  if (vocabulary.size === 0)
    throw new RangeError(
      `learn: no word of the text occurs ${minCount} times; give a longer text, or minCount: 1`,
    )
  return {
    vocabulary,
    undivided: [...counts.keys()].some((word) => isUndivided(word, model.tokens)),
    counts: vocabulary.words.map((_, n) => (from?.record.counts[n] ?? 0) + (now.get(n) ?? 0)),
  }
}
