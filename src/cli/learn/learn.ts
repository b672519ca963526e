import { type Command, InvalidArgumentError, Option } from 'commander'
import {
  alignmentForms,
  alignmentNamed,
  DEFAULT_FORM,
  type Device,
  distributionForms,
  distributionNamed,
  type LearnEvent,
  type LearnOptions,
  learning,
  load,
  type Model,
  openDevice,
  openSpool,
  positionForms,
  positionNamed,
  readWhole,
  STORES,
} from '../../doors/internal.ts'
import { megabytes, sha256 } from '../inspect.ts'
import { type ColumnOptions, TextReader } from '../tables/columns.ts'
import { jsonText } from '../terminal/decimals.ts'
import { EXIT, usageError } from '../terminal/errors.ts'
import { finished } from '../terminal/events.ts'
import { checkFiles, sourceOf } from '../terminal/input.ts'
import { interrupted } from '../terminal/interruption.ts'
import {
  commandOf,
  deviceOf,
  integerFrom,
  nameOf,
  type PlaceOptions,
  type SpeechOptions,
  shellWord,
  withColumn,
  withDevice,
  withProgress,
} from '../terminal/options.ts'
import { checkOutput, deliver } from '../terminal/output.ts'
import { type Reporter, reporterOf } from '../terminal/progress.ts'
import { modelAt } from '../terminal/shipped.ts'
import {
  type CheckpointOptions,
  type Checkpoints,
  checkpointsOf,
  toldDivergence,
  withCheckpoints,
} from './checkpoints.ts'
import { WatchedFiles } from './watched.ts'

/** Options that the library takes as they are. */
type Passed = Pick<
  LearnOptions,
  | (
      | 'width'
      | 'query'
      | 'key'
      | 'value'
      | 'heads'
      | 'layers'
      | 'alignment'
      | 'distribution'
      | 'position'
      | 'objective'
      | 'embedding'
    )
  | (
      | 'epochs'
      | 'steps'
      | 'minCount'
      | 'vocabulary'
      | 'batchWords'
      | 'wordsInMemory'
      | 'tokens'
      | 'sentences'
    )
  | ('clues' | 'rate' | 'hide' | 'dropout' | 'heldOut' | 'seed' | 'store' | 'buckets')
>

export interface LearnCommandOptions
  extends SpeechOptions,
    PlaceOptions,
    CheckpointOptions,
    ColumnOptions,
    Passed {
  readonly output: string
  readonly force?: boolean
  readonly from?: string
  readonly questions?: string
}

const EXAMPLES = `  regard learn my.txt -o my.safetensors
  regard learn a.txt b.txt -o my.safetensors --questions questions.tsv --seed 11
  regard learn more.txt --from my.safetensors -o larger.safetensors
  regard learn my.txt -o sparse.safetensors --distribution sparsemax --position rotary
  regard learn tickets.csv --column text -o my.safetensors             a column of a table
  regard learn large.txt -o my.safetensors --checkpoint my.checkpoint        --resume my.checkpoint goes on from it
`

const LARGE = `
A large text has half a million words or more; where nothing else is told, D, d_q, d_k and d_v are 128 there, with 8 heads, relative:24 and .3 hidden.`

