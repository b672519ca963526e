import { readdir, readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import {
  type Answer,
  type Device,
  learning,
  type Model,
  type Question,
  readQuestions,
  SENTENCE,
  type TextSource,
} from '../../doors/internal.ts'
import { megabytes, sha256 } from '../inspect.ts'
import { grouped } from '../terminal/decimals.ts'
import { finished } from '../terminal/events.ts'
import { type Sink, subscript, terminalOf } from '../terminal/terminal.ts'
import { comparedPair, neighboursOf, type Pair, percentOf, widthsOf } from './pair.ts'
import { BOUND, decimal, sparkline, Transcript, type TranscriptLine } from './transcript.ts'

const CORPUS = fileURLToPath(new URL('../../../corpus/', import.meta.url))
const TWINS: Pair = { text: SENTENCE.join(' '), word: 'été', at: [2, 5] }
/** The rule that its numbers were measured with. */
const TOKENS = 'words'
const NAMES = [1, 2].map((n) => `été${subscript(n)}`)
/** What the first «été» asks, and the position of the right answer. */
const QUESTIONS = [
  { en: 'What happened to Tom ?', fr: 'Qu’est-il arrivé à Tom ?', right: 3 },
  { en: 'When does that happen to Tom ?', fr: 'Quand cela arrive-t-il à Tom ?', right: 5 },
]

/** The text that ships, and what is asked about it. */
interface ShippedText {
  readonly sources: readonly TextSource[]
  readonly questions: TextSource
  /** Questions that nothing is learned from, on sentences of their own. */
  readonly unseen: readonly Question[]
  /** Sentences of the text. */
  readonly sentences: readonly string[]
}

/** Reads the text that ships with the package. */
export async function shippedText(folder = CORPUS): Promise<ShippedText> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.txt')).sort()
  const texts = await Promise.all(names.map((name) => readFile(folder + name)))
  const table = async (name: string): Promise<TextSource> => ({
    name,
    stream: [await readFile(folder + name)],
  })
  return {
    sources: names.map((name, n) => ({ name, stream: [texts[n]] })),
    questions: await table('questions.tsv'),
    unseen: await readQuestions(await table('held-out.tsv'), TOKENS),
    sentences: texts.flatMap((text) => text.toString('utf8').split('\n').filter(Boolean)),
  }
}

/** What the run has found so far. */
interface Found {
  model: Model
  sentences: number
  questions: number
  losses: number[]
  step: number
  steps: number
  wordsPerSecond: number
  cosine: number
  /** Largest difference between the two vectors before learning. */
  readonly before: number
  /** To each question in English and French. */
  answers?: readonly Readonly<Record<'en' | 'fr', Answer>>[]
  unseen?: string
  neighbours?: readonly string[]
  saved?: string
}

/**
 * The main job: learns contextual embeddings from the text that ships, and shows what was learned.
 *
 * @param path where the model is saved
 */
export async function mainJob(
  path: string,
  seed: number,
  device: Device,
  out: Sink,
): Promise<void> {
  const transcript = new Transcript(out)
  const bold = (text: string) => terminalOf(out).style('bold', text)
  const { unseen, ...shipped } = await shippedText()
  let found: Found | undefined
  const draw = (final: number) => {
    if (found) transcript.show(linesOf(found, bold), final)
  }
  let began = performance.now()
  let drawn = began
  const events = learning(shipped.sources, {
    ...{ questions: shipped.questions, seed, device },
    embedding: 'seen',
    tokens: TOKENS,
  })
  const model = await finished(events, async (event) => {
    if (event.event === 'begin') {
      const { difference: before } = await comparedPair(event.model, TWINS)
      found = { ...event, losses: [], step: 0, wordsPerSecond: 0, cosine: 1, before }
      draw(2)
      began = performance.now()
    } else if (event.event === 'step' && found) {
      found.step = event.step
      found.wordsPerSecond = (1000 * event.words) / (performance.now() - began)
      found.losses.push(event.loss)
      if (!transcript.inPlace || performance.now() - drawn < REDRAW) return
      await look(found)
      drawn = performance.now()
      draw(2)
    }
  })
  if (!found) return
  found.model = model
  await look(found)
  draw(5)
  found.unseen = `${await rightOf(model, unseen)} of ${unseen.length} right`
  draw(6)
  found.neighbours = await neighboursOf(model, TWINS, shipped.sentences)
  draw(8)
  await model.save(path)
  const bytes = await model.bytes()
  found.saved = `${path} (${megabytes(bytes.length)}, sha-256 ${sha256(bytes).slice(0, 16)}…)`
  draw(10)
}

