import { around, inputAround, vectorsOf } from '../model/embed.ts'
import type { Reader, TextInput } from '../model/modules.ts'
import type { Token } from '../text/tokens.ts'

/**
 * What an occurrence is told by: its `place`, which is what the rest of the sentence would have
 * there, the word itself hidden; or the `word`, its context as it stands.
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
export interface WordSearch {
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
  /**
   * Different words that were read, as many as are noted: those to suggest where nothing is found.
   */
  readonly seen: ReadonlySet<string>
}

/** Occurrences that wait before they are read together. */
const AT_ONCE = 128
/** Different words that are noted. */
const MOST_SEEN = 100_000

/**
 * One form for words that are the same: composed, with one apostrophe, and in lower case where case
 * is ignored.
 */
export function sameForm(word: string, ignoreCase: boolean): string {
  const plain = word.normalize('NFC').replaceAll('’', "'")
  return ignoreCase ? plain.toLowerCase() : plain
}

/**
 * Every occurrence of some words, in the order of the texts, with its vector.
 *
 * @throws {RangeError} where a vector is not finite
 */
export async function occurrencesOf(
  model: Reader,
  texts: Iterable<TextInput> | AsyncIterable<TextInput>,
  wanted: WordSearch,
): Promise<Found> {
  const forms = new Set(wanted.words.map((word) => sameForm(word, wanted.ignoreCase)))
  const seen = new Set<string>()
  const occurrences: Occurrence[] = []
  let pending: Omit<Occurrence, 'vector'>[] = []
  let more = false
  const read = async (): Promise<void> => {
    const vectors = await vectorsOfAll(model, pending, wanted.view)
    occurrences.push(...pending.map((one, n) => ({ ...one, vector: vectors[n] })))
    pending = []
  }
  let text = 0
  for await (const given of texts) {
    const tokens = model.tokenize(given)
    for (const [at, { token }] of tokens.entries()) {
      if (seen.size < MOST_SEEN) seen.add(token)
      if (!forms.has(sameForm(token, wanted.ignoreCase))) continue
      more = occurrences.length + pending.length >= wanted.most
      if (more) break
      pending.push({ text, at, token, tokens })
      if (pending.length === AT_ONCE) await read()
    }
    if (more) break
    text++
  }
  await read()
  return { occurrences, more, seen }
}

/**
 * The vectors of occurrences: of places, what the others tell of them; of words, their context as
 * they stand.
 */
async function vectorsOfAll(
  model: Reader,
  found: readonly Omit<Occurrence, 'vector'>[],
  view: SenseView,
): Promise<Float32Array[]> {
  model.modules.lexicon.forget()
  const inputs = found.map(({ tokens, at }) => {
    const { from, to } = around(tokens.length, at)
    const forms = tokens.slice(from, to).map(({ token }) => formOf(model, token))
    return inputAround(
      forms,
      at - from,
      view === 'place' ? model.modules.lexicon.hidden : undefined,
    )
  })
  const vectors = await vectorsOf(model, inputs, view === 'place' ? 'hidden' : 'seen')
  const damaged = vectors.findIndex((vector) => !vector.every(Number.isFinite))
  if (damaged >= 0)
    throw new RangeError(
      `findSenses: the embedding of «${found[damaged].token}» is not finite; the model is damaged, learn it again`,
    )
  return vectors
}

/** A word as the model writes its apostrophe, where it knows it with the other alone. */
function formOf({ modules: { lexicon } }: Reader, token: string) {
  const form = lexicon.formOf(token)
  if (form.word >= 0) return form
  const other =
    /['’]/.exec(token)?.[0] === '’' ? token.replaceAll('’', "'") : token.replaceAll("'", '’')
  const known = other === token ? form : lexicon.formOf(other)
  return known.word >= 0 ? known : form
}
