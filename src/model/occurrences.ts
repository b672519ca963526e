import type { Form } from '../learn/forms.ts'
import { uploadPlaces } from '../learn/word-vectors.ts'
import type { Token } from '../text/tokens.ts'
import type { Reader, TextInput } from './parts.ts'

/**
 * What an occurrence is told by: its `place`, which is what the rest of the sentence would have there, the word itself
 * hidden; or the `word`, its contextual embedding as `embed` gives it.
 */
export type SenseView = 'place' | 'word'

/** A word where it occurs. */
export interface Occurrence {
  /** Number of the text, from 0. */
  readonly text: number
  /** Place in the text, from 0. */
  readonly at: number
  readonly token: string
  /** All words of the text. */
  readonly tokens: readonly Token[]
  readonly vector: Float32Array
}

/** Which occurrences. */
export interface Wanted {
  readonly words: readonly string[]
  readonly ignoreCase: boolean
  readonly view: SenseView
  /** Occurrences after these are left out. */
  readonly most: number
}

/** What was found. */
export interface Found {
  readonly occurrences: readonly Occurrence[]
  /** Whether there are more than were read. */
  readonly more: boolean
  /** Different words that were read, as many as are noted: those to suggest where nothing is found. */
  readonly seen: ReadonlySet<string>
}

/** Words on either side that are read with an occurrence: a longer text is cut, for attention takes its square. */
const REACH = 128
/** Words that are read in one forward. */
const WORDS_AT_ONCE = 2048
/** Different words that are noted. */
const MOST_SEEN = 100_000

/** One form for words that are the same: composed, with one apostrophe, and in lower case where case is ignored. */
export function sameForm(word: string, ignoreCase: boolean): string {
  const plain = word.normalize('NFC').replaceAll('’', "'")
  return ignoreCase ? plain.toLowerCase() : plain
}

/** Every occurrence of some words, in the order of the texts, with its vector. @throws {RangeError} where a vector is not finite */
export async function occurrencesOf(model: Reader, texts: Iterable<TextInput> | AsyncIterable<TextInput>, wanted: Wanted): Promise<Found> {
  const forms = new Set(wanted.words.map((word) => sameForm(word, wanted.ignoreCase)))
  const seen = new Set<string>()
  const occurrences: Occurrence[] = []
  let pending: Omit<Occurrence, 'vector'>[] = []
  let more = false
  const read = async (): Promise<void> => {
    const vectors = await vectorsOf(model, pending, wanted.view)
    occurrences.push(...pending.map((one, n) => ({ ...one, vector: vectors[n] })))
    pending = []
  }
  let [text, words] = [0, 0]
  for await (const given of texts) {
    const tokens = model.tokenize(given)
    for (const [at, { token }] of tokens.entries()) {
      if (seen.size < MOST_SEEN) seen.add(token)
      if (!forms.has(sameForm(token, wanted.ignoreCase))) continue
      more = occurrences.length + pending.length >= wanted.most
      if (more) break
      pending.push({ text, at, token, tokens })
      words += Math.min(tokens.length, 2 * REACH + 1)
      if (words > WORDS_AT_ONCE) {
        await read()
        words = 0
      }
    }
    if (more) break
    text++
  }
  await read()
  return { occurrences, more, seen }
}

async function vectorsOf(model: Reader, found: readonly Omit<Occurrence, 'vector'>[], view: SenseView): Promise<Float32Array[]> {
  if (found.length === 0) return []
  const cut = found.map(({ tokens, at }) => {
    const from = Math.max(0, at - REACH)
    const forms = tokens.slice(from, at + REACH + 1).map(({ token }) => formOf(model, token))
    if (view === 'place') forms[at - from] = model.parts.lexicon.hidden
    return { forms, place: at - from }
  })
  const { data, shape } = await readAt(model, cut, view)
  const [, width] = shape
  return found.map(({ token }, n) => {
    const vector = Float32Array.from(data.subarray(n * width, (n + 1) * width))
    if (!vector.every(Number.isFinite))
      throw new RangeError(`Model.senses: the embedding of «${token}» is not finite; the model is damaged, learn it again`)
    return vector
  })
}

/** A word as the model writes its apostrophe, where it knows it with the other alone. */
function formOf({ parts: { lexicon } }: Reader, token: string): Form {
  const form = lexicon.formOf(token)
  if (form.word >= 0) return form
  const other = /['’]/.exec(token)?.[0] === '’' ? token.replaceAll('’', "'") : token.replaceAll("'", '’')
  const known = other === token ? form : lexicon.formOf(other)
  return known.word >= 0 ? known : form
}

/** Contextual embeddings at one place of each text; of hidden words, in the space of the words that are told from them. */
async function readAt(
  { device, parts: { network, prediction } }: Reader,
  texts: readonly { readonly forms: readonly Form[]; readonly place: number }[],
  view: SenseView,
) {
  const into = device.scope(() => {
    const pass = network.forward(texts.map(({ forms }) => forms))
    const W = prediction.parameters['predict.W']
    const [width, D] = W.shape
    const rows = texts.map(({ place }, n) => pass.starts[n] + place)
    const H = device.allocate([rows.length, width])
    device.gather(pass.context, uploadPlaces(device, rows), H)
    if (view === 'word') return { H }
    const P = device.allocate([rows.length, D])
    device.product(H, W, P)
    return { H: P }
  })
  const read = (await device.read(into.H)).as('float32')
  device.free(into.H)
  return read
}