export function learnCommand(): Command {
  const command = commandOf('learn', 'learn contextual embeddings from plain text', EXAMPLES)
    .argument('<files...>', 'plain texts in UTF-8, a sentence on each line; - is stdin')
    .requiredOption('-o, --output <model>', 'the file that is written, whole or not at all')
    .option('--from <model>', 'go on from this model')
    .option(
      '--questions <table>',
      'questions to learn from: sentence, question, start, end, with tabs between them and a header',
    )
  for (const [name, what] of SIZES)
    command.option(`--${name} <number>`, `${what} (${DEFAULT_FORM[name]})`, integerFrom(1))
  command
    .option(
      '--alignment <name>',
      `${alignmentForms.join(', ')} (${DEFAULT_FORM.alignment})`,
      nameOf(alignmentNamed),
    )
    .option(
      '--distribution <name>',
      `${distributionForms.join(', ')} (${DEFAULT_FORM.distribution})`,
      nameOf(distributionNamed),
    )
    .option(
      '--position <name>',
      `${positionForms.join(', ')} (${DEFAULT_FORM.position})`,
      nameOf(positionNamed),
    )
    .addOption(
      choice('--objective <name>', 'what is told from the contexts (hidden)', [
        'hidden',
        'next',
        'none',
      ]),
    )
    .addOption(
      choice(
        '--embedding <name>',
        'a word’s own context, what the others tell of it, or that and its vector (both)',
        ['seen', 'hidden', 'both'],
      ),
    )
    .addOption(
      choice(
        '--clues <kind>',
        'what answers questions beside embeddings (overlap, with questions)',
        ['overlap', 'none'],
      ),
    )
    .addOption(
      choice('--tokens <rule>', 'words by Unicode’s rules, or a text that is cut already (words)', [
        'words',
        'space',
      ]),
    )
    .addOption(
      choice('--sentences <rule>', 'one on each line, or found by their ends (line)', [
        'line',
        'auto',
      ]),
    )
    .option(
      '--epochs <number>',
      'rounds over the text; as many as 300 000 words take, 30 at most, of a large text 6 million, 2 at least; with questions 3 over these and 600 steps at least',
      integerFrom(1),
    )
    .option('--steps <number>', 'steps, instead of rounds', integerFrom(1))
    .option(
      '--min-count <number>',
      'words that occur less often have the vector of their letters alone (2)',
      integerFrom(1),
    )
    .option(
      '--vocabulary <number>',
      'most words with a vector of their own (all, or 50 000 of a text larger than memory)',
      integerFrom(1),
    )
    .option(
      '--batch-words <number>',
      'words of the text in a step (600, 4096 of a large text, or 150 beside questions)',
      integerFrom(1),
    )
    .option(
      '--words-in-memory <number>',
      'a longer text goes to a temporary file and is shuffled block by block (8388608)',
      integerFrom(1),
    )
    .option('--rate <number>', 'highest learning rate (.01)', positive)
    .option('--hide <share>', 'share of the words that are hidden, from 0 to below 1 (.15)', share)
    .option(
      '--dropout <share>',
      'share of attention weights that are dropped while it learns, from 0 to below 1 (0)',
      share,
    )
    .option(
      '--held-out <share>',
      'share of the sentences that are held out, from 0 to below 1, 200 at most (.05)',
      share,
    )
    .addOption(
      choice(
        '--store <type>',
        'how the file holds numbers: float16 rounds them and halves it (float32)',
        STORES,
      ),
    )
    .option('--seed <number>', 'what everything random is drawn from', integerFrom(0), 7)
    .option('--force', 'overwrite the file')
  return withProgress(withDevice(withCheckpoints(withColumn(command))))
    .addHelpText('after', LARGE)
    .action(async (files: string[], options: LearnCommandOptions) => {
      process.exitCode = await learn(files, options)
    })
}

const SIZES = [
  ['width', 'width D of static embeddings'],
  ['query', 'width d_q of queries, over all heads'],
  ['key', 'width d_k of keys, over all heads'],
  ['value', 'width d_v of values, over all heads'],
  ['heads', 'heads'],
  ['layers', 'layers'],
  ['buckets', 'rows of vectors that runs of letters share'],
] as const

const choice = (flags: string, description: string, choices: readonly string[]): Option =>
  new Option(flags, description).choices(choices)

function share(text: string): number {
  const value = Number(text)
  if (!/^\d*\.?\d+$/.test(text) || value >= 1)
    throw new InvalidArgumentError('It must be a number from 0 to below 1.')
  return value
}

function positive(text: string): number {
  const value = Number(text)
  if (!(value > 0 && value < Infinity))
    throw new InvalidArgumentError('It must be a number above 0.')
  return value
}

