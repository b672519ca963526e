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
  visible,
} from '../../../doors/internal.ts'
import { findingLine, optionLine } from '../../prove.ts'
import { type Terminal, wrapped } from '../../terminal/terminal.ts'
import { PHRASES } from './phrases.ts'
import { optionLabel } from './reply.ts'

/** What is shown: a quiz in the order in which it is shown, in one of its languages. */
export interface Shown {
  readonly quiz: Quiz
  readonly language: string
  /** Language of what the command itself says. */
  readonly speech: Language
}

export type Show = ReturnType<typeof showOn>

/** Shows a quiz on a terminal: as wide as it is, with formulas in Unicode. */
export function showOn(terminal: Terminal, { quiz, language, speech }: Shown) {
  const say = PHRASES[speech]
  const items = itemsOf(quiz)
  const { print, style } = terminal
  const textOf = (text: QuizText) => unicodeText(textIn(text, language, quiz))
  const lined = (text: string, lead = '') => wrapped(lead, text, terminal.columns)
  const heading = (text: QuizText) => print(style('bold', lined(textOf(text))))
  const coloured = (right: boolean | undefined, line: string) =>
    print(style(right ? 'green' : 'red', line))
  const numberOf = (value: number) =>
    speech === 'fr' ? String(value).replace('.', ',') : String(value)
  const optionsOf = (item: QuizItem) => (item.kind === 'numeric' ? [] : item.options)

  /** Prose in lines, each paragraph after a lead. */
  const prose = (text: string, lead = '') => {
    for (const line of text.split(/\r?\n/)) print(lined(line, lead))
  }
  const blank = () => print()

  /** A response by the letters that are shown. */
  const responseText = (item: QuizItem, response: Response) => {
    if (!isAnswered(response)) return say.noAnswer
    if (typeof response === 'number') return numberOf(response)
    const ids = optionsOf(item).map(({ id }) => id)
    const positions = response.map((id) => ids.indexOf(id)).sort((a, b) => a - b)
    return positions.map(optionLabel).join(' ')
  }

  /** What the run says of the answer alone. */
  const proof = (item: QuizItem, response: Response, verdict: Verdict) => {
    if (item.kind === 'numeric') {
      const found = numberFound(item, verdict)
      if (found !== undefined) prose(say.finds(item.claim?.number ?? '', numberOf(found)), '  ')
      return
    }
    for (const id of Array.isArray(response) ? response : []) {
      const finding = findingOf(item, id, verdict)
      if (finding) print(lined(`${say.builtThatWay} ${finding.text[speech]}`, '  '))
    }
  }

  return {
    ...{ say, prose, blank, responseText, proof },

    /** The title, and what the quiz is about. */
    title() {
      heading(quiz.title)
      if (quiz.description !== undefined) prose(textOf(quiz.description))
      blank()
    },

    /** What the name is asked for with. */
    nameLabel: quiz.name?.label === undefined ? say.name : visible(textOf(quiz.name.label)),

    /** How it is taken. */
    manual(mode: QuizResult['mode'], interactive: boolean) {
      prose(say.modes[mode])
      if (interactive) prose(say.manual)
      blank()
    },

    help() {
      for (const [typed, meaning] of say.help) prose(meaning, `  ${typed.padEnd(11)}`)
    },

    /** The section of an item, where it is its first, and else its title alone. */
    section(item: QuizItem, whole = false) {
      const section = quiz.sections.find((one) => one.items.includes(item))
      if (!section || !(whole || section.items[0] === item)) return
      heading(section.title)
      if (section.text !== undefined) prose(textOf(section.text))
      blank()
    },

    item(item: QuizItem) {
      const kinds = { single: [], multiple: [say.several], numeric: [say.number] }
      const hints = [
        say.position(items.indexOf(item) + 1, items.length),
        say.points(pointsOf(item)),
        ...kinds[item.kind],
        ...((item.required ?? true) ? [] : [say.optional]),
      ]
      print(style('dim', lined(hints.join(' · '))))
      prose(textOf(item.text))
      if (item.kind !== 'numeric') blank()
      for (const [position, { text }] of optionsOf(item).entries()) {
        const lead = `  ${optionLabel(position)}  `
        const [first, ...more] = textOf(text).split(/\r?\n/)
        print(lined(first, lead))
        for (const line of more) prose(line, ' '.repeat(lead.length))
      }
      blank()
    },

    /** Whether an answer is right, with what the quiz says to it. */
    finding(item: QuizItem, response: Response) {
      const right = isRight(item, response)
      if (right === undefined) return
      const answer = say.prompt(responseText(item, response))
      coloured(right, right ? `✓ ${answer}${say.right}` : `✗ ${answer}${say.wrong}`)
      for (const text of feedbackTo(item, response)) prose(textOf(text), '  ')
      if (item.explanation !== undefined) prose(textOf(item.explanation), '  ')
    },

    /** The whole run of an item's claim: what was found, and what it says of each option. */
    run(item: QuizItem, verdict: Verdict) {
      print(style('bold', lined(verdict.statement[speech], '  ')))
      for (const finding of verdict.findings) print(findingLine(finding, speech, terminal))
      if (item.kind === 'numeric') proof(item, null, verdict)
      for (const [position, { id }] of optionsOf(item).entries()) {
        const finding = findingOf(item, id, verdict)
        if (finding)
          print(optionLine({ ...finding, option: optionLabel(position) }, speech, terminal))
      }
    },

    /** The score, and every answer beside the right one. */
    score({ answers, score }: QuizResult) {
      if (!score) return prose(say.noScore)
      print(style('bold', say.score(numberOf(score.points), numberOf(score.of))))
      for (const [n, item] of items.entries()) {
        const response = answerTo(answers, item)
        const right = isRight(item, response)
        const key = right ? '' : ` · ${say.rightIs(responseText(item, keyOf(item) ?? null))}`
        const mark = `${String(n + 1).padStart(3)} ${right ? '✓' : '✗'}`
        coloured(right, `${mark} ${responseText(item, response)}${key}`)
      }
    },
  }
}
