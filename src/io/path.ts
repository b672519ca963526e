/** A path, or the address of a file: `file:///…` as text or as a `URL`. */
export type FilePath = string | { readonly href: string }

/**
 * The path of a file.
 *
 * @throws {TypeError} for an address of another kind, with what to do `instead`; {Error} where
 *   there are no files
 */
export function pathOf(name: string, file: FilePath, instead: string): string {
  const address = typeof file === 'string' ? file : file.href
  if (typeof file === 'string' && !/^([a-z][a-z\d+.-]+:\/\/|data:|blob:)/i.test(file)) return file
  if (!/^file:/i.test(address))
    throw new TypeError(`${name}: ${address.slice(0, 200)} is no file of this machine; ${instead}`)
  const urls = globalThis.process?.getBuiltinModule?.('node:url')
  if (!urls)
    throw new Error(`${address}: there are no files here; give or take the bytes themselves`)
  return urls.fileURLToPath(address)
}

/**
 * The path of a file of this package; undefined where there are no files, or where a bundle runs
 * without the package.
 */
export function shippedFile(name: string): string | undefined {
  try {
    // not by new URL(…, import.meta.url), which bundlers take as a wish for the file
    return globalThis.process
      .getBuiltinModule('node:module')
      .createRequire(import.meta.filename)
      .resolve(`regard/${name}`)
  } catch {
    return undefined
  }
}
