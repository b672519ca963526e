import { type ByteSource, bytesFrom, holdsBytes } from '../io/bytes.ts'
import { readWhole } from '../io/files.ts'
import { type FilePath, isFilePath, pathOf, shippedFile } from '../io/path.ts'
import { valueText } from '../kinds.ts'

/** Source of a model: a path or file URL, `fr` or `en`, which ship with the package, or bytes. */
export type ModelSource = FilePath | ByteSource

const SHIPPED = ['en', 'fr']

/** The bytes of a model, and its name in errors. */
export async function modelBytes(
  source: ModelSource,
): Promise<{ readonly bytes: Uint8Array; readonly name: string }> {
  if (holdsBytes(source))
    return {
      bytes: await bytesFrom('load', source),
      name: (source as { url?: string }).url || 'the model',
    }
  if (!isFilePath(source))
    throw new TypeError(
      `load: needs a path, or the bytes of a file (a Uint8Array, an ArrayBuffer, a Response or a Blob), got ${valueText(source)}`,
    )
  const path = pathOf(
    'load',
    source,
    'download it first, or give what fetch brings: load(await fetch(address))',
  )
  return { bytes: await (SHIPPED.includes(path) ? readShipped(path) : readWhole(path)), name: path }
}

/** A model that ships with the package, unless a file of that name exists. */
async function readShipped(name: string): Promise<Uint8Array> {
  try {
    return await readWhole(name)
  } catch (cause) {
    const { code = 'ENOENT' } = cause as { code?: string }
    if (code !== 'ENOENT' && code !== 'EISDIR') throw cause
    const path = shippedFile(`models/${name}.safetensors`)
    if (path) return readWhole(path)
    const file = `regard/models/${name}.safetensors`
    throw new Error(
      `load: ${name} is ${file}, which cannot be found from here; give its path, or its bytes such as fetch brings them`,
      {
        cause,
      },
    )
  }
}
