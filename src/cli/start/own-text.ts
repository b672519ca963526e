import { basename } from 'node:path'
import {
  cosineSimilarity,
  type Device,
  type LearnEvent,
  learning,
  type Model,
  readWhole,
  sentencesOf,
  type Token,
  tokenize,
} from '../../doors/internal.ts'
import { megabytes } from '../inspect.ts'
import { expectPlain } from '../tables/columns.ts'
import { grouped } from '../terminal/decimals.ts'
import { finished } from '../terminal/events.ts'
import { shellWord } from '../terminal/options.ts'
import { type Sink, subscript, terminalOf } from '../terminal/terminal.ts'
import { decimal, sparkline, Transcript, type TranscriptLine } from './transcript.ts'

/** A sentence in which a word stands twice. */
interface Twins {
  readonly sentence: string
  readonly token: string
  readonly at: readonly [number, number]
}

/** Longest sentence that is shown. */
const SHOWN_WORDS = 24
/** Of a larger text, in bytes, so many steps read a part. */
const LARGE_TEXT = 2_000_000
const STEPS = 500
/** Digits of a cosine: occurrences of one word are near each other. */
const DIGITS = 3

/** Learns from a text of the user's own, and shows what two equal words of it have become. */
export async function ownText(
  file: string,
  path: string,
  seed: number,
  device: Device,
  out: Sink,
): Promise<void> {
  const bytes = await readWhole(file)
  expectPlain(
    bytes,
    file,
    (column) => `npx regard learn ${shellWord(file)} --column ${column} -o my.safetensors`,
  )
  const transcript = new Transcript(out)
  const bold = (text: string): string => terminalOf(out).style('bold', text)
  const lines: TranscriptLine[] = []
  const losses: number[] = []
  let began = performance.now()
  let sentences: readonly string[] = []
  let twins: Twins | undefined
  const options = {
    seed,
    device,
    sentences: 'auto' as const,
    embedding: 'seen' as const,
    ...(bytes.length > LARGE_TEXT ? { steps: STEPS } : {}),
  }
  const model = await finished(
    learning([{ name: file, stream: [bytes] }], options),
    async (event) => {
      if (event.event === 'begin') {
        sentences = sentencesIn(bytes)
        twins = twinsIn(sentences)
        lines.push(...(await firstLines(basename(file), event, twins, bold)), {
          head: 'learning',
          text: '',
        })
        began = performance.now()
      } else if (event.event === 'step') {
        losses.push(event.loss)
        lines[lines.length - 1] = learningLine(event, losses, performance.now() - began)
      }
      transcript.show(lines, lines.length - 1)
    },
  )
  transcript.show(lines, lines.length)
  if (twins) lines.push(...(await afterLines(model, twins, sentences, bold)))
  lines.push(...(await relatives(model, sentences)))
  await model.save(path)
  lines.push({ head: 'saved', text: `${path} (${megabytes((await model.bytes()).length)})` })
  lines.push({
    head: 'next',
    text: `npx regard near ${path} ${file} --word WORD · npx regard attend ${path} "a sentence" · npx regard --help`,
  })
  transcript.show(lines, lines.length)
}

const sentencesIn = (bytes: Uint8Array): string[] =>
  new TextDecoder()
    .decode(bytes)
    .split(/\r?\n/)
    .flatMap((line) => sentencesOf(line, 'auto').map(({ text }) => text))

/**
 * The sentence whose repeated word is the most telling: a word of four letters or more, neither
 * rare nor among the commonest.
 */
function twinsIn(sentences: readonly string[]): Twins | undefined {
  const counts = new Map<string, number>()
  const cut = sentences.map((sentence) => tokenize(sentence))
  for (const tokens of cut)
    for (const { token } of tokens) counts.set(token, (counts.get(token) ?? 0) + 1)
  let best: { twins: Twins; score: number } | undefined
  for (const [n, tokens] of cut.entries()) {
    if (tokens.length < 5 || tokens.length > SHOWN_WORDS) continue
    for (const [first, { token }] of tokens.entries()) {
      const second = tokens.findIndex((other, place) => place > first && other.token === token)
      if (
        second < 0 ||
        !/^\p{Ll}{3,}$/u.test(token) ||
        tokens.slice(second + 1).some((other) => other.token === token)
      )
        continue
      // a word that occurs often enough to be learned, in a sentence that is easily read
      const score =
        Math.min(counts.get(token) ?? 0, 60) * Math.min(token.length, 7) - 2 * tokens.length
      if (!best || score > best.score)
        best = { twins: { sentence: sentences[n], token, at: [first, second] }, score }
    }
  }
  return best?.twins
}

