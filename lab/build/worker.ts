import { fileURLToPath } from 'node:url'
import type { Plugin, Rolldown } from 'vite'

const WORKER = fileURLToPath(new URL('../worker/worker.ts', import.meta.url))

/**
 * An import of `worker.ts?address` becomes the address of the worker's script, which is built with the
 * page's, so that they have what both need once.
 */
export const ownWorker = (): Plugin => ({
  name: 'own-worker',
  load(id) {
    if (id !== `${WORKER}?address`) return null
    const file = this.emitFile({ type: 'chunk', id: WORKER, name: 'worker' })
    return `export default import.meta.ROLLUP_FILE_URL_${file}`
  },
})

/** The script of what the worker needs at once, which must do without a page: `library`. */
export const ofWorker = (id: string, modules: Rolldown.ChunkingContext): string | null => {
  const reached = new Set([id])
  for (const one of reached)
    for (const by of modules.getModuleInfo(one)?.importers ?? []) reached.add(by)
  return id !== WORKER && reached.has(WORKER) ? 'library' : null
}
