import type { Command } from 'commander'
import { nearest } from '../../doors/internal.ts'
import { usageError } from './errors.ts'
import { quietly } from './options.ts'

/** The words that lead to a command: `regard quiz take`. */
export const pathOf = (command: Command): string =>
  command.parent ? `${pathOf(command.parent)} ${command.name()}` : command.name()

/** The command that the words on the command line lead to: the last that is known. */
export function commandAt(words: readonly string[], command: Command): Command {
  const next = command.commands.find((known) => known.name() === words[0])
  return next ? commandAt(words.slice(1), next) : command
}

/** A command that has commands of its own, and says what there is when it is given none. */
export function withCommands(
  command: Command,
  welcome: string,
  commands: readonly (() => Command)[],
): Command {
  quietly(command)
    .addHelpText('before', welcome)
    .helpCommand('help [command]', 'the same as -h')
    .allowExcessArguments()
    .action(() => {
      const [name] = command.args
      if (name === undefined) return void process.stdout.write(welcome)
      const near = nearest(
        name,
        command.commands.map((known) => known.name()),
      )
      throw usageError(
        `unknown command ${JSON.stringify(name)}${near ? `; did you mean ${near}?` : ';'} ${pathOf(command)} --help shows them all`,
      )
    })
  for (const one of commands) command.addCommand(one())
  return command
}
