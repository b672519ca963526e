import { existsSync } from 'node:fs'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'

// The small model that ships with the page: learned from corpus/ with narrow widths and few words,
// the same bytes on every machine.

/** Where it is kept once it is learned; the page packs it, the package leaves it out. */
export const SMALL_MODEL = fileURLToPath(new URL('../dist/small.safetensors', import.meta.url))

/** How it is learned; docs/page.md has the same in a few lines. */
export const SMALL = {
  seed: 7,
  embedding: 'seen',
  vocabulary: 1200,
  store: 'float16',
  tokens: 'words',
  ...{
    width: 24,
    query: 16,
    key: 16,
    value: 24,
    heads: 4,
    asking: 24,
    askingHidden: 24,
    buckets: 512,
  },
}

/** Learns it with the library that was built, or with another. Returns the bytes of its file. */
export async function smallModel(library) {
  const { learn, openDevice } = library ?? (await import('../dist/index.js'))
  const corpus = new URL('../corpus/', import.meta.url)
  const source = async (name) => ({ name, stream: [await readFile(new URL(name, corpus))] })
  const names = (await readdir(corpus)).filter((name) => name.endsWith('.txt')).sort()
  const device = await openDevice()
  try {
    const model = await learn(await Promise.all(names.map(source)), {
      ...SMALL,
      device,
      questions: await source('questions.tsv'),
    })
    return await model.bytes()
  } finally {
    await device.close()
  }
}

/** Learns it where it is not there yet. */
export async function ensureSmallModel() {
  if (!existsSync(SMALL_MODEL)) await writeFile(SMALL_MODEL, await smallModel())
}
