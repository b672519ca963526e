import { readdirSync, readFileSync } from 'node:fs'
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

/** Files that a page's script asks for by the names of such contents, as `corpus-Loj9FJIx.bin`. */
export function* packedNames(
  script: string,
): Generator<{ readonly file: string; readonly content: string }> {
  for (const [file, content] of script.matchAll(/\b(\w+)-[\w-]{8}\.bin\b/g))
    if (isPacked(content)) yield { file, content }
}
