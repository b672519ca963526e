import { readdir, readFile } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { inputError } from './errors.ts'
import { packedContent, packedNames } from './lab-packed.ts'

/** Where `npm run build` puts the page, beside the command. */
const BUILT = fileURLToPath(new URL('../../dist/lab/', import.meta.url))
/** The page as one file, but for the files that stand in the folder. */
const FRAME = fileURLToPath(new URL('../../dist/page.html', import.meta.url))

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
  const read = names.map(async (name): Promise<File> => [name.replaceAll('\\', '/'), await readFile(join(folder, name))])
  const files = new Map(await Promise.all(read))
  return new Map([...files, ...lacking(files)])
}

type File = [name: string, bytes: Uint8Array]

/** What the scripts ask for and the folder lacks: in the package it stands elsewhere already, and is packed anew. */
function* lacking(files: PageFiles): Generator<File> {
  for (const [name, bytes] of files) {
    if (extname(name) !== '.js') continue
    for (const { file, content } of packedNames(new TextDecoder().decode(bytes)))
      if (!files.has(`assets/${file}`)) yield [`assets/${file}`, packedContent(content)]
  }
}

/** Where a file that the page unpacks by itself belongs in the one file. */
const PLACE = /(<script type="application\/octet-stream" data-file="(\w+)">)(?=<\/script>)/g

/**
 * The built page as one file: scripts and styles are in it already, the text and the model are put in from the folder.
 *
 * @throws {CommandError} where it is not built
 */
export async function onePage(files: PageFiles, frame = FRAME): Promise<string> {
  const text = await readFile(frame, 'utf8').catch(() => {
    throw notBuilt(frame)
  })
  return text.replace(PLACE, (begin: string, _begin: string, name: string) => `${begin}${base64Of(files, name)}`)
}

function base64Of(files: PageFiles, name: string): string {
  const found = [...files.keys()].find((file) => file.startsWith(`assets/${name}-`) && file.endsWith('.bin'))
  if (found === undefined) throw notBuilt(`assets/${name}-….bin`)
  return Buffer.from(files.get(found) as Uint8Array).toString('base64')
}

const notBuilt = (path: string) => inputError(`the page is not there: ${path} is missing; npm run build makes it, in a checkout`)
