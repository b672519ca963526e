import type { ChoiceItem } from '../quiz.ts'
import { letterOf } from './lossy.ts'
import type { ItemBody } from './question-bank.ts'

/** An option as a bank of questions has it. */
export interface GivenOption {
  readonly text: string
  /** Percent of the points that it earns. */
  readonly percent: number
  readonly feedback?: string
}

export interface GivenChoice {
  readonly kind: 'single' | 'multiple'
  readonly text: string
  readonly given: readonly GivenOption[]
}

/**
 * A question of choice whose options earn percents: those that earn all of it, or a part where
 * there may be several, are right.
 *
 * @param bad makes an error that names the place
 * @param remark is told what the item does not keep
 * @throws what `bad` makes, without two options or a right one, and with two right ones where one
 *   may be chosen
 */
export function choiceItem(
  { kind, text, given }: GivenChoice,
  bad: (what: string) => RangeError,
  remark: (what: string) => void,
): ItemBody {
  if (text.trim() === '') throw bad('it has no text; ask something')
  const blank = given.findIndex((option) => option.text.trim() === '')
  if (blank >= 0) throw bad(`its option (${letterOf(blank)}) has no text; give it one`)
  if (given.length < 2)
    throw bad(`it has ${given.length === 1 ? 'one option' : 'no option'}; give at least two`)
  const isRight = ({ percent }: GivenOption): boolean =>
    kind === 'multiple' ? percent > 0 : percent >= 100
  const right = given.flatMap((option, n) => (isRight(option) ? [`(${letterOf(n)})`] : []))
  if (right.length === 0 || (kind === 'single' && right.length > 1))
    throw bad(
      `${right.length === 0 ? 'no option is' : `${right.join(' and ')} are`} right${kind === 'single' ? ' in a choice of one; mark one, or make it a choice of several' : '; mark at least one'}`,
    )
  if (given.some((option) => option.percent > 0 && !isRight(option)))
    remark('an option that earns a part of the points is wrong in a choice of one')
  const options = given.map((option, n) => ({
    id: letterOf(n),
    text: option.text,
    ...(isRight(option) ? { right: true } : {}),
    ...(option.feedback ? { feedback: option.feedback } : {}),
  }))
  return { kind, text, options }
}

const TRUTH: Readonly<Record<string, readonly [string, string]>> = {
  en: ['True', 'False'],
  fr: ['Vrai', 'Faux'],
}

/** A question of true or false, as a choice of one of two. */
export function truthItem(
  text: string,
  truth: boolean,
  language: string,
  feedback: { right?: string; wrong?: string },
): Omit<ChoiceItem, 'id'> {
  const words = TRUTH[language.split('-')[0]] ?? TRUTH.en
  const options = words.map((word, n) => {
    const right = (n === 0) === truth
    const said = right ? feedback.right : feedback.wrong
    return {
      id: letterOf(n),
      text: word,
      ...(right ? { right } : {}),
      ...(said ? { feedback: said } : {}),
    }
  })
  return { kind: 'single', text, options }
}
