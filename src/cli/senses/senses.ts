import type { Command } from 'commander'
import {
  findSenses,
  nearest,
  normalized,
  regroup,
  type Senses,
  type SenseView,
  type TextInput,
} from '../../doors/internal.ts'
import { CommandError, EXIT, usageError } from '../terminal/errors.ts'
import {
  checkFiles,
  type ModelOptions,
  notedLines,
  type Source,
  sentencesIn,
  typedWord,
  withModel,
} from '../terminal/input.ts'
import {
  choice,
  doing,
  integerFrom,
  modelCommand,
  withMetadata,
  withModelOptions,
} from '../terminal/options.ts'
import { checkOutput, deliver, formatOf, type Written } from '../terminal/output.ts'
import { reporterOf } from '../terminal/progress.ts'
import { sourceOf, TextReader } from '../texts/reader.ts'
import { concordanceLine, labelOf, type SortKey, sortKeys } from './concordance.ts'
import { editsOf, readEdits, writeEdits } from './edits.ts'
import { type Gold, readGold } from './gold.ts'
import { page } from './page.ts'
import { document, rows } from './rows.ts'
import { type ShownSenses, shownOf } from './shown.ts'
import { table } from './table.ts'

type SensesFormat = 'table' | 'csv' | 'tsv' | 'html'

interface SensesOptions extends ModelOptions<SensesFormat> {
  readonly word?: readonly string[]
  readonly ignoreCase?: boolean
  readonly groups?: number
  readonly view?: SenseView
  readonly most?: number
  readonly seed: number
  readonly sort?: readonly SortKey[]
  readonly context?: number
  readonly limit?: number
  readonly min: number
  readonly gold?: string
  readonly edits?: string
  readonly writeEdits?: string
}

const FORMATS: readonly SensesFormat[] = ['table', 'csv', 'tsv', 'html']

/** Lines of a group that a table shows. */
const TABLE_LINES = 20

const EXAMPLES = `  regard senses my.safetensors novel.txt --word été
  regard senses my.safetensors novel.txt --word été --word étés --ignore-case --sort 1L,1R --limit 50
  regard senses my.safetensors novel.txt --word été -o summers.html
  regard senses my.safetensors novel.txt --word été --write-edits edits.tsv       groups to name, merge, split
  regard senses my.safetensors novel.txt --word été --edits edits.tsv --json
  regard senses my.safetensors --word été --gold labelled.tsv                     how well they agree with labels
`

const several = (word: string, before: readonly string[] = []) => [...before, word]

export function sensesCommand(): Command {
  const command = modelCommand(
    'senses',
    'occurrences of a word grouped by sense, as concordance lines',
    EXAMPLES,
  )
    .argument(
      '[files...]',
      'texts to look in, or folders of them; - is stdin; none with --gold: its own sentences',
    )
    .option('--word <word>', 'the word; again for another form of it', several)
    .option('--ignore-case', 'find the word whatever its capitals')
    .option(
      '--groups <number>',
      'how many groups; as many as part best, which may be one',
      integerFrom(1, 100),
    )
    .addOption(
      choice(
        '--view <view>',
        'what tells occurrences apart: what the sentence would have in their place, or the word’s own embedding',
        ['place', 'word'],
      ),
    )
    .option(
      '--sort <keys>',
      'order of the lines: 1L,2L,1R,… by words to the left and right, 0 the word, file (file)',
      sortKeys,
    )
    .option('--context <number>', 'words on either side; as many as fit', integerFrom(0))
    .option(
      '--limit <number>',
      `lines of each group, evenly spaced (${TABLE_LINES} in a table, else all)`,
      integerFrom(1),
    )
    .option('--min <number>', 'leave out groups of fewer lines, and count them', integerFrom(1), 1)
    .option('--most <number>', 'occurrences that are read (50 000)', integerFrom(1))
    .option(
      '--gold <table>',
      'labels to compare with: sense, tok_idx, sentence, with tabs and a header',
    )
    .option('--edits <table>', 'changes to the groups, one a line')
    .option(
      '--write-edits <file>',
      'write the changes so far, with a line for each group that has no name yet',
    )
    .option('--seed <number>', 'what samples are drawn from', integerFrom(0), 7)
    .addHelpText(
      'after',
      '\nA line marked ? lies between two groups. Places (the last number of FILE:LINE:PLACE) count from 0.',
    )
  return doing(withModelOptions(withMetadata(command), FORMATS), senses)
}

