// Questions on real text: node bench/questions.js QUESTIONS.tsv… [--text TEXT]… [--only NAME,NAME]
// [--seeds 1] [--steps N] [--threads 2] [--portable] [--words] [--table]
//
// QUESTIONS have a header and the columns wh, question, sentence, start, end, alt_spans (other
// answers, as s:e;s:e), tokens by spaces and places from 0. A model learns from the questions of
// the sentences whose hash is even, with these sentences and the TEXTs as its text, and answers
// those of the others. A hit is a highest weight on a word of an answer; exact, on an answer of
// that word alone. Prints a table in Markdown, a row for each variant; --words adds one by question
// word. --table prints, instead, what is learned from, as regard learn --questions reads it. Before
// it: npm run build.
import { createReadStream, readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { learn, openDevice } from '../dist/doors/internal.js'
import { handedOver } from './hand-over.js'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    text: { type: 'string', multiple: true, default: [] },
    only: { type: 'string' },
    seeds: { type: 'string', default: '1' },
    steps: { type: 'string' },
    threads: { type: 'string', default: '2' },
    portable: { type: 'boolean', default: false },
    words: { type: 'boolean', default: false },
    table: { type: 'boolean', default: false },
  },
})

/** What differs from the defaults. */
const VARIANTS = {
  recipe: {},
  'no clues': { clues: 'none' },
  'keys of contextual embeddings and clues alone': { keys: 'contextual' },
  'keys of static embeddings and clues alone': { keys: 'static' },
  'no hidden layer in queries and keys': { askingHidden: 0 },
  'no identity drop': { identityDrop: 0 },
  'identity drop .4': { identityDrop: 0.4 },
  'no hidden words': { objective: 'none' },
  'one head': { heads: 1 },
  'two layers': { layers: 2 },
  'dropout .1': { dropout: 0.1 },
  'rate .005': { rate: 0.005 },
}

/** The same halves for everyone: a sentence is learned from if this is even. */
const hash = (text) =>
  [...text].reduce((h, character) => (Math.imul(h, 31) + character.codePointAt(0)) | 0, 7) >>> 0

/** Rows of a file of questions. */
function questionsIn(path) {
  const [header, ...lines] = readFileSync(path, 'utf8').split('\n').filter(Boolean)
  const names = header.split('\t')
  return lines.map((line) => {
    const row = Object.fromEntries(line.split('\t').map((cell, n) => [names[n], cell]))
    const spans = [`${row.start}:${row.end}`, ...row.alt_spans.split(';').filter(Boolean)].map(
      (span) => span.split(':').map(Number),
    )
    return {
      set: basename(path, '.tsv'),
      wh: row.wh,
      sentence: row.sentence,
      question: row.question,
      spans,
    }
  })
}

/** A table that learn reads: a line for each answer. */
const tableOf = (rows) =>
  [
    'sentence\tquestion\tstart\tend',
    ...rows.flatMap(({ sentence, question, spans }) =>
      spans.map((span) => [sentence, question, ...span].join('\t')),
    ),
  ]
    .join('\n')
    .concat('\n')

/** Hits and exact answers of a model, by set and question word. */
async function asked(model, rows) {
  const tally = new Map()
  for (const { set, wh, sentence, question, spans } of rows) {
    const { at } = await model.ask(sentence.split(' '), question)
    for (const name of [set, `${set} ${wh}`]) {
      const count = tally.get(name) ?? { all: 0, hit: 0, exact: 0 }
      count.all++
      if (spans.some(([start, end]) => start <= at && at < end)) count.hit++
      if (spans.some(([start, end]) => start === at && end === at + 1)) count.exact++
      tally.set(name, count)
    }
  }
  return tally
}

async function run(options, seed, { learned, others }) {
  const device = await openDevice({
    device: 'wasm',
    threads: Number(values.threads),
    arithmetic: values.portable ? 'portable' : 'fused',
  })
  const own = [...new Set(learned.map(({ sentence }) => sentence))].map(
    (sentence) => `${sentence}\n`,
  )
  const texts = [
    ...values.text.map((name) => ({ name, stream: createReadStream(name) })),
    { name: 'sentences', stream: own },
  ]
  const began = performance.now()
  const model = await learn(texts, {
    ...{ tokens: 'space', questions: tableOf(learned), seed, device },
    ...(values.steps ? { steps: Number(values.steps) } : {}),
    ...options,
  })
  const seconds = (performance.now() - began) / 1000
  const tally = await asked(model, others)
  await model.close()
  await device.close()
  return { tally, seconds, steps: model.learned.at(-1).steps }
}

const share = (part, all) => (part / all).toFixed(3).replace(/^0/, '')
const cell = ({ all, hit, exact }) => `${share(hit, all)} / ${share(exact, all)}`

/** The sum of some tallies. */
function summed(tallies) {
  const sum = new Map()
  for (const [name, count] of tallies.flatMap((tally) => [...tally])) {
    const { all, hit, exact } = sum.get(name) ?? { all: 0, hit: 0, exact: 0 }
    sum.set(name, { all: all + count.all, hit: hit + count.hit, exact: exact + count.exact })
  }
  return sum
}

async function main() {
  const named = values.only?.split(',') ?? Object.keys(VARIANTS)
  const unknown = named.find((name) => !(name in VARIANTS))
  if (positionals.length === 0) throw new RangeError('needs QUESTIONS.tsv…')
  if (unknown !== undefined)
    throw new RangeError(`unknown variant ${unknown}; known: ${Object.keys(VARIANTS).join(', ')}`)
  const rows = positionals.flatMap(questionsIn)
  const isLearned = ({ sentence }) => hash(sentence) % 2 === 0
  const halves = { learned: rows.filter(isLearned), others: rows.filter((row) => !isLearned(row)) }
  if (values.table) return process.stdout.write(tableOf(halves.learned))
  const sets = [...new Set(rows.map(({ set }) => set))]
  console.log(
    `| variant | ${sets.join(' | ')} | steps | seconds |\n|---|${'---|'.repeat(sets.length)}---:|---:|`,
  )
  for (const name of named) {
    const runs = []
    for (let seed = 7; seed < 7 + Number(values.seeds); seed++)
      runs.push(await run(VARIANTS[name], seed, halves))
    const tally = summed(runs.map((one) => one.tally))
    const seconds = runs.reduce((sum, one) => sum + one.seconds, 0) / runs.length
    console.log(
      `| ${name} | ${sets.map((set) => cell(tally.get(set))).join(' | ')} | ${runs[0].steps} | ${seconds.toFixed(0)} |`,
    )
    if (values.words) printWords(tally, sets, runs.length)
  }
}

function printWords(tally, sets, seeds) {
  console.log('\n| set | word | questions | hit / exact |\n|---|---|---:|---|')
  const rows = [...tally]
    .filter(([name]) => !sets.includes(name))
    .sort((a, b) => b[1].all - a[1].all)
  for (const [name, count] of rows)
    console.log(`| ${name.replace(' ', ' | ')} | ${count.all / seeds} | ${cell(count)} |`)
}

if (!handedOver(fileURLToPath(import.meta.url), !values.portable)) await main()
