import type { Device, Handles } from '../device/device.ts'
import { decodeTensors, encodeTensors, type TensorFile } from '../io/safetensors.ts'
import { valueText } from '../kinds.ts'
import { shapeText, type Tensor } from '../tensor.ts'
import { Vocabulary } from '../text/vocabulary.ts'
import { type ModelForm, modelForm } from './form.ts'

/** Version of the metadata that is written, and the newest that is read. */
export const FORMAT = 1

/** What was learned from, and how it went. */
export interface LearnedRecord {
  readonly steps: number
  /** Words read, every round counted. */
  readonly words: number
  /** Sentences of the text. */
  readonly sentences: number
  /** Questions with answers. */
  readonly questions: number
  /** In nats per hidden or next word; absent where no sentence was held out, or no word was predicted. */
  readonly heldOutLoss?: number
}

/** What is known of a model beside its numbers. */
export interface ModelRecord {
  readonly form: ModelForm
  readonly seed: number
  /** How the device rounded on which it learned. */
  readonly arithmetic: string
  readonly vocabulary: Vocabulary
  /** How often each word of the vocabulary occurred. */
  readonly counts: readonly number[]
  /** One entry for each time that it learned, the first first. */
  readonly learned: readonly LearnedRecord[]
}

/** A model as the bytes of one safetensors file with one metadata key, `regard`. */
export async function encodeModel(
  { form, seed, arithmetic, vocabulary, counts, learned }: ModelRecord,
  parameters: Handles,
  device: Device,
) {
  const tensors: Record<string, Tensor> = {}
  for (const [name, handle] of Object.entries(parameters)) tensors[name] = (await device.read(handle)).as('float32')
  const regard = JSON.stringify({ format: FORMAT, seed, arithmetic, form, learned, vocabulary: vocabulary.words, counts })
  return encodeTensors({ tensors, metadata: { regard } })
}

/** @throws {RangeError} for a file that is none, or no model, with the place */
export function decodeModel(bytes: Uint8Array): { readonly record: ModelRecord; readonly tensors: TensorFile['tensors'] } {
  const { tensors, metadata } = decodeTensors(bytes)
  if (metadata.regard === undefined)
    throw new RangeError('is a safetensors file, but no model: the metadata key regard is missing; regard learn makes models')
  return { record: recordOf(metadata.regard), tensors }
}

function recordOf(text: string): ModelRecord {
  let found: Record<string, unknown>
  try {
    found = JSON.parse(text) as Record<string, unknown>
  } catch {
    throw new RangeError('its metadata regard is not JSON; the file is damaged')
  }
  if (typeof found !== 'object' || found === null || Array.isArray(found)) throw damaged('regard', found)
  if (!Number.isInteger(found.format)) throw damaged('format', found.format)
  if ((found.format as number) > FORMAT)
    throw new RangeError(`has format ${found.format}, and this version reads up to ${FORMAT}; update regard`)
  if ((found.format as number) < 1) throw damaged('format', found.format)
  const { vocabulary, counts, seed, arithmetic, learned } = found
  if (!isArrayOf(vocabulary, 'string')) throw damaged('vocabulary', vocabulary)
  if (!isArrayOf(counts, 'number') || counts.length !== vocabulary.length) throw damaged('counts', counts)
  if (!Number.isSafeInteger(seed) || (seed as number) < 0) throw damaged('seed', seed)
  if (typeof arithmetic !== 'string') throw damaged('arithmetic', arithmetic)
  if (!Array.isArray(learned) || !learned.every(isLearned)) throw damaged('learned', learned)
  return {
    form: formOf(found.form),
    ...{ seed: seed as number, arithmetic, counts, learned },
    vocabulary: new Vocabulary(vocabulary),
  }
}

function formOf(found: unknown): ModelForm {
  try {
    return modelForm('its metadata', found as ModelForm)
  } catch (cause) {
    // an option of another kind is a fault of the file, not of the caller
    throw cause instanceof TypeError ? new RangeError(cause.message, { cause }) : cause
  }
}

const damaged = (field: string, value: unknown): RangeError =>
  new RangeError(`its metadata has ${valueText(value)} as ${field}; the file is damaged`)

function isArrayOf<Kind extends 'string' | 'number'>(value: unknown, kind: Kind): value is (Kind extends 'string' ? string : number)[] {
  return Array.isArray(value) && value.every((item) => typeof item === kind)
}

const isLearned = (value: unknown): value is LearnedRecord =>
  typeof value === 'object' &&
  value !== null &&
  (['steps', 'words', 'sentences', 'questions'] as const).every((field) => Number.isInteger((value as LearnedRecord)[field])) &&
  ['undefined', 'number'].includes(typeof (value as LearnedRecord).heldOutLoss)

/** @throws {RangeError} unless the tensors are just these parameters, of these shapes, float32 and finite */
export function checkTensors(tensors: TensorFile['tensors'], parameters: Handles): void {
  for (const name of Object.keys(tensors))
    if (!(name in parameters)) throw new RangeError(`has the tensor ${name}, which no model of its form has`)
  for (const [name, { shape }] of Object.entries(parameters)) {
    const tensor = tensors[name]
    if (!tensor) throw new RangeError(`the tensor ${name} is missing; the file is damaged`)
    if (shapeText(tensor.shape) !== shapeText(shape))
      throw new RangeError(`the tensor ${name} has the shape ${shapeText(tensor.shape)}, where its form asks for ${shapeText(shape)}`)
    if (tensor.dtype !== 'float32') throw new RangeError(`the tensor ${name} is of ${tensor.dtype}, where models hold float32`)
    const { data } = tensor
    for (let n = 0; n < data.length; n++) {
      if (!Number.isFinite(data[n])) throw new RangeError(`the tensor ${name} holds ${data[n]} at ${n}; the file is damaged`)
    }
  }
}