/** Milliseconds between two drawings. */
const REDRAW = 250

/** Asks the model of this moment. */
async function look(found: Found) {
  const { cosine } = await comparedPair(found.model, TWINS)
  const ask = (question: string) => found.model.ask(TWINS.text, question, { at: TWINS.at[0] })
  const answers = []
  for (const { en, fr } of QUESTIONS) answers.push({ en: await ask(en), fr: await ask(fr) })
  Object.assign(found, { cosine, answers })
}

async function rightOf(model: Model, questions: readonly Question[]) {
  let right = 0
  for (const { words, question, start, end } of questions) {
    const { at } = await model.ask(words, question)
    if (at >= start && at < end) right++
  }
  return right
}

/** The lines of the transcript, as far as the run has come. */
function linesOf(found: Found, bold: (text: string) => string): TranscriptLine[] {
  const { answers, unseen, neighbours, saved } = found
  const lines = firstLines(found, bold)
  const add = (head: string, text: string): void => void lines.push({ head, text })
  for (const [n, { en }] of answers?.entries() ?? [])
    add(`when ${NAMES[0]} asks «${QUESTIONS[n].en}»`, weightsOf(en, bold))
  if (answers && unseen) {
    const french = answers.map(({ fr }, n) => answerText(fr, QUESTIONS[n].right)).join(' · ')
    add(`the same in French: ${french}`, `questions never seen, on sentences never seen: ${unseen}`)
  }
  for (const [n, text] of neighbours?.entries() ?? []) add(`nearest to ${NAMES[n]}`, text)
  if (saved) {
    add('saved', saved)
    add('next', NEXT)
  }
  return lines
}

const NEXT =
  'npx regard ask regard.safetensors "Le pont a été fermé cet hiver" "When?" · npm start -- my.txt'

function firstLines(found: Found, bold: (text: string) => string): TranscriptLine[] {
  const { losses } = found
  const { widths, parameters } = widthsOf(found.model)
  const texts = `${grouped(found.sentences)} sentences, ${grouped(found.questions)} questions, French and English`
  const progress = [
    sparkline(losses, 12),
    `loss ${losses[0]?.toFixed(1)} → ${losses.at(-1)?.toFixed(1)}`,
    `${grouped(found.wordsPerSecond)} words/s`,
    `${NAMES.join('·')} 1.00 → ${decimal(found.cosine)}`,
    ...percentOf(found),
  ]
  return [
    { head: bold(TWINS.text), text: `${widths} · one layer, ${parameters}` },
    {
      head: 'before',
      text: `without positions, ${NAMES.join(' and ')} have the same vector (difference ${found.before})`,
    },
    { head: 'learning', text: [texts, ...(losses.length ? progress : [])].map(bound).join('   ') },
  ]
}

/** Text that stays on one line. */
const bound = (text: string) => text.replaceAll(' ', BOUND)

/** Every α with its word, a bar behind the highest. */
const weightsOf = ({ tokens, weights, at }: Answer, bold: (text: string) => string) =>
  tokens
    .map(({ token }, n) => {
      const text = bound(`α${subscript(n + 1)} ${token} ${decimal(weights[n])}`)
      const bar = '█'.repeat(Math.max(1, Math.round(10 * weights[n])))
      return n === at ? `${bold(text)}${BOUND}${bar}` : text
    })
    .join('  ')

const answerText = ({ token, at, weight }: Answer, right: number) =>
  `${NAMES[TWINS.at.indexOf(at)] ?? token} ${decimal(weight)}${at === right ? '' : ' (wrong)'}`
