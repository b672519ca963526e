import { readdirSync, readFileSync } from 'node:fs'
import { deflateRawSync } from 'node:zlib'
import type { Plugin } from 'vite'

const CORPUS = new URL('../../corpus/', import.meta.url)
const TABLES = ['questions.tsv', 'senses.tsv']

/** An import of `.corpus` becomes the text that ships with the package, its questions and senses, deflated: whole as they are, in one module. */
export const texts = (): Plugin => ({
  name: 'texts',
  enforce: 'pre',
  transform(_source, path) {
    if (!path.endsWith('.corpus')) return null
    const names = readdirSync(CORPUS).filter((name) => name.endsWith('.txt'))
    const files = [...names.sort(), ...TABLES].map((name) => [name, readFileSync(new URL(name, CORPUS), 'utf8')])
    const deflated = deflateRawSync(JSON.stringify(files), { level: 9 }).toString('base64')
    return { code: `export default ${JSON.stringify(deflated)}`, map: null }
  },
})
