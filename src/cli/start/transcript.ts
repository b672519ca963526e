import { stripVTControlCharacters } from 'node:util'
import type { Sink } from '../terminal/terminal.ts'
import { styledWrapped } from '../terminal/terminal.ts'

/** A line of a transcript: its head in a column of its own, then the rest. */
export interface TranscriptLine {
  readonly head: string
  readonly text: string
}

/** Width of the column of heads. */
const HEAD = 10

/**
 * Lines that change while something runs.
 *
 * On a terminal the whole of them is drawn again in place; elsewhere each is printed once, when it
 * is final.
 */
export class Transcript {
  readonly inPlace: boolean
  readonly #sink: Sink
  readonly #columns: number
  #drawn = 0
  #printed = 0

  constructor(sink: Sink, environment: NodeJS.ProcessEnv = process.env) {
    this.#sink = sink
    this.inPlace = Boolean(sink.isTTY) && environment.TERM !== 'dumb'
    this.#columns = this.inPlace ? Math.max(40, (sink.columns ?? 100) - 1) : Infinity
  }

  /** @param final how many of the lines will not change any more */
  show(lines: readonly TranscriptLine[], final: number): void {
    if (!this.inPlace) {
      for (; this.#printed < final; this.#printed++)
        this.#sink.write(`${this.#rowsOf(lines[this.#printed]).trimEnd()}\n`)
      return
    }
    const text = lines.map((line) => this.#rowsOf(line)).join('\n')
    const back = this.#drawn ? `\x1b[${this.#drawn}A\r\x1b[J` : ''
    this.#sink.write(`${back}${text}\n`)
    this.#drawn = text.split('\n').length
  }

  #rowsOf({ head, text }: TranscriptLine) {
    const lead = head.length < HEAD ? head.padEnd(HEAD) : `${head}  `
    if (lengthOf(lead + text) <= this.#columns) return `${lead}${text.replaceAll(BOUND, ' ')}`
    const below = head.length < HEAD ? '' : `${head}\n`
    return below + styledWrapped(below ? ' '.repeat(HEAD) : lead, text, this.#columns)
  }
}

/** Binds what a line may not end in. */
export const BOUND = '\u00a0'

/** Length without what sets colours. */
const lengthOf = (text: string) => [...stripVTControlCharacters(text)].length

const BARS = '▁▂▃▄▅▆▇█'

/** Numbers as bars, the highest the full one. */
export function sparkline(values: readonly number[], width: number): string {
  const every = Math.max(1, values.length / width)
  const chosen = Array.from(
    { length: Math.min(width, values.length) },
    (_, n) => values[Math.min(values.length - 1, Math.floor((n + 1) * every) - 1)],
  )
  const least = Math.min(...chosen)
  const range = Math.max(...chosen) - least || 1
  return chosen
    .map((value) => BARS[Math.round(((value - least) / range) * (BARS.length - 1))])
    .join('')
}

/** A weight or a cosine: .07, 1.00, −.31. */
export function decimal(x: number, digits = 2): string {
  const text = Math.abs(x).toFixed(digits).replace(/^0/, '')
  return x < 0 && Number(text) !== 0 ? `−${text}` : text
}
