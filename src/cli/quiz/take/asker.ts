import { createInterface } from 'node:readline'
import { linesOf, type TextStream } from '../../../doors/internal.ts'

/** Where lines come from: somebody at a terminal, or a stream. */
export interface Asker {
  /** Whether somebody sits there, who can be asked again. */
  readonly interactive: boolean
  /** Lines read so far. */
  readonly line: number
  /** The next line; undefined at the end: Ctrl-C, Ctrl-D or the end of the stream. */
  ask(prompt: string): Promise<string | undefined>
  close(): void
}

/** Somebody at a terminal. What is typed while the layer runs is not lost. */
export class TerminalAsker implements Asker {
  readonly interactive = true
  line = 0
  readonly #reader
  readonly #typed: string[] = []
  #ended = false
  #waiting: ((line: string | undefined) => void) | undefined

  constructor(input: NodeJS.ReadableStream, output: NodeJS.WritableStream) {
    this.#reader = createInterface({ input, output, terminal: true, historySize: 0 })
    this.#reader.on('line', (line) => this.#hand(line))
    for (const end of ['SIGINT', 'close']) {
      this.#reader.on(end, () => {
        this.#ended = true
        // what comes next begins a line
        if (this.#waiting) output.write('\n')
        this.#hand(undefined)
      })
    }
  }

  /** To whoever waits, who waits no longer, or for later. */
  #hand(line: string | undefined): void {
    const waiting = this.#waiting
    this.#waiting = undefined
    if (waiting) waiting(line)
    else if (line !== undefined) this.#typed.push(line)
  }

  async ask(prompt: string): Promise<string | undefined> {
    if (this.#ended) return undefined
    this.line++
    this.#reader.setPrompt(prompt)
    this.#reader.prompt()
    const typed = this.#typed.shift()
    if (typed !== undefined) return typed
    return new Promise((done) => {
      this.#waiting = done
    })
  }

  close(): void {
    this.#reader.close()
  }
}

/** Lines of a stream, in UTF-8 and nothing else. */
export class LinesAsker implements Asker {
  readonly interactive = false
  line = 0
  readonly #lines

  constructor(stream: TextStream, name: string) {
    this.#lines = linesOf(stream, name)
  }

  async ask(): Promise<string | undefined> {
    const { value, done } = await this.#lines.next()
    if (done) return undefined
    this.line = value.number
    return value.text
  }

  close(): void {
    void this.#lines.return(undefined)
  }
}
