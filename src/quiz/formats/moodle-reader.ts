import { choiceItem, type GivenOption, truthItem } from './choices.ts'
import { textOfHtml, textOfPlain } from './html-text.ts'
import {
  categoryNames,
  checkImport,
  type Entry,
  type ImportOptions,
  type ItemBody,
  quizOfEntries,
} from './question-bank.ts'
import { type Imported, Remarks } from './remark.ts'
import { childOf, textOfChild, type XmlElement } from './xml.ts'

/**
 * A quiz from Moodle's XML, with choices, true or false, and numbers; other questions are left out
 * and named.
 *
 * @param root the element `quiz` of the file
 * @throws {RangeError} for what is no bank of questions, and a question that is not whole or has no
 *   right option, with its line
 */
export function readMoodle(root: XmlElement, options: ImportOptions): Imported {
  checkImport('readMoodle', options)
  if (root.name !== 'quiz')
    throw new RangeError(
      `${options.name}: line ${root.line}: expected <quiz>, got <${root.name}>; export questions as Moodle XML`,
    )
  const remarks = new Remarks()
  const { language = 'en' } = options
  const questions = root.children.filter(({ name }) => name === 'question')
  const entries = questions.flatMap((question) =>
    new Question(question, options.name, language, remarks).entries(),
  )
  return quizOfEntries(entries, options, remarks)
}

const OTHERS: Readonly<Record<string, string>> = {
  essay: 'an essay',
  matching: 'a matching question',
  shortanswer: 'a short answer',
}
/** What a question may hold that an item has no place for. */
const DROPPED = [
  'tags',
  'hint',
  'units',
  'correctfeedback',
  'partiallycorrectfeedback',
  'incorrectfeedback',
]

/** One element `question`. */
class Question {
  readonly #element: XmlElement
  readonly #file: string
  readonly #language: string
  readonly #remarks: Remarks

  constructor(element: XmlElement, file: string, language: string, remarks: Remarks) {
    this.#element = element
    this.#file = file
    this.#language = language
    this.#remarks = remarks
  }

