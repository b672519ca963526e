// The main job over seeds: node bench/main-job.js [--seeds 10] [--variant NAME …] [--device wasm]
//
// Learns from the text that ships, as npm start does, and counts how often questions are answered
// right that nothing was learned from. One process for each run; the tables of docs/main-job.md are
// its output.
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { shippedText } from '../dist/cli/start/main-job.js'
import { cosineSimilarity, learn, openDevice } from '../dist/doors/internal.js'

/**
 * What is changed against the defaults; the variants are of another step, which reads more
 * questions and less text, and no clues.
 */
const STEP = { batchQuestions: 32, batchWords: 100, clues: 'none' }
const VARIANTS = {
  recipe: {},
  'no clues': { clues: 'none' },
  '32 questions and 100 words in a step': STEP,
  'as that, no hidden words': { ...STEP, objective: 'none' },
  'as that, no identity drop': { ...STEP, identityDrop: 0 },
  'as that, one head': { ...STEP, heads: 1 },
  'as that, no hidden layer in queries and keys': { ...STEP, askingHidden: 0 },
  'as that, keys of contextual embeddings alone': { ...STEP, keys: 'contextual' },
  'as that, half of the questions': { ...STEP, share: 0.5 },
  'as that, one step: static keys with sinusoidal positions': {
    ...STEP,
    keys: 'static',
    position: 'sinusoidal',
  },
  'as that, no positions': { ...STEP, position: 'none' },
}

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '10' },
    variant: { type: 'string', multiple: true },
    device: { type: 'string', default: 'reference' },
    run: { type: 'string' },
  },
})
const corpus = fileURLToPath(new URL('../corpus/', import.meta.url))

/** Rows of a table of questions. */
function table(name) {
  const [, ...lines] = readFileSync(corpus + name, 'utf8')
    .trim()
    .split('\n')
  return lines.map((line) => {
    const [sentence, question, start, end, kind, first] = line.split('\t')
    return {
      words: sentence.split(' '),
      question,
      start: Number(start),
      end: Number(end),
      kind,
      first,
    }
  })
}

/** By accents and by little words that English has not. */
const french = (text) =>
  /[àâçéèêëîïôùûœ]|\b(le|la|les|un|une|des|du|de|qui|que|quoi|quand|quel|quelle|où|est|il|elle|au|aux|dans|avec|pour|sur|qu|cela|ce)\b|\b[ldcsjnmt]’/i.test(
    text,
  )
const share = (hits) => hits.filter(Boolean).length / Math.max(1, hits.length)
const mean = (numbers) => numbers.reduce((sum, x) => sum + x, 0) / Math.max(1, numbers.length)

/** Which answers are right. */
async function asked(model, rows) {
  const found = []
  for (const row of rows) {
    const { at, weights } = await model.ask(row.words, row.question)
    const right = at >= row.start && at < row.end
    found.push({
      ...row,
      right,
      weight: weights.slice(row.start, row.end).reduce((sum, weight) => sum + weight, 0),
    })
  }
  return found
}

/** Share of the occurrences of «été» whose nearest other one has the same sense. */
async function sameSense(model) {
  const [, ...lines] = readFileSync(`${corpus}senses.tsv`, 'utf8').trim().split('\n')
  const rows = lines.map((line) => line.split('\t')).filter(([word]) => word === 'été')
  const bySentence = new Map()
  for (const [, , sense, sentence] of rows)
    bySentence.set(sentence, [...(bySentence.get(sentence) ?? []), sense])
  const vectors = []
  for (const [sentence, senses] of bySentence) {
    const [tokens] = await model.embed(sentence)
    const own = tokens.filter(({ token }) => token === 'été')
    if (own.length !== senses.length) continue
    for (const [n, { vector }] of own.entries()) vectors.push({ vector, sense: senses[n] })
  }
  return share(
    vectors.map((one) => {
      const others = vectors.filter((other) => other !== one)
      const nearest = others.reduce((best, other) =>
        cosineSimilarity(one.vector, other.vector) > cosineSimilarity(one.vector, best.vector)
          ? other
          : best,
      )
      return nearest.sense === one.sense
    }),
  )
}

