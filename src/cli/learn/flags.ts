import { type Command, InvalidArgumentError, Option } from 'commander'
import {
  CONFIG_OPTIONS,
  defaultText,
  LEARN_OPTIONS,
  type LearnFlags,
  type LearnOptions,
  type OptionFlag,
  type OptionRow,
} from '../../doors/internal.ts'
import { integerFrom, nameOf } from '../terminal/options.ts'

/** Options of `learn` as the command has them: files by their paths. */
export interface LearnFlagOptions extends LearnFlags {
  readonly from?: string
  readonly questions?: string
}

type Flagged = keyof LearnFlagOptions

/** The rows of the table that the command has. */
const FLAGGED = Object.entries<OptionRow>(LEARN_OPTIONS).flatMap(([name, row]) =>
  row.flag ? [{ name: name as Flagged, row, flag: row.flag }] : [],
)

const spelled = (name: string) =>
  `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`
const listed = (value: string, before: readonly string[] = []) => [...before, value]

/** A command with every option of the table. */
export function withLearnOptions(command: Command): Command {
  for (const { name, row, flag } of FLAGGED) {
    const byDefault = defaultText(row)
    const option = new Option(
      `${spelled(flag.kind === 'list' ? flag.flag : name)} <${flag.placeholder}>`,
      byDefault ? `${row.help} (${byDefault})` : row.help,
    )
    option.attributeName = () => name
    command.addOption(read(option, flag))
  }
  return command
}

function read(option: Option, flag: OptionFlag) {
  if (flag.kind === 'choice') return option.choices(flag.choices)
  if (flag.kind === 'list') return option.argParser(listed)
  if (flag.kind === 'integer') return option.argParser(integerFrom(flag.from))
  if (flag.kind === 'name') return option.argParser(nameOf(flag.named))
  if (flag.kind === 'share') return option.argParser(share)
  return flag.kind === 'positive' ? option.argParser(positive) : option
}

function share(text: string) {
  const value = Number(text)
  if (!/^\d*\.?\d+$/.test(text) || value >= 1)
    throw new InvalidArgumentError('It must be a number from 0 to below 1.')
  return value
}

function positive(text: string) {
  const value = Number(text)
  if (!(value > 0 && value < Infinity))
    throw new InvalidArgumentError('It must be a number above 0.')
  return value
}

/** What the library takes of a command's options, as it is. */
export const toLibrary = (options: LearnFlagOptions): LearnOptions =>
  Object.fromEntries(
    FLAGGED.filter(({ name, flag }) => flag.kind !== 'file' && options[name] !== undefined).map(
      ({ name }) => [name, options[name]],
    ),
  )

/** The words for what a model does not keep, for a command that goes on from it. */
export const repeated = (options: LearnFlagOptions): string[] =>
  FLAGGED.filter(
    ({ name }) => name !== 'from' && !(name in CONFIG_OPTIONS) && options[name] !== undefined,
  ).flatMap(({ name }) => [spelled(name), String(options[name])])
