// How fast texts are embedded: node bench/embed.js TEXT [--model fr] [--before FOLDER] [--lines 0]
// [--rounds 3] [--threads 1]
//
// TEXT has a sentence on each line; of these --lines are read, by default all. FOLDER is a
// checkout of another commit, built: then all vectors (by the library) and all bytes of
// `regard embed --input jsonl --format jsonl` must be the same, compared by sha-256 before anything
// is timed, and each round measures both, one after the other. Without it, the lines one by one
// must give what they give together. Prints words in a second, of the library with the model loaded
// and of the whole command from its start to its end, each the best of the rounds, and the ratio.
// Before it: npm run build.
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'

const HERE = fileURLToPath(new URL('..', import.meta.url))
/** Texts that the library is given at once, as the command does. */
const AT_ONCE = 64

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    model: { type: 'string', default: 'fr' },
    before: { type: 'string' },
    lines: { type: 'string', default: '0' },
    rounds: { type: 'string', default: '3' },
    threads: { type: 'string', default: '1' },
  },
})
if (positionals.length !== 1)
  throw new Error('needs a text: node bench/embed.js TEXT [--before FOLDER]')

const threads = Number(values.threads)
const lines = readFileSync(positionals[0], 'utf8')
  .split('\n')
  .filter((line) => line.trim())
  .slice(0, Number(values.lines) || undefined)
const model = ['fr', 'en'].includes(values.model)
  ? join(HERE, 'models', `${values.model}.safetensors`)
  : resolve(values.model)

/** A built checkout: its model loaded, its command. */
async function builtIn(folder) {
  const { load } = await import(pathToFileURL(join(resolve(folder), 'dist/index.js')).href)
  return {
    model: await load(model, { threads }),
    command: join(resolve(folder), 'dist/cli/regard.js'),
  }
}

/**
 * Embeds all lines, so many at once. Returns the words, the seconds, and, where asked for, the hash
 * of the numbers.
 */
async function embedAll({ model }, atOnce, hashed = false) {
  const hash = createHash('sha256')
  let words = 0
  let seconds = 0
  for (let from = 0; from < lines.length; from += atOnce) {
    const began = performance.now()
    const found = await model.embed(lines.slice(from, from + atOnce))
    seconds += (performance.now() - began) / 1000
    for (const { vector } of found.flat()) {
      words++
      if (hashed) hash.update(new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength))
    }
  }
  return { words, seconds, hash: hash.digest('hex') }
}

/**
 * Runs the command over a file of lines of JSON. Returns the seconds, and, where asked for, the
 * hash of what it printed.
 */
async function runCommand({ command }, input, hashed = false) {
  const began = performance.now()
  const file = openSync(input, 'r')
  const words = [
    'embed',
    model,
    '--input',
    'jsonl',
    '--format',
    'jsonl',
    '--threads',
    String(threads),
  ]
  const child = spawn(process.execPath, [command, ...words], { stdio: [file, 'pipe', 'inherit'] })
  const hash = createHash('sha256')
  child.stdout.on('data', (piece) => hashed && hash.update(piece))
  const code = await new Promise((done) => child.once('close', done))
  closeSync(file)
  if (code !== 0) throw new Error(`${command} ended with ${code}`)
  return { seconds: (performance.now() - began) / 1000, hash: hash.digest('hex') }
}

function same(what, one, other) {
  if (one !== other)
    throw new Error(`${what} differ: sha-256 ${one} and ${other}; nothing was timed`)
  console.log(`same      ${what}, sha-256 ${one.slice(0, 16)}…`)
}

const folder = mkdtempSync(join(tmpdir(), 'regard-embed-'))
const now = await builtIn(HERE)
const before = values.before === undefined ? undefined : await builtIn(values.before)
try {
  const input = join(folder, 'in.jsonl')
  writeFileSync(input, lines.map((text, id) => `${JSON.stringify({ id, text })}\n`).join(''))
  const whole = await embedAll(now, AT_ONCE, true)
  console.log(
    `text      ${lines.length} lines, ${whole.words} words; ${values.model}; threads ${threads}; Node ${process.versions.node}`,
  )
  if (before) {
    same('vectors of both', whole.hash, (await embedAll(before, AT_ONCE, true)).hash)
    same(
      'bytes of both commands',
      (await runCommand(now, input, true)).hash,
      (await runCommand(before, input, true)).hash,
    )
  } else
    same(
      'vectors of lines together and one by one',
      whole.hash,
      (await embedAll(now, 1, true)).hash,
    )
  const builds = before ? { now, before } : { now }
  const best = {}
  for (let round = 0; round < Number(values.rounds); round++) {
    for (const [name, build] of Object.entries(builds)) {
      for (const [how, run] of [
        ['model.embed', () => embedAll(build, AT_ONCE)],
        ['regard embed', () => runCommand(build, input)],
      ]) {
        const { seconds } = await run()
        best[how] = { ...best[how], [name]: Math.min(best[how]?.[name] ?? Infinity, seconds) }
      }
    }
  }
  console.log(`\n| words/s | now | before | ratio |\n|---|---:|---:|---:|`)
  const speed = (seconds) => (seconds ? Math.round(whole.words / seconds) : '–')
  for (const [how, own] of Object.entries(best)) {
    const ratio = own.before ? (own.before / own.now).toFixed(1) : '–'
    console.log(`| ${how} | ${speed(own.now)} | ${speed(own.before)} | ${ratio} |`)
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
  await now.model.close()
  await before?.model.close()
}
