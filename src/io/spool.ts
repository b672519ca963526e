import type { Spool } from '../text/spool.ts'
import { told } from './files.ts'

type Files = typeof import('node:fs')

/**
 * A temporary file: append, and random-access reads. It is unlinked, so nothing is left of it
 * however the process ends.
 */
class FileSpool implements Spool {
  readonly #path: string
  readonly #files: Files
  readonly #file: number
  #size = 0

  constructor(path: string, files: Files) {
    this.#path = path
    this.#files = files
    this.#file = files.openSync(path, 'wx+', 0o600)
    // where an open file cannot be unlinked, it is deleted when closed
    this.#remove()
  }

  #remove(): void {
    try {
      this.#files.rmSync(this.#path, { force: true })
    } catch {}
  }

  append(bytes: Uint8Array): void {
    this.#through(bytes, (from) =>
      this.#files.writeSync(this.#file, bytes, from, bytes.length - from, this.#size + from),
    )
    this.#size += bytes.length
  }

  read(at: number, into: Uint8Array): void {
    this.#through(into, (from) =>
      this.#files.readSync(this.#file, into, from, into.length - from, at + from),
    )
  }

  /** Repeats until all bytes are transferred. */
  #through({ length }: Uint8Array, some: (from: number) => number): void {
    try {
      for (let from = 0; from < length; ) {
        const count = some(from)
        if (count === 0)
          throw new RangeError(
            `${this.#path}: the temporary file is shorter than what was written to it; learn again`,
          )
        from += count
      }
    } catch (cause) {
      throw told(this.#path, cause)
    }
  }

  close(): void {
    this.#files.closeSync(this.#file)
    this.#remove()
  }
}

/**
 * Opens a spool on the disk: a temporary file in the system's temporary folder (TMPDIR), or in
 * another.
 *
 * @throws {Error} with one line that names the file, if it cannot be written or where there are no
 *   files
 */
export async function openSpool(folder?: string): Promise<Spool> {
  // without imports, which bundlers would follow and a browser would request
  const modules = globalThis.process?.getBuiltinModule
  const [files, os, path] = [modules?.('node:fs'), modules?.('node:os'), modules?.('node:path')]
  if (typeof files?.openSync !== 'function' || !os || !path)
    throw new Error('openSpool: there are no files here; leave spool out')
  for (let n = 0; ; n++) {
    const name = path.join(folder ?? os.tmpdir(), `.regard-${globalThis.process.pid}-${n}.spool`)
    try {
      return new FileSpool(name, files)
    } catch (cause) {
      // a name that is taken is another's
      if ((cause as NodeJS.ErrnoException).code !== 'EEXIST')
        throw told(name, cause, {
          ENOENT: 'its folder does not exist; make it first, or name another in TMPDIR',
        })
    }
  }
}
