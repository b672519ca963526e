import { choiceItem, type GivenOption, truthItem } from './choices.ts'
import { type Block, blocksOf, cutBefore, markAt, unescapeGift } from './gift-blocks.ts'
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

/**
 * A quiz from a file in GIFT, with choices, true or false, and numbers; other questions are left
 * out and named.
 *
 * @param text the file
 * @throws {RangeError} for a question that is not whole or has no right option, with its line
 */
export function readGift(text: string, options: ImportOptions): Imported {
  checkImport('readGift', options)
  const remarks = new Remarks()
  const { language = 'en' } = options
  const entries = blocksOf(text.replace(/^\uFEFF/, '')).flatMap((block) =>
    new Reader(block, options.name, language, remarks).entries(),
  )
  return quizOfEntries(entries, options, remarks)
}

/** Text formats of GIFT; what begins with another word in brackets is a text with brackets. */
const FORMAT = /^\s*\[(html|moodle|plain|markdown)\]/

/** Reads one block. */
class Reader {
  readonly #block: Block
  readonly #file: string
  readonly #language: string
  readonly #remarks: Remarks
  /** As remarks and errors call the question. */
  #name = ''
  /** Text format of the question, which its parts share unless they say another. */
  #format = 'moodle'

  constructor(block: Block, file: string, language: string, remarks: Remarks) {
    this.#block = block
    this.#file = file
    this.#language = language
    this.#remarks = remarks
  }

  entries(): Entry[] {
    const text = this.#block.text.trim()
    const category = /^\$CATEGORY:(.*)/.exec(text)
    if (category)
      return [
        { kind: 'category', path: categoryNames(category[1].trim().replaceAll('\\\\', '\\')) },
      ]
    const body = this.#withoutName(text)
    const opened = markAt(body, '{')
    const closed = markAt(body, '}')
    if (opened < 0 && closed < 0) return [{ kind: 'text', text: this.#text(body) }]
    if (opened < 0 || closed < opened)
      throw this.#bad(opened < 0 ? 'a } without a {' : 'its { is never closed by a }')
    const after = body.slice(closed + 1)
    if (markAt(after, '{}') >= 0)
      throw this.#bad(
        'a second { or } follows its answers; put a blank line between questions, or \\ before a brace that is meant',
      )
    const stem = this.#text(body.slice(0, opened) + (after.trim() ? `_____${after}` : ''))
    const item = this.#item(body.slice(opened + 1, closed).trim(), stem)
    return item ? [{ kind: 'item', name: this.#name, item }] : []
  }

  #bad(what: string): RangeError {
    return new RangeError(
      `${this.#file}: line ${this.#block.line}: ${this.#name ? `question ${this.#name}: ` : ''}${what}`,
    )
  }

  #withoutName(text: string): string {
    const end = text.startsWith('::') ? text.indexOf('::', 2) : -1
    this.#name = end < 0 ? '' : unescapeGift(text.slice(2, end)).trim()
    return end < 0 ? text : text.slice(end + 2)
  }

  /** A text of the question; the first that is read says the format of the others. */
  #text(marked: string): string {
    const format = FORMAT.exec(marked)
    if (format) this.#format = format[1]
    const source = unescapeGift(marked.slice(format?.[0].length ?? 0).trim())
    const { text, dropped } =
      this.#format === 'html' || this.#format === 'moodle'
        ? textOfHtml(source)
        : textOfPlain(source)
    for (const tag of dropped) this.#remarks.add('markup', `${tag} is left out`, this.#named)
    return text
  }

  get #named(): string {
    return this.#name || `line ${this.#block.line}`
  }