async function learn(files: readonly string[], options: LearnCommandOptions): Promise<number> {
  if (options.json && options.output === '-')
    throw usageError('--json and -o - exclude each other: both write to stdout')
  if (options.epochs !== undefined && options.steps !== undefined)
    throw usageError('--epochs and --steps exclude each other')
  await checkOutput(options, true)
  const checkpoints = await checkpointsOf(options)
  const from = options.from === undefined ? undefined : await modelAt(options.from)
  await checkFiles([
    ...files,
    ...[from, options.questions, options.resume].filter((path) => path !== undefined),
  ])
  const reporter = reporterOf('learn', options, process.stderr)
  const device = await openDevice(deviceOf(options))
  const interruption = interrupted(reporter)
  const watched = new WatchedFiles(files)
  try {
    const { signal, begin } = interruption
    const setting = {
      device,
      signal,
      ...(await beginning(options, device)),
      ...(checkpoints ? { checkpoint: checkpoints } : {}),
    }
    const model = await learned(watched, options, setting, { reporter, begin })
    for (const path of await watched.changed())
      reporter.warn(`${path} has changed since it was read; the model is of what it held before`)
    return await save(model, files, options, { reporter, checkpoints, signal })
  } catch (error) {
    throw toldDivergence(error, checkpoints)
  } finally {
    interruption.end()
    await device.close()
  }
}

/** What learning begins with, where it is not anew. */
async function beginning({ from, resume }: LearnCommandOptions, device: Device) {
  return {
    ...(from === undefined ? {} : { from: await load(await modelAt(from), { on: device }) }),
    ...(resume === undefined ? {} : { resume: () => readWhole(resume) }),
  }
}

/** Learns, and reports on the way. */
async function learned(
  files: WatchedFiles,
  options: LearnCommandOptions,
  setting: Pick<LearnOptions, 'from' | 'checkpoint' | 'resume'> & {
    readonly device: Device
    readonly signal: AbortSignal
  },
  { reporter, begin }: { readonly reporter: Reporter; readonly begin: () => void },
): Promise<Model> {
  const reader = new TextReader(options)
  const sources = files.sources.map((source) => ({
    name: source.name,
    stream: reader.stream(source),
  }))
  const questions =
    options.questions === undefined ? {} : { questions: sourceOf(options.questions) }
  const events = learning(sources, {
    ...passed(options),
    ...questions,
    ...setting,
    spool: () => openSpool(),
  })
  const model = await finished(events, (event) => {
    if (event.event === 'begin') {
      reader.report(reporter)
      begin()
    }
    report(event, setting.device, reporter)
  })
  const { words, heldOutLoss } = model.learned[model.learned.length - 1]
  reporter.happens({ event: 'done', words, heldOutLoss })
  return model
}

const PASSED = [
  ...([
    'width',
    'query',
    'key',
    'value',
    'heads',
    'layers',
    'alignment',
    'distribution',
    'position',
    'objective',
    'embedding',
  ] as const),
  ...([
    'epochs',
    'steps',
    'minCount',
    'vocabulary',
    'batchWords',
    'wordsInMemory',
    'tokens',
    'sentences',
  ] as const),
  ...(['clues', 'rate', 'hide', 'dropout', 'heldOut', 'seed', 'store', 'buckets'] as const),
] satisfies readonly (keyof Passed)[]

const passed = (options: LearnCommandOptions): Passed =>
  Object.fromEntries(
    PASSED.flatMap((name) => (options[name] === undefined ? [] : [[name, options[name]]])),
  )

function report(event: LearnEvent, device: Device, reporter: Reporter): void {
  if (event.event === 'warning') reporter.warn(event.message)
  else if (event.event === 'begin') {
    const { model, ...numbers } = event
    const { width, query, key, value, heads, layers, alignment, distribution, position } =
      model.form
    const sizes = `D ${width} · d_q ${query} · d_k ${key} · d_v ${value} · heads ${heads} · layers ${layers}`
    reporter.note(
      `${sizes} · ${alignment} · ${distribution} · ${position} · seed ${model.record.seed} · device ${device.name}, ${device.arithmetic}`,
    )
    const { sentences, words, vocabulary, questions, steps, floor } = numbers
    const asked = questions ? `, ${questions} questions` : ''
    reporter.note(
      `${sentences} sentences, ${words} words, ${vocabulary} different ones kept${asked}: ${steps} steps`,
    )
    if (floor !== undefined)
      reporter.note(
        `the text is larger than memory: it is shuffled block by block${lacking(floor)}`,
      )
    reporter.happens(numbers)
  } else reporter.happens(event)
}

