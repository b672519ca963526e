import { valueText } from '../kinds.ts'

/** A path, or a file URL: `file:///…` as text or as a `URL`. */
export type FilePath = string | { readonly href: string }

/** Whether a value is a path or a URL. */
export const isFilePath = (value: unknown): value is FilePath =>
  typeof value === 'string' || typeof (value as { href?: unknown } | null)?.href === 'string'

/** The beginning of a URL. */
const ADDRESS = /^(?:file:\/|[a-z][a-z\d+.-]+:\/\/|data:|blob:)/i

/**
 * The path of a file.
 *
 * @param instead remedy for other URLs
 * @throws {TypeError} for anything but a path or a URL, {RangeError} for an empty path and for a
 *   URL that is not of a local file, {Error} if there are no files
 */
export function pathOf(where: string, file: FilePath, instead: string): string {
  const wanted = `${where}: needs a path, or the address of a file (file:///…)`
  if (!isFilePath(file)) throw new TypeError(`${wanted}, got ${valueText(file)}`)
  if (file === '' || (typeof file === 'string' && file.includes('\0')))
    throw new RangeError(`${wanted}, got ${valueText(file)}`)
  if (typeof file === 'string' && !ADDRESS.test(file)) return file
  const address = typeof file === 'string' ? file : file.href
  const refuse = (cause?: unknown): never => {
    throw new RangeError(`${address.slice(0, 200)}: it is no file of this machine; ${instead}`, {
      cause,
    })
  }
  if (!/^file:/i.test(address)) return refuse()
  const urls = globalThis.process?.getBuiltinModule?.('node:url')
  if (!urls)
    throw new Error(`${address}: there are no files here; give or take the bytes themselves`)
  try {
    return urls.fileURLToPath(address)
  } catch (cause) {
    // of another machine, or with a slash within a name
    return refuse(cause)
  }
}

/**
 * The path of a file of this package; undefined if there are no files, or if a bundle runs without
 * the package.
 */
export function shippedFile(name: string): string | undefined {
  try {
    // not by new URL(…, import.meta.url), for which bundlers would emit the file
    return globalThis.process
      .getBuiltinModule('node:module')
      .createRequire(import.meta.filename)
      .resolve(`regard/${name}`)
  } catch {
    return undefined
  }
}
