import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { deflateRawSync } from 'node:zlib'
import { modelFile, SHIPPED } from '../terminal/shipped.ts'

const CORPUS = new URL('../../../corpus/', import.meta.url)
const TABLES = ['questions.tsv', 'senses.tsv']

/** What the package has in files of its own, beside the page, and need not have twice. */
const CONTENTS: Readonly<Record<string, () => Uint8Array>> = {
  corpus: () => {
    const names = readdirSync(CORPUS).filter((name) => name.endsWith('.txt'))
    const files = [...names.sort(), ...TABLES].map((name) => [
      name,
      readFileSync(new URL(name, CORPUS), 'utf8'),
    ])
    return Buffer.from(JSON.stringify(files))
  },
  ...Object.fromEntries(SHIPPED.map((name) => [name, () => readFileSync(modelFile(name))])),
}

/** Whether it is the name of such a content. */
export const isPacked = (name: string): boolean => Object.hasOwn(CONTENTS, name)

/** A content as the page asks for it: deflated. */
export const packedContent = (name: string): Uint8Array =>
  deflateRawSync(CONTENTS[name](), { level: 9 })

/** Folders with modules of the library that are scripts of the page too, as they are. */
const GENERATED = ['quiz', 'device/wasm']

/** Such a module as the build of the page writes it: what it exports stands at its end. */
function generatedScript(name: string): Uint8Array | undefined {
  const urls = GENERATED.map((room) => new URL(`../../../dist/${room}/${name}.js`, import.meta.url))
  const url = urls.find((one) => existsSync(one))
  if (!url) return undefined
  const names: string[] = []
  const code = readFileSync(url, 'utf8').replace(/\bexport const (\w+)/g, (_, one) => {
    names.push(one)
    return `const ${one}`
  })
  return Buffer.from(`${code.trim()}\nexport{${names}};`)
}

/**
 * Files that a page's script asks for and the package has elsewhere, by the names of such contents,
 * as `corpus-Loj9FJIx.bin`, or of modules, as `extended.generated-X0ALSrXn.js`.
 */
export function* packedFiles(
  script: string,
  isThere: (file: string) => boolean,
): Generator<[file: string, bytes: Uint8Array]> {
  for (const [file, name, end] of script.matchAll(
    /\b([\w-]+(?:\.generated)?)-[\w-]{8}\.(bin|js)\b/g,
  )) {
    if (isThere(file)) continue
    if (end === 'js') {
      const bytes = generatedScript(name)
      if (bytes) yield [file, bytes]
    } else if (isPacked(name)) yield [file, packedContent(name)]
  }
}