/** One run: what one seed gives under one variant. */
async function run(variant, seed, deviceName) {
  const { share: part = 1, ...options } = VARIANTS[variant]
  const shipped = await shippedText()
  const [head, ...lines] = (await text(shipped.questions)).trim().split('\n')
  const questions = [head, ...lines.filter((_, n) => n % 2 < 2 * part)].join('\n')
  const device = await openDevice(
    deviceName === 'wasm' ? { device: 'wasm' } : { device: 'reference' },
  )
  const began = performance.now()
  const model = await learn(shipped.sources, {
    tokens: 'words',
    ...options,
    questions,
    seed,
    device,
  })
  const seconds = (performance.now() - began) / 1000
  const held = await asked(model, table('held-out.tsv'))
  const doubles = await asked(model, table('doubles.tsv'))
  const [tokens] = await model.embed('Tom a été entarté cet été')
  const seedQuestions = await asked(model, table('seed-questions.tsv'))
  const by = (rows, key) => {
    const groups = {}
    for (const row of rows) groups[key(row)] = [...(groups[key(row)] ?? []), row.right]
    return Object.fromEntries(Object.entries(groups).map(([name, hits]) => [name, share(hits)]))
  }
  const language = (text) => (french(text) ? 'fr' : 'en')
  return {
    variant,
    seed,
    seconds,
    words: model.learned[0].words,
    heldOutLoss: model.learned[0].heldOutLoss,
    seedRight: seedQuestions.filter(({ right }) => right).length,
    seedWeight: mean(seedQuestions.map(({ weight }) => weight)),
    held: share(held.map(({ right }) => right)),
    heldCount: held.length,
    byKind: by(held, ({ kind }) => kind),
    byPair: by(held, ({ words, question }) => `${language(words.join(' '))}→${language(question)}`),
    doubles: by(doubles, ({ kind, first }) => `${kind}, ${first} first`),
    doublesCount: doubles.length,
    paraphrases: (await asked(model, table('paraphrases.tsv'))).filter(({ right }) => right).length,
    cosine: cosineSimilarity(tokens[2].vector, tokens[5].vector),
    sameSense: await sameSense(model),
  }
}

async function text({ stream }) {
  const pieces = []
  for await (const piece of stream) pieces.push(Buffer.from(piece))
  return Buffer.concat(pieces).toString('utf8')
}

const digits = (x) => x.toFixed(2).replace(/^0/, '')
const range = (numbers) =>
  `${digits(mean(numbers))} (${digits(Math.min(...numbers))}–${digits(Math.max(...numbers))})`

function print(variant, runs) {
  const columns = (key) => Object.keys(runs[0][key]).sort()
  console.log(`\n## ${variant}, ${runs.length} seeds\n`)
  console.log('| | |\n|---|---|')
  console.log(
    `| seeds with the four seed questions right | ${runs.filter(({ seedRight }) => seedRight === 4).length} of ${runs.length} |`,
  )
  console.log(
    `| mean weight on the right word there | ${range(runs.map(({ seedWeight }) => seedWeight))} |`,
  )
  console.log(
    `| ${runs[0].heldCount} held-out questions | ${range(runs.map(({ held }) => held))} |`,
  )
  for (const kind of columns('byKind'))
    console.log(`| … ${kind} | ${range(runs.map(({ byKind }) => byKind[kind]))} |`)
  for (const pair of columns('byPair'))
    console.log(`| … ${pair} | ${range(runs.map(({ byPair }) => byPair[pair]))} |`)
  for (const kind of columns('doubles'))
    console.log(`| doubles: ${kind} | ${range(runs.map(({ doubles }) => doubles[kind]))} |`)
  console.log(
    `| paraphrases right, of 16 | ${mean(runs.map(({ paraphrases }) => paraphrases)).toFixed(1)} (${Math.min(...runs.map(({ paraphrases }) => paraphrases))}–${Math.max(...runs.map(({ paraphrases }) => paraphrases))}) |`,
  )
  console.log(`| cosine of the two «été» | ${range(runs.map(({ cosine }) => cosine))} |`)
  console.log(
    `| nearest other «été» of the text has the same sense | ${range(runs.map(({ sameSense }) => sameSense))} |`,
  )
  console.log(
    `| held-out loss, nats per hidden word | ${runs[0].heldOutLoss === undefined ? '–' : range(runs.map(({ heldOutLoss }) => heldOutLoss))} |`,
  )
  console.log(
    `| words read, seconds | ${runs[0].words}, ${Math.round(mean(runs.map(({ seconds }) => seconds)))} |`,
  )
}

if (values.run) {
  const [variant, seed, device] = JSON.parse(values.run)
  console.log(JSON.stringify(await run(variant, seed, device)))
} else {
  for (const variant of values.variant ?? Object.keys(VARIANTS)) {
    if (!(variant in VARIANTS))
      throw new Error(`unknown variant ${variant}; known: ${Object.keys(VARIANTS).join(', ')}`)
    const runs = []
    for (let seed = 1; seed <= Number(values.seeds); seed++) {
      const own = fileURLToPath(import.meta.url)
      const out = execFileSync(
        process.execPath,
        [own, '--run', JSON.stringify([variant, seed, values.device])],
        { encoding: 'utf8' },
      )
      runs.push(JSON.parse(out))
    }
    print(variant, runs)
  }
}
