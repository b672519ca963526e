import type { Stats } from 'node:fs'
import { stat } from 'node:fs/promises'
import type { TextSource } from '../../doors/internal.ts'
import { inputError } from '../terminal/errors.ts'
import { sourceOf } from '../texts/reader.ts'

/** Files that are read once and must not change: they are checked before, after, and on demand. */
export class WatchedFiles {
  readonly sources: readonly TextSource[]
  readonly #seen = new Map<string, Stats>()

  constructor(paths: readonly string[]) {
    this.sources = paths.map((path) => {
      const { name, stream } = sourceOf(path)
      return { name, stream: this.#watched(path, stream as AsyncIterable<Uint8Array>) }
    })
  }

  /** @throws {CommandError} after the last byte, if the file changed during reading */
  async *#watched(path: string, stream: AsyncIterable<Uint8Array>) {
    const before = await plain(path)
    let bytes = 0
    for await (const piece of stream) {
      bytes += piece.length
      yield piece
    }
    if (!before) return
    this.#seen.set(path, before)
    if (bytes !== before.size || !(await this.#isSame(path)))
      throw inputError(
        `${path}: it changed while it was read; learn again when nothing writes to it`,
      )
  }

  async #isSame(path: string) {
    const [then, now] = [this.#seen.get(path), await plain(path)]
    return then?.size === now?.size && then?.mtimeMs === now?.mtimeMs && then?.ino === now?.ino
  }

  /** The files that have changed since they were read. */
  async changed(): Promise<string[]> {
    const found: string[] = []
    for (const path of this.#seen.keys()) if (!(await this.#isSame(path))) found.push(path)
    return found
  }
}

/** Fingerprint of a plain file; pipes and devices have none. */
async function plain(path: string) {
  const found = path === '-' ? undefined : await stat(path).catch(() => undefined)
  return found?.isFile() ? found : undefined
}
