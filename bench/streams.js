// Whether memory stays flat while learning from a text that is larger than it: node
// bench/streams.js TEXT… [--megabytes 200] [--misspelt .05] [--steps 2000] [--seed 7] [--width 64]
// [--threads 2] [--every 250]
//
// Writes a text of so many megabytes from the sentences of TEXT: round after round in a new order,
// with one letter changed in a share of the words of four letters or more, so that new words keep
// coming. Then a process of its own learns from it, `regard learn` with a small layer; its resident
// memory is looked at every so many milliseconds, as Linux tells it. Prints the curve. Before it:
// npm run build.
import { spawn } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { Random } from '../dist/doors/internal.js'

const COMMAND = fileURLToPath(new URL('../dist/cli/regard.js', import.meta.url))
/** Lines of the curve. */
const SHOWN = 20

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    megabytes: { type: 'string', default: '200' },
    misspelt: { type: 'string', default: '.05' },
    steps: { type: 'string', default: '2000' },
    seed: { type: 'string', default: '7' },
    width: { type: 'string', default: '64' },
    threads: { type: 'string', default: '2' },
    every: { type: 'string', default: '250' },
  },
})

const LETTERS = [...'abcdefghijklmnopqrstuvwxyzéèàç']

/** A word with one letter changed, left out or doubled. */
function misspelt(word, random) {
  const letters = [...word]
  const at = random.integer(letters.length)
  const how = random.integer(3)
  if (how === 0) letters[at] = LETTERS[random.integer(LETTERS.length)]
  else if (how === 1) letters.splice(at, 1)
  else letters.splice(at, 0, LETTERS[random.integer(LETTERS.length)])
  return letters.join('')
}

/** Writes the text. Returns how many bytes, rounds and misspelt words it has. */
function writeText(path, sentences, { megabytes, misspelt: share, seed }) {
  const random = new Random(seed, 'text')
  const file = openSync(path, 'w')
  const total = { bytes: 0, rounds: 0, misspelt: 0 }
  const change = (word) => {
    if (word.length < 4 || random.uniform() >= share) return word
    total.misspelt++
    return misspelt(word, random)
  }
  while (total.bytes < megabytes * 1e6) {
    const order = random.shuffle(sentences)
    total.rounds++
    for (let from = 0; from < order.length && total.bytes < megabytes * 1e6; from += 1000) {
      const lines = order.slice(from, from + 1000).map((line) => line.replace(/\p{L}+/gu, change))
      total.bytes += writeSync(file, `${lines.join('\n')}\n`)
    }
  }
  closeSync(file)
  return total
}

/** Resident megabytes of a process; undefined once it has ended. */
function residentOf(pid) {
  try {
    const [, kilobytes] =
      readFileSync(`/proc/${pid}/status`, 'utf8').match(/^VmRSS:\s+(\d+)/m) ?? []
    return kilobytes && Math.round(Number(kilobytes) / 1000)
  } catch {
    return undefined
  }
}

/** Learns in a process of its own, and looks at its memory on the way. */
async function watched(path, model, { steps, width, threads, seed, every }) {
  const sizes = ['--width', width, '--query', width / 2, '--key', width / 2, '--value', width]
  const words = [
    'learn',
    path,
    '-o',
    model,
    '--force',
    '--steps',
    steps,
    '--threads',
    threads,
    '--seed',
    seed,
    '--tokens',
    'words',
    ...sizes,
  ]
  const child = spawn(process.execPath, [COMMAND, ...words.map(String), '--progress', 'jsonl'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const began = performance.now()
  const samples = []
  const state = { phase: 'reading', step: 0 }
  const events = []
  createInterface({ input: child.stderr }).on('line', (line) => {
    const event = JSON.parse(line)
    if (event.event === 'begin') state.phase = 'learning'
    if (event.event === 'step') state.step = event.step
    if (event.event !== 'step') events.push(event)
  })
  const timer = setInterval(() => {
    const megabytes = residentOf(child.pid)
    if (megabytes)
      samples.push({ seconds: (performance.now() - began) / 1000, megabytes, ...state })
  }, every)
  const code = await new Promise((resolve) => child.once('close', resolve))
  clearInterval(timer)
  if (code !== 0)
    throw new Error(`regard learn ended with ${code}: ${JSON.stringify(events.at(-1))}`)
  return { samples, events }
}

/** The curve as a table: of each stretch of time the most memory. */
function print(samples) {
  const stretch = samples.length / SHOWN
  const most = Math.max(...samples.map(({ megabytes }) => megabytes))
  console.log('| seconds | phase | step | resident MB | |\n|---|---|---|---|---|')
  for (let from = 0; from < samples.length; from += stretch) {
    const some = samples.slice(Math.floor(from), Math.floor(from + stretch))
    if (some.length === 0) continue
    const { seconds, phase, step } = some.at(-1)
    const megabytes = Math.max(...some.map((sample) => sample.megabytes))
    console.log(
      `| ${Math.round(seconds)} | ${phase} | ${step} | ${megabytes} | ${'█'.repeat(Math.round((30 * megabytes) / most))} |`,
    )
  }
}

/** Megabytes that memory grows in a minute, over the later half of the steps, by least squares. */
function slope(samples) {
  const { step: last } = samples.at(-1)
  const half = samples.filter(({ step }) => step > last / 2)
  const mean = (of) => half.reduce((sum, sample) => sum + of(sample), 0) / half.length
  const [t, m] = [mean(({ seconds }) => seconds), mean(({ megabytes }) => megabytes)]
  const up = mean(({ seconds, megabytes }) => (seconds - t) * (megabytes - m))
  return ((60 * up) / mean(({ seconds }) => (seconds - t) ** 2)).toFixed(1)
}

if (positionals.length === 0) throw new Error('needs a text or more: node bench/streams.js TEXT…')
const options = Object.fromEntries(
  Object.entries(values).map(([name, value]) => [name, Number(value)]),
)
const folder = mkdtempSync(join(tmpdir(), 'regard-streams-'))
try {
  const text = join(folder, 'text.txt')
  const sentences = positionals
    .flatMap((path) => readFileSync(path, 'utf8').split('\n'))
    .filter((line) => line.trim())
  const { bytes, rounds, misspelt } = writeText(text, sentences, options)
  console.log(
    `text      ${Math.round(bytes / 1e6)} MB, ${rounds} rounds over ${sentences.length} sentences, ${misspelt} words misspelt, seed ${options.seed}`,
  )
  const { samples, events } = await watched(text, join(folder, 'model.safetensors'), options)
  const {
    sentences: read,
    words,
    vocabulary,
    steps,
  } = events.find(({ event }) => event === 'begin')
  console.log(
    `learned   ${read} sentences, ${words} words, ${vocabulary} with a vector, ${steps} steps; Node ${process.versions.node}\n`,
  )
  print(samples)
  const most = Math.max(...samples.map(({ megabytes }) => megabytes))
  console.log(
    `\nmost ${most} MB resident; over the later half of the steps it grew by ${slope(samples)} MB in a minute`,
  )
} finally {
  rmSync(folder, { recursive: true, force: true })
}
