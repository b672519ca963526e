import { present } from '../present.ts'
import {
  categoryNames,
  checkImport,
  type Entry,
  type ImportOptions,
  type ItemBody,
  quizOfEntries,
} from './question-bank.ts'
import { type GivenOption, QuestionReader, type QuestionSource } from './question-reader.ts'
import { type Imported, Remarks } from './remark.ts'
import { childOf, textOfChild, type XmlElement } from './xml.ts'

/**
 * A quiz from Moodle's XML, with choices, true or false, and numbers; other questions are left out
 * and named.
 *
 * @param root the element `quiz` of the file
 * @throws {RangeError} for anything but a question bank, and for a question that is incomplete or
 *   has no right option, with its line
 */
export function readMoodle(root: XmlElement, options: ImportOptions): Imported {
  checkImport('readMoodle', options)
  const { name: file, language = 'en' } = options
  if (root.name !== 'quiz')
    throw new RangeError(
      `${file}: line ${root.line}: expected <quiz>, got <${root.name}>; export questions as Moodle XML`,
    )
  const remarks = new Remarks()
  const questions = root.children.filter(({ name }) => name === 'question')
  const entries = questions.flatMap((element) => {
    const entry = new MoodleQuestion(element, { file, language, remarks }).entry()
    return entry ? [entry] : []
  })
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

/** Whether an element or one within it has a text. */
const hasText = (element: XmlElement): boolean =>
  element.text.trim() !== '' || element.children.some(hasText)

/** One element `question`. */
class MoodleQuestion extends QuestionReader {
  readonly #element: XmlElement

  constructor(element: XmlElement, source: Omit<QuestionSource, 'line' | 'name'>) {
    const { line } = element
    const name = textOfChild(childOf(element, 'name'), 'text') || `line ${line}`
    super({ ...source, line, name })
    this.#element = element
  }

  protected override bad(what: string): RangeError {
    const { file, line, name } = this.source
    return new RangeError(`${file}: line ${line}: question ${JSON.stringify(name)}: ${what}`)
  }

  /** A category, a text or a question; undefined for a question of another kind. */
  entry(): Entry | undefined {
    const { type = 'unknown' } = this.#element.attributes
    const id = this.#value('idnumber')
    if (type === 'category') {
      const path = categoryNames(textOfChild(childOf(this.#element, 'category'), 'text'))
      return { kind: 'category', path, ...present({ id }) }
    }
    const stem = childOf(this.#element, 'questiontext')
    if (type === 'description') return { kind: 'text', text: this.#text(stem) }
    if (!['multichoice', 'truefalse', 'numerical'].includes(type))
      return this.leaveOut(OTHERS[type] ?? `a question of type ${type || 'unknown'}`)
    if (!stem) throw this.bad('it has no questiontext; give it one')
    const body = this.#body(type, this.#text(stem))
    for (const name of DROPPED) {
      const child = childOf(this.#element, name)
      if (child && hasText(child)) this.remark(name, 'there is no place for it in a quiz')
    }
    const points = this.#points()
    const more = present({
      points: points === 1 ? undefined : points,
      explanation: this.#text(childOf(this.#element, 'generalfeedback')),
    })
    return { kind: 'item', name: id || this.source.name, item: { ...body, ...more } as ItemBody }
  }

  /** The text of a child. */
  #value(name: string): string {
    return textOfChild(this.#element, name)
  }

  /** Whether a child is true, which it is by default. */
  #isTrue(name: string): boolean {
    return /^(true|1)?$/i.test(this.#value(name))
  }

  /** The text of an element, in the format that it names; empty without an element. */
  #text(element: XmlElement | undefined): string {
    const { format = 'html' } = element?.attributes ?? {}
    const html = format === 'html' || format === 'moodle_auto_format'
    const text = this.textOf(childOf(element, 'text')?.text ?? '', html)
    if (childOf(element, 'file')) this.remark('files', 'pictures and other files are left out')
    return text
  }

  #feedback(element: XmlElement | undefined): string {
    return this.#text(childOf(element, 'feedback'))
  }

  #points(): number {
    const grade = this.#value('defaultgrade')
    const points = grade === '' ? 1 : Number(grade)
    if (points > 0 && Number.isFinite(points)) return points
    if (points !== 0)
      throw this.bad(`defaultgrade must be a number above 0, got ${JSON.stringify(grade)}`)
    this.remark('points', 'a question of no points counts one')
    return 1
  }

  #percent({ attributes: { fraction = '' }, line }: XmlElement): number {
    if (fraction.trim() && Number.isFinite(Number(fraction))) return Number(fraction)
    throw this.bad(
      `line ${line}: an answer needs fraction="100" or another percentage, got ${JSON.stringify(fraction)}`,
    )
  }

  #body(type: string, text: string): ItemBody {
    const answers = this.#element.children.filter(({ name }) => name === 'answer')
    if (type === 'multichoice') return this.#choice(text, answers)
    return type === 'truefalse' ? this.#truth(text, answers) : this.#number(text, answers)
  }

  #choice(text: string, answers: readonly XmlElement[]): ItemBody {
    const given = answers.map((answer): GivenOption => {
      const option = this.#text(answer)
      return { text: option, percent: this.#percent(answer), feedback: this.#feedback(answer) }
    })
    const item = this.choice(this.#isTrue('single') ? 'single' : 'multiple', text, given)
    return { ...item, ...(this.#isTrue('shuffleanswers') ? { shuffle: true } : {}) } as ItemBody
  }

  #truth(text: string, answers: readonly XmlElement[]): ItemBody {
    const right = answers.find((answer) => this.#percent(answer) === 100)
    const wrong = answers.find((answer) => answer !== right)
    const word = textOfChild(right, 'text').toLowerCase()
    if (word !== 'true' && word !== 'false')
      throw this.bad('neither true nor false has fraction="100"; give it to one')
    return this.truth(text, word === 'true', this.#feedback(right), this.#feedback(wrong))
  }

  #number(text: string, answers: readonly XmlElement[]): ItemBody {
    const [right, ...more] = answers.filter((answer) => this.#percent(answer) === 100)
    const wrong = answers.find((answer) => textOfChild(answer, 'text') === '*' && answer !== right)
    if (more.length > 0 || answers.some((answer) => answer !== right && answer !== wrong))
      this.remark('weights', 'only the first of several numbers is kept')
    const value = numberIn(textOfChild(right, 'text'))
    const tolerance = numberIn(textOfChild(right, 'tolerance') || '0')
    if (value === undefined || tolerance === undefined || tolerance < 0)
      throw this.bad(
        'it needs an answer with fraction="100", a number as its text and a tolerance of at least 0',
      )
    return this.number(text, [value, tolerance], this.#feedback(right), this.#feedback(wrong))
  }
}

function numberIn(text: string): number | undefined {
  const value = Number(text)
  return text !== '' && Number.isFinite(value) ? value : undefined
}