  /** The item; undefined for a question of another kind, which is named. */
  #item(answers: string, text: string): ItemBody | undefined {
    const general = answers.lastIndexOf('####')
    const explained = general < 0 ? {} : { explanation: this.#text(answers.slice(general + 4)) }
    const rest = (general < 0 ? answers : answers.slice(0, general)).trim()
    if (rest.startsWith('#')) return { ...this.#number(rest.slice(1), text), ...explained }
    const truth = /^(T|TRUE|F|FALSE)(?![^#\s])/.exec(rest)
    if (truth) return { ...this.#truth(rest, truth[1].startsWith('T'), text), ...explained }
    if (markAt(rest, '~') >= 0) return { ...this.#choice(rest, text), ...explained }
    const kind =
      rest === '' ? 'an essay' : rest.includes('->') ? 'a matching question' : 'a short answer'
    this.#remarks.add(
      'questions',
      `${kind} is left out; a quiz has choices and numbers`,
      this.#named,
    )
    return undefined
  }

  #choice(answers: string, text: string): ItemBody {
    const given = cutBefore(answers, '~=').map((piece): GivenOption => {
      const weight = /^~\s*%(-?[\d.]+)%/.exec(piece) ?? /^=\s*%(-?[\d.]+)%/.exec(piece)
      const { text: option, feedback } = this.#withFeedback(piece.slice(weight?.[0].length ?? 1))
      return {
        text: option,
        percent: weight ? Number(weight[1]) : piece.startsWith('=') ? 100 : 0,
        ...feedback,
      }
    })
    const kind = markAt(answers, '=') < 0 ? 'multiple' : 'single'
    return choiceItem(
      { kind, text, given },
      (what) => this.#bad(what),
      (what) => this.#remarks.add('weights', what, this.#named),
    )
  }

  #truth(answers: string, right: boolean, text: string): ItemBody {
    const [, wrong, good] = cutBefore(` ${answers}`, '#').map((piece) => piece.slice(1))
    return truthItem(text, right, this.#language, {
      ...this.#feedback('right', good),
      ...this.#feedback('wrong', wrong),
    })
  }

  #number(answers: string, text: string): ItemBody {
    const [first, ...others] = cutBefore(answers, '=~').map((piece) => piece.trim())
    const right = this.#withFeedback((first ?? '').replace(/^[=~](\s*%100(\.0*)?%)?/, ''), false)
    const answer = numberOf(right.text)
    if (!answer)
      throw this.#bad(
        `its answer ${JSON.stringify(right.text)} is no number; write {#5}, {#5:0.1} or {#4.9..5.1}`,
      )
    const wrong = others.find((other) => /^~\s*(#|$)/.test(other))
    if (others.some((other) => other !== wrong))
      this.#remarks.add('weights', 'only the first of several right numbers is kept', this.#named)
    const feedback = {
      ...this.#feedback('right', right.marked),
      ...this.#feedback('wrong', wrong?.replace(/^~\s*#?/, '')),
    }
    return {
      kind: 'numeric',
      text,
      answer,
      ...(Object.keys(feedback).length > 0 ? { feedback } : {}),
    }
  }

  #feedback<K extends 'right' | 'wrong'>(
    key: K,
    marked: string | undefined,
  ): { readonly [key in K]?: string } {
    return marked?.trim() ? ({ [key]: this.#text(marked) } as { [key in K]?: string }) : {}
  }

  /** An answer, and what is said to who gave it. */
  #withFeedback(piece: string, asText = true) {
    const at = markAt(piece, '#')
    const marked = at < 0 ? '' : piece.slice(at + 1)
    const answer = at < 0 ? piece : piece.slice(0, at)
    const text = asText ? this.#text(answer) : answer.trim()
    return {
      text,
      marked,
      feedback: asText && marked.trim() ? { feedback: this.#text(marked) } : {},
    }
  }
}

/** 5, 5:0.1 or 4.9..5.1 as a value and its tolerance. */
function numberOf(text: string): { value: number; tolerance?: number } | undefined {
  const plain = text.replaceAll('\\:', ':')
  const [low, high] = plain.includes('..') ? plain.split('..').map(decimal) : []
  const [value, tolerance = 0] =
    high === undefined ? plain.split(':').map(decimal) : [(low + high) / 2, (high - low) / 2]
  if (!Number.isFinite(value) || !(tolerance >= 0 && Number.isFinite(tolerance))) return undefined
  return { value, ...(tolerance > 0 ? { tolerance } : {}) }
}

const decimal = (text: string): number =>
  /^\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*$/.test(text) ? Number(text) : Number.NaN
