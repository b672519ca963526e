import {
  answerTo,
  feedbackTo,
  findingOf,
  isAnswered,
  isRight,
  itemsOf,
  keyOf,
  type Language,
  numberFound,
  pointsOf,
  type Quiz,
  type QuizItem,
  type QuizResult,
  type QuizText,
  type Response,
  textIn,
  unicodeText,
  type Verdict,
} from '../../../doors/internal.ts'
import { findingLine, optionLine } from '../../prove.ts'
import { type Terminal, wrapped } from '../../terminal/terminal.ts'
import { PHRASES, type Phrases } from './phrases.ts'
import { optionLabel } from './reply.ts'

/** What is shown: a quiz in the order in which it is shown, in one of its languages. */
export interface Shown {
  readonly quiz: Quiz
  readonly language: string
  /** Language of what the command itself says. */
  readonly speech: Language
}

/** Shows a quiz on a terminal: as wide as it is, with formulas in Unicode. */
export class Show {
  readonly say: Phrases
  readonly #terminal: Terminal
  readonly #quiz: Quiz
  readonly #items: readonly QuizItem[]
  readonly #language: string
  readonly #speech: Language

  constructor(terminal: Terminal, { quiz, language, speech }: Shown) {
    this.say = PHRASES[speech]
    this.#terminal = terminal
    this.#quiz = quiz
    this.#items = itemsOf(quiz)
    this.#language = language
    this.#speech = speech
  }

  #text(text: QuizText): string {
    return unicodeText(textIn(text, this.#language, this.#quiz))
  }

  /** Prose in lines, each paragraph after a lead. */
  prose(text: string, lead = ''): void {
    for (const line of text.split(/\r?\n/))
      this.#terminal.print(wrapped(lead, line, this.#terminal.columns))
  }

  blank(): void {
    this.#terminal.print()
  }

  #heading(text: QuizText): void {
    this.#terminal.print(
      this.#terminal.style('bold', wrapped('', this.#text(text), this.#terminal.columns)),
    )
  }

  /** The title, and what the quiz is about. */
  title(): void {
    this.#heading(this.#quiz.title)
    if (this.#quiz.description !== undefined) this.prose(this.#text(this.#quiz.description))
    this.blank()
  }

  /** What the name is asked for with. */
  get nameLabel(): string {
    const label = this.#quiz.name?.label
    return label === undefined ? this.say.name : this.#text(label)
  }

  /** How it is taken. */
  manual(mode: QuizResult['mode'], interactive: boolean): void {
    this.prose(this.say.modes[mode])
    if (interactive) this.prose(this.say.manual)
    this.blank()
  }

  help(): void {
    for (const [typed, meaning] of this.say.help) this.prose(meaning, `  ${typed.padEnd(11)}`)
  }

  /** The section of an item, where it is its first, and else its title alone. */
  section(item: QuizItem, whole = false): void {
    const section = this.#quiz.sections.find(({ items }) => items.includes(item))
    if (!section || !(whole || section.items[0] === item)) return
    this.#heading(section.title)
    if (section.text !== undefined) this.prose(this.#text(section.text))
    this.blank()
  }

  item(item: QuizItem): void {
    const hints = [
      this.say.place(this.#items.indexOf(item) + 1, this.#items.length),
      this.say.points(pointsOf(item)),
      ...(item.kind === 'multiple'
        ? [this.say.several]
        : item.kind === 'numeric'
          ? [this.say.number]
          : []),
      ...((item.required ?? true) ? [] : [this.say.optional]),
    ]
    this.#terminal.print(
      this.#terminal.style('dim', wrapped('', hints.join(' · '), this.#terminal.columns)),
    )
    this.prose(this.#text(item.text))
    if (item.kind !== 'numeric') {
      this.blank()
      for (const [place, { text }] of item.options.entries())
        this.#option(`  ${optionLabel(place)}  `, this.#text(text))
    }
    this.blank()
  }

  #option(lead: string, text: string): void {
    const [first, ...more] = text.split(/\r?\n/)
    this.#terminal.print(wrapped(lead, first, this.#terminal.columns))
    for (const line of more) this.prose(line, ' '.repeat(lead.length))
  }

  /** A response by the letters that are shown. */
  responseText(item: QuizItem, response: Response): string {
    if (!isAnswered(response)) return this.say.noAnswer
    if (typeof response === 'number') return this.number(response)
    const ids = item.kind === 'numeric' ? [] : item.options.map(({ id }) => id)
    return response
      .map((id) => ids.indexOf(id))
      .sort((a, b) => a - b)
      .map(optionLabel)
      .join(' ')
  }

  number(value: number): string {
    return this.#speech === 'fr' ? String(value).replace('.', ',') : String(value)
  }

  /** Whether an answer is right, with what the quiz says to it. */
  judgement(item: QuizItem, response: Response): void {
    const right = isRight(item, response)
    if (right === undefined) return
    const answer = this.responseText(item, response)
    const line = right
      ? `✓ ${this.say.asked(answer)}${this.say.right}`
      : `✗ ${this.say.asked(answer)}${this.say.wrong}`
    this.#terminal.print(this.#terminal.style(right ? 'green' : 'red', line))
    for (const text of feedbackTo(item, response)) this.prose(this.#text(text), '  ')
    if (item.explanation !== undefined) this.prose(this.#text(item.explanation), '  ')
  }

  /** What the run says of the answer alone. */
  proof(item: QuizItem, response: Response, verdict: Verdict): void {
    if (item.kind === 'numeric') {
      const found = numberFound(item, verdict)
      if (found !== undefined)
        this.prose(this.say.finds(item.claim?.number ?? '', this.number(found)), '  ')
      return
    }
    const lead = `  ${this.say.builtThatWay} `
    for (const id of Array.isArray(response) ? response : []) {
      const finding = findingOf(item, id, verdict)
      if (finding)
        this.#terminal.print(
          wrapped('  ', `${lead.trim()} ${finding.text[this.#speech]}`, this.#terminal.columns),
        )
    }
  }

  /** The whole run of an item's claim: what was found, and what it says of each option. */
  run(item: QuizItem, verdict: Verdict): void {
    const statement = wrapped('  ', verdict.statement[this.#speech], this.#terminal.columns)
    this.#terminal.print(this.#terminal.style('bold', statement))
    for (const finding of verdict.findings)
      this.#terminal.print(findingLine(finding, this.#speech, this.#terminal))
    if (item.kind === 'numeric') this.proof(item, null, verdict)
    else {
      for (const [place, { id }] of item.options.entries()) {
        const finding = findingOf(item, id, verdict)
        if (finding)
          this.#terminal.print(
            optionLine({ ...finding, option: optionLabel(place) }, this.#speech, this.#terminal),
          )
      }
    }
  }

  /** The score, and every answer beside the right one. */
  score({ answers, score }: QuizResult): void {
    if (!score) this.prose(this.say.noScore)
    else {
      this.#terminal.print(
        this.#terminal.style(
          'bold',
          this.say.score(this.number(score.points), this.number(score.of)),
        ),
      )
      for (const [n, item] of this.#items.entries())
        this.#scored(item, answerTo(answers, item), `${n + 1}`.padStart(3))
    }
  }

  #scored(item: QuizItem, response: Response, place: string): void {
    const right = isRight(item, response)
    const key = right ? '' : ` · ${this.say.rightIs(this.responseText(item, keyOf(item) ?? null))}`
    const line = `${place} ${right ? '✓' : '✗'} ${this.responseText(item, response)}${key}`
    this.#terminal.print(this.#terminal.style(right ? 'green' : 'red', line))
  }
}