const lacking = (floor: number): string =>
  floor > 0 ? `, and counts of words lack up to ${floor} occurrences` : ''

/** Saves what was learned; says how to go on where it was interrupted. Returns the exit code. */
async function save(
  model: Model,
  files: readonly string[],
  options: LearnCommandOptions,
  setting: {
    readonly reporter: Reporter
    readonly checkpoints: Checkpoints | undefined
    readonly signal: AbortSignal
  },
): Promise<number> {
  const { reporter, checkpoints } = setting
  const { aborted } = setting.signal
  const record = model.learned[model.learned.length - 1]
  // lets a second Ctrl-C in, before anything is written
  await new Promise((resolve) => setImmediate(resolve))
  if (aborted && record.steps === 0) {
    reporter.note('interrupted before the first step: nothing is saved')
    return EXIT.interrupted
  }
  const bytes = await model.bytes()
  const { output } = options
  await deliver(wholly(bytes), options)
  const hash = sha256(bytes)
  reporter.note(
    `saved ${output === '-' ? 'to stdout' : output} (${megabytes(bytes.length)}, sha-256 ${hash})`,
  )
  if (options.json) {
    const { seed, arithmetic, form, vocabulary } = model.record
    const about = {
      model: output,
      bytes: bytes.length,
      sha256: hash,
      seed,
      arithmetic,
      form,
      vocabulary: vocabulary.size,
      learned: record,
    }
    process.stdout.write(`${jsonText({ ...about, interrupted: aborted })}\n`)
  }
  if (!aborted) return EXIT.done
  const words = checkpoints?.kept
    ? resuming(checkpoints.path)
    : ['regard', 'learn', ...files, ...afterwards(remaining(options, record.steps))]
  reporter.note(
    `interrupted after step ${record.steps}; to go on: ${words.map(shellWord).join(' ')}`,
  )
  return EXIT.interrupted
}

/** The words of this command, to be said once more from its checkpoint. */
function resuming(checkpoint: string): string[] {
  const words = process.argv.slice(2)
  const at = words.indexOf('--resume')
  const others = words.filter(
    (word, n) =>
      word !== '--force' && !word.startsWith('--resume=') && (at < 0 || (n !== at && n !== at + 1)),
  )
  return ['regard', ...others, '--force', '--resume', checkpoint]
}

const remaining = (options: LearnCommandOptions, steps: number): LearnCommandOptions =>
  options.steps === undefined ? options : { ...options, steps: Math.max(1, options.steps - steps) }

async function* wholly(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}

const afterwards = (options: LearnCommandOptions): string[] => [
  ...Object.entries(AGAIN).flatMap(([flag, name]) =>
    options[name] === undefined ? [] : [flag, String(options[name])],
  ),
  ...(options.column
    ? options.column.flatMap((column) => ['--column', column])
    : options.column === false
      ? ['--no-column']
      : []),
  ...(options.device === 'auto' ? [] : ['--device', options.device]),
  ...(options.fused ? ['--fused'] : []),
  ...['--from', options.output, '-o', options.output, '--force'],
]

/** Options that a model does not keep. */
const AGAIN = {
  ...{
    '--questions': 'questions',
    '--seed': 'seed',
    '--sentences': 'sentences',
    '--min-count': 'minCount',
    '--epochs': 'epochs',
  },
  ...{
    '--vocabulary': 'vocabulary',
    '--words-in-memory': 'wordsInMemory',
    '--rate': 'rate',
    '--hide': 'hide',
  },
  ...{
    '--steps': 'steps',
    '--batch-words': 'batchWords',
    '--dropout': 'dropout',
    '--held-out': 'heldOut',
    '--store': 'store',
    '--threads': 'threads',
  },
} as const satisfies Readonly<Record<string, keyof LearnCommandOptions>>
