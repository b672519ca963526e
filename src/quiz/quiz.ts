/**
 * A text of a quiz: the same in every language, or one for each of them.
 *
 * Formulas stand between dollars in TeX, as in `$W_Q \in \mathbb{R}^{D \times d_q}$`; `\$` is a
 * dollar.
 */
export type QuizText = string | Readonly<Record<string, string>>

/** One thing that can be chosen. */
export interface QuizOption {
  /** Its letter, as in (a): unique among the options of its item. */
  readonly id: string
  readonly text: QuizText
  /**
   * Whether it belongs to the right answer; absent from a quiz that was written without its key.
   */
  readonly right?: boolean
  /** It keeps its position when the others are shuffled, as «none of these» must. */
  readonly pinned?: boolean
  /** Feedback to those who chose it. */
  readonly feedback?: QuizText
}

/** The claim whose run proves the right answer of an item and refutes the wrong ones. */
export interface ItemClaim {
  /** A name that `claimNamed` knows. */
  readonly name: string
  /**
   * The option of the claim that each option of the item stands for; without it, the one of the
   * same letter.
   */
  readonly options?: Readonly<Record<string, string>>
  /**
   * Of a numeric item: the name of the number, among those of the claim's findings, that is the
   * answer.
   */
  readonly number?: string
  /** Settings of the claim, if not the default. */
  readonly settings?: {
    readonly seed?: number
    readonly sizes?: Readonly<Partial<Record<'dModel' | 'dQuery' | 'dValue' | 'N', number>>>
    readonly sentence?: readonly string[]
  }
}

export interface AnyItem {
  /** Unique in the quiz; results name items by it. */
  readonly id: string
  readonly text: QuizText
  /** Points of a right answer, > 0; default 1. */
  readonly points?: number
  /** Whether it must be answered; default true. */
  readonly required?: boolean
  /** Why the right answer is right: said once an answer is there. */
  readonly explanation?: QuizText
  readonly claim?: ItemClaim
}

/** A question of which one option is right (`single`), or one or more (`multiple`). */
export interface ChoiceItem extends AnyItem {
  readonly kind: 'single' | 'multiple'
  /** At least two. */
  readonly options: readonly QuizOption[]
  /** Whether its options are shuffled by the seed, those that are pinned left where they are. */
  readonly shuffle?: boolean
}

/** A question whose answer is a number. */
export interface NumericItem extends AnyItem {
  readonly kind: 'numeric'
  /**
   * Right is what differs from `value` by at most `tolerance` (default 0); absent from a quiz
   * without its key.
   */
  readonly answer?: { readonly value: number; readonly tolerance?: number }
  /** Feedback to those who answered right or wrong. */
  readonly feedback?: { readonly right?: QuizText; readonly wrong?: QuizText }
}

export type QuizItem = ChoiceItem | NumericItem

/** Items under one heading, with what must be read before them. */
export interface QuizSection {
  readonly title: QuizText
  readonly text?: QuizText
  readonly items: readonly QuizItem[]
}

/**
 * The field for the name of who answers; a quiz without one asks for the name all the same, and
 * needs it.
 */
export interface NameField {
  readonly label?: QuizText
  /** Default true. */
  readonly required?: boolean
}

/** A quiz, as its JSON file holds it; `quiz/schema.json` is the same in JSON Schema. */
export interface Quiz {
  readonly $schema?: string
  /** Version of this format. */
  readonly regardQuiz: 1
  /** Names the quiz in results. */
  readonly id: string
  readonly title: QuizText
  readonly description?: QuizText
  /** Language tags, the default first; every text by language has all of them. */
  readonly languages: readonly string[]
  readonly name?: NameField
  /** Whether the items of each section are shuffled by the seed. */
  readonly shuffle?: boolean
  readonly sections: readonly QuizSection[]
}

/** What was answered to an item: letters of options, or a number; null where nothing was. */
export type Response = readonly string[] | number | null

/** What somebody answered: the JSON that `regard quiz take` writes. */
export interface QuizResult {
  readonly regardQuizResult: 1
  readonly quiz: { readonly id: string; readonly title: string }
  readonly name: string
  readonly language: string
  readonly mode: 'practice' | 'test'
  readonly seed: number
  /** ISO 8601, in UTC. */
  readonly started: string
  readonly finished: string
  /** By the id of the item. */
  readonly answers: Readonly<Record<string, Response>>
  /** Absent where the quiz has no key. */
  readonly score?: { readonly points: number; readonly of: number }
}

/** Every item of a quiz, in the order of its file. */
export const itemsOf = (quiz: Quiz): QuizItem[] => quiz.sections.flatMap(({ items }) => items)

/** A text in a language, or in the default language of the quiz where it lacks that one. */
export const textIn = (text: QuizText, language: string, quiz: Quiz): string =>
  typeof text === 'string' ? text : (text[language] ?? text[quiz.languages[0]])
