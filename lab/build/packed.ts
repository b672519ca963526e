import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { deflateRawSync } from 'node:zlib'
import type { Plugin } from 'vite'
import { ensureSmallModel, SMALL_MODEL } from '../../scripts/small-model.js'
import { isPacked, packedContent } from '../../src/cli/lab/packed.ts'

/**
 * What ships with the page, deflated, by the name of the import: its own small model, and what the
 * package has beside.
 */
function contentOf(name: string): Uint8Array | undefined {
  if (name === 'model') return deflateRawSync(readFileSync(SMALL_MODEL), { level: 9 })
  return isPacked(name) ? packedContent(name) : undefined
}

/**
 * An import of `.packed` becomes the address of a file beside the scripts: what ships, deflated.
 */
export const packed = (): Plugin => ({
  name: 'packed',
  enforce: 'pre',
  buildStart: ensureSmallModel,
  transform(_source, path) {
    if (!path.endsWith('.packed')) return null
    const name = basename(path, '.packed')
    const source = contentOf(name)
    if (!source) return null
    const file = this.emitFile({ type: 'asset', name: `${name}.bin`, source })
    return { code: `export default import.meta.ROLLUP_FILE_URL_${file}`, map: null }
  },
})
