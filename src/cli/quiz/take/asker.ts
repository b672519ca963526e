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
export function terminalAsker(input: NodeJS.ReadableStream, output: NodeJS.WritableStream): Asker {
  const reader = createInterface({ input, output, terminal: true, historySize: 0 })
  const typed: string[] = []
  let line = 0
  let ended = false
  let waiting: ((line: string | undefined) => void) | undefined
  /** To whoever waits, who waits no longer, or for later. */
  const hand = (text?: string) => {
    const then = waiting
    waiting = undefined
    if (then) then(text)
    else if (text !== undefined) typed.push(text)
  }
  reader.on('line', hand)
  for (const end of ['SIGINT', 'close']) {
    reader.on(end, () => {
      ended = true
      // what comes next begins a line
      if (waiting) output.write('\n')
      hand()
    })
  }
  return {
    interactive: true,
    get line() {
      return line
    },
    async ask(prompt) {
      if (ended) return undefined
      line++
      reader.setPrompt(prompt)
      reader.prompt()
      return (
        typed.shift() ??
        new Promise((done) => {
          waiting = done
        })
      )
    },
    close: () => reader.close(),
  }
}

/** Lines of a stream, in UTF-8 and nothing else. */
export function linesAsker(stream: TextStream, name: string): Asker {
  const lines = linesOf(stream, name)
  let line = 0
  return {
    interactive: false,
    get line() {
      return line
    },
    async ask() {
      const { value, done } = await lines.next()
      if (done) return undefined
      line = value.number
      return value.text
    },
    close: () => void lines.return(undefined),
  }
}
