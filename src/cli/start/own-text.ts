import { basename } from 'node:path'
import {
  cosineSimilarity,
  type Device,
  type LearnEvent,
  type Line,
  learning,
  type Model,
  sentenceLines,
  visible,
} from '../../doors/internal.ts'
import { megabytes } from '../inspect.ts'
import { grouped } from '../terminal/decimals.ts'
import { finished } from '../terminal/events.ts'
import { shellWord } from '../terminal/options.ts'
import { reporterOf } from '../terminal/progress.ts'
import { type Sink, subscript, terminalOf } from '../terminal/terminal.ts'
import { sourceOf, TextReader } from '../texts/reader.ts'
import { comparedPair, neighboursOf, type Pair, percentOf, widthsOf } from './pair.ts'
import { decimal, sparkline, Transcript, type TranscriptLine } from './transcript.ts'

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
  const text = await linesIn(file)
  const size = text.reduce((sum, line) => sum + Buffer.byteLength(line.text) + 1, 0)
  const transcript = new Transcript(out)
  const bold = (text: string) => terminalOf(out).style('bold', text)
  const lines: TranscriptLine[] = []
  const losses: number[] = []
  let began = performance.now()
  let sentences: readonly string[] = []
  let twins: Pair | undefined
  const add = (head: string, text: string): void => void lines.push({ head, text })
  const events = learning([{ name: file, lines: text }], {
    ...{ seed, device, sentences: 'auto', embedding: 'seen' },
    ...(size > LARGE_TEXT ? { steps: STEPS } : {}),
  })
  const model = await finished(events, async (event) => {
    if (event.event === 'begin') {
      sentences = await sentencesIn(text, event.model)
      twins = twinsIn(sentences, event.model)
      add(bold(visible(basename(file))), firstLine(event))
      add('before', await beforeLine(event.model, twins))
      add('learning', '')
      began = performance.now()
    } else if (event.event === 'step') {
      losses.push(event.loss)
      const loss = `loss ${losses[0].toFixed(1)} → ${event.loss.toFixed(1)}`
      const rate = `${grouped((1000 * event.words) / (performance.now() - began))} words/s`
      const text = [`${sparkline(losses, 12)} ${loss}   ${rate}`, ...percentOf(event)].join('  ')
      lines[lines.length - 1] = { head: 'learning', text: `hidden words  ${text}` }
    }
    transcript.show(lines, lines.length - 1)
  })
  transcript.show(lines, lines.length)
  if (twins) {
    const names = namesOf(twins)
    const { cosine } = await comparedPair(model, twins)
    add('after', `${names.join('·')} 1 → ${decimal(cosine, DIGITS)}`)
    for (const [n, text] of (await neighboursOf(model, twins, sentences, DIGITS)).entries())
      add(`nearest to ${bold(names[n])}`, text)
  }
  const alike = await relatives(model, sentences)
  if (alike) add('in like contexts', alike)
  await model.save(path)
  add('saved', `${path} (${megabytes((await model.bytes()).length)})`)
  add(
    'next',
    `npx regard near ${path} ${visible(shellWord(file))} --word WORD · npx regard attend ${path} "a sentence" · npx regard --help`,
  )
  transcript.show(lines, lines.length)
}

/** Every line of a text, or of those of a folder. */
async function linesIn(file: string) {
  const reader = new TextReader(
    { sentences: 'auto' },
    (column) =>
      `npx regard learn ${shellWord(file)} --column ${column} -o my.safetensors reads one`,
  )
  const lines: Line[] = []
  for (const path of await reader.files([file]))
    for await (const line of reader.lines(sourceOf(path))) lines.push(line)
  reader.report(reporterOf('start', {}))
  return lines
}

async function sentencesIn(lines: readonly Line[], { config }: Model) {
  const sentences: string[] = []
  for await (const { text } of sentenceLines(lines, 'auto', config.languages)) sentences.push(text)
  return sentences
}

