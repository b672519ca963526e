// How fast texts are cut, read, learned, embedded and grouped: node bench/text.js TEXT [--before
// FOLDER] [--model fr] [--word tour] [--megabytes 2] [--steps 40] [--rounds 5] [--threads 1]
//
// Of TEXT, a sentence on each line, the first --megabytes are read. FOLDER is a checkout of another
// commit, built. Before anything is timed, what `words` cuts, the losses of learning with it, the
// vectors of --model and the number of occurrences of --word must be the same in both; without
// FOLDER, the same when asked twice. Each round then measures both, one after the other, each first
// in turn. Prints words in a second, the best of the rounds, words as `words` cuts them; and the
// time of now to that of before for as many words, the median of the rounds, the least and the most:
// 1.05 is slower by 5 %. Before it: npm run build.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'

const HERE = fileURLToPath(new URL('..', import.meta.url))
/** Texts that the library embeds at once, as the command does. */
const AT_ONCE = 64
/** Lines that are embedded. */
const EMBEDDED = 2000

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    before: { type: 'string' },
    model: { type: 'string', default: 'fr' },
    word: { type: 'string', default: 'tour' },
    megabytes: { type: 'string', default: '2' },
    steps: { type: 'string', default: '40' },
    rounds: { type: 'string', default: '5' },
    threads: { type: 'string', default: '1' },
  },
})
if (positionals.length !== 1)
  throw new Error('needs a text: node bench/text.js TEXT [--before FOLDER]')
const [megabytes, steps, rounds, threads] = ['megabytes', 'steps', 'rounds', 'threads'].map(
  (name) => Number(values[name]),
)

const text = readFileSync(positionals[0], 'utf8')
const lines = text.slice(0, text.lastIndexOf('\n', megabytes * 1e6)).split('\n')
const folder = mkdtempSync(join(tmpdir(), 'regard-text-'))
const file = join(folder, 'text.txt')
writeFileSync(file, `${lines.join('\n')}\n`)
const model = ['fr', 'en'].includes(values.model)
  ? join(HERE, 'models', `${values.model}.safetensors`)
  : resolve(values.model)

/** A built checkout: its library, its model loaded, its command. */
async function builtIn(given) {
  const library = await import(pathToFileURL(join(resolve(given), 'dist/doors/internal.js')).href)
  return {
    library,
    device: await library.openDevice({ threads }),
    model: await library.load(model, { threads }),
    command: join(resolve(given), 'dist/cli/regard.js'),
  }
}

/** Runs something. Returns its seconds and what it gave. */
async function timed(run) {
  const began = performance.now()
  const found = await run()
  return { seconds: (performance.now() - began) / 1000, found }
}

const hashOf = (found) => createHash('sha256').update(JSON.stringify(found)).digest('hex')

/** What is measured of a checkout: each gives its seconds, and what must be the same. */
const cut =
  (tokens) =>
  ({ library: { tokenize } }) =>
    timed(() => lines.map((line) => tokenize(line, tokens)))

/** Learns some steps. @returns the seconds of reading, or of the steps, and the losses */
const learned =
  (part, options) =>
  async ({ library: { learning }, device }) => {
    const began = performance.now()
    const losses = []
    let read = 0
    let words = 0
    const sources = [{ name: file, stream: [readFileSync(file)] }]
    const events = learning(sources, { steps, seed: 7, device, ...options })
    for (let next = await events.next(); ; next = await events.next()) {
      if (next.done) {
        await next.value.close()
        break
      }
      if (next.value.event === 'begin') read = performance.now()
      if (next.value.event !== 'step') continue
      losses.push(next.value.loss)
      words = next.value.words
    }
    const ended = performance.now()
    if (part === 'reading') return { seconds: (read - began) / 1000, found: losses }
    return { seconds: (ended - read) / 1000, found: losses, words }
  }

const embedded = async ({ model }) => {
  const some = lines.slice(0, EMBEDDED)
  const hash = createHash('sha256')
  let words = 0
  const { seconds } = await timed(async () => {
    for (let from = 0; from < some.length; from += AT_ONCE) {
      const found = (await model.embed(some.slice(from, from + AT_ONCE))).flat()
      words += found.length
      for (const { vector } of found) hash.update(new Uint8Array(vector.buffer))
    }
  })
  return { seconds, words, found: hash.digest('hex') }
}

const grouped = ({ command }) =>
  timed(() => {
    const words = ['senses', model, file, '--word', values.word, '--json', '--quiet']
    const options = { maxBuffer: 2 ** 28, stdio: ['ignore', 'pipe', 'inherit'] }
    const args = [command, ...words, '--threads', String(threads)]
    return JSON.parse(execFileSync(process.execPath, args, options)).occurrences
  })

/** Each row of the table: what it is called, what is measured now and before, which words. */
const ROWS = [
  ['tokenize, words', cut('words'), cut('words')],
  ['tokenize, unicode', cut('unicode'), cut('words')],
  ['learn, reading, words', learned('reading', { tokens: 'words', steps: 1 })],
  ['learn, steps, words', learned('steps', { tokens: 'words' })],
  ['learn, reading, by default', learned('reading', { steps: 1 })],
  ['learn, steps, by default', learned('steps', {})],
  ['model.embed', embedded],
  ['regard senses, from its start', grouped],
]

/** What must be the same in both. */
const CHECKS = [
  ['tokens of words', cut('words')],
  ['losses of learning', learned('steps', { tokens: 'words', steps: 3 })],
  [`vectors of ${values.model}`, embedded],
  [`occurrences of ${values.word}`, grouped],
]

async function verify(now, other) {
  for (const [what, run] of CHECKS) {
    const [one, two] = [hashOf((await run(now)).found), hashOf((await run(other)).found)]
    if (one !== two) throw new Error(`${what} differ: ${one} and ${two}; nothing was timed`)
    console.log(`same      ${what}, sha-256 ${one.slice(0, 16)}…`)
  }
}

const now = await builtIn(HERE)
const before = values.before === undefined ? undefined : await builtIn(values.before)
try {
  const total = lines.reduce((sum, line) => sum + now.library.tokenize(line, 'words').length, 0)
  console.log(
    `text      ${lines.length} lines, ${total} words; ${values.model}; threads ${threads}; Node ${process.versions.node}`,
  )
  await verify(now, before ?? now)
  console.log('\n| words/s | now | before | time now : before |\n|---|---:|---:|---:|')
  for (const [name, run, runBefore = run] of ROWS) {
    const turns = [['now', now, run], ...(before ? [['before', before, runBefore]] : [])]
    const times = { now: [], before: [] }
    for (let round = 0; round < rounds; round++)
      for (const [which, build, how] of round % 2 ? turns.toReversed() : turns) {
        const { seconds, words = total } = await how(build)
        times[which].push(seconds / words)
      }
    const speed = (each) => (each.length ? Math.round(1 / Math.min(...each)) : '–')
    const ratios = times.before.map((time, n) => times.now[n] / time).sort((a, b) => a - b)
    const [least, median, most] = [0, Math.floor(rounds / 2), rounds - 1].map((n) =>
      ratios[n]?.toFixed(2),
    )
    const ratio = median ? `${median} (${least}–${most})` : '–'
    console.log(`| ${name} | ${speed(times.now)} | ${speed(times.before)} | ${ratio} |`)
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
  for (const { model, device } of before ? [now, before] : [now]) {
    await model.close()
    await device.close()
  }
}
