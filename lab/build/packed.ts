import { readdirSync, readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { deflateRawSync } from 'node:zlib'
import type { Plugin } from 'vite'
import { ensureSmallModel, SMALL_MODEL } from '../../scripts/small-model.js'

const CORPUS = new URL('../../corpus/', import.meta.url)
const TABLES = ['questions.tsv', 'senses.tsv']

/** What ships with the page, as bytes, by the name of the import. */
const CONTENTS: Readonly<Record<string, () => Uint8Array>> = {
  'corpus.packed': () => {
    const names = readdirSync(CORPUS).filter((name) => name.endsWith('.txt'))
    const files = [...names.sort(), ...TABLES].map((name) => [name, readFileSync(new URL(name, CORPUS), 'utf8')])
    return Buffer.from(JSON.stringify(files))
  },
  'model.packed': () => readFileSync(SMALL_MODEL),
}

/**
 * An import of `.packed` becomes the address of a file beside the scripts: what ships, deflated.
 *
 * @param apart false for the page as one file, where it stands in the page itself and has no address
 */
export const packed = (apart = true): Plugin => ({
  name: 'packed',
  enforce: 'pre',
  buildStart: ensureSmallModel,
  transform(_source, path) {
    const content = CONTENTS[basename(path)]
    if (!path.endsWith('.packed') || !content) return null
    if (!apart) return { code: "export default ''", map: null }
    const source = deflateRawSync(content(), { level: 9 })
    const file = this.emitFile({ type: 'asset', name: basename(path).replace('.packed', '.bin'), source })
    return { code: `export default import.meta.ROLLUP_FILE_URL_${file}`, map: null }
  },
})
