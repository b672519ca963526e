import { stat } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'

/** Short names of the models that ship with the package: English and French. */
export const SHIPPED = ['en', 'fr'] as const

/** Help text of the argument. */
export const MODEL = `a file that regard learn wrote, or ${SHIPPED.join(' or ')}, which ship with regard`

/** The file of a short name. */
export const modelFile = (name: string): string =>
  fileURLToPath(new URL(`../../../models/${name}.safetensors`, import.meta.url))

/**
 * The path of a model: the given one, or the file of a short name, unless a file of that name
 * exists.
 */
export async function modelAt(given: string): Promise<string> {
  if (!SHIPPED.some((name) => name === given)) return given
  const found = await stat(given).catch(() => undefined)
  return found && !found.isDirectory() ? given : modelFile(given)
}
