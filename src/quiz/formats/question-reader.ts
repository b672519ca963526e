import { textOfHtml, textOfPlain } from './html-text.ts'
import { letterOf } from './lossy.ts'
import type { ItemBody } from './question-bank.ts'
import type { Remarks } from './remark.ts'

/** A question of a bank, before it is read. */
export interface QuestionSource {
  readonly file: string
  /** Number of its first line, from 1. */
  readonly line: number
  readonly name: string
  /** Language of its texts. */
  readonly language: string
  readonly remarks: Remarks
}

/** An option as a bank of questions has it. */
export interface GivenOption {
  readonly text: string
  /** Percent of the points that it earns. */
  readonly percent: number
  readonly feedback?: string
}

const TRUTH: Readonly<Record<string, readonly [string, string]>> = {
  en: ['True', 'False'],
  fr: ['Vrai', 'Faux'],
}

/** The fields that hold something: neither undefined nor an empty text. */
export const present = <T extends object>(
  fields: T,
): { [K in keyof T]?: Exclude<T[K], undefined> } =>
  Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== undefined && value !== ''),
  ) as { [K in keyof T]?: Exclude<T[K], undefined> }

/** What readers of all formats have in common: items from the parts of a question. */
export class QuestionReader {
  protected readonly source: QuestionSource

  constructor(source: QuestionSource) {
    this.source = source
  }

  /** An error that names the file, the line and the question. */
  protected bad(what: string): RangeError {
    const { file, line, name } = this.source
    return new RangeError(`${file}: line ${line}: ${name ? `question ${name}: ` : ''}${what}`)
  }

  /** Notes what the quiz does not hold. */
  protected remark(field: string, what: string): void {
    this.source.remarks.add(field, what, this.source.name || `line ${this.source.line}`)
  }

  protected leaveOut(kind: string): undefined {
    this.remark('questions', `${kind} is left out; a quiz has choices and numbers`)
  }

  /** A text, in HTML or plain; markup that a quiz has no place for is dropped. */
  protected textOf(source: string, html: boolean): string {
    const { text, dropped } = html ? textOfHtml(source) : textOfPlain(source)
    for (const tag of dropped) this.remark('markup', `${tag} is left out`)
    return text
  }

  /**
   * A choice whose options earn percents: right are those that earn all of it, or any part where
   * several may be right.
   */
  protected choice(
    kind: 'single' | 'multiple',
    text: string,
    given: readonly GivenOption[],
  ): ItemBody {
    if (text.trim() === '') throw this.bad('it has no text; ask something')
    const blank = given.findIndex((option) => option.text.trim() === '')
    if (blank >= 0) throw this.bad(`its option (${letterOf(blank)}) has no text; give it one`)
    if (given.length < 2)
      throw this.bad(`it has ${given.length ? 'one option' : 'no option'}; give at least two`)
    const single = kind === 'single'
    const isRight = ({ percent }: GivenOption): boolean =>
      percent >= 100 || (!single && percent > 0)
    const right = given.flatMap((option, n) => (isRight(option) ? [`(${letterOf(n)})`] : []))
    if (right.length === 0 || (single && right.length > 1))
      throw this.bad(
        `${right.length === 0 ? 'no option is' : `${right.join(' and ')} are`} right${single ? ' in a choice of one; mark one, or make it a choice of several' : '; mark at least one'}`,
      )
    if (given.some((option) => option.percent > 0 && !isRight(option)))
      this.remark(
        'weights',
        'an option that earns a part of the points is wrong in a choice of one',
      )
    const options = given.map((option, n) => ({
      id: letterOf(n),
      text: option.text,
      ...(isRight(option) ? { right: true } : {}),
      ...present({ feedback: option.feedback }),
    }))
    return { kind, text, options }
  }

  /** A question of true or false, as a choice of one of two. */
  protected truth(text: string, truth: boolean, right: string, wrong: string): ItemBody {
    const words = TRUTH[this.source.language.split('-')[0]] ?? TRUTH.en
    const options = words.map((word, n) => ({
      id: letterOf(n),
      text: word,
      ...((n === 0) === truth
        ? { right: true, ...present({ feedback: right }) }
        : present({ feedback: wrong })),
    }))
    return { kind: 'single', text, options }
  }

  /** A question whose answer is a number. */
  protected number(
    text: string,
    [value, tolerance]: readonly [number, number],
    right: string,
    wrong: string,
  ): ItemBody {
    const answer = { value, ...(tolerance > 0 ? { tolerance } : {}) }
    const feedback = right || wrong ? { feedback: present({ right, wrong }) } : {}
    return { kind: 'numeric', text, answer, ...feedback }
  }
}
