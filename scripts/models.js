import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'

// The models that ship, and the larger ones that do not, learned again from their texts and held to
// the hashes on their cards: node scripts/models.js fr=NOVELS.txt en=NOVELS.txt [--only
// fr,fr-large] [--out FOLDER] [--threads N]
//
// A text is the novels that models/README.md names. What is written stands in FOLDER, models/
// unless told. Before it: npm run build.

const root = fileURLToPath(new URL('..', import.meta.url))

/** SHA-256 of the texts. */
export const TEXTS = {
  fr: 'fc8e11145febd4444df65c221b1b619b0a6de746047713bf061432b421fc6dfe',
  en: '5d5a348ac5cbbf46e49cbd4abcff35ac03ae507819db8816b9fb78809c53fea1',
}

const SMALL =
  '--width 40 --query 40 --key 40 --value 40 --heads 8 --vocabulary 1300 --buckets 384 --store float16 --tokens words'

/** What each is learned from, with which options beside the text, and the SHA-256 of its file. */
export const MODELS = {
  fr: {
    text: 'fr',
    options: `${SMALL} --epochs 4`,
    sha256: '22709d5fba5561ccfea54268facf6f24ccd3f23f43cf4a8382cfaa8305924aeb',
  },
  en: {
    text: 'en',
    options: `${SMALL} --epochs 8`,
    sha256: '6c80ee3768e4a9e4d133c6532ccac75355d9ebd25a6202cf9362b90aa37b64f7',
  },
  'fr-large': {
    text: 'fr',
    options: '--tokens words',
    sha256: '73a00f846139b542c15699f208c5e09a1ff41c1a84bec9b9195efafdcb83c969',
  },
  'en-large': {
    text: 'en',
    options: '--tokens words',
    sha256: '5a91d7a58628f06b9d15bc797d41ea12fd8a879a54a6930fc7e71dc2035e2990',
  },
}

/** The words after `regard` that learn a model. */
export const wordsFor = ({ options }, text, output) => [
  'learn',
  text,
  '-o',
  output,
  ...options.split(' ').filter(Boolean),
]

const sha256Of = (path) => createHash('sha256').update(readFileSync(path)).digest('hex')

/** Learns one. Returns whether its file has the hash of the card. */
function learned(name, text, { out, threads }) {
  const output = join(out, `${name}.safetensors`)
  const words = [
    ...wordsFor(MODELS[name], text, output),
    '--force',
    '--quiet',
    ...(threads ? ['--threads', threads] : []),
  ]
  execFileSync(process.execPath, [join(root, 'dist/cli/regard.js'), ...words], { stdio: 'inherit' })
  const found = sha256Of(output)
  const same = found === MODELS[name].sha256
  console.log(
    `${name}  ${output}  sha-256 ${found}${same ? ', as on its card' : `, and its card has ${MODELS[name].sha256}`}`,
  )
  return same
}

function main() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      only: { type: 'string' },
      threads: { type: 'string' },
      out: { type: 'string', default: join(root, 'models') },
    },
  })
  const texts = Object.fromEntries(positionals.map((word) => word.split(/=(.*)/s)))
  const names =
    values.only?.split(',') ?? Object.keys(MODELS).filter((name) => MODELS[name].text in texts)
  const wrong = names.find((name) => !(name in MODELS) || !texts[MODELS[name].text])
  if (names.length === 0 || wrong !== undefined)
    throw new RangeError(
      `models: ${wrong ?? 'nothing'} cannot be learned; give fr=NOVELS.txt, en=NOVELS.txt, and --only of ${Object.keys(MODELS)}`,
    )
  for (const language of new Set(names.map((name) => MODELS[name].text)))
    if (sha256Of(texts[language]) !== TEXTS[language])
      throw new RangeError(
        `models: ${texts[language]} is another text than the ${language} one of models/README.md, whose sha-256 is ${TEXTS[language]}`,
      )
  mkdirSync(values.out, { recursive: true })
  const same = names.map((name) => learned(name, texts[MODELS[name].text], values))
  if (same.includes(false)) process.exitCode = 4
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) main()
