import { createHash } from 'node:crypto'
import type { Command } from 'commander'
import { CHECKPOINT, checkpointOf, decodeTensors, load, readWhole } from '../doors/internal.ts'
import { grouped, jsonText } from './terminal/decimals.ts'
import { EXIT } from './terminal/errors.ts'
import { commandOf, type SpeechOptions } from './terminal/options.ts'
import { columnsOf } from './terminal/output.ts'
import { MODEL, modelAt } from './terminal/shipped.ts'
import { terminalOf } from './terminal/terminal.ts'

const EXAMPLES = `  regard inspect my.safetensors
  regard inspect my.safetensors --json
`

export function inspectCommand(): Command {
  return commandOf('inspect', 'what is in a model or a checkpoint', EXAMPLES)
    .argument('<file>', `${MODEL}, or a checkpoint`)
    .action(async (file: string, options: SpeechOptions) => {
      process.exitCode = await inspect(file, options)
    })
}

/** The SHA-256 of a file in hexadecimal digits. */
export const sha256 = (bytes: Uint8Array): string =>
  createHash('sha256').update(bytes).digest('hex')

/** A size for people. */
export const megabytes = (bytes: number): string =>
  bytes < 1e5 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`

async function inspect(given: string, options: SpeechOptions): Promise<number> {
  const file = await modelAt(given)
  const bytes = await readWhole(file)
  const model = await load(file, { device: 'reference' })
  const { form, vocabulary, learned, record } = model
  await model.close()
  const { tensors, metadata, float16 } = decodeTensors(bytes, file)
  const parameters = Object.entries(tensors).map(([name, { shape, dtype, size }]) => ({
    ...{ name, shape, dtype: float16?.has(name) ? 'float16' : dtype, size },
  }))
  const found = {
    file,
    bytes: bytes.length,
    sha256: sha256(bytes),
    form,
    ...{
      seed: record.seed,
      arithmetic: record.arithmetic,
      vocabulary: vocabulary.size,
      learned,
      parameters,
    },
    ...(metadata[CHECKPOINT] === undefined ? {} : { checkpoint: stateOf(metadata[CHECKPOINT]) }),
  }
  const terminal = terminalOf(process.stdout)
  terminal.print(options.json ? jsonText(found) : describe(found))
  return EXIT.done
}

/** Where learning was. */
function stateOf(text: string): State {
  const { progress, options, text: sha256, questions } = checkpointOf(text)
  return {
    step: progress.step,
    text: sha256,
    ...(questions === undefined ? {} : { questions }),
    options,
  }
}

interface State {
  readonly step: number
  /** SHA-256 of the text, and of the questions. */
  readonly text: string
  readonly questions?: string
  readonly options: Readonly<Record<string, unknown>>
}

interface Described {
  readonly file: string
  readonly bytes: number
  readonly sha256: string
  readonly form: object
  readonly seed: number
  readonly arithmetic: string
  readonly vocabulary: number
  readonly learned: readonly object[]
  readonly parameters: readonly {
    readonly name: string
    readonly shape: readonly number[]
    readonly dtype: string
    readonly size: number
  }[]
  readonly checkpoint?: State
}

function describe({
  file,
  bytes,
  sha256,
  form,
  seed,
  arithmetic,
  vocabulary,
  learned,
  parameters,
  checkpoint,
}: Described): string {
  const shape = (lengths: readonly number[]): string =>
    `(${lengths.join(', ')}${lengths.length === 1 ? ',' : ''})`
  const total = parameters.reduce((sum, { size }) => sum + size, 0)
  const sections = [
    [`${file}  ${megabytes(bytes)}`, `sha-256  ${sha256}`],
    columnsOf([
      ...Object.entries(form).map(([name, value]) => [name, String(value)]),
      ['seed', String(seed)],
      ['arithmetic', arithmetic],
      ['vocabulary', `${grouped(vocabulary)} words`],
    ]),
    columnsOf(
      [
        ...parameters.map(({ name, shape: lengths, dtype, size }) => [
          name,
          shape(lengths),
          dtype,
          grouped(size),
        ]),
        [checkpoint ? 'all numbers' : 'all parameters', '', '', grouped(total)],
      ],
      [3],
    ),
    learned.map((time) => `learned  ${Object.entries(time).map(sayField).join(' · ')}`),
    ...(checkpoint ? [sayState(checkpoint)] : []),
  ]
  return sections.map((lines) => lines.join('\n')).join('\n\n')
}

function sayState({ step, text, questions, options }: State): string[] {
  return [
    `checkpoint  step ${grouped(step)} of ${grouped(Number(options.steps))}; regard learn --resume goes on from it`,
    `its text  sha-256 ${text}`,
    ...(questions === undefined ? [] : [`its questions  sha-256 ${questions}`]),
    `its options  ${Object.entries(options)
      .map((entry) => entry.join(' '))
      .join(' · ')}`,
  ]
}

const sayField = ([name, value]: [string, unknown]): string =>
  name === 'heldOutLoss'
    ? `held-out loss ${Number(value).toFixed(3)} nats per predicted word`
    : `${name} ${grouped(Number(value))}`
