import { readdir, realpath, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { inputError } from '../terminal/errors.ts'

/** What a folder holds. */
interface Found {
  /** Paths, below that of the folder. */
  readonly files: readonly string[]
  /** Files and folders whose names begin with a point, which are left out. */
  readonly hidden: number
}

/**
 * Every file below a folder in the order of the code points of their paths; undefined for what is
 * no folder.
 *
 * A folder within itself, by a link, is not looked at again.
 *
 * @throws {CommandError} where there are none
 */
export async function filesBelow(path: string): Promise<Found | undefined> {
  if (!(await stat(path).catch(() => undefined))?.isDirectory()) return undefined
  const files: string[] = []
  let hidden = 0
  async function walk(folder: string, above: readonly string[]): Promise<void> {
    const real = await realpath(folder)
    if (above.includes(real)) return
    for (const name of await readdir(folder)) {
      const inside = join(folder, name)
      if (name.startsWith('.')) hidden++
      else if ((await stat(inside).catch(() => undefined))?.isDirectory())
        await walk(inside, [...above, real])
      else files.push(inside)
    }
  }
  await walk(path, [])
  if (files.length === 0)
    throw inputError(
      `${path}: there is no file in this folder${hidden ? `, but ${hidden} hidden` : ''}; name one with texts`,
    )
  const bytes = new Map(files.map((file) => [file, Buffer.from(file)]))
  files.sort((a, b) => Buffer.compare(bytes.get(a) as Buffer, bytes.get(b) as Buffer))
  return { files, hidden }
}