/**
 * The sentence whose repeated word is the most telling: a word of four letters or more, neither
 * rare nor among the commonest.
 */
function twinsIn(sentences: readonly string[], model: Model) {
  const counts = new Map<string, number>()
  const cut = sentences.map((sentence) => model.tokenize(sentence).map(({ token }) => token))
  for (const word of cut.flat()) counts.set(word, (counts.get(word) ?? 0) + 1)
  let best: { twins: Pair; score: number } | undefined
  for (const [n, words] of cut.entries()) {
    if (words.length < 5 || words.length > SHOWN_WORDS) continue
    for (const [first, word] of words.entries()) {
      const second = words.indexOf(word, first + 1)
      if (second < 0 || !/^\p{Ll}{3,}$/u.test(word) || words.includes(word, second + 1)) continue
      // a word that occurs often enough to be learned, in a sentence that is easily read
      const score =
        Math.min(counts.get(word) ?? 0, 60) * Math.min(word.length, 7) - 2 * words.length
      if (!best || score > best.score)
        best = { twins: { text: sentences[n], word, at: [first, second] }, score }
    }
  }
  return best?.twins
}

function firstLine({ model, sentences, words }: Extract<LearnEvent, { event: 'begin' }>) {
  const { widths, parameters } = widthsOf(model)
  const { languages = [] } = model.config
  const guessed = languages.length ? ` · ${languages.join(', ')}, by its beginning` : ''
  return `${grouped(sentences)} sentences, ${grouped(words)} words${guessed} · ${widths} · ${parameters}`
}

async function beforeLine(model: Model, twins?: Pair) {
  if (!twins) return 'no sentence of it has a word twice'
  const { difference } = await comparedPair(model, twins)
  return `«${marked(twins, model)}»: without positions, ${namesOf(twins).join(' and ')} have the same vector (difference ${difference})`
}

/** A few frequent words, and the words that stand where they stand. */
async function relatives(model: Model, sentences: readonly string[]) {
  const words = model.vocabulary.words.filter((word) => /^\p{Ll}{5,}$/u.test(word)).slice(40, 400)
  const sample = sentences.slice(0, 3000)
  const sums = new Map<string, { sum: Float64Array; count: number }>()
  for (let from = 0; from < sample.length; from += 500) {
    for (const { token, vector } of (await model.embed(sample.slice(from, from + 500))).flat()) {
      const own = sums.get(token) ?? { sum: new Float64Array(vector.length), count: 0 }
      for (const [c, value] of vector.entries()) own.sum[c] += value
      own.count++
      sums.set(token, own)
    }
  }
  const known = [...sums].filter(([word, { count }]) => count >= 5 && /^\p{L}{3,}$/u.test(word))
  return words
    .flatMap((word) => {
      const { sum: own, count = 0 } = sums.get(word) ?? {}
      return own && count >= 8 ? [{ word, own }] : []
    })
    .slice(0, 4)
    .map(({ word, own }) => {
      const near = known
        .filter(([other]) => stem(other) !== stem(word))
        .map(([other, { sum }]) => ({ other, similarity: cosineSimilarity(own, sum) }))
        .sort((a, b) => b.similarity - a.similarity)
        .slice(0, 3)
      return `${word}: ${near.map(({ other, similarity }) => `${other} ${decimal(similarity)}`).join(', ')}`
    })
    .join(' · ')
}

/** What words of one family have in common, as a rule. */
const stem = (word: string) => word.slice(0, 4).toLowerCase()

const namesOf = ({ word }: Pair) => [1, 2].map((n) => `${word}${subscript(n)}`)

/** The sentence with its two words numbered. */
function marked({ text, at }: Pair, model: Model) {
  const tokens = model.tokenize(text)
  const [one, other] = at.map((position) => tokens[position].end)
  return visible(`${text.slice(0, one)}₁${text.slice(one, other)}₂${text.slice(other)}`)
}
