// Models of format 1 with positions on embeddings, and what they give: node make.js DIST, where DIST
// is dist/ of a version that writes format 1 for them (0.1). Writes format-1-*.safetensors and
// format-1.json beside itself.
import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'

const { learn, openDevice } = await import(pathToFileURL(`${process.argv[2]}/index.js`))

const TEXT = `Tom a été entarté cet été
la mer est calme ce matin
elle a vu la mer cet été
Tom est calme , et la mer aussi`
const SENTENCES = ['Tom a été entarté cet été', 'la mer inconnue est calme']
const QUESTIONS = [
  { words: SENTENCES[0].split(' '), question: ['Quand', '?'], start: 4, end: 6 },
  { words: ['la', 'mer', 'est', 'calme'], question: ['Quoi', '?'], start: 0, end: 2 },
]
const MODELS = {
  sinusoidal: { position: 'sinusoidal', layers: 2 },
  learned: { position: 'learned:12', layers: 2 },
  'sinusoidal-alone': { position: 'sinusoidal', layers: 1, questions: QUESTIONS },
  'learned-alone': { position: 'learned:12', layers: 1 },
}

const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex')

const expected = {}
for (const [name, own] of Object.entries(MODELS)) {
  const device = await openDevice({ device: 'wasm', threads: 1 })
  const model = await learn(TEXT, {
    ...{ device, seed: 7, steps: 20, minCount: 1, heldOut: 0, heads: 2, ...own },
    ...{ width: 8, query: 4, key: 4, value: 6, asking: 4, askingHidden: 0, buckets: 16 },
  })
  const file = await model.bytes()
  writeFileSync(new URL(`format-1-${name}.safetensors`, import.meta.url), file)
  const embedded = await model.embed(SENTENCES)
  const { weights } = await model.attend(SENTENCES[0])
  const { weights: asked } = await model.ask(SENTENCES[0], 'Quand ?')
  const on = await learn(TEXT, { device, from: model, steps: 3, minCount: 1, heldOut: 0 })
  expected[name] = {
    embed: embedded.map((tokens) => tokens.map(({ vector }) => [...vector])),
    attend: [...weights.data],
    ask: [...asked],
    // the file of three more steps
    from: sha256(await on.bytes()),
  }
  await device.close()
}
const json = JSON.stringify({ text: TEXT, sentences: SENTENCES, expected }, null, 1)
writeFileSync(
  new URL('format-1.json', import.meta.url),
  `${json.replace(/\n\s+(?=-?\d)|(?<=\d)\n\s+(?=\])/g, '')}\n`,
)
