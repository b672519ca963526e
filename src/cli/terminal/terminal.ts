import { styleText } from 'node:util'
import { visible } from '../../doors/internal.ts'

/** Where text goes: a stream that may be a terminal. */
export interface Sink {
  write(text: string): unknown
  readonly isTTY?: boolean
  readonly columns?: number
}

/** How a sink is written to: in colour on a terminal alone, and never against NO_COLOR. */
export interface Terminal {
  readonly columns: number
  print(line?: string): void
  style(format: 'bold' | 'dim' | 'green' | 'red', text: string): string
}

/** Widest line of prose, whatever the terminal. */
const WIDEST = 100

export function terminalOf(
  sink: Sink = process.stdout,
  environment: NodeJS.ProcessEnv = process.env,
): Terminal {
  const coloured = Boolean(sink.isTTY) && !environment.NO_COLOR && environment.TERM !== 'dumb'
  return {
    // asked anew each time: a terminal may be made wider or narrower
    get columns() {
      return Math.min(sink.columns || WIDEST, WIDEST)
    },
    print: (line = '') => {
      sink.write(`${line}\n`)
    },
    // the sink alone decides: newer versions of Node would look at stdout
    style: (format, text) => (coloured ? styleText(format, text, { validateStream: false }) : text),
  }
}

const NO_BREAK = '\u00a0'

/**
 * Spaces at which no line may end: before French punctuation, inside guillemets, around = and
 * within (7, 6, 11).
 */
const BOUND = / (?=[:;?!»=])|(?<=[«=]) |(?<=\d,) (?=\d)/g

/**
 * Text in lines of at most `columns`, the first after `lead`, the others indented as far; control
 * characters are visible.
 */
export const wrapped = (lead: string, text: string, columns: number): string =>
  styledWrapped(lead, visible(text.replaceAll('\t', ' ')), columns)

/** The same of text with styles, which is visible already. */
export function styledWrapped(lead: string, text: string, columns: number): string {
  const indent = ' '.repeat(widthOf(lead))
  const lines: string[] = []
  let line = ''
  for (const word of text.replaceAll(BOUND, NO_BREAK).split(' ')) {
    const longer = line ? `${line} ${word}` : word
    if (line && indent.length + widthOf(longer) > columns) {
      lines.push(line)
      line = word
    } else line = longer
  }
  return lead + [...lines, line].join(`\n${indent}`).replaceAll(NO_BREAK, ' ')
}

/** Signs that take two columns: East Asian letters with their punctuation, and emoji. */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}\p{Emoji_Presentation}]/u

/** Columns of a terminal that a text takes: marks take none, East Asian signs and emoji two. */
export function widthOf(text: string): number {
  let width = 0
  for (const sign of text) {
    if (/[\p{M}\p{Cf}]/u.test(sign)) continue
    width += WIDE.test(sign) ? 2 : 1
  }
  return width
}

/** Columns that the widest of some texts takes. */
export const widestOf = (texts: readonly string[]): number =>
  texts.reduce((most, text) => Math.max(most, widthOf(text)), 0)

/** Blanks that make a text so many columns wide. */
export const blanksFor = (text: string, columns: number): string =>
  ' '.repeat(Math.max(0, columns - widthOf(text)))

/** A number below the line. */
export const subscript = (n: number): string =>
  String(n).replace(/\d/g, (digit) => '₀₁₂₃₄₅₆₇₈₉'[Number(digit)])
