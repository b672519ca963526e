import { type Command, InvalidArgumentError } from 'commander'
import {
  type Imported,
  quizInScript,
  readGift,
  readMoodle,
  readQuiz,
  wholeText,
} from '../../doors/internal.ts'
import { plainJson } from '../terminal/decimals.ts'
import { choice, commandOf, doing, type SpeechOptions, withFile } from '../terminal/options.ts'
import { checkOutput, type OutputOptions } from '../terminal/output.ts'
import { bytesOf, deliverRemarked } from './file.ts'

interface Source {
  readonly text: string
  /** What the file is called in errors. */
  readonly name: string
  readonly language: string
}

/** Formats that a quiz can be read from, and how their texts begin or their files end. */
const FORMATS = {
  moodle: { looks: ({ text }) => /^\s*</.test(text), read: fromXml },
  json: {
    looks: ({ text }) => /^\s*\{\s*"/.test(text),
    read: ({ text, name }) => ({ quiz: readQuiz(text, name), remarks: [] }),
  },
  'apps-script': {
    looks: ({ text, name }) => /\.(gs|js)$/i.test(name) || /^function makeForm\(/m.test(text),
    read: ({ text, name }) => ({
      quiz: readQuiz(quizInScript(text, name).json, name),
      remarks: [],
    }),
  },
  gift: { looks: () => true, read: ({ text, ...given }) => readGift(text, given) },
} satisfies Readonly<
  Record<
    string,
    {
      readonly looks: (source: Source) => boolean
      readonly read: (source: Source) => Imported | Promise<Imported>
    }
  >
>

/** The parser of XML is loaded where there is some. */
async function fromXml({ text, ...given }: Source) {
  const { xmlOf } = await import('./xml.ts')
  return readMoodle(xmlOf(text, given.name), given)
}

type FormatName = keyof typeof FORMATS
const NAMES = Object.keys(FORMATS) as FormatName[]

interface ImportOptions extends SpeechOptions, OutputOptions {
  readonly from?: FormatName
  readonly language: string
}

const EXAMPLES = `  regard quiz import questions.gift -o my.json
  regard quiz import moodle-export.xml -o my.json --language fr
  regard quiz import form.gs -o my.json                      a script that regard quiz export wrote
`

export function importCommand(): Command {
  const command = commandOf('import', 'read a quiz from another format', EXAMPLES)
    .argument('<file>', 'GIFT, Moodle XML or a script of regard quiz export; - is stdin')
    .addOption(choice('--from <format>', 'the format; without it, as the file looks', NAMES))
  withFile(command)
    .option(
      '--language <language>',
      'language of the texts, as a tag such as fr',
      languageTag,
      'en',
    )
    .addHelpText(
      'after',
      '\nWhat of the file a quiz cannot hold is said on stderr, a line for each thing.',
    )
  return doing(command, importQuiz)
}

function languageTag(text: string) {
  if (/^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$/.test(text)) return text
  throw new InvalidArgumentError('It must be a language tag such as fr or pt-BR.')
}

async function importQuiz(file: string, options: ImportOptions): Promise<undefined> {
  await checkOutput(options)
  const name = file === '-' ? 'stdin' : file
  const source = { text: wholeText(await bytesOf(file), name), name, language: options.language }
  const from = options.from ?? (NAMES.find((format) => FORMATS[format].looks(source)) as FormatName)
  const { quiz, remarks } = await FORMATS[from].read(source)
  const text = `${plainJson(quiz, 2)}\n`
  // what another format held must have the form of a quiz, too
  readQuiz(text, `${name}, as a quiz`)
  await deliverRemarked(
    text,
    { command: 'import', remarks, about: { from }, whole: { quiz } },
    options,
  )
}
