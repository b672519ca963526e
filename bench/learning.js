// How fast hidden words are learned from text: node bench/learning.js TEXT [--softmax sampled|full]
// [--seconds 60] [--threads 2] [--arithmetic portable|fused] [--vocabulary 20000] [--candidates
// 2000] [--buckets 2048] [--rate 0.01] [--every 100] [--python PATH --opponent SCRIPT]
//
// TEXT holds one tokenised sentence a line. Every 50th is held out; the words are the most common
// ones, in lower case. One layer learns them: D = 128, 4 heads of 32, a bias for each head and
// offset, 15 % hidden, about 4096 words a step. Prints JSON lines as learning goes. Seconds are
// those of learning alone; the held-out loss is exact, over all words, at the same hidden places
// every time.
//
// SCRIPT is another implementation that takes TEXT, --softmax, --seconds, --threads and
// --vocabulary and prints such lines: it runs after regard for as many seconds, and the last line
// sets the two side by side. Before it: npm run build.
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import * as regard from '../dist/doors/internal.js'
import { handedOver } from './hand-over.js'

const {
  adamW,
  countWords,
  Encoder,
  heldOutLoss,
  initializers,
  Lexicon,
  losses,
  openDevice,
  Random,
  train,
  Vocabulary,
} = regard

const [D, HEADS, SHORTEST, LONGEST, HIDE, BATCH, EVERY] = [128, 4, 3, 48, 0.15, 4096, 50]
const SEED = 7

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    softmax: { type: 'string', default: 'sampled' },
    seconds: { type: 'string', default: '60' },
    threads: { type: 'string', default: '2' },
    arithmetic: { type: 'string', default: 'portable' },
    vocabulary: { type: 'string', default: '20000' },
    candidates: { type: 'string', default: '2000' },
    buckets: { type: 'string', default: '2048' },
    rate: { type: 'string', default: '0.01' },
    every: { type: 'string', default: '100' },
    python: { type: 'string' },
    opponent: { type: 'string' },
  },
})

/** What was asked for. @throws {RangeError} for what there is not */
function readOptions() {
  if (positionals.length !== 1) throw new RangeError('needs one text: node bench/learning.js TEXT')
  if (!['sampled', 'full'].includes(values.softmax))
    throw new RangeError(`--softmax must be sampled or full, got ${values.softmax}`)
  if (!values.python !== !values.opponent)
    throw new RangeError('--python and --opponent go together')
  const numbers = [
    'seconds',
    'threads',
    'vocabulary',
    'candidates',
    'buckets',
    'rate',
    'every',
  ].map((name) => {
    if (!(Number(values[name]) > 0))
      throw new RangeError(`--${name} must be a number above 0, got ${values[name]}`)
    return [name, Number(values[name])]
  })
  return { ...values, ...Object.fromEntries(numbers), text: positionals[0] }
}

/** The sentences to learn from and those held out, as features; and the words with their counts. */
function readText({ text, vocabulary: size, buckets }) {
  const sentences = readFileSync(text, 'utf8')
    .split('\n')
    .map((line) => line.toLowerCase().trim().split(/\s+/))
    .filter(({ length }) => length >= SHORTEST && length <= LONGEST)
  // equal counts in the order of first sight
  const common = [...countWords(sentences.flat())].sort(([, m], [, n]) => n - m).slice(0, size)
  const lexicon = new Lexicon(new Vocabulary(common.map(([word]) => word)), buckets)
  const features = sentences.map((words) => ({
    features: words.map((word) => lexicon.featuresOf(word)),
  }))
  return {
    lexicon,
    counts: common.map(([, count]) => count),
    learned: features.filter((_, n) => n % EVERY !== 0),
    heldOut: features.filter((_, n) => n % EVERY === 0),
  }
}

/** The texts of one step after another: each comes once in a round, in a new order. */
function sampler(sentences) {
  const random = new Random(SEED, 'rounds')
  let [order, next] = [[], 0]
  return () => {
    const batch = []
    for (let words = 0; words < BATCH; words += batch.at(-1).features.length) {
      if (next === order.length) [order, next] = [random.shuffle(sentences), 0]
      batch.push(order[next++])
    }
    return batch
  }
}

/**
 * Texts with some words hidden: of ten, eight behind the hidden sign, one behind another word, one
 * left as it is.
 */
function hidden(lexicon, sentences, random) {
  const shown = (form) => {
    const how = random.uniform()
    if (how < 0.8) return lexicon.hidden
    return how < 0.9 ? lexicon.featuresOfNumber(random.integer(lexicon.vocabulary.size)) : form
  }
  const targets = []
  const texts = sentences.map(({ features }, text) =>
    features.map((form, position) => {
      if (form.word < 0 || random.uniform() >= HIDE) return form
      targets.push({ text, position, word: form.word })
      return shown(form)
    }),
  )
  return { texts, targets }
}

/** What each step learns. */
const objectiveOf = (prediction, sample) => ({
  name: 'hidden',
  parameters: prediction.parameters,
  draw(step) {
    const { texts, targets } = hidden(
      prediction.lexicon,
      sample(),
      new Random(SEED, `hide.${step}`),
    )
    return prediction.batch(texts, targets, step)
  },
})

/** What is measured on the way: all held-out sentences, with all words as candidates. */
function heldOutBatches(prediction, sentences) {
  const random = new Random(1, 'heldOut')
  const parts = []
  for (let from = 0; from < sentences.length; from += 500)
    parts.push(hidden(prediction.lexicon, sentences.slice(from, from + 500), random))
  return () => parts.map(({ texts, targets }) => prediction.batch(texts, targets, 0, true))
}

