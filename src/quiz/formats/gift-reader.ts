import { present } from '../present.ts'
import { type Block, blocksOf, cutBefore, markAt, unescapeGift } from './gift-blocks.ts'
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

/**
 * A quiz from a file in GIFT, with choices, true or false, and numbers; other questions are left
 * out and named.
 *
 * @param text the file
 * @throws {RangeError} for a question that is incomplete or has no right option, with its line
 */
export function readGift(text: string, options: ImportOptions): Imported {
  checkImport('readGift', options)
  const remarks = new Remarks()
  const { name: file, language = 'en' } = options
  const entries = blocksOf(text.replace(/^\uFEFF/, '')).flatMap((block) =>
    entriesOf(block, { file, language, remarks }),
  )
  return quizOfEntries(entries, options, remarks)
}

/** A category, a text or a question; nothing for a question of another kind. */
function entriesOf(
  { text, line }: Block,
  source: Omit<QuestionSource, 'line' | 'name'>,
): readonly Entry[] {
  const whole = text.trim()
  const category = /^\$CATEGORY:(.*)/.exec(whole)
  if (category)
    return [{ kind: 'category', path: categoryNames(category[1].trim().replaceAll('\\\\', '\\')) }]
  const end = whole.startsWith('::') ? whole.indexOf('::', 2) : -1
  const name = end < 0 ? '' : unescapeGift(whole.slice(2, end)).trim()
  const entry = new GiftQuestion({ ...source, line, name }).entryOf(
    end < 0 ? whole : whole.slice(end + 2),
  )
  return entry ? [entry] : []
}

/** Text formats of GIFT; what begins with another word in brackets is a text with brackets. */
const FORMAT = /^\s*\[(html|moodle|plain|markdown)\]/

class GiftQuestion extends QuestionReader {
  /** Text format of the question, which its parts share where they have none of their own. */
  #format = 'moodle'

  entryOf(body: string): Entry | undefined {
    const opened = markAt(body, '{')
    const closed = markAt(body, '}')
    if (opened < 0 && closed < 0) return { kind: 'text', text: this.#text(body) }
    if (opened < 0 || closed < opened)
      throw this.bad(opened < 0 ? 'a } without a {' : 'its { is never closed by a }')
    const after = body.slice(closed + 1)
    if (markAt(after, '{}') >= 0)
      throw this.bad(
        'a second { or } follows its answers; put a blank line between questions, or \\ before a brace that is meant',
      )
    const stem = this.#text(body.slice(0, opened) + (after.trim() ? `_____${after}` : ''))
    const item = this.#item(body.slice(opened + 1, closed).trim(), stem)
    return item && { kind: 'item', name: this.source.name, item }
  }

  /** A text of the question; the first that is read sets the format of the others. */
  #text(marked = ''): string {
    const format = FORMAT.exec(marked)
    if (format) this.#format = format[1]
    const source = unescapeGift(marked.slice(format?.[0].length ?? 0).trim())
    return this.textOf(source, this.#format === 'html' || this.#format === 'moodle')
  }

  /** The item; undefined for a question of another kind, which is named. */
  #item(answers: string, text: string): ItemBody | undefined {
    const general = answers.lastIndexOf('####')
    const explanation = general < 0 ? '' : this.#text(answers.slice(general + 4))
    const rest = (general < 0 ? answers : answers.slice(0, general)).trim()
    const item = this.#body(rest, text)
    return item && { ...item, ...present({ explanation }) }
  }

  #body(answers: string, text: string): ItemBody | undefined {
    if (answers.startsWith('#')) return this.#number(answers.slice(1), text)
    const truth = /^(T|TRUE|F|FALSE)(?![^#\s])/.exec(answers)
    if (truth) {
      const [, wrong, right] = cutBefore(` ${answers}`, '#').map((piece) => piece.slice(1))
      const said = this.#text(right)
      return this.truth(text, truth[1].startsWith('T'), said, this.#text(wrong))
    }
    if (markAt(answers, '~') >= 0) return this.#choice(answers, text)
    if (answers === '') return this.leaveOut('an essay')
    return this.leaveOut(answers.includes('->') ? 'a matching question' : 'a short answer')
  }

  #choice(answers: string, text: string): ItemBody {
    const given = cutBefore(answers, '~=').map((piece): GivenOption => {
      const weight = /^[~=]\s*%(-?[\d.]+)%/.exec(piece)
      const [answer, feedback] = cutFeedback(piece.slice(weight?.[0].length ?? 1))
      const percent = weight ? Number(weight[1]) : piece.startsWith('=') ? 100 : 0
      return { text: this.#text(answer), percent, feedback: this.#text(feedback) }
    })
    return this.choice(markAt(answers, '=') < 0 ? 'multiple' : 'single', text, given)
  }

  #number(answers: string, text: string): ItemBody {
    const [first = '', ...others] = cutBefore(answers, '=~').map((piece) => piece.trim())
    const [answer, right] = cutFeedback(first.replace(/^[=~](\s*%100(\.0*)?%)?/, ''))
    const interval = intervalOf(answer)
    if (!interval)
      throw this.bad(
        `its answer ${JSON.stringify(answer.trim())} is no number; write {#5}, {#5:0.1} or {#4.9..5.1}`,
      )
    const wrong = others.find((other) => /^~\s*(#|$)/.test(other))
    if (others.some((other) => other !== wrong))
      this.remark('weights', 'only the first of several right numbers is kept')
    const said = this.#text(right)
    return this.number(text, interval, said, this.#text(wrong?.replace(/^~\s*#?/, '')))
  }
}

/** An answer, and the feedback on it. */
function cutFeedback(piece: string): [string, string] {
  const at = markAt(piece, '#')
  return at < 0 ? [piece, ''] : [piece.slice(0, at), piece.slice(at + 1)]
}

/** 5, 5:0.1 or 4.9..5.1 as a value and its tolerance. */
function intervalOf(text: string): [number, number] | undefined {
  const plain = text.replaceAll('\\:', ':')
  const [low, high] = plain.includes('..') ? plain.split('..').map(decimal) : []
  const [value, tolerance = 0] =
    high === undefined ? plain.split(':').map(decimal) : [(low + high) / 2, (high - low) / 2]
  const isOne = Number.isFinite(value) && tolerance >= 0 && Number.isFinite(tolerance)
  return isOne ? [value, tolerance] : undefined
}

const decimal = (text: string): number =>
  /^\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*$/.test(text) ? Number(text) : Number.NaN