async function firstLines(
  name: string,
  { model, sentences, words }: Extract<LearnEvent, { event: 'begin' }>,
  twins: Twins | undefined,
  bold: (text: string) => string,
): Promise<TranscriptLine[]> {
  const { width, query, key, value } = model.form
  const parameters = grouped(width * (query + key + value))
  const first = {
    head: bold(name),
    text: `${grouped(sentences)} sentences, ${grouped(words)} words · D ${width} · d_q ${query} · d_k ${key} · d_v ${value} · ${parameters} parameters in W_Q W_K W_V · seed ${model.record.seed}`,
  }
  if (!twins) return [first, { head: 'before', text: 'no sentence of it has a word twice' }]
  const [one, other] = await pairOf(model, twins)
  const difference = one.reduce((most, value, c) => Math.max(most, Math.abs(value - other[c])), 0)
  return [
    first,
    {
      head: 'before',
      text: `«${marked(twins)}»: without positions, ${namesOf(twins).join(' and ')} have the same vector (difference ${difference})`,
    },
  ]
}

function learningLine(
  event: { readonly step: number; readonly steps: number; readonly words: number },
  losses: readonly number[],
  milliseconds: number,
): TranscriptLine {
  const percent =
    event.step < event.steps ? `  ${Math.floor((100 * event.step) / event.steps)} %` : ''
  const [first, last] = [losses[0], losses[losses.length - 1]]
  return {
    head: 'learning',
    text: `hidden words  ${sparkline(losses, 12)} loss ${first.toFixed(1)} → ${last.toFixed(1)}   ${grouped((1000 * event.words) / milliseconds)} words/s${percent}`,
  }
}

async function afterLines(
  model: Model,
  twins: Twins,
  sentences: readonly string[],
  bold: (text: string) => string,
): Promise<TranscriptLine[]> {
  const [one, other] = await pairOf(model, twins)
  const names = namesOf(twins)
  const lines: TranscriptLine[] = [
    {
      head: 'after',
      text: `${names.join('·')} 1 → ${decimal(cosineSimilarity(one, other), DIGITS)}`,
    },
  ]
  for (const [n, at] of twins.at.entries()) {
    const near = await model.near({ text: twins.sentence, at }, sentences, {
      word: twins.token,
      count: 2,
    })
    const found = near.map(
      ({ text, at, tokens, similarity }) =>
        `${excerpt(sentences[text], tokens, at)} ${decimal(similarity, DIGITS)}`,
    )
    lines.push({ head: `nearest to ${bold(names[n])}`, text: found.join('  ') })
  }
  return lines
}

/** A few frequent words, and the words that stand where they stand. */
async function relatives(model: Model, sentences: readonly string[]): Promise<TranscriptLine[]> {
  const words = model.vocabulary.words.filter((word) => /^\p{Ll}{5,}$/u.test(word)).slice(40, 400)
  const sample = sentences.slice(0, 3000)
  const sums = new Map<string, { sum: Float64Array; count: number }>()
  for (let from = 0; from < sample.length; from += 500) {
    for (const tokens of await model.embed(sample.slice(from, from + 500))) {
      for (const { token, vector } of tokens) {
        const own = sums.get(token) ?? { sum: new Float64Array(vector.length), count: 0 }
        vector.forEach((value, c) => {
          own.sum[c] += value
        })
        own.count++
        sums.set(token, own)
      }
    }
  }
  const known = [...sums].filter(([word, { count }]) => count >= 5 && /^\p{L}{3,}$/u.test(word))
  const chosen = words.filter((word) => (sums.get(word)?.count ?? 0) >= 8).slice(0, 4)
  const texts = chosen.map((word) => {
    const own = (sums.get(word) as { sum: Float64Array }).sum
    const near = known
      .filter(([other]) => stem(other) !== stem(word))
      .map(([other, { sum }]) => ({ other, similarity: cosineSimilarity(own, sum) }))
      .sort((a, b) => b.similarity - a.similarity)
      .slice(0, 3)
    return `${word}: ${near.map(({ other, similarity }) => `${other} ${decimal(similarity)}`).join(', ')}`
  })
  return texts.length ? [{ head: 'in like contexts', text: texts.join(' · ') }] : []
}

/** What words of one family have in common, as a rule. */
const stem = (word: string): string => word.slice(0, 4).toLowerCase()

async function pairOf(model: Model, { sentence, at }: Twins): Promise<readonly Float32Array[]> {
  const [tokens] = await model.embed(sentence)
  return at.map((place) => tokens[place].vector)
}

const namesOf = ({ token }: Twins): string[] => [1, 2].map((n) => `${token}${subscript(n)}`)

/** The sentence with its two words numbered. */
function marked({ sentence, at }: Twins): string {
  const tokens = tokenize(sentence)
  const ends = at.map((place) => tokens[place].end)
  return `${sentence.slice(0, ends[0])}₁${sentence.slice(ends[0], ends[1])}₂${sentence.slice(ends[1])}`
}

/** A word with its neighbours, as the text has them. */
export function excerpt(sentence: string, tokens: readonly Token[], at: number): string {
  const [from, to] = [Math.max(0, at - 3), Math.min(tokens.length, at + 3)]
  const words = sentence.slice(tokens[from].start, tokens[to - 1].end)
  return `«${from > 0 ? '… ' : ''}${words}${to < tokens.length ? ' …' : ''}»`
}