async function senses(
  path: string,
  files: readonly string[],
  options: SensesOptions,
): Promise<undefined> {
  const { gold: labels, edits: changes, writeEdits: next, force = false } = options
  const { ignoreCase = false, seed, groups, view, most } = options
  if (!options.word?.length) throw usageError('needs --word WORD')
  if (files.length === 0 && labels === undefined)
    throw usageError('needs a file to look in, or - for stdin')
  const typed = options.word
  const format = formatOf(options, FORMATS, 'table')
  await checkOutput(options)
  if (next !== undefined) await checkOutput({ output: next, force })
  const reader = new TextReader(options)
  const paths = await reader.files(files, labels, changes)
  await checkFiles([...paths, ...[labels, changes].filter((file) => file !== undefined)])
  const edits = changes === undefined ? [] : await readEdits(changes)
  await withModel(path, options, async (model) => {
    const words = typed.map((word) => typedWord(word, model))
    const spellings = new Set(words.map((word) => normalized(word, ignoreCase)))
    const gold =
      labels === undefined
        ? undefined
        : await readGold(labels, (word) => spellings.has(normalized(word, ignoreCase)))
    const sources: Source[] = []
    const texts = files.length
      ? notedLines(paths, reader, sources, (read) => sentencesIn(read, options, model))
      : goldTexts(gold as Gold, labels as string, sources)
    const found = await findSenses(model, words, texts, {
      ...{ ignoreCase, seed },
      ...(groups === undefined ? {} : { groups }),
      ...(view === undefined ? {} : { view }),
      ...(most === undefined ? {} : { most }),
    })
    const reporter = reporterOf('senses', options)
    reader.report(reporter)
    if (found.lines.length === 0) throw nothingFound(words, found)
    const lineOf = (line: Senses['lines'][number]) => {
      const label = gold?.labelOf(line.tokens, line.at)
      return concordanceLine(line, sources[line.text], options.context, label)
    }
    const changed = edits.length
      ? await regroup(model, found, editsOf(edits, found.lines.map(lineOf)), ({ text, at }) =>
          labelOf({ ...sources[text], at }),
        )
      : found
    const lines = changed.lines.map(lineOf)
    if (changed.more)
      reporter.warn(`only the first ${lines.length} occurrences were read; --most N reads more`)
    const limit = options.limit ?? (format === 'table' ? TABLE_LINES : undefined)
    const shownFiles = (files.length ? paths : [labels as string]).map(
      (file) => sourceOf(file).name,
    )
    const shown = shownOf(changed, lines, shownFiles, { ...options, limit })
    await deliver(WRITERS[format](shown, options), options)
    if (next !== undefined) await writeEdits(next, edits, changed, lines)
  })
}

/** The sentences of a table of labels, as they are cut there. */
async function* goldTexts(gold: Gold, file: string, noted: Source[]): AsyncGenerator<TextInput> {
  for (const { tokens, number } of gold.sentences) {
    noted.push({ file, line: { text: tokens.join(' '), number } })
    yield tokens
  }
}

function nothingFound(words: readonly string[], { seen }: Senses) {
  if (seen.size === 0) return new CommandError(EXIT.nothing, 'no words found')
  const near = words.map((word) => nearest(word, [...seen])).find((word) => word !== undefined)
  const quoted = words.map((word) => `«${word}»`).join(' or ')
  return new CommandError(
    EXIT.nothing,
    `no occurrence of ${quoted} found${near ? `; the nearest word there is «${near}»` : ''}`,
  )
}

const WRITERS: Readonly<
  Record<SensesFormat | 'json', (shown: ShownSenses, options: SensesOptions) => Written>
> = {
  table: (shown, { output = '-' }) => table(shown, output === '-' ? sizeOf(process.stdout) : {}),
  csv: (shown) => rows(shown, 'csv'),
  tsv: (shown) => rows(shown, 'tsv'),
  html: page,
  json: document,
}

const sizeOf = ({ isTTY, columns }: NodeJS.WriteStream) => ({ isTTY, columns })
