// What each choice of a recipe brings: node bench/recipes.js TEXT… --score 'COMMAND {model}'
// [--only NAME,NAME] [--threads 2] [--portable] [--epochs 2] [--seed 7] [--keep FOLDER]
//
// TEXTs hold one tokenised sentence a line. For each variant a model learns from them, and COMMAND,
// with the path of the model for {model}, scores it: it must print one JSON document with
// "overall": { "probe": { "accuracy", "balanced" }, "neighbours": … }. Prints a table in Markdown,
// a row as soon as it is known. Before it: npm run build.
import { execFileSync } from 'node:child_process'
import { createReadStream } from 'node:fs'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { learning, openDevice } from '../dist/doors/internal.js'
import { handedOver } from './hand-over.js'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    score: { type: 'string' },
    only: { type: 'string' },
    threads: { type: 'string', default: '2' },
    epochs: { type: 'string', default: '2' },
    seed: { type: 'string', default: '7' },
    portable: { type: 'boolean', default: false },
    keep: { type: 'string' },
  },
})

/** What every variant begins from. */
const RECIPE = {
  width: 128,
  query: 128,
  key: 128,
  value: 128,
  heads: 8,
  batchWords: 4096,
  position: 'relative:12',
  embedding: 'both',
}

/** What differs from the recipe. */
const VARIANTS = {
  recipe: {},
  'words seen': { embedding: 'seen' },
  'words hidden, without their own vector': { embedding: 'hidden' },
  '1 head': { heads: 1 },
  '4 heads': { heads: 4 },
  '16 heads': { heads: 16 },
  'width 64': { width: 64, query: 64, key: 64, value: 64 },
  'no positions': { position: 'none' },
  'sinusoidal positions': { position: 'sinusoidal' },
  'rotary positions': { position: 'rotary' },
  'relative:4': { position: 'relative:4' },
  'relative:24': { position: 'relative:24' },
  '30 % hidden': { hide: 0.3 },
  'large text': { position: 'relative:24', hide: 0.3 },
  'next words': { objective: 'next', embedding: 'seen' },
  'rate .005': { rate: 0.005 },
  'rate .02': { rate: 0.02 },
  '2 048 words in a step': { batchWords: 2048 },
  '8 192 words in a step': { batchWords: 8192 },
  '8 192 rows of letters': { buckets: 8192 },
  sparsemax: { distribution: 'sparsemax' },
  entmax15: { distribution: 'entmax15' },
  'general alignment': { alignment: 'general' },
  'dropout .1': { dropout: 0.1 },
  'twice as long': { epochs: 2 * Number(values.epochs) },
  'two layers': { layers: 2 },
  'three layers': { layers: 3 },
  'four layers': { layers: 4 },
}

/** Learns a variant into a file. Returns its held-out loss and the seconds that it took. */
async function learned(variant, path) {
  const device = await openDevice({
    device: 'wasm',
    threads: Number(values.threads),
    arithmetic: values.portable ? 'portable' : 'fused',
  })
  const texts = positionals.map((name) => ({ name, stream: createReadStream(name) }))
  const began = performance.now()
  const events = learning(texts, {
    tokens: 'space',
    epochs: Number(values.epochs),
    seed: Number(values.seed),
    ...RECIPE,
    ...variant,
    device,
  })
  for (;;) {
    const { value, done } = await events.next()
    if (!done) continue
    await value.save(path)
    await device.close()
    return {
      seconds: (performance.now() - began) / 1000,
      heldOutLoss: value.learned.at(-1).heldOutLoss,
    }
  }
}

/** What the score's command says of a model. */
function scoreOf(path) {
  const [program, ...words] = values.score.split(' ').map((word) => word.replace('{model}', path))
  return JSON.parse(
    execFileSync(program, words, {
      encoding: 'utf8',
      maxBuffer: 2 ** 26,
      stdio: ['ignore', 'pipe', 'inherit'],
    }),
  ).overall
}

const shares = ({ accuracy, balanced }) =>
  [accuracy, balanced].map((share) => share.toFixed(3).replace(/^0/, '')).join(' / ')

async function main() {
  const named = values.only?.split(',') ?? Object.keys(VARIANTS)
  const unknown = named.find((name) => !(name in VARIANTS))
  if (positionals.length === 0 || !values.score?.includes('{model}'))
    throw new RangeError("needs TEXT… and --score 'COMMAND {model}'")
  if (unknown !== undefined)
    throw new RangeError(`unknown variant ${unknown}; known: ${Object.keys(VARIANTS).join(', ')}`)
  const folder = values.keep ?? (await mkdtemp(join(tmpdir(), 'regard-recipes-')))
  await mkdir(folder, { recursive: true })
  console.log('| variant | probe | neighbours | held-out loss | seconds |\n|---|---|---|---:|---:|')
  for (const name of named) {
    const path = join(folder, `${name.replace(/[^\w.]+/g, '-')}.safetensors`)
    const { seconds, heldOutLoss } = await learned(VARIANTS[name], path)
    const { probe, neighbours } = scoreOf(path)
    console.log(
      `| ${name} | ${shares(probe)} | ${shares(neighbours)} | ${heldOutLoss?.toFixed(2)} | ${seconds.toFixed(0)} |`,
    )
  }
  if (!values.keep) await rm(folder, { recursive: true })
}

if (!handedOver(fileURLToPath(import.meta.url), !values.portable)) await main()
