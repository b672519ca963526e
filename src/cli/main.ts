import type { Command } from 'commander'
import { visibleLines } from '../doors/internal.ts'
import { program } from './program.ts'
import { EXIT, explanationOf } from './terminal/errors.ts'
import { errorLine } from './terminal/progress.ts'
import { commandAt, pathOf } from './terminal/unknown.ts'

/** Runs a command line; an error becomes one line on stderr. */
export async function main(words: readonly string[]): Promise<void> {
  const regard = program()
  try {
    await regard.parseAsync(words, { from: 'user' })
  } catch (error) {
    process.exitCode = explain(error, words, regard)
  }
}

/** Prints an error as one line on stderr. Returns the exit code. */
function explain(error: unknown, words: readonly string[], regard: Command) {
  const { exitCode, message } = explanationOf(error)
  if (exitCode === EXIT.done) return exitCode
  const command = commandAt(words, regard)
  const plain = withoutPrefix(message, command === regard ? undefined : command.name())
  const mine =
    error instanceof Error && error.name === 'CommanderError' ? regard.name() : pathOf(command)
  const stack = words.includes('--verbose') && error instanceof Error ? error.stack : undefined
  if (/(^| )--progress[ =]jsonl( |$)/.test(words.join(' ')))
    process.stderr.write(errorLine({ exitCode, message: plain }, stack))
  else process.stderr.write(`${mine}: ${plain}\n${stack ? `${visibleLines(stack)}\n` : ''}`)
  return exitCode
}

/** A library error without the name of the function, if the command has the same name. */
function withoutPrefix(message: string, command: string | undefined) {
  const plain = message
    .replace(/\b(?:Model\.\w+|findSenses|regroup): /, '')
    .replace(/\bminCount: 1\b/, '--min-count 1')
  return command && plain.startsWith(`${command}: `) ? plain.slice(command.length + 2) : plain
}
