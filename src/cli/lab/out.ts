import { chmod, mkdir, mkdtemp, readdir, rename, rm, rmdir } from 'node:fs/promises'
import { dirname, extname, join, resolve } from 'node:path'
import { writeWhole } from '../../doors/internal.ts'
import { inputError, usageError } from '../terminal/errors.ts'
import { checkOutput } from '../terminal/output.ts'
import { courseOf } from './course.ts'
import { onePage } from './one-file.ts'
import type { PageFiles } from './page.ts'

/** What was written. */
interface WrittenPage {
  readonly out: string
  readonly form: 'file' | 'folder' | 'course'
  readonly bytes: number
  readonly files: number
}

interface OutOptions {
  readonly out: string
  readonly force?: boolean
}

/**
 * Writes the page in the form that the end of its name says, whole or not at all.
 *
 * @throws {CommandError} for a name that says none, or a place where it cannot be written
 */
export async function writePage(
  files: PageFiles,
  { out, force = false }: OutOptions,
): Promise<WrittenPage> {
  const form = await formOf(out)
  if (form === 'folder')
    return { out, form, bytes: await writeFolder(files, out, force), files: files.size }
  await checkOutput({ output: out, force })
  const bytes = form === 'course' ? courseOf(files) : new TextEncoder().encode(onePage(files))
  await writeWhole(out, bytes)
  return { out, form, bytes: bytes.length, files: 1 }
}

async function formOf(out: string) {
  if (/[/\\]$/.test(out) || (await namesIn(out))) return 'folder'
  if (/^\.html?$/i.test(extname(out))) return 'file'
  if (/^\.zip$/i.test(extname(out))) return 'course'
  throw usageError(
    `--out ${out}: end it in .html for one file, in / for a folder, in .zip for a SCORM package`,
  )
}

/** What is in a folder; undefined where there is none. */
const namesIn = (folder: string) => readdir(folder).catch(() => undefined)

/** Writes the files into a folder. Returns their bytes. */
async function writeFolder(files: PageFiles, out: string, force: boolean) {
  const found = await namesIn(out)
  if (found?.length && !force)
    throw usageError(
      `${out} is not empty; name a new folder, or --force writes over files of the same names`,
    )
  if (found?.length) await fill(out, files)
  else await replace(out, files, found !== undefined)
  return [...files.values()].reduce((sum, { length }) => sum + length, 0)
}

/** Fills a folder beside it, which then takes its name. */
async function replace(out: string, files: PageFiles, isThere: boolean) {
  const path = resolve(out)
  if (!isThere) await checkOutput({ output: path })
  const beside = await mkdtemp(join(dirname(path), '.regard-'))
  try {
    await fill(beside, files)
    await chmod(beside, 0o777 & ~process.umask())
    if (isThere) await rmdir(path)
    await rename(beside, path)
  } catch (cause) {
    await rm(beside, { recursive: true, force: true })
    throw cause
  }
}

/** Writes each file whole; the page last, which leads to the others. */
async function fill(folder: string, files: PageFiles) {
  const ordered = [...files].sort(
    ([a], [b]) => Number(a === 'index.html') - Number(b === 'index.html'),
  )
  for (const [name, bytes] of ordered) {
    const path = join(folder, name)
    await mkdir(dirname(path), { recursive: true }).catch(({ message }: Error) => {
      throw inputError(`${dirname(path)}: it cannot be made: ${message}; choose another folder`)
    })
    await writeWhole(path, bytes)
  }
}
