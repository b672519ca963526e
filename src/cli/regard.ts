#!/usr/bin/env node
import { readFileSync } from 'node:fs'
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander'
import { CommandError, EXIT, nearest } from './errors.ts'
import { type ProveOptions, prove } from './prove.ts'

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }

const WELCOME = `regard ${version}: the self-attention layer for TypeScript, proven by running it.

Try:
  regard prove --all                 run the layer to prove every statement about it
  regard prove 4                     what is A(q³, …)? the proof, and why the other answers are wrong
  regard prove order --sentence "le chat voit le chien"
`

const PROVE_EXAMPLES = `Examples:
  regard prove --list                every claim in one line
  regard prove order equal-rows      prove these two
  regard prove 3 --language fr       the claim of question 3, in French
  regard prove --all --json          all evidence as data
`

function integer(text: string): number {
  const value = Number(text)
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value)) throw new InvalidArgumentError('It must be an integer from 0 to 2^53 - 1.')
  return value
}

function threads(text: string): number {
  const value = integer(text)
  if (value < 1 || value > 256) throw new InvalidArgumentError('It must be an integer from 1 to 256.')
  return value
}

function unknownCommand(name: string, regard: Command): CommandError {
  const near = nearest(
    name,
    regard.commands.map((command) => command.name()),
  )
  return new CommandError(
    EXIT.usage,
    `: unknown command ${JSON.stringify(name)}${near ? `; did you mean ${near}?` : ';'} regard --help shows them all`,
  )
}

const french = (): boolean => /^fr/i.test(process.env.LC_ALL || process.env.LC_MESSAGES || process.env.LANG || '')

/** The command line; `finish` gets the exit code of what ran. */
function program(finish: (code: number) => void): Command {
  const regard = new Command('regard')
    .version(version)
    .addHelpText('before', WELCOME)
    .showSuggestionAfterError()
    .exitOverride()
    .configureOutput({ outputError: () => {} })
    .allowExcessArguments()
    .action((_options: unknown, command: Command) => {
      const [name] = command.args
      if (name !== undefined) throw unknownCommand(name, command)
      process.stdout.write(WELCOME)
    })
  regard
    .command('prove')
    .description('run the layer to prove a statement about it')
    .argument('[claim...]', 'names of claims, or numbers of questions of the quiz')
    .option('--all', 'prove every claim')
    .option('--list', 'name every claim')
    .option('--slow', 'more draws')
    .addOption(
      new Option('--device <device>', 'where to compute; auto is reference, in float64')
        .choices(['auto', 'reference', 'wasm'])
        .default('auto'),
    )
    .option('--threads <number>', 'threads of the wasm device', threads)
    .option('--sentence <text>', 'words, separated by spaces, instead of «Tom a été entarté cet été»')
    .addOption(new Option('--language <language>', 'language of the evidence').choices(['en', 'fr']).default(french() ? 'fr' : 'en'))
    .option('--seed <number>', 'what random numbers are drawn from', integer, 7)
    .option('--json', 'one JSON document on stdout and nothing else')
    .option('--quiet', 'verdicts alone')
    .addHelpText('before', PROVE_EXAMPLES)
    .exitOverride()
    .configureOutput({ outputError: () => {} })
    .action(async (names: string[], options: ProveOptions) => finish(await prove(names, options, process.stdout)))
  return regard
}

/** One line that says what went wrong, and the code to exit with. */
function explain(error: unknown): number {
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return EXIT.done
    const help = /help/i.test(error.message) ? '' : '; regard --help shows what there is'
    process.stderr.write(
      `${error.message
        .replace(/^error: /, 'regard: ')
        .replace(/\s*\n\s*/g, ' ')
        .replace(/\.$/, '')}${help}\n`,
    )
    return EXIT.usage
  }
  if (error instanceof CommandError) {
    process.stderr.write(`regard${error.message.startsWith(':') ? '' : ' '}${error.message}\n`)
    return error.exitCode
  }
  process.stderr.write(`regard: this is a bug: ${error instanceof Error ? error.stack : String(error)}\n`)
  return EXIT.bug
}

// a reader that has seen enough, such as head, ends the command quietly
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(EXIT.done)
  throw error
})

try {
  await program((code) => {
    process.exitCode = code
  }).parseAsync()
} catch (error) {
  process.exitCode = explain(error)
}
