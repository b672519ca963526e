import { setFlagsFromString } from 'node:v8'
import { Command, InvalidArgumentError, Option } from 'commander'
import { type DeviceOptions, LEARN_OPTIONS } from '../../doors/internal.ts'
import { FORMATS } from '../texts/formats/formats.ts'
import { EXIT, usageError } from './errors.ts'
import { MODEL } from './shipped.ts'

/** Options of messages. */
export interface SpeechOptions {
  readonly json?: boolean
  readonly quiet?: boolean
  readonly verbose?: boolean
  /** Of commands that take long. */
  readonly progress?: 'auto' | 'jsonl'
}

/** Options of the device. */
export interface DeviceFlags {
  readonly device: 'auto' | 'reference' | 'wasm'
  readonly threads?: number
  /** Multiply and add with one rounding. */
  readonly fused?: boolean
}

/** A command with its examples before its explanation, and the options that all have. */
export function commandOf(name: string, description: string, examples: string): Command {
  return quietly(new Command(name))
    .description(description)
    .addHelpText('before', `Examples:\n${examples}`)
    .option('--json', 'JSON on stdout and nothing else')
    .option('--quiet', 'warnings and errors alone on stderr')
    .option('--verbose', 'where an error happened, too')
}

/** A command whose first argument is a model. */
export const modelCommand = (name: string, description: string, examples: string): Command =>
  commandOf(name, description, examples).argument('<model>', MODEL)

/** Sets the action of a command; its result is the exit code. */
export const doing = <Given extends unknown[]>(
  command: Command,
  work: (...given: Given) => Promise<number | undefined>,
): Command =>
  command.action(async (...given) => {
    process.exitCode = (await work(...(given as Given))) ?? EXIT.done
  })

/** An option that takes one of some words. */
export const choice = (
  flags: string,
  help: string,
  choices: readonly string[],
  byDefault?: string,
): Option => new Option(flags, help).choices(choices).default(byDefault)

/** Errors are thrown, and said in one line by whoever catches them. */
export const quietly = (command: Command): Command =>
  command.exitOverride().configureOutput({ outputError: () => {} })

export const withDevice = (command: Command): Command =>
  command
    .addOption(
      choice('--device <device>', 'where to compute', ['auto', 'wasm', 'reference'], 'auto'),
    )
    .option(
      '--threads <number>',
      'threads of the wasm device; as many as the machine runs at once',
      integerFrom(1, 256),
    )
    .option(
      '--fused',
      'multiply and add with one rounding on the wasm device: faster, other bits, not in every engine',
    )

export const withProgress = (command: Command): Command =>
  command.addOption(
    choice(
      '--progress <form>',
      'auto draws a bar or says lines; jsonl makes all of stderr JSON lines',
      ['auto', 'jsonl'],
      'auto',
    ),
  )

/** The file that is written instead of stdout. */
export const withFile = (command: Command): Command =>
  command
    .option('-o, --output <file>', 'write to FILE, whole or not at all, instead of stdout')
    .option('--force', 'overwrite FILE')

export const withOutput = (command: Command, formats: readonly string[]): Command =>
  withFile(
    command.addOption(
      choice(
        '--format <format>',
        'of what is printed; without it, as the end of FILE says, or a table',
        formats,
      ),
    ),
  )

/** Lines of JSON with a text on each. */
export const withInput = (command: Command): Command =>
  command.option('--skip-bad', 'leave out bad lines of JSON, and count them')

/** What a text may be said to be: plain, a table, or one of the formats. */
const INPUTS = ['text', 'jsonl', 'csv', 'tsv', ...FORMATS.map(({ name }) => name)]

/** What texts are read as. */
export const withTexts = (command: Command): Command =>
  command
    .addOption(choice('--input <kind>', 'what texts are, whatever they look like', INPUTS))
    .option(
      '--column <column>',
      'texts are a column of a table in CSV, TSV or lines of JSON, by its name or its number from 1; again for another',
      (column: string, before?: readonly string[] | boolean) =>
        Array.isArray(before) ? [...before, column] : [column],
    )
    .option('--no-column', 'a text is plain text, whatever it looks like, as with --input text')

/** What is known of files. */
export const withMetadata = (command: Command): Command =>
  command.option(
    '--metadata <table>',
    'author, year and the like of each file: a table with the column file, which is a path or a name',
  )

/** What the commands have in common that read texts with a model and print what they find. */
export const withModelOptions = (command: Command, formats: readonly string[]): Command =>
  withDevice(
    withOutput(
      withTexts(command).addOption(
        choice('--sentences <rule>', LEARN_OPTIONS.sentences.help, ['line', 'auto'], 'line'),
      ),
      formats,
    ),
  )

/** A word as a shell takes it. */
export const shellWord = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`

/** A parser of integers within bounds. */
export function integerFrom(least: number, most = Number.MAX_SAFE_INTEGER) {
  return (text: string) => {
    const value = Number(text)
    if (!/^\d+$/.test(text) || !Number.isSafeInteger(value) || value < least || value > most) {
      const bound = most === Number.MAX_SAFE_INTEGER ? '2^53 - 1' : most
      throw new InvalidArgumentError(`It must be an integer from ${least} to ${bound}.`)
    }
    return value
  }
}

/** A parser that lets the library read a name, and keeps the name that the library gives it. */
export function nameOf(read: (text: string) => { readonly name: string }) {
  return (text: string) => {
    try {
      return read(text).name
    } catch (error) {
      throw new InvalidArgumentError(
        `${error instanceof Error ? error.message.replace(/^\w+: /, '') : error}.`,
      )
    }
  }
}

/** Device options of the library. */
export function deviceOf({ device, threads, fused = false }: DeviceFlags): DeviceOptions {
  if (device === 'reference' && threads !== undefined)
    throw usageError('--threads goes with --device wasm; the reference device has one thread')
  if (device === 'reference' && fused)
    throw usageError('--fused goes with --device wasm; the reference device sums in float64')
  if (fused) allowFused()
  return {
    device,
    ...(threads === undefined ? {} : { threads }),
    ...(fused ? { arithmetic: 'fused' } : {}),
  }
}

/** Node 20 has fused arithmetic behind a flag, which a command may set for its own process. */
export function allowFused(): void {
  if (process.versions.v8.startsWith('11.')) setFlagsFromString('--experimental-wasm-relaxed-simd')
}
