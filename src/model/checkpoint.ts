import type { Device, Handles } from '../device/device.ts'
import { type ByteSource, bytesFrom, holdsBytes } from '../io/bytes.ts'
import { decodeTensors, encodeInPieces } from '../io/safetensors.ts'
import { valueText } from '../kinds.ts'
import type { Encoder } from '../layer/encoder.ts'
import {
  allFinite,
  type Checkpointer,
  type SavedState,
  type TrainingProgress,
} from '../learn/checkpoint.ts'
import { parametersOf } from '../learn/names.ts'
import type { Objective } from '../learn/objective.ts'
import {
  CHECKPOINT,
  type Checkpoint,
  checkpointOf,
  checkTypes,
  type ModelRecord,
  metadataOf,
} from './file.ts'

/** Writes checkpoints of learning. */
export interface Checkpointing {
  /** Whether to write one after a step, from 1. */
  due(step: number): boolean
  /**
   * Takes the bytes of one safetensors file, which replaces all before it once it is complete;
   * learning waits for it.
   */
  write(pieces: AsyncIterable<Uint8Array>): Promise<void>
}

/** What a checkpoint was learned from and how: it can be resumed on nothing else. */
export type CheckpointSource = Omit<Checkpoint, 'progress'>

/**
 * Makes checkpoints of a source.
 *
 * @param parameters all of the model, including those that do not learn this time
 */
export function keeperOf(
  source: CheckpointSource,
  device: Device,
  parameters: Handles,
  taker: Checkpointing,
): Checkpointer {
  return {
    due: (step) => taker.due(step),
    async keep(progress, state) {
      try {
        await taker.write(piecesOf(source, progress, { ...parameters, ...state }, device))
      } catch (error) {
        // the checkpoint before stays; the next loss tells what happened
        if (!(error instanceof NotFinite)) throw error
      }
    },
  }
}

class NotFinite extends Error {}

/** A checkpoint's file. */
function piecesOf(
  { model, ...source }: CheckpointSource,
  progress: TrainingProgress,
  state: Handles,
  device: Device,
): AsyncGenerator<Uint8Array> {
  const entries = Object.entries(state).map(([name, { shape, dtype }]) => ({ name, shape, dtype }))
  const metadata = {
    [CHECKPOINT]: JSON.stringify({ ...source, progress, model: metadataOf(model) }),
  }
  return encodeInPieces(entries, metadata, async (name) => {
    const tensor = await device.read(state[name])
    if (!allFinite(tensor)) throw new NotFinite()
    return tensor
  })
}

/** A checkpoint that was read. */
export interface Resumed {
  readonly checkpoint: Checkpoint
  readonly kept: SavedState
}

/** Bytes of a checkpoint, or a function that reads them: they are released once decoded. */
export type CheckpointBytes = ByteSource | (() => Promise<ByteSource>)

/** @throws {RangeError} for bytes that are not a checkpoint, with the position */
export async function decodeCheckpoint(given: CheckpointBytes): Promise<Resumed> {
  const source = typeof given === 'function' ? await given() : given
  if (!holdsBytes(source))
    throw new TypeError(
      `learn: resume must be the bytes of a checkpoint (a Uint8Array), or a function that reads them, got ${valueText(source)}`,
    )
  const bytes = await bytesFrom('learn', source)
  const file = decodeTensors(bytes, 'the checkpoint')
  const { tensors, metadata } = file
  const text = metadata[CHECKPOINT]
  if (text === undefined)
    throw new RangeError(
      'the checkpoint: is a safetensors file, but no checkpoint; regard learn --checkpoint makes some, --from takes a model',
    )
  try {
    checkTypes(file)
    const checkpoint = checkpointOf(text)
    return {
      checkpoint,
      kept: { progress: checkpoint.progress, tensors: new Map(Object.entries(tensors)) },
    }
  } catch (cause) {
    throw new RangeError(`the checkpoint: ${(cause as Error).message}`, { cause })
  }
}

/**
 * The state that a training loop resumes from: without the parameters that do not learn this time,
 * which keep their initial numbers.
 */
export function keptOf(
  { kept }: Resumed,
  parameters: Handles,
  objectives: readonly Objective[],
  encoder: Encoder,
): SavedState {
  const learned = parametersOf(encoder, objectives)
  for (const name of Object.keys(parameters)) if (!(name in learned)) kept.tensors.delete(name)
  return kept
}

/**
 * @param defaults of options that one of the two leaves out
 * @throws {RangeError} if the checkpoint is of another text or other options, naming the difference
 */
export function checkSame(
  { checkpoint }: Resumed,
  source: CheckpointSource,
  defaults: object,
): void {
  const { model } = source
  if (checkpoint.model.arithmetic !== model.arithmetic)
    throw other('arithmetic', checkpoint.model.arithmetic, model.arithmetic, 'open the same device')
  if (checkpoint.model.icu !== model.icu)
    throw other('ICU', checkpoint.model.icu, model.icu, 'go on in the engine that it was begun in')
  for (const what of ['text', 'questions'] as const) {
    const [then, now] = [checkpoint[what], source[what]]
    if (then !== now)
      throw other(what, hash(then), hash(now), `give the ${what} that it was begun with`)
  }
  checkOptions(
    { ...defaults, ...checkpoint.options, ...checkpoint.model.config },
    { ...defaults, ...source.options, ...model.config },
  )
  if (checkpoint.model.seed !== model.seed)
    throw other('seed', checkpoint.model.seed, model.seed, AGAIN)
  if (!isSameStart(checkpoint.model, model))
    throw new RangeError(`learn: the checkpoint began from another model; ${AGAIN}`)
}

const AGAIN = 'give the options that it was begun with'

function checkOptions(
  then: Readonly<Record<string, unknown>>,
  now: Readonly<Record<string, unknown>>,
): void {
  for (const name of new Set([...Object.keys(then), ...Object.keys(now)]))
    if (String(then[name]) !== String(now[name])) throw other(name, then[name], now[name], AGAIN)
}

const isSameStart = (then: ModelRecord, now: ModelRecord): boolean =>
  [then, now]
    .map(({ format, vocabulary, counts, learned }) =>
      JSON.stringify([format, vocabulary.words, counts, learned.slice(0, -1)]),
    )
    .every((text, _, [first]) => text === first)

const hash = (digits: string | undefined): string | undefined =>
  digits && `SHA-256 ${digits.slice(0, 16)}…`

const other = (what: string, then: unknown, now: unknown, remedy: string): RangeError =>
  new RangeError(
    `learn: the checkpoint has another ${what}: ${then ?? 'none'}, got ${now ?? 'none'}; ${remedy}`,
  )
