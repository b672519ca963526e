#!/usr/bin/env node
import { readFileSync } from 'node:fs'
import { Command } from 'commander'
import { askCommand } from './ask.ts'
import { attendCommand } from './attend.ts'
import { benchCommand } from './bench/bench.ts'
import { embedCommand } from './embed.ts'
import { inspectCommand } from './inspect.ts'
import { labCommand } from './lab/lab.ts'
import { learnCommand } from './learn/learn.ts'
import { nearCommand } from './near.ts'
import { proveCommand } from './prove.ts'
import { quizCommand } from './quiz/quiz.ts'
import { sensesCommand } from './senses/senses.ts'
import { EXIT, explanationOf } from './terminal/errors.ts'
import { quietly } from './terminal/options.ts'
import { errorLine } from './terminal/progress.ts'
import { commandAt, pathOf, unknownCommand } from './terminal/unknown.ts'

const { version } = JSON.parse(
  readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
) as { version: string }

const WELCOME = `regard ${version}: contextual embeddings by self-attention, learned from plain text, and a layer proven by running it.

Try:
  regard learn my.txt -o my.safetensors     learn from a text of yours, a sentence on each line
  regard ask my.safetensors "a sentence" "a question ?"   which word answers, by attention weight
  regard quiz take                          ten questions about the layer; a wrong answer runs

The page, to see the layer, train it and take the quiz: regard lab
`

const COMMANDS = [
  ...[learnCommand, embedCommand, attendCommand, askCommand, nearCommand, sensesCommand],
  ...[proveCommand, quizCommand, labCommand, inspectCommand, benchCommand],
]

/** The command line. */
function program(): Command {
  const regard = quietly(new Command('regard'))
    .version(version)
    .addHelpText('before', WELCOME)
    .helpCommand('help [command]', 'the same as -h')
    .allowExcessArguments()
    .action((_options: unknown, command: Command) => {
      const [name] = command.args
      if (name !== undefined) throw unknownCommand(name, command)
      process.stdout.write(WELCOME)
    })
  for (const command of COMMANDS) regard.addCommand(command())
  return regard
}

/** Says in one line on stderr what went wrong. Returns the code to exit with. */
function explain(error: unknown, words: readonly string[], regard: Command): number {
  const { exitCode, message } = explanationOf(error)
  if (exitCode === EXIT.done) return exitCode
  const command = commandAt(words, regard)
  const plain = withoutPlace(message, command === regard ? undefined : command.name())
  const mine =
    error instanceof Error && error.name === 'CommanderError' ? regard.name() : pathOf(command)
  const stack = words.includes('--verbose') && error instanceof Error ? error.stack : undefined
  if (/(^| )--progress[ =]jsonl( |$)/.test(words.join(' ')))
    process.stderr.write(errorLine({ exitCode, message: plain }, stack))
  else process.stderr.write(`${mine}: ${plain}\n${stack ? `${stack}\n` : ''}`)
  return exitCode
}

/** What the library says of the function that the command is named after, without its name. */
function withoutPlace(message: string, command: string | undefined): string {
  const plain = message.replace(/\bModel\.\w+: /, '').replace(/\bminCount: 1\b/, '--min-count 1')
  return command && plain.startsWith(`${command}: `) ? plain.slice(command.length + 2) : plain
}

// a reader that has seen enough, such as head, ends the command quietly
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(EXIT.done)
  process.stderr.write(
    `regard: stdout: ${error.code === 'ENOSPC' ? 'the disk is full; free some space' : error.message}\n`,
  )
  process.exit(EXIT.input)
})

const words = process.argv.slice(2)
const regard = program()
try {
  await regard.parseAsync()
} catch (error) {
  process.exitCode = explain(error, words, regard)
}
