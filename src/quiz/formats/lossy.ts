import { type ChoiceItem, itemsOf, type Quiz, type QuizItem } from '../quiz.ts'
import { everyText, stringsOf } from '../texts.ts'
import { hasOpenFormula } from './html-text.ts'
import { type Remark, Remarks } from './remark.ts'

/** Something of a quiz that a format may lack. */
interface Feature {
  /** Whether an item has it, or the quiz as a whole. */
  readonly item?: (item: QuizItem) => boolean
  readonly quiz?: (quiz: Quiz) => boolean
  /** What happens instead. */
  readonly text: string
}

const choices = (item: QuizItem): readonly ChoiceItem['options'][number][] =>
  item.kind === 'numeric' ? [] : item.options

/** The letter of an option by its place: a, b, …, z, aa, ab, … */
export const letterOf = (n: number): string =>
  (n < 26 ? '' : letterOf(Math.floor(n / 26) - 1)) + String.fromCharCode(97 + (n % 26))

/** How many right options a bank of Moodle can share a point among. */
const MOST_SHARES = 10

const FEATURES = {
  languages: {
    quiz: ({ languages }) => languages.length > 1,
    text: 'one is written, the others are left out; export each to a file of its own',
  },
  id: {
    quiz: () => true,
    text: 'there is no place for the name of the quiz; an import makes one from the title',
  },
  name: {
    quiz: ({ name }) => name !== undefined,
    text: 'there is no field for it; who answers is logged in by name',
  },
  quizShuffle: {
    quiz: ({ shuffle }) => shuffle === true,
    text: 'whether items are shuffled is a setting of the quiz, not of its questions',
  },
  sections: {
    quiz: ({ sections }) =>
      new Set(sections.map(({ title }) => JSON.stringify(title))).size < sections.length,
    text: 'sections of the same title become one category in Moodle',
  },
  titles: {
    quiz: (quiz) =>
      [quiz, ...quiz.sections].some(({ title }) =>
        stringsOf(title).some((text) => text !== text.replace(/\s+/g, ' ').trim()),
      ),
    text: 'line breaks and several blanks in a title become one blank',
  },
  formulas: {
    quiz: (quiz) =>
      everyText(quiz)
        .flatMap(({ text }) => stringsOf(text))
        .some(hasOpenFormula),
    text: 'a formula with \\( \\) \\[ \\] or $$ in it stays as it is written, between dollars',
  },
  claim: {
    item: ({ claim }) => claim !== undefined,
    text: 'nothing can run there; the answers stay, their proofs do not',
  },
  points: { item: ({ points = 1 }) => points !== 1, text: 'every question counts one point' },
  required: {
    item: ({ required = true }) => required,
    text: 'every question may be left without an answer; an import takes all as required',
  },
  optional: { item: ({ required = true }) => !required, text: 'an import takes it as required' },
  shuffle: {
    item: ({ kind }) => kind !== 'numeric',
    text: 'whether options are shuffled is not said; Moodle shuffles them by default',
  },
  pinned: {
    item: (item) => choices(item).some(({ pinned }) => pinned !== undefined),
    text: 'an option that keeps its place is shuffled like any other',
  },
  optionIds: {
    item: (item) => choices(item).some(({ id }, n) => id !== letterOf(n)),
    text: 'options have no names; they become a, b, c in their order',
  },
  sheetOrder: {
    quiz: (quiz) =>
      quiz.shuffle === true ||
      itemsOf(quiz).some((item) => item.kind !== 'numeric' && item.shuffle),
    text: 'what is to be shuffled stands in the order of the file',
  },
  sheetLetters: {
    item: (item) => choices(item).some(({ id }, n) => id !== letterOf(n)),
    text: 'options are lettered by their places; to grade such letters, a column named sheet says which sheet they are of',
  },
  scoring: {
    item: ({ kind }) => kind === 'multiple',
    text: 'a part of the right options earns a part of the points, a wrong one takes all of them',
  },
  shares: {
    item: (item) => choices(item).filter(({ right }) => right).length > MOST_SHARES,
    text: `Moodle cannot share a point among more than ${MOST_SHARES} right options and will not import it`,
  },
} satisfies Readonly<Record<string, Feature>>

export type LossyFeature = keyof typeof FEATURES

/** What of a quiz is lost in a format that lacks these. */
export function lossyFeatures(quiz: Quiz, lacks: readonly LossyFeature[]): readonly Remark[] {
  const remarks = new Remarks()
  for (const lack of lacks) {
    const { item: ofItem, quiz: ofQuiz, text }: Feature = FEATURES[lack]
    if (ofQuiz?.(quiz)) remarks.add(lack, text)
    for (const item of itemsOf(quiz)) if (ofItem?.(item)) remarks.add(lack, text, item.id)
  }
  return remarks.all
}

/** What banks of questions for Moodle lack, GIFT and XML alike. */
export const MOODLE_LOSSY = [
  'languages',
  'name',
  'quizShuffle',
  'sections',
  'titles',
  'formulas',
  'claim',
  'required',
  'optional',
  'pinned',
  'optionIds',
  'scoring',
  'shares',
] as const
