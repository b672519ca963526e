import type { Command } from 'commander'
import {
  type Device,
  type LearnEvent,
  type LearnOptions,
  learning,
  load,
  type Model,
  openDevice,
  openSpool,
  readWhole,
  usesLanguages,
} from '../../doors/internal.ts'
import { megabytes, sha256 } from '../inspect.ts'
import { grouped, jsonText } from '../terminal/decimals.ts'
import { EXIT, usageError } from '../terminal/errors.ts'
import { finished } from '../terminal/events.ts'
import { checkFiles } from '../terminal/input.ts'
import { interrupted } from '../terminal/interruption.ts'
import {
  commandOf,
  type DeviceFlags,
  deviceOf,
  doing,
  type SpeechOptions,
  shellWord,
  withDevice,
  withProgress,
  withTexts,
} from '../terminal/options.ts'
import { checkOutput, deliver } from '../terminal/output.ts'
import { type Reporter, reporterOf } from '../terminal/progress.ts'
import { modelAt } from '../terminal/shipped.ts'
import { type ReadingOptions, TextReader, tableSource } from '../texts/reader.ts'
import {
  type CheckpointOptions,
  type Checkpoints,
  checkpointsOf,
  toldDivergence,
  withCheckpoints,
} from './checkpoints.ts'
import { type LearnFlagOptions, repeated, toLibrary, withLearnOptions } from './flags.ts'
import { WatchedFiles } from './watched.ts'

interface LearnCommandOptions
  extends SpeechOptions,
    DeviceFlags,
    CheckpointOptions,
    ReadingOptions,
    LearnFlagOptions {
  readonly output: string
  readonly force?: boolean
}

const EXAMPLES = `  regard learn my.txt -o my.safetensors
  regard learn a.txt b.txt -o my.safetensors --questions questions.tsv --seed 11
  regard learn more.txt --from my.safetensors -o larger.safetensors
  regard learn my.txt -o sparse.safetensors --distribution sparsemax --position rotary
  regard learn tickets.csv --column text -o my.safetensors             a column of a table
  regard learn large.txt -o my.safetensors --checkpoint my.checkpoint        --resume my.checkpoint goes on from it
`

const LARGE = `
A large text has half a million words or more. Its defaults for sizes hold where no size is given, the others where there are no questions.`

export function learnCommand(): Command {
  const command = commandOf('learn', 'learn contextual embeddings from plain text', EXAMPLES)
    .argument('<files...>', 'texts, a sentence on each line, or folders of them; - is stdin')
    .requiredOption('-o, --output <model>', 'the file that is written, whole or not at all')
    .option('--force', 'overwrite the file')
    .addHelpText('after', LARGE)
  withCheckpoints(withTexts(withLearnOptions(command)))
  return doing(withProgress(withDevice(command)), learn)
}

async function learn(files: readonly string[], options: LearnCommandOptions): Promise<number> {
  if (options.json && options.output === '-')
    throw usageError('--json and -o - exclude each other: both write to stdout')
  if (options.epochs !== undefined && options.steps !== undefined)
    throw usageError('--epochs and --steps exclude each other')
  await checkOutput(options, true)
  const checkpoints = await checkpointsOf(options)
  const from = options.from === undefined ? undefined : await modelAt(options.from)
  const reader = new TextReader(options)
  const found = await reader.files(files, options.questions)
  await checkFiles([
    ...found,
    ...[from, options.questions, options.resume].filter((path) => path !== undefined),
  ])
  const reporter = reporterOf('learn', options)
  const device = await openDevice(deviceOf(options))
  const interruption = interrupted(
    reporter,
    'stopping after this step; Ctrl-C once more stops at once, and nothing is saved',
  )
  const watched = new WatchedFiles(found)
  try {
    const { signal, begin } = interruption
    const given = {
      device,
      signal,
      ...(await beginning(options, device)),
      ...(checkpoints ? { checkpoint: checkpoints } : {}),
    }
    const model = await learned(watched, reader, options, given, { reporter, begin })
    for (const path of await watched.changed())
      reporter.warn(`${path} has changed since it was read; the model is of what it held before`)
    return await save(model, { files, options, checkpoints, reporter, aborted: signal.aborted })
  } catch (error) {
    throw toldDivergence(error, checkpoints)
  } finally {
    interruption.end()
    await device.close()
  }
}

/** The model or checkpoint that learning continues from. */
const beginning = async ({ from, resume }: LearnCommandOptions, device: Device) => ({
  ...(from === undefined ? {} : { from: await load(await modelAt(from), { on: device }) }),
  ...(resume === undefined ? {} : { resume: () => readWhole(resume) }),
})

