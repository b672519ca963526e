import { readdir, readFile } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { inputError } from '../terminal/errors.ts'
import { packedFiles } from './packed.ts'

/** Where `npm run build` puts the page, beside the command. */
const BUILT = fileURLToPath(new URL('../../../dist/lab/', import.meta.url))

/** Files of the page: their bytes by their names, with / between folders. */
export type PageFiles = ReadonlyMap<string, Uint8Array>

/**
 * The built page as a folder of files.
 *
 * @throws {CommandError} where it is not built
 */
export async function pageFiles(folder = BUILT): Promise<PageFiles> {
  const found = await readdir(folder, { recursive: true }).catch(() => [])
  const names = found.filter((name) => extname(name) !== '').sort()
  if (!names.includes('index.html')) throw notBuilt(join(folder, 'index.html'))
  const read = names.map(
    async (name): Promise<File> => [name.replaceAll('\\', '/'), await readFile(join(folder, name))],
  )
  const files = new Map(await Promise.all(read))
  return new Map([...files, ...lacking(files)])
}

type File = [name: string, bytes: Uint8Array]

/**
 * What the scripts ask for and the folder lacks: in the package it stands elsewhere already, and is
 * made anew.
 */
function* lacking(files: PageFiles): Generator<File> {
  const isThere = (file: string): boolean => files.has(`assets/${file}`)
  for (const [name, bytes] of files) {
    if (extname(name) !== '.js') continue
    for (const [file, made] of packedFiles(new TextDecoder().decode(bytes), isThere))
      yield [`assets/${file}`, made]
  }
}

const notBuilt = (path: string) =>
  inputError(`the page is not there: ${path} is missing; npm run build makes it, in a checkout`)
