import { readdir, readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import {
  type Answer,
  cosineSimilarity,
  type Device,
  type LearnEvent,
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
import { excerpt } from './own-text.ts'
import { BOUND, decimal, sparkline, Transcript, type TranscriptLine } from './transcript.ts'

const CORPUS = fileURLToPath(new URL('../../../corpus/', import.meta.url))
const TEXT = SENTENCE.join(' ')
/** Places of the two «été», from 0. */
const TWINS = [2, 5] as const
const RIGHT = { happened: 3, when: 5 }
const ASKED = {
  happened: { en: 'What happened to Tom ?', fr: 'Qu’est-il arrivé à Tom ?' },
  when: { en: 'When does that happen to Tom ?', fr: 'Quand cela arrive-t-il à Tom ?' },
}

/** The text that ships, and what is asked about it. */
export interface ShippedText {
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
    unseen: await readQuestions(await table('held-out.tsv')),
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
  answers?: Record<keyof typeof ASKED, { en: Answer; fr: Answer }>
  unseen?: { right: number; of: number }
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
  const bold = (text: string): string => terminalOf(out).style('bold', text)
  const shipped = await shippedText()
  let found: Found | undefined
  const draw = (final: number): void => {
    if (found) transcript.show(linesOf(found, bold), final)
  }
  let began = performance.now()
  let drawn = began
  const events = learning(shipped.sources, {
    questions: shipped.questions,
    embedding: 'seen',
    seed,
    device,
  })
  const model = await finished(events, async (event) => {
    if (event.event === 'begin') {
      found = await begun(event)
      draw(2)
      began = performance.now()
    } else if (event.event === 'step' && found) {
      Object.assign(found, {
        step: event.step,
        wordsPerSecond: (1000 * event.words) / (performance.now() - began),
      })
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
  found.unseen = await rightOf(model, shipped.unseen)
  draw(6)
  found.neighbours = await Promise.all(
    TWINS.map((at) => neighboursOf(model, at, shipped.sentences)),
  )
  draw(8)
  await model.save(path)
  const bytes = await model.bytes()
  found.saved = `${path} (${megabytes(bytes.length)}, sha-256 ${sha256(bytes).slice(0, 16)}…)`
  draw(10)
}

/** Milliseconds between two drawings. */
const REDRAW = 250

async function begun({
  model,
  sentences,
  questions,
  steps,
}: Extract<LearnEvent, { event: 'begin' }>): Promise<Found> {
  const before = await differenceOfTwins(model)
  return {
    model,
    sentences,
    questions,
    steps,
    losses: [],
    step: 0,
    wordsPerSecond: 0,
    cosine: 1,
    before,
  }
}

/** Asks the model of this moment. */
async function look(found: Found): Promise<void> {
  found.cosine = await cosineOfTwins(found.model)
  found.answers = await answersOf(found.model)
}

async function twins(model: Model): Promise<readonly Float32Array[]> {
  const [tokens] = await model.embed(TEXT)
  return TWINS.map((at) => tokens[at].vector)
}

async function cosineOfTwins(model: Model): Promise<number> {
  const [first, second] = await twins(model)
  return cosineSimilarity(first, second)
}

async function differenceOfTwins(model: Model): Promise<number> {
  const [first, second] = await twins(model)
  return first.reduce((most, value, c) => Math.max(most, Math.abs(value - second[c])), 0)
}

async function answersOf(model: Model): Promise<NonNullable<Found['answers']>> {
  const ask = async (kind: keyof typeof ASKED) => ({
    en: await model.ask(TEXT, ASKED[kind].en, { at: TWINS[0] }),
    fr: await model.ask(TEXT, ASKED[kind].fr, { at: TWINS[0] }),
  })
  return { happened: await ask('happened'), when: await ask('when') }
}

async function rightOf(
  model: Model,
  questions: readonly Question[],
): Promise<{ right: number; of: number }> {
  let right = 0
  for (const { words, question, start, end } of questions) {
    const { at } = await model.ask(words, question)
    if (at >= start && at < end) right++
  }
  return { right, of: questions.length }
}

/** Two nearest occurrences of «été» in other sentences, each in its words. */
async function neighboursOf(
  model: Model,
  at: number,
  sentences: readonly string[],
): Promise<string> {
  const near = await model.near({ text: TEXT, at }, sentences, { word: 'été', count: 2 })
  return near
    .map(
      ({ text, at, tokens, similarity }) =>
        `${excerpt(sentences[text], tokens, at)} ${decimal(similarity)}`,
    )
    .join('  ')
}

const twin = (n: 0 | 1): string => `été${subscript(n + 1)}`

/** The lines of the transcript, as far as the run has come. */
function linesOf(found: Found, bold: (text: string) => string): TranscriptLine[] {
  const { answers, unseen, neighbours, saved } = found
  const lines = [...firstLines(found, bold)]
  if (answers) {
    for (const kind of ['happened', 'when'] as const)
      lines.push({
        head: `when ${twin(0)} asks «${ASKED[kind].en}»`,
        text: weightsOf(answers[kind].en, bold),
      })
  }
  if (answers && unseen) {
    const french = `${answerText(answers.happened.fr, RIGHT.happened)} · ${answerText(answers.when.fr, RIGHT.when)}`
    const rate = `questions never seen, on sentences never seen: ${unseen.right} of ${unseen.of} right`
    lines.push({ head: `the same in French: ${french}`, text: rate })
  }
  if (neighbours)
    for (const n of [0, 1] as const)
      lines.push({ head: `nearest to ${twin(n)}`, text: neighbours[n] })
  if (saved) lines.push({ head: 'saved', text: saved }, { head: 'next', text: NEXT })
  return lines
}

const NEXT =
  'npx regard ask regard.safetensors "Le pont a été fermé cet hiver" "When?" · npm start -- my.txt'

function firstLines(
  { model, losses, cosine, before, ...found }: Found,
  bold: (text: string) => string,
): TranscriptLine[] {
  const { width, query, key, value } = model.form
  const widths = `D ${width} · d_q ${query} · d_k ${key} · d_v ${value} · one layer`
  const parameters = `${grouped(width * (query + key + value))} parameters in W_Q W_K W_V · seed ${model.record.seed}`
  const texts = `${grouped(found.sentences)} sentences, ${grouped(found.questions)} questions, French and English`
  const loss = `loss ${losses[0]?.toFixed(1)} → ${losses[losses.length - 1]?.toFixed(1)}`
  const parted = `${twin(0)}·${twin(1)} 1.00 → ${decimal(cosine)}`
  const percent =
    found.step < found.steps ? [`${Math.floor((100 * found.step) / found.steps)} %`] : []
  const progress = [
    sparkline(losses, 12),
    loss,
    `${grouped(found.wordsPerSecond)} words/s`,
    parted,
    ...percent,
  ]
  return [
    { head: bold(TEXT), text: `${widths}, ${parameters}` },
    {
      head: 'before',
      text: `without positions, ${twin(0)} and ${twin(1)} have the same vector (difference ${before})`,
    },
    { head: 'learning', text: [texts, ...(losses.length ? progress : [])].map(bound).join('   ') },
  ]
}

/** Text that stays on one line. */
const bound = (text: string): string => text.replaceAll(' ', BOUND)

/** Every α with its word, a bar behind the highest. */
function weightsOf({ tokens, weights, at }: Answer, bold: (text: string) => string): string {
  return tokens
    .map(({ token }, n) => {
      const text = bound(`α${subscript(n + 1)} ${token} ${decimal(weights[n])}`)
      return n === at
        ? `${bold(text)}${BOUND}${'█'.repeat(Math.max(1, Math.round(10 * weights[n])))}`
        : text
    })
    .join('  ')
}

const answerText = ({ token, at, weight }: Answer, right: number): string =>
  `${token}${token === 'été' ? subscript(at === TWINS[0] ? 1 : 2) : ''} ${decimal(weight)}${at === right ? '' : ' (wrong)'}`
