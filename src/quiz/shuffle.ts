import { BOOLEAN, checkOptions } from '../kinds.ts'
import { Random } from '../random.ts'
import type { Quiz, QuizItem, QuizSection } from './quiz.ts'

/** Options of shuffling. */
export interface ShuffleOptions {
  /**
   * Shuffle items within their sections and the options of every choice, regardless of the quiz.
   */
  readonly all?: boolean
}

/**
 * The quiz shuffled by a seed: items within their sections, and options except pinned ones, if the
 * quiz says so. Each item has a random stream of its own, so that changing one leaves the others as
 * they were.
 *
 * @param seed an integer from 0 to 2⁵³ − 1
 * @throws {RangeError} if the seed is not such an integer
 */
export function shuffled(quiz: Quiz, seed: number, options: ShuffleOptions = {}): Quiz {
  checkOptions('shuffled', options, { all: BOOLEAN }, '{ all: true }')
  const { all = false } = options
  const inSection = (section: QuizSection, s: number): QuizSection => {
    const items = section.items.map((item) => withShuffledOptions(item, seed, all))
    return {
      ...section,
      items:
        (quiz.shuffle ?? false) || all ? new Random(seed, `section ${s}`).shuffle(items) : items,
    }
  }
  return { ...quiz, sections: quiz.sections.map(inSection) }
}

function withShuffledOptions(item: QuizItem, seed: number, all: boolean): QuizItem {
  if (item.kind === 'numeric' || !(item.shuffle || all)) return item
  const free = new Random(seed, `item ${item.id}`).shuffle(
    item.options.filter(({ pinned }) => !pinned),
  )
  let next = 0
  return { ...item, options: item.options.map((option) => (option.pinned ? option : free[next++])) }
}
