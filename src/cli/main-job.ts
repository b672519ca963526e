import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { type Answer, cosineSimilarity, learning, type Model, type Question, readQuestions, SENTENCE, type TextSource } from '../index.ts'
import { grouped } from './decimals.ts'
import { excerpt } from './own-text.ts'
import { type Sink, terminalOf } from './terminal.ts'
import { decimal, sparkline, subscript, Transcript, type TranscriptLine } from './transcript.ts'

const CORPUS = fileURLToPath(new URL('../../corpus/', import.meta.url))
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
  const table = async (name: string): Promise<TextSource> => ({ name, stream: [await readFile(folder + name)] })
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
export async function mainJob(path: string, seed: number, out: Sink): Promise<void> {
  const transcript = new Transcript(out)
  const bold = (text: string): string => terminalOf(out).style('bold', text)
  const shipped = await shippedText()
  let found: Found | undefined
  let began = performance.now()
  let drawn = began
  const events = learning(shipped.sources, { questions: shipped.questions, seed })
  const draw = (final: number): void => {
    if (found) transcript.show(linesOf(found, bold), final)
  }
  for (let next = await events.next(); ; next = await events.next()) {
    if (next.done) {
      if (found) found.model = next.value
      break
    }
    const event = next.value
    if (event.event === 'begin') {
      const { model, sentences, questions, steps } = event
      found = {
        model,
        sentences,
        questions,
        steps,
        losses: [],
        step: 0,
        wordsPerSecond: 0,
        cosine: await cosineOfTwins(model),
        before: await differenceOfTwins(model),
      }
      draw(2)
      began = performance.now()
    }
    if (event.event === 'step' && found) {
      Object.assign(found, { step: event.step, wordsPerSecond: (1000 * event.words) / (performance.now() - began) })
      found.losses.push(event.loss)
      if (transcript.inPlace && performance.now() - drawn > 250) {
        found.cosine = await cosineOfTwins(found.model)
        found.answers = await answersOf(found.model)
        drawn = performance.now()
        draw(2)
      }
    }
  }
  if (!found) return
  const { model } = found
  found.cosine = await cosineOfTwins(model)
  draw(3)
  found.answers = await answersOf(model)
  draw(5)
  found.unseen = await rightOf(model, shipped.unseen)
  draw(6)
  found.neighbours = await Promise.all(TWINS.map((at) => neighboursOf(model, at, shipped.sentences)))
  draw(7)
  const bytes = await model.bytes()
  await model.save(path)
  const hash = createHash('sha256').update(bytes).digest('hex')
  found.saved = `${path} (${(bytes.length / 1e6).toFixed(1)} MB, sha-256 ${hash.slice(0, 16)}…)`
  draw(9)
  await model.close()
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

async function rightOf(model: Model, questions: readonly Question[]): Promise<{ right: number; of: number }> {
  let right = 0
  for (const { words, question, start, end } of questions) {
    const { at } = await model.ask(words, question)
    if (at >= start && at < end) right++
  }
  return { right, of: questions.length }
}

/** Two nearest occurrences of «été» in other sentences, each in its words. */
async function neighboursOf(model: Model, at: number, sentences: readonly string[]): Promise<string> {
  const near = await model.near({ text: TEXT, at }, sentences, { word: 'été', count: 2 })
  return near.map(({ text, at, tokens, similarity }) => `${excerpt(sentences[text], tokens, at)} ${decimal(similarity)}`).join('  ')
}

const twin = (n: 0 | 1): string => `été${subscript(n + 1)}`

/** The lines of the transcript, as far as the run has come. */
function linesOf(found: Found, bold: (text: string) => string): TranscriptLine[] {
  const { model, losses, cosine } = found
  const { width, query, key, value } = model.form
  const parameters = grouped(width * (query + key + value))
  const percent = found.step < found.steps ? `  ${Math.floor((100 * found.step) / found.steps)} %` : ''
  const loss = losses.length
    ? `   ${sparkline(losses, 12)} loss ${losses[0].toFixed(1)} → ${losses[losses.length - 1].toFixed(1)}   ${grouped(found.wordsPerSecond)} words/s   ${twin(0)}·${twin(1)} 1.00 → ${decimal(cosine)}${percent}`
    : ''
  const lines: TranscriptLine[] = [
    {
      head: bold(TEXT),
      text: `D ${width} · d_q ${query} · d_k ${key} · d_v ${value} · one layer, ${parameters} parameters in W_Q W_K W_V · seed ${model.record.seed}`,
    },
    {
      head: 'before',
      text: `without positions, ${twin(0)} and ${twin(1)} have the same vector (difference ${found.before})`,
    },
    {
      head: 'learning',
      text: `${grouped(found.sentences)} sentences and ${grouped(found.questions)} questions, French and English${loss}`,
    },
  ]
  if (found.answers) {
    const { happened, when } = found.answers
    lines.push(
      { head: `when ${twin(0)} asks «${ASKED.happened.en}»`, text: weightsOf(happened.en, bold) },
      { head: `when ${twin(0)} asks «${ASKED.when.en}»`, text: weightsOf(when.en, bold) },
    )
    if (found.unseen) {
      const french = `${answerText(happened.fr, RIGHT.happened)} · ${answerText(when.fr, RIGHT.when)}`
      lines.push({
        head: `the same in French: ${french}`,
        text: `questions never seen, on sentences never seen: ${found.unseen.right} of ${found.unseen.of} right`,
      })
    }
  }
  if (found.neighbours)
    lines.push({ head: `nearest to ${twin(0)}`, text: `${found.neighbours[0]}   nearest to ${twin(1)}  ${found.neighbours[1]}` })
  if (found.saved) {
    lines.push({ head: 'saved', text: found.saved })
    lines.push({ head: 'next', text: 'npx regard ask regard.safetensors "Le pont a été fermé cet hiver" "When?" · npm start -- my.txt' })
  }
  return lines
}

/** Every α with its word, a bar behind the highest. */
function weightsOf({ tokens, weights, at }: Answer, bold: (text: string) => string): string {
  return tokens
    .map(({ token }, n) => {
      const text = `α${subscript(n + 1)} ${token} ${decimal(weights[n])}`
      return n === at ? `${bold(text)} ${'█'.repeat(Math.max(1, Math.round(10 * weights[n])))}` : text
    })
    .join('  ')
}

const answerText = ({ token, at, weight }: Answer, right: number): string =>
  `${token}${token === 'été' ? subscript(at === TWINS[0] ? 1 : 2) : ''} ${decimal(weight)}${at === right ? '' : ' (wrong)'}`
