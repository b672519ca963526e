import type { Command } from 'commander'
import { nearest } from '../../doors/internal.ts'
import { usageError } from './errors.ts'

/** The words that lead to a command: `regard quiz take`. */
export const pathOf = (command: Command): string =>
  command.parent ? `${pathOf(command.parent)} ${command.name()}` : command.name()

/** The command that the words on the command line lead to: the last that is known. */
export function commandAt(words: readonly string[], command: Command): Command {
  const next = command.commands.find((known) => known.name() === words[0])
  return next ? commandAt(words.slice(1), next) : command
}

/** An error for a word that is no command of `command`, with the nearest that is. */
export function unknownCommand(name: string, command: Command): Error {
  const near = nearest(
    name,
    command.commands.map((known) => known.name()),
  )
  return usageError(
    `unknown command ${JSON.stringify(name)}${near ? `; did you mean ${near}?` : ';'} ${pathOf(command)} --help shows them all`,
  )
}
