import type { Command } from 'commander'
import {
  findSenses,
  regroup,
  type Senses,
  type SenseView,
  type TextInput,
} from '../../doors/internal.ts'
import { counted } from '../terminal/decimals.ts'
import { EXIT, usageError } from '../terminal/errors.ts'
import { checkFiles, type ModelOptions, type Source, withModel } from '../terminal/input.ts'
import {
  choice,
  doing,
  integerFrom,
  modelCommand,
  withMetadata,
  withModelOptions,
  withProgress,
} from '../terminal/options.ts'
import { checkOutput, deliver, formatOf, type Written } from '../terminal/output.ts'
import { type Reporter, reporterOf } from '../terminal/progress.ts'
import { Reading } from '../terminal/reading.ts'
import {
  foundText,
  isSearch,
  nothingFound,
  remark,
  type SearchFlags,
  searcherOf,
  searchOf,
  withSample,
  withSearch,
} from '../terminal/searching.ts'
import { sourceOf, TextReader } from '../texts/reader.ts'
import { concordanceLine, labelOf, type SortKey, sortKeys } from './concordance.ts'
import { editsOf, readEdits, writeEdits } from './edits.ts'
import { type Gold, readGold } from './gold.ts'
import { page } from './page.ts'
import { document, rows } from './rows.ts'
import { type ShownSenses, shownOf } from './shown.ts'
import { table } from './table.ts'

type SensesFormat = 'table' | 'csv' | 'tsv' | 'html'

interface SensesOptions extends ModelOptions<SensesFormat>, SearchFlags {
  readonly sample?: number
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

export function sensesCommand(): Command {
  const command = modelCommand(
    'senses',
    'occurrences of a word as concordance lines, in groups by the kind of place that they stand in',
    EXAMPLES,
  )
    .argument(
      '[files...]',
      'texts to look in, or folders of them; - is stdin; none with --gold: its own sentences',
    )
    .option(
      '--groups <number>',
      'how many groups; as many as part best, which may be one, none below 5 lines or 2 %',
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
    .option(
      '--context <number>',
      'words on either side; as many as fit in a table, else the 128 that the model reads',
      integerFrom(0),
    )
    .option(
      '--limit <number>',
      `lines of each group, evenly spaced (${TABLE_LINES} in a table, else all)`,
      integerFrom(1),
    )
    .option('--min <number>', 'leave out groups of fewer lines, and count them', integerFrom(1), 1)
    .option(
      '--most <number>',
      'the first occurrences alone (50 000); without --sample',
      integerFrom(1),
    )
    .option(
      '--gold <table>',
      'labels to compare with: sense, tok_idx, sentence, with tabs and a header',
    )
    .option('--edits <table>', 'changes to the groups, one a line')
    .option(
      '--write-edits <file>',
      'write the changes so far, with a line for each group that has no name yet',
    )
    .addHelpText(
      'after',
      '\nGroups are kinds of places, not senses: what stands beside the word parts them, often its article alone.\nA line marked ? lies between two groups. Places (the last number of FILE:LINE:PLACE) count from 0.',
    )
  const searching = withSample(withSearch(command, 'the word'))
  return doing(withProgress(withModelOptions(withMetadata(searching), FORMATS)), senses)
}

async function senses(
  path: string,
  files: readonly string[],
  options: SensesOptions,
): Promise<number> {
  const { gold: labels, edits: changes, writeEdits: next, force = false } = options
  if (!isSearch(options)) throw usageError('needs --word WORD')
  if (options.most !== undefined && options.sample !== undefined)
    throw usageError(
      '--most takes the first occurrences, --sample draws from all: give one of them',
    )
  if (files.length === 0 && labels === undefined)
    throw usageError('needs a file to look in, or - for stdin')
  const { word = [], ...search } = searchOf(options)
  const format = formatOf(options, FORMATS, 'table')
  await checkOutput(options)
  if (next !== undefined) await checkOutput({ output: next, force })
  const reader = new TextReader(options)
  const paths = await reader.files(files, labels, changes)
  await checkFiles([...paths, ...[labels, changes].filter((file) => file !== undefined)])
  const edits = changes === undefined ? [] : await readEdits(changes)
  const reporter = reporterOf('senses', options)
  return withModel(path, options, async (model) => {
    const searcher = searcherOf('findSenses', model, options)
    const gold =
      labels === undefined
        ? undefined
        : await readGold(labels, (tokens, at) =>
            searcher.matches(tokens).some((match) => match.at === at),
          )
    const input = new Reading(paths, reader, reporter)
    try {
      const sources: Source[] = []
      const texts = files.length
        ? input.texts(model, options)
        : goldTexts(gold as Gold, labels as string, sources)
      const found = await findSenses(model, word, texts, {
        ...{ ...search, ...chosen(options), ...input.options },
      })
      const code = input.report()
      const lineAt = (text: number) => sources[text] ?? input.sourceOf(text)
      if (found.lines.length === 0 && code === EXIT.done)
        throw nothingFound(options, { ...found.read, seen: found.seen })
      const lineOf = (line: Senses['lines'][number]) => {
        const label = gold?.labelOf(line.tokens, line.at)
        return concordanceLine(line, lineAt(line.text), options.context, label)
      }
      const changed = edits.length
        ? await regroup(model, found, editsOf(edits, found.lines.map(lineOf)), ({ text, at }) =>
            labelOf({ ...lineAt(text), at }),
          )
        : found
      const lines = changed.lines.map(lineOf)
      const limit = options.limit ?? (format === 'table' ? TABLE_LINES : undefined)
      const shownFiles = (files.length ? input.files : [labels as string]).map(
        (file) => sourceOf(file).name,
      )
      const shown = shownOf(changed, lines, shownFiles, { ...options, limit })
      if (format !== 'table' && format !== 'html')
        reporter.note(foundText(options, found.read, shownFiles, found.lines.length))
      remarkGroups(found, options, reporter)
      remark(found.read, reporter)
      await deliver(WRITERS[format](shown, options), options)
      if (next !== undefined) await writeEdits(next, edits, changed, lines)
      return code
    } finally {
      input.end()
    }
  })
}

/** The options that were given, of those that the library has too. */
const chosen = ({ groups, view, most, sample, seed }: SensesOptions) => ({
  seed,
  ...(groups === undefined ? {} : { groups }),
  ...(view === undefined ? {} : { view }),
  ...(most === undefined ? {} : { most }),
  ...(sample === undefined ? {} : { sample }),
})

/** Says what was not read, and why there are fewer groups than were asked for. */
function remarkGroups(
  { lines, read, distinct, groups: made }: Senses,
  { groups = 1 }: SensesOptions,
  to: Reporter,
) {
  if (read.more)
    to.warn(
      `only the first ${lines.length} occurrences were read; --most N reads more, --sample N draws from all`,
    )
  if (made.length < groups)
    to.warn(
      `${counted(made.length, 'group')}, not ${groups}: ${counted(distinct, 'line')} of ${lines.length} ${distinct === 1 ? 'is' : 'are'} different`,
    )
}

/** The sentences of a table of labels, as they are cut there. */
async function* goldTexts(gold: Gold, file: string, noted: Source[]): AsyncGenerator<TextInput> {
  for (const { tokens, number } of gold.sentences) {
    noted.push({ file, line: { text: tokens.map(({ token }) => token).join(' '), number } })
    yield tokens
  }
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
