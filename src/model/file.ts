import type { Device, Handles } from '../device/device.ts'
import { decodeTensors, encodeTensors, type TensorFile } from '../io/safetensors.ts'
import { valueText } from '../kinds.ts'
import { isParameter, type TrainingProgress } from '../learn/checkpoint.ts'
import { shapeText, type Tensor } from '../tensor.ts'
import { Vocabulary } from '../text/vocabulary.ts'
import { type ModelConfig, modelConfig } from './config.ts'
import { isAsking, type Store, storeOf } from './store.ts'

/** The newest readable version of the metadata. */
export const FORMAT = 2

/** A record of one training. */
export interface LearnedRecord {
  readonly steps: number
  /** Words read, in all rounds together. */
  readonly words: number
  /** Sentences of the text. */
  readonly sentences: number
  /** Questions with answers. */
  readonly questions: number
  /**
   * In nats per hidden or next word; absent if no sentence was held out, or no word was predicted.
   */
  readonly heldOutLoss?: number
}

/** The metadata of a model. */
export interface ModelRecord {
  /** Version of the metadata: 2 if positions on embeddings are added before all layers. */
  readonly format: number
  readonly config: ModelConfig
  readonly seed: number
  /** Arithmetic of the device on which it learned. */
  readonly arithmetic: string
  /** The engine's version of ICU, where its dictionaries cut the words. */
  readonly icu?: string | undefined
  readonly vocabulary: Vocabulary
  /** How often each word of the vocabulary occurred. */
  readonly counts: readonly number[]
  /** One entry for each training, oldest first. */
  readonly learned: readonly LearnedRecord[]
  /** Number type of its file. */
  readonly store: Store
}

/** Whether a model learned to answer questions. */
export const learnedQuestions = ({ learned }: Pick<ModelRecord, 'learned'>): boolean =>
  learned.some(({ questions }) => questions > 0)

/** Metadata key of a checkpoint, and its newest version. */
export const CHECKPOINT = 'regard.checkpoint'
export const CHECKPOINT_FORMAT = 1

/** The metadata of a checkpoint. */
export interface Checkpoint {
  readonly format: number
  /** The model at that moment; its last record is of the running training. */
  readonly model: ModelRecord
  readonly progress: TrainingProgress
  /** SHA-256 of the text. */
  readonly text: string
  /** SHA-256 of the questions, if any. */
  readonly questions?: string
  /** Options of learning: numbers, strings, booleans. */
  readonly options: Readonly<Record<string, unknown>>
}

/** A model as the bytes of one safetensors file with one metadata key, `regard`. */
export async function encodeModel(
  record: ModelRecord,
  parameters: Handles,
  device: Device,
): Promise<Uint8Array> {
  const tensors: Record<string, Tensor> = {}
  for (const [name, handle] of Object.entries(parameters)) {
    if (learnedQuestions(record) || !isAsking(name))
      tensors[name] = (await device.read(handle)).as('float32')
  }
  const float16 = new Set(record.store === 'float16' ? Object.keys(tensors) : [])
  return encodeTensors({
    tensors,
    metadata: { regard: JSON.stringify(metadataOf(record)) },
    float16,
  })
}

/**
 * A record as in the metadata. Languages stand beside the form, so that a version which does not know
 * the rule says so, rather than that it knows no languages.
 */
export const metadataOf = ({
  format,
  config: { languages = [], ...form },
  seed,
  arithmetic,
  icu,
  vocabulary,
  counts,
  learned,
}: ModelRecord): object => ({
  ...{ format, seed, arithmetic, ...(icu === undefined ? {} : { icu }), form },
  ...(languages.length ? { languages } : {}),
  ...{ learned, vocabulary: vocabulary.words, counts },
})

/**
 * Reads a model's file, or the model in a checkpoint.
 *
 * @throws {RangeError} for a file that is not a model, with the position
 */
export function decodeModel(bytes: Uint8Array): {
  readonly record: ModelRecord
  readonly tensors: TensorFile['tensors']
  readonly checkpoint?: Checkpoint
} {
  const file = decodeTensors(bytes)
  checkTypes(file)
  const { tensors, metadata } = file
  if (metadata[CHECKPOINT] !== undefined) {
    const checkpoint = checkpointOf(metadata[CHECKPOINT])
    const parameters = Object.entries(tensors).filter(([name]) => isParameter(name))
    return { record: checkpoint.model, tensors: Object.fromEntries(parameters), checkpoint }
  }
  if (metadata.regard === undefined)
    throw new RangeError(
      'is a safetensors file, but no model: the metadata key regard is missing; regard learn makes models',
    )
  return {
    record: { ...recordOf(objectOf(metadata.regard, 'regard', FORMAT)), store: storeOf(file) },
    tensors,
  }
}

/**
 * @throws {RangeError} for a number type that neither models nor checkpoints have, even if it is
 *   converted to one of theirs in memory
 */
export function checkTypes({ converted = new Map() }: TensorFile): void {
  for (const [name, type] of converted)
    throw new RangeError(
      `the tensor ${name} is of ${type}, where models hold F32 or F16, and checkpoints F32 or F64`,
    )
}

/** The JSON object of a metadata key, of a known version. */
function objectOf(text: string, key: string, newest: number): Record<string, unknown> {
  let found: Record<string, unknown>
  try {
    found = JSON.parse(text) as Record<string, unknown>
  } catch {
    throw new RangeError(`its metadata ${key} is not JSON; the file is damaged`)
  }
  if (!isObject(found)) throw damaged(key, found)
  checkFormat(found.format, newest)
  return found
}

