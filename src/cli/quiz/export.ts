import { extname } from 'node:path'
import type { Command } from 'commander'
import {
  DEFAULT_QUIZ,
  type Exported,
  inLanguage,
  nearest,
  type Quiz,
  type QuizItem,
  shuffled,
  withoutKey,
  writeAppsScript,
  writeGift,
  writeMoodle,
  writeSheet,
} from '../../doors/internal.ts'
import { plainJson } from '../terminal/decimals.ts'
import { usageError } from '../terminal/errors.ts'
import {
  choice,
  commandOf,
  doing,
  integerFrom,
  type SpeechOptions,
  withFile,
} from '../terminal/options.ts'
import { checkOutput, type OutputOptions } from '../terminal/output.ts'
import { deliverRemarked, openQuiz } from './file.ts'
import { mathWriter } from './math.ts'

/** Writes a quiz in one language; its order was drawn from the seed, where there is one. */
type Writer = (quiz: Quiz, language: string, seed?: number) => Exported | Promise<Exported>

/** Formats that a quiz can be written in, and how the names of their files end. */
const FORMATS = {
  gift: { ends: ['.gift', '.txt'], write: writeGift },
  moodle: { ends: ['.xml'], write: writeMoodle },
  'apps-script': { ends: ['.gs', '.js'], write: writeAppsScript },
  html: {
    ends: ['.html', '.htm'],
    write: async (quiz, language, seed) =>
      writeSheet(quiz, { language, seed, math: await mathWriter() }),
  },
  json: {
    ends: ['.json'],
    write: (quiz) => ({ text: `${plainJson(quiz, 2)}\n`, remarks: [] }),
  },
} satisfies Readonly<Record<string, { readonly ends: readonly string[]; readonly write: Writer }>>

type FormatName = keyof typeof FORMATS
const NAMES = Object.keys(FORMATS) as FormatName[]
/** Those that hold no question without its key. */
const KEYED: readonly FormatName[] = ['gift', 'moodle']

interface ExportOptions extends SpeechOptions, OutputOptions {
  readonly to?: FormatName
  readonly withoutKey?: boolean
  readonly language?: string
  readonly seed?: number
}

const EXAMPLES = `  regard quiz export --to html -o key.html                   the ten questions with their answers, to print
  regard quiz export --to html --without-key -o test.html    the same to hand out
  regard quiz export my.json --to moodle -o my.xml --language fr
  regard quiz export my.json --to apps-script -o form.gs
`

export function exportCommand(): Command {
  const command = commandOf('export', 'write a quiz in another format', EXAMPLES)
    .argument('[file]', 'a quiz as JSON, - is stdin, or one that ships by its name', DEFAULT_QUIZ)
    .addOption(
      choice('--to <format>', 'the format; without it, as the end of the output says', NAMES),
    )
  withFile(command)
    .option(
      '--without-key',
      'a file that does not hold the answers anywhere: html, apps-script, json',
    )
    .option(
      '--seed <number>',
      'in html, shuffle what the quiz has shuffled, by this seed, and print it',
      integerFrom(0),
    )
    .option(
      '--language <language>',
      'the language of the texts; by default the first of the quiz, all of them in json',
    )
    .addHelpText(
      'after',
      '\nWhat the format cannot carry is said on stderr, a line for each thing.',
    )
  return doing(command, exportQuiz)
}

async function exportQuiz(file: string, options: ExportOptions): Promise<undefined> {
  const to = options.to ?? formatOfName(options.output)
  if (options.withoutKey && KEYED.includes(to))
    throw usageError(
      `${to} holds no question without its key; --without-key goes with html, apps-script and json`,
    )
  if (options.seed !== undefined && to !== 'html')
    throw usageError('--seed goes with --to html; other formats shuffle by themselves')
  await checkOutput(options)
  const { quiz, name } = await openQuiz(file)
  const language = languageOf(quiz, name, options.language)
  const ordered = options.seed === undefined ? quiz : withOrder(quiz, options.seed)
  const open = options.withoutKey ? withoutKey(ordered) : ordered
  const given = to === 'json' && options.language !== undefined ? inLanguage(open, language) : open
  const { write }: { write: Writer } = FORMATS[to]
  const { text, remarks } = await write(given, language, options.seed)
  await deliverRemarked(
    text,
    { command: 'export', remarks, about: { to }, whole: { text } },
    options,
  )
}

/** The quiz in the order that a seed gives, in which it stays. */
function withOrder(quiz: Quiz, seed: number): Quiz {
  const { shuffle: _, ...fixed } = shuffled(quiz, seed)
  const sections = fixed.sections.map((section) => ({
    ...section,
    items: section.items.map(unshuffled),
  }))
  return { ...fixed, sections }
}

function unshuffled(item: QuizItem): QuizItem {
  if (item.kind === 'numeric') return item
  const { shuffle: _, ...fixed } = item
  return fixed
}

function formatOfName(output = ''): FormatName {
  const end = extname(output).toLowerCase()
  const found = NAMES.find((name) => (FORMATS[name].ends as readonly string[]).includes(end))
  if (!found)
    throw usageError(
      `needs --to ${NAMES.join('|')}, or -o with a name that ends in one of ${NAMES.map((name) => FORMATS[name].ends[0]).join(' ')}`,
    )
  return found
}

/** @throws {CommandError} for a language that the quiz has not */
function languageOf({ languages }: Quiz, name: string, language = languages[0]) {
  if (languages.includes(language)) return language
  const near = nearest(language, languages)
  throw usageError(
    `${name} has no language ${JSON.stringify(language)}; ${near ? `did you mean ${near}? ` : ''}it has ${languages.join(', ')}`,
  )
}
