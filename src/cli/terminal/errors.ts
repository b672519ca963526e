import { existsSync } from 'node:fs'
import { CommanderError } from 'commander'
import { visible } from '../../doors/internal.ts'

/** Exit codes of the command. */
export const EXIT = {
  done: 0,
  bug: 1,
  usage: 2,
  input: 3,
  failed: 4,
  nothing: 5,
  interrupted: 130,
} as const

/** An error that a user can fix: one line, and the exit code. */
export class CommandError extends Error {
  readonly exitCode: number

  constructor(exitCode: number, message: string) {
    super(message)
    this.exitCode = exitCode
  }
}

export const usageError = (message: string): CommandError => new CommandError(EXIT.usage, message)
export const inputError = (message: string): CommandError => new CommandError(EXIT.input, message)

/** An error as one line without the command's name, and the exit code. */
export type Explanation = Pick<CommandError, 'exitCode' | 'message'>

export function explanationOf(error: unknown): Explanation {
  if (error instanceof CommanderError)
    return error.exitCode === 0 ? { exitCode: EXIT.done, message: '' } : wrongUsage(error)
  if (error instanceof CommandError)
    return { exitCode: error.exitCode, message: oneLine(error.message) }
  if (isMendable(error)) return { exitCode: EXIT.input, message: oneLine(error.message) }
  return {
    exitCode: EXIT.bug,
    message: `this is a bug: ${oneLine(String(error))}; --verbose shows where, please report it`,
  }
}

function wrongUsage({ message }: CommanderError): Explanation {
  const [, word = ''] = /unknown option '(-[^']+)'/.exec(message) ?? []
  if (word && existsSync(word))
    return usageError(
      `${oneLine(word)} is read as an option; for the file of that name write ./${oneLine(word)}, or -- before it`,
    )
  const help = /help/i.test(message) ? '' : '; regard --help shows what there is'
  const plain = message.replace(/^error: |\.\s*$/g, '').replace(/\s*\n\s*/g, ' ')
  return { exitCode: EXIT.usage, message: oneLine(plain) + help }
}

const oneLine = (text: string) => visible(text.trim())

/** Beginnings of the engine's own RangeErrors that have a colon. */
const OF_THE_ENGINE = /^(Invalid|The) /

/** Whether it is the library's error about its input, or the system's about a file. */
export function isMendable(error: unknown): error is Error {
  // the library's errors begin with a function and a colon; the engine's own are bugs
  if (error instanceof RangeError)
    return error.message.includes(': ') && !OF_THE_ENGINE.test(error.message)
  if (!(error instanceof Error) || error instanceof TypeError) return false
  return (
    typeof (error as NodeJS.ErrnoException).code === 'string' ||
    error.message.startsWith('openDevice: ')
  )
}

/** Ends the command quietly when the reader of stdout closes, such as head. */
export function endWithReader() {
  process.stdout.on('error', ({ code, message }: NodeJS.ErrnoException) => {
    if (code === 'EPIPE') process.exit(EXIT.done)
    const why = code === 'ENOSPC' ? 'the disk is full; free some space' : message
    process.stderr.write(`regard: stdout: ${why}\n`)
    process.exit(EXIT.input)
  })
}