function checkFormat(format: unknown, newest: number): void {
  if (!Number.isInteger(format) || (format as number) < 1) throw damaged('format', format)
  if ((format as number) > newest)
    throw new RangeError(
      `has format ${format}, and this version reads up to ${newest}; update regard`,
    )
}

/** @throws {RangeError} for anything but the metadata of a checkpoint, naming the field */
export function checkpointOf(text: string): Checkpoint {
  const found = objectOf(text, CHECKPOINT, CHECKPOINT_FORMAT)
  const { model, progress, text: hash, questions, options } = found
  if (!isObject(model)) throw damaged('model', model)
  checkFormat(model.format, FORMAT)
  if (!isProgress(progress)) throw damaged('progress', progress)
  if (!isHash(hash)) throw damaged('text', hash)
  if (questions !== undefined && !isHash(questions)) throw damaged('questions', questions)
  if (!isObject(options)) throw damaged('options', options)
  const before = recordOf(model)
  const last = before.learned[before.learned.length - 1]
  if (!last) throw damaged('learned', model.learned)
  const learned = [
    ...before.learned.slice(0, -1),
    { ...last, steps: progress.step, words: progress.words },
  ]
  return {
    ...{ format: CHECKPOINT_FORMAT, model: { ...before, learned }, progress, text: hash, options },
    ...(questions === undefined ? {} : { questions }),
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const isHash = (value: unknown): value is string =>
  typeof value === 'string' && /^[0-9a-f]{64}$/.test(value)
const isCount = (value: unknown): value is number =>
  Number.isSafeInteger(value) && (value as number) >= 0

function isProgress(value: unknown): value is TrainingProgress {
  if (!isObject(value)) return false
  const { step, words, averaged, gathered, watch } = value
  return (
    [step, words, averaged].every(isCount) &&
    isObject(gathered) &&
    Object.values(gathered).every(
      (one) => isObject(one) && Number.isFinite(one.sum) && isCount(one.count),
    ) &&
    isObject(watch) &&
    isCount(watch.above) &&
    (watch.first === undefined || Number.isFinite(watch.first))
  )
}

function recordOf({
  format,
  vocabulary,
  counts,
  seed,
  arithmetic,
  icu,
  learned,
  form,
  languages,
}: Record<string, unknown>): ModelRecord {
  if (!isArrayOf(vocabulary, 'string')) throw damaged('vocabulary', vocabulary)
  if (!isArrayOf(counts, 'number') || counts.length !== vocabulary.length)
    throw damaged('counts', counts)
  if (!Number.isSafeInteger(seed) || (seed as number) < 0) throw damaged('seed', seed)
  if (typeof arithmetic !== 'string') throw damaged('arithmetic', arithmetic)
  if (icu !== undefined && typeof icu !== 'string') throw damaged('icu', icu)
  if (!Array.isArray(learned) || !learned.every(isLearned)) throw damaged('learned', learned)
  return {
    format: format as number,
    config: configOf(form, languages),
    ...{ seed: seed as number, arithmetic, icu, counts, learned, store: 'float32' },
    vocabulary: new Vocabulary(vocabulary),
  }
}

function configOf(found: unknown, languages: unknown): ModelConfig {
  try {
    // a file without a rule is older than the others
    const older = isObject(found) ? { tokens: 'words', languages, ...found } : found
    return modelConfig('its metadata', older as ModelConfig)
  } catch (cause) {
    // a wrong type of an option is the fault of the file, not of the caller
    throw cause instanceof TypeError ? new RangeError(cause.message, { cause }) : cause
  }
}

const damaged = (field: string, value: unknown): RangeError =>
  new RangeError(`its metadata has ${valueText(value)} as ${field}; the file is damaged`)

function isArrayOf<Kind extends 'string' | 'number'>(
  value: unknown,
  kind: Kind,
): value is (Kind extends 'string' ? string : number)[] {
  return Array.isArray(value) && value.every((item) => typeof item === kind)
}

const isLearned = (value: unknown): value is LearnedRecord =>
  typeof value === 'object' &&
  value !== null &&
  (['steps', 'words', 'sentences', 'questions'] as const).every((field) =>
    Number.isInteger((value as LearnedRecord)[field]),
  ) &&
  ['undefined', 'number'].includes(typeof (value as LearnedRecord).heldOutLoss)

/**
 * @throws {RangeError} unless the tensors are exactly these parameters, of these shapes, float32
 *   and finite; those of questions only if it learned from some
 */
export function checkTensors(
  tensors: TensorFile['tensors'],
  parameters: Handles,
  record: ModelRecord,
): void {
  const asks = learnedQuestions(record) || Object.keys(tensors).some(isAsking)
  for (const name of Object.keys(tensors))
    if (!(name in parameters))
      throw new RangeError(`has the tensor ${name}, which no model of its configuration has`)
  for (const [name, { shape }] of Object.entries(parameters).filter(
    ([own]) => asks || !isAsking(own),
  )) {
    const tensor = tensors[name]
    if (!tensor) throw new RangeError(`the tensor ${name} is missing; the file is damaged`)
    if (shapeText(tensor.shape) !== shapeText(shape))
      throw new RangeError(
        `the tensor ${name} has the shape ${shapeText(tensor.shape)}, where its configuration asks for ${shapeText(shape)}`,
      )
    if (tensor.dtype !== 'float32')
      throw new RangeError(`the tensor ${name} is of ${tensor.dtype}, where models hold float32`)
    const { data } = tensor
    for (let n = 0; n < data.length; n++) {
      if (!Number.isFinite(data[n]))
        throw new RangeError(`the tensor ${name} holds ${data[n]} at ${n}; the file is damaged`)
    }
  }
}