  entries(): Entry[] {
    const { type = '' } = this.#element.attributes
    const id = textOfChild(this.#element, 'idnumber')
    if (type === 'category')
      return [
        {
          kind: 'category',
          path: categoryNames(textOfChild(childOf(this.#element, 'category'), 'text')),
          ...(id ? { id } : {}),
        },
      ]
    if (type === 'description')
      return [{ kind: 'text', text: this.#text(childOf(this.#element, 'questiontext')) }]
    const item = this.#item(type)
    if (!item) {
      this.#remarks.add(
        'questions',
        `${OTHERS[type] ?? `a question of type ${type || 'unknown'}`} is left out; a quiz has choices and numbers`,
        this.#name,
      )
      return []
    }
    for (const name of DROPPED)
      if (this.#holds(name))
        this.#remarks.add(name, 'there is no place for it in a quiz', this.#name)
    return [
      { kind: 'item', name: id || this.#name, item: { ...item, ...this.#common() } as ItemBody },
    ]
  }

  get #name(): string {
    return textOfChild(childOf(this.#element, 'name'), 'text') || `line ${this.#element.line}`
  }

  #bad(what: string): RangeError {
    return new RangeError(
      `${this.#file}: line ${this.#element.line}: question ${JSON.stringify(this.#name)}: ${what}`,
    )
  }

  #holds(name: string): boolean {
    const words = (element: XmlElement): boolean =>
      element.text.trim() !== '' || element.children.some(words)
    const child = childOf(this.#element, name)
    return child !== undefined && words(child)
  }

  /** The text of an element, in the format that it says. */
  #text(element: XmlElement | undefined): string {
    const source = childOf(element, 'text')?.text ?? ''
    const { format = 'html' } = element?.attributes ?? {}
    const { text, dropped } =
      format === 'html' || format === 'moodle_auto_format'
        ? textOfHtml(source)
        : textOfPlain(source)
    for (const tag of dropped) this.#remarks.add('markup', `${tag} is left out`, this.#name)
    if (childOf(element, 'file'))
      this.#remarks.add('files', 'pictures and other files are left out', this.#name)
    return text
  }

  #optional<K extends string>(
    key: K,
    element: XmlElement | undefined,
  ): { readonly [key in K]?: string } {
    const text = this.#text(element)
    return text ? ({ [key]: text } as { [key in K]?: string }) : {}
  }

  #item(type: string): ItemBody | undefined {
    const element = childOf(this.#element, 'questiontext')
    if (!['multichoice', 'truefalse', 'numerical'].includes(type)) return undefined
    if (!element) throw this.#bad('it has no questiontext; give it one')
    const text = this.#text(element)
    const answers = this.#element.children.filter(({ name }) => name === 'answer')
    if (type === 'numerical') return this.#number(text, answers)
    return type === 'truefalse' ? this.#truth(text, answers) : this.#choice(text, answers)
  }

  /** What items of every kind have. */
  #common(): object {
    const points = this.#points()
    return {
      ...(points === 1 ? {} : { points }),
      ...this.#optional('explanation', childOf(this.#element, 'generalfeedback')),
    }
  }

  #points(): number {
    const grade = textOfChild(this.#element, 'defaultgrade')
    const points = grade === '' ? 1 : Number(grade)
    if (points > 0 && Number.isFinite(points)) return points
    if (points !== 0)
      throw this.#bad(`defaultgrade must be a number above 0, got ${JSON.stringify(grade)}`)
    this.#remarks.add('points', 'a question of no points counts one', this.#name)
    return 1
  }

  #percent(answer: XmlElement): number {
    const percent = Number(answer.attributes.fraction)
    if (Number.isFinite(percent) && answer.attributes.fraction?.trim()) return percent
    throw this.#bad(
      `line ${answer.line}: an answer needs fraction="100" or another percentage, got ${JSON.stringify(answer.attributes.fraction ?? '')}`,
    )
  }

  #choice(text: string, answers: readonly XmlElement[]): ItemBody {
    const kind = /^(true|1)?$/i.test(textOfChild(this.#element, 'single')) ? 'single' : 'multiple'
    const given = answers.map(
      (answer): GivenOption => ({
        text: this.#text(answer),
        percent: this.#percent(answer),
        ...this.#optional('feedback', childOf(answer, 'feedback')),
      }),
    )
    const item = choiceItem(
      { kind, text, given },
      (what) => this.#bad(what),
      (what) => this.#remarks.add('weights', what, this.#name),
    )
    // Moodle shuffles unless it is told not to
    const shuffle = /^(true|1)?$/i.test(textOfChild(this.#element, 'shuffleanswers'))
    return { ...item, ...(shuffle ? { shuffle } : {}) } as ItemBody
  }

  #truth(text: string, answers: readonly XmlElement[]): ItemBody {
    const right = answers.find((answer) => this.#percent(answer) === 100)
    const word = textOfChild(right, 'text').toLowerCase()
    if (word !== 'true' && word !== 'false')
      throw this.#bad('neither true nor false has fraction="100"; give it to one')
    const wrong = answers.find((answer) => answer !== right)
    return truthItem(text, word === 'true', this.#language, {
      ...this.#optional('right', childOf(right, 'feedback')),
      ...this.#optional('wrong', childOf(wrong, 'feedback')),
    })
  }

  #number(text: string, answers: readonly XmlElement[]): ItemBody {
    const [right, ...more] = answers.filter((answer) => this.#percent(answer) === 100)
    const wrong = answers.find((answer) => textOfChild(answer, 'text') === '*' && answer !== right)
    if (answers.some((answer) => answer !== right && answer !== wrong) || more.length > 0)
      this.#remarks.add('weights', 'only the first of several numbers is kept', this.#name)
    const value = numberIn(textOfChild(right, 'text'))
    const tolerance = numberIn(textOfChild(right, 'tolerance') || '0')
    if (value === undefined || tolerance === undefined || tolerance < 0)
      throw this.#bad(
        'it needs an answer with fraction="100", a number as its text and a tolerance of at least 0',
      )
    const feedback = {
      ...this.#optional('right', childOf(right, 'feedback')),
      ...this.#optional('wrong', childOf(wrong, 'feedback')),
    }
    const answer = { value, ...(tolerance > 0 ? { tolerance } : {}) }
    return {
      kind: 'numeric',
      text,
      answer,
      ...(Object.keys(feedback).length > 0 ? { feedback } : {}),
    }
  }
}

function numberIn(text: string): number | undefined {
  const value = Number(text)
  return text !== '' && Number.isFinite(value) ? value : undefined
}
