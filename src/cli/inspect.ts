import { createHash } from 'node:crypto'
import type { Command } from 'commander'
import {
  CHECKPOINT,
  checkpointOf,
  decodeTensors,
  load,
  readWhole,
  visible,
} from '../doors/internal.ts'
import { grouped, jsonText } from './terminal/decimals.ts'
import { commandOf, doing, type SpeechOptions } from './terminal/options.ts'
import { columnsOf } from './terminal/output.ts'
import { MODEL, modelAt } from './terminal/shipped.ts'
import { terminalOf } from './terminal/terminal.ts'

const EXAMPLES = `  regard inspect my.safetensors
  regard inspect my.safetensors --json
`

export const inspectCommand = (): Command =>
  doing(
    commandOf('inspect', 'what is in a model or a checkpoint', EXAMPLES).argument(
      '<file>',
      `${MODEL}, or a checkpoint`,
    ),
    inspect,
  )

/** The SHA-256 of a file in hexadecimal digits. */
export const sha256 = (bytes: Uint8Array): string =>
  createHash('sha256').update(bytes).digest('hex')

/** A size for people. */
export const megabytes = (bytes: number): string =>
  bytes < 1e5 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`

async function inspect(given: string, { json }: SpeechOptions): Promise<undefined> {
  const found = await contentsOf(await modelAt(given))
  terminalOf().print(json ? jsonText(found) : describe(found))
}

/** All that is told of a file. */
async function contentsOf(file: string) {
  const bytes = await readWhole(file)
  const model = await load(file, { device: 'reference' })
  const { config: form, vocabulary, learned, record } = model
  await model.close()
  const { tensors, metadata, float16 } = decodeTensors(bytes, file)
  return {
    ...{ file, bytes: bytes.length, sha256: sha256(bytes), form },
    ...{ seed: record.seed, arithmetic: record.arithmetic, icu: record.icu },
    ...{ vocabulary: vocabulary.size, learned },
    parameters: Object.entries(tensors).map(([name, { shape, dtype, size }]) => ({
      ...{ name, shape, dtype: float16?.has(name) ? 'float16' : dtype, size },
    })),
    checkpoint: metadata[CHECKPOINT] === undefined ? undefined : stateOf(metadata[CHECKPOINT]),
  }
}

/** Where learning was: its step, the SHA-256 of its text and of its questions, and its options. */
function stateOf(checkpoint: string) {
  const { progress, options, text, questions } = checkpointOf(checkpoint)
  return { step: progress.step, text, questions, options }
}

function describe(found: Awaited<ReturnType<typeof contentsOf>>) {
  const { file, bytes, form, learned, parameters, checkpoint } = found
  const shape = (lengths: readonly number[]) =>
    `(${lengths.join(', ')}${lengths.length === 1 ? ',' : ''})`
  const total = parameters.reduce((sum, { size }) => sum + size, 0)
  const sections = [
    [`${file}  ${megabytes(bytes)}`, `sha-256  ${found.sha256}`],
    columnsOf([
      ...Object.entries(form).map(([name, value]) => [name, [value].flat().join(', ') || 'none']),
      ['seed', String(found.seed)],
      ['arithmetic', found.arithmetic],
      ...(found.icu === undefined ? [] : [['icu', found.icu]]),
      ['vocabulary', `${grouped(found.vocabulary)} words`],
    ]),
    columnsOf(
      [
        ...parameters.map(({ name, shape: lengths, dtype, size }) => [
          ...[name, shape(lengths), dtype, grouped(size)],
        ]),
        [checkpoint ? 'all numbers' : 'all parameters', '', '', grouped(total)],
      ],
      [3],
    ),
    learned.map((time) => `learned  ${Object.entries(time).map(sayField).join(' · ')}`),
    ...(checkpoint ? [sayState(checkpoint)] : []),
  ]
  return sections.map((lines) => lines.map(visible).join('\n')).join('\n\n')
}

const sayState = ({ step, text, questions, options }: ReturnType<typeof stateOf>) => [
  `checkpoint  step ${grouped(step)} of ${grouped(Number(options.steps))}; regard learn --resume goes on from it`,
  `its text  sha-256 ${text}`,
  ...(questions === undefined ? [] : [`its questions  sha-256 ${questions}`]),
  `its options  ${Object.entries(options)
    .map((entry) => entry.join(' '))
    .join(' · ')}`,
]

const sayField = ([name, value]: [string, unknown]) =>
  name === 'heldOutLoss'
    ? `held-out loss ${Number(value).toFixed(3)} nats per predicted word`
    : `${name} ${grouped(Number(value))}`
