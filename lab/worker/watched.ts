import { cosineSimilarity, type Matrix, type Model, matrices, tokenize } from 'regard/internal'
import { type Plane, planeOf, unit } from './pca.ts'

/** An occurrence of a word in a sentence, with its sense where it is known. */
export interface Occurrence {
  readonly tokens: readonly string[]
  /** Its place, from 0. */
  readonly at: number
  readonly sense?: string
}

/** What is looked at while a model learns. */
export interface Watched {
  /** The words of the page's sentence. */
  readonly tokens: readonly string[]
  /** Places of a word that stands there twice. */
  readonly twins: readonly [number, number] | undefined
  /**
   * The twins first, or every word of the sentence where there are none; then the same word in the
   * text.
   */
  readonly occurrences: readonly Occurrence[]
}

/** A look at the model of a moment. */
export interface Look {
  readonly points: Plane['points']
  readonly shares: Plane['shares']
  /** Cosine of the twins' contextual embeddings. */
  readonly cosine?: number
  /** What the words of the page's sentence look at; undefined where there are none. */
  readonly seen?: Seen
}

/** Who looks at whom in a model's last layer, and the vectors that come of it. */
export interface Seen {
  /** One (T, T) for each head. */
  readonly weights: Matrix[]
  /** (T, h·d_v). */
  readonly context: Matrix
}

/** A model's attention over some words. */
export async function seenBy(model: Model, words: readonly string[]): Promise<Seen> {
  const { weights } = await model.attend(words)
  const [vectors] = await model.embed([words])
  const numbers = Float64Array.from(vectors.flatMap(({ vector }) => [...vector]))
  return {
    weights: Array.from({ length: weights.shape[0] }, (_, head) =>
      matrices.matrix(words.length, words.length, Float64Array.from(weights.slice(head).data)),
    ),
    context: matrices.matrix(words.length, numbers.length / words.length, numbers),
  }
}

/** Occurrences from the text, at most. */
const MOST = 120

/** The first word that stands twice, by its two places. */
export function twinsIn(tokens: readonly string[]): readonly [number, number] | undefined {
  const first = tokens.findIndex(
    (token, n) => /\p{L}/u.test(token) && tokens.indexOf(token, n + 1) > 0,
  )
  return first < 0 ? undefined : [first, tokens.indexOf(tokens[first], first + 1)]
}

/**
 * What to look at: the twins of a sentence among the labelled occurrences of their word, or among
 * those in the text.
 */
export function watchedOf(
  sentence: readonly string[],
  texts: readonly string[],
  senses: string | undefined,
): Watched {
  const twins = twinsIn(sentence)
  if (!twins)
    return {
      tokens: sentence,
      twins,
      occurrences: sentence.map((_, at) => ({ tokens: sentence, at })),
    }
  const word = sentence[twins[0]]
  const labelled = senses === undefined ? [] : labelledIn(senses, word)
  const others = labelled.length > 0 ? labelled : occurrencesIn(texts, word)
  return {
    tokens: sentence,
    twins,
    occurrences: [...twins.map((at) => ({ tokens: sentence, at })), ...thinned(others)],
  }
}

/** Every so many of a list, so that no more than MOST are left. */
const thinned = (all: readonly Occurrence[]): Occurrence[] =>
  all.filter(
    (_, n) =>
      Math.floor((n * MOST) / all.length) !== Math.floor(((n - 1) * MOST) / all.length) ||
      all.length <= MOST,
  )

/** Rows `word language sense sentence` of a table under its header. */
function labelledIn(table: string, word: string): Occurrence[] {
  return table.split('\n').flatMap((row): Occurrence[] => {
    const [of, , sense, sentence = ''] = row.split('\t')
    if (of !== word) return []
    const tokens = tokenize(sentence, 'words').map(({ token }) => token)
    const at = tokens.indexOf(word)
    return at < 0 ? [] : [{ tokens, at, sense }]
  })
}

function occurrencesIn(texts: readonly string[], word: string): Occurrence[] {
  const found: Occurrence[] = []
  for (const text of texts) {
    for (const line of text.split('\n')) {
      if (found.length >= 4 * MOST) return found
      if (!line.includes(word) || line.length > LONGEST_LINE) continue
      const tokens = tokenize(line, 'words').map(({ token }) => token)
      const at = tokens.indexOf(word)
      if (at >= 0) found.push({ tokens, at })
    }
  }
  return found
}

const LONGEST_LINE = 600

/** Looks at a model: contextual embeddings at length 1, on the plane in which they differ most. */
export async function lookAt(
  model: Model,
  { tokens, occurrences, twins }: Watched,
  before: Plane | undefined,
): Promise<{ look: Look; plane: Plane }> {
  const embedded = await model.embed(
    occurrences.map(({ tokens }) => tokens),
    { at: occurrences.map(({ at }) => [at]) },
  )
  const vectors = embedded.map(([{ vector }]) => vector)
  const plane = planeOf(vectors.map(unit), before)
  const { points, shares } = plane
  const cosine = twins ? { cosine: cosineSimilarity(vectors[0], vectors[1]) } : {}
  const seen = tokens.length ? { seen: await seenBy(model, tokens) } : {}
  return { look: { points, shares, ...cosine, ...seen }, plane }
}