/** Word vectors, one layer, and the prediction of words from its context. */
function build({ lexicon, counts }, { softmax, candidates }, device) {
  const width = D / HEADS
  const layer = {
    heads: HEADS,
    dQuery: width,
    dKey: width,
    dValue: width,
    position: regard.positionNamed(`relative:${LONGEST}`),
  }
  const sizes = {
    vocabulary: counts.length,
    letters: lexicon.letterRows,
    dModel: D,
    layers: [layer],
    embeddingInitializer: initializers.normal(Math.sqrt(0.5 / D)),
  }
  const drawn = softmax === 'full' ? counts.length : candidates
  const encoder = new Encoder(sizes, { device, seed: SEED })
  const prediction = new losses.WordPrediction(
    { width: D, dModel: D },
    lexicon,
    { counts, candidates: drawn },
    { device, seed: SEED },
  )
  return { encoder, prediction }
}

/** A clock that runs while something is waited for. */
function stopwatch() {
  let spent = 0
  let since
  const seconds = () => spent + (since === undefined ? 0 : (performance.now() - since) / 1000)
  return {
    seconds,
    async during(body) {
      since = performance.now()
      const result = await body()
      spent = seconds()
      since = undefined
      return result
    },
  }
}

/** Learns for so many seconds; tells each line. */
async function learn(options, tell) {
  const text = readText(options)
  const device = await openDevice({
    device: 'wasm',
    threads: options.threads,
    arithmetic: options.arithmetic,
  })
  const { encoder, prediction } = build(text, options, device)
  const batches = heldOutBatches(prediction, text.heldOut)
  const { threads, why } = device
  const sizes = {
    learned: text.learned.length,
    heldOut: text.heldOut.length,
    vocabulary: text.counts.length,
  }
  const { softmax, candidates, buckets, rate } = options
  tell({
    ...sizes,
    softmax,
    ...(softmax === 'sampled' ? { candidates } : {}),
    buckets,
    rate,
    threads,
    arithmetic: device.arithmetic,
    node: process.versions.node,
    why,
  })
  const clock = stopwatch()
  const objective = objectiveOf(prediction, sampler(text.learned))
  const end = new AbortController()
  const pace = (name, step) => {
    const share = clock.seconds() / options.seconds
    if (share >= 1) end.abort()
    const rate = options.rate * Math.min(1, step / 40) * (1 - 0.95 * Math.min(1, share))
    return name.endsWith('position.bias') ? { rate: 5 * rate, decay: 0 } : { rate, decay: 0.01 }
  }
  const settings = {
    steps: Number.MAX_SAFE_INTEGER,
    optimizer: adamW(),
    clip: 1,
    pace,
    report: options.every,
    signal: end.signal,
  }
  const events = train(encoder, [objective], settings)
  const lines = []
  for (;;) {
    const { value: event, done } = await clock.during(() => events.next())
    if (done) break
    const seconds = clock.seconds()
    const exact = await heldOutLoss(encoder, batches())
    lines.push({ ...lineOf(event, seconds), heldOutLoss: digits(exact, 4) })
    tell(lines.at(-1))
  }
  await device.close()
  return lines
}

const digits = (x, count) => Number(x.toFixed(count))

const lineOf = ({ step, words, loss }, seconds) => ({
  step,
  seconds: digits(seconds, 1),
  wordsPerSecond: Math.round(words / seconds),
  loss: digits(loss, 3),
})

/** The opponent's lines, told as they come. */
async function opponentLines(
  { python, opponent, text, softmax, seconds, threads, vocabulary },
  tell,
) {
  const numbers = Object.entries({ seconds, threads, vocabulary }).flatMap(([name, value]) => [
    `--${name}`,
    String(value),
  ])
  const child = spawn(python, [opponent, text, '--softmax', softmax, ...numbers], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = new Promise((resolve, reject) => child.once('error', reject).once('close', resolve))
  const lines = []
  for await (const line of createInterface({ input: child.stdout })) {
    lines.push(JSON.parse(line))
    tell(lines.at(-1))
  }
  const code = await ended
  if (code !== 0) throw new Error(`the opponent ended with ${code}`)
  return lines
}

/**
 * Words per second of both, and the seconds in which each came to the opponent's best held-out
 * loss.
 */
function comparison(own, others) {
  if (own.length === 0 || others.length === 0)
    return { why: 'one of them printed no line; give more --seconds' }
  const best = others.reduce((a, b) => (b.heldOutLoss < a.heldOutLoss ? b : a))
  const reached = own.find(({ heldOutLoss }) => heldOutLoss <= best.heldOutLoss)
  const seconds = {
    opponent: best.seconds,
    regard: reached?.seconds ?? `not within ${own.at(-1).seconds}`,
  }
  return {
    wordsPerSecond: { opponent: others.at(-1).wordsPerSecond, regard: own.at(-1).wordsPerSecond },
    opponentsBestHeldOutLoss: best.heldOutLoss,
    secondsToIt: seconds,
    ...(reached ? { timesFaster: digits(best.seconds / reached.seconds, 2) } : {}),
  }
}

const teller = (who) => (line) => console.log(JSON.stringify({ who, ...line }))

if (!handedOver(fileURLToPath(import.meta.url), values.arithmetic === 'fused')) {
  const options = readOptions()
  const own = await learn(options, teller('regard'))
  if (options.opponent)
    teller('both')(comparison(own, await opponentLines(options, teller('opponent'))))
}