/** Learns, and reports on the way. */
async function learned(
  files: WatchedFiles,
  reader: TextReader,
  options: LearnCommandOptions,
  given: LearnOptions & { readonly device: Device },
  { reporter, begin }: { readonly reporter: Reporter; readonly begin: () => void },
) {
  const sources = files.sources.map((source) => ({
    name: source.name,
    lines: reader.lines(source),
  }))
  const { questions } = options
  const events = learning(sources, {
    ...toLibrary(options),
    ...(questions === undefined ? {} : { questions: tableSource(questions) }),
    ...given,
    spool: () => openSpool(),
  })
  let isRead = false
  const model = await finished(events, (event) => {
    if (event.event === 'begin') {
      isRead = true
      reader.report(reporter)
      begin()
    }
    report(event, options, { device: given.device, reporter })
  }).catch((error) => {
    // where there are no words, what was left out may tell why
    if (!isRead) reader.report(reporter)
    throw error
  })
  const { words, heldOutLoss } = model.learned[model.learned.length - 1]
  reporter.happens({ event: 'done', words, heldOutLoss })
  return model
}

function report(
  event: LearnEvent,
  { languages: given, from }: LearnCommandOptions,
  { device, reporter }: { readonly device: Device; readonly reporter: Reporter },
) {
  if (event.event === 'warning') return reporter.warn(event.message)
  if (event.event !== 'begin') return reporter.happens(event)
  const { model, ...numbers } = event
  const { width, query, key, value, heads, layers, ...form } = model.config
  const sizes = `D ${width} · d_q ${query} · d_k ${key} · d_v ${value} · heads ${heads} · layers ${layers}`
  reporter.note(
    `${sizes} · ${form.alignment} · ${form.distribution} · ${form.position} · seed ${model.record.seed} · device ${device.name}, ${device.arithmetic}`,
  )
  const { tokens, languages } = form
  if (usesLanguages(form) && !given && from === undefined) reporter.note(languagesNote(languages))
  const { sentences, words, vocabulary, questions, steps, floor = -1 } = numbers
  const counted = questions ? `, ${questions} questions` : ''
  reporter.note(
    `${grouped(sentences)} sentences, ${grouped(words)} words, ${grouped(vocabulary)} different ones kept${counted}: ${grouped(steps)} steps`,
  )
  const lacking = floor > 0 ? `, and counts of words lack up to ${floor} occurrences` : ''
  if (floor >= 0)
    reporter.note(`the text is larger than memory: it is shuffled block by block${lacking}`)
  reporter.happens({ ...numbers, tokens, ...(languages ? { languages } : {}) })
}

/** The languages that a text was guessed to be in. */
const languagesNote = (languages: readonly string[] = []): string =>
  languages.length
    ? `language${languages.length > 1 ? 's' : ''} ${languages.join(', ')}, by the beginnings of the texts; --language CODE says another`
    : 'no language was told by the beginnings of the texts; --language CODE says one'

/** Saves the model; says how to resume if it was interrupted. Returns the exit code. */
async function save(
  model: Model,
  {
    files,
    options,
    checkpoints,
    reporter,
    aborted,
  }: {
    readonly files: readonly string[]
    readonly options: LearnCommandOptions
    readonly checkpoints: Checkpoints | undefined
    readonly reporter: Reporter
    readonly aborted: boolean
  },
): Promise<number> {
  const record = model.learned[model.learned.length - 1]
  if (aborted && record.steps === 0) {
    reporter.note('interrupted before the first step: nothing is saved')
    return EXIT.interrupted
  }
  const bytes = await model.bytes()
  const { output } = options
  await deliver(bytes, options)
  const hash = sha256(bytes)
  reporter.note(
    `saved ${output === '-' ? 'to stdout' : output} (${megabytes(bytes.length)}, sha-256 ${hash})`,
  )
  if (options.json) {
    const { seed, arithmetic, config: form, vocabulary } = model.record
    const about = {
      ...{ model: output, bytes: bytes.length, sha256: hash, seed, arithmetic, form },
      ...{ vocabulary: vocabulary.size, learned: record },
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

/** The command line that resumes from its checkpoint. */
function resuming(checkpoint: string) {
  const words = process.argv.slice(2)
  const at = words.indexOf('--resume')
  const others = words.filter(
    (word, n) =>
      word !== '--force' && !word.startsWith('--resume=') && (at < 0 || (n !== at && n !== at + 1)),
  )
  return ['regard', ...others, '--force', '--resume', checkpoint]
}

const remaining = (options: LearnCommandOptions, steps: number) =>
  options.steps === undefined ? options : { ...options, steps: Math.max(1, options.steps - steps) }

const afterwards = (options: LearnCommandOptions) => [
  ...repeated(options),
  ...(options.column
    ? options.column.flatMap((column) => ['--column', column])
    : options.column === false
      ? ['--no-column']
      : []),
  ...(options.input === undefined ? [] : ['--input', options.input]),
  ...(options.device === 'auto' ? [] : ['--device', options.device]),
  ...(options.threads === undefined ? [] : ['--threads', String(options.threads)]),
  ...(options.fused ? ['--fused'] : []),
  ...['--from', options.output, '-o', options.output, '--force'],
]
