import type { Stats } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import { type FilePath, pathOf } from './path.ts'

/** The content of a file: whole, or in pieces. */
export type Pieces =
  | Uint8Array
  | string
  | AsyncIterable<Uint8Array | string>
  | Iterable<Uint8Array | string>

type Files = typeof import('node:fs/promises')

/**
 * Node's modules, without an import, which bundlers would follow and a browser would request.
 *
 * @throws {Error} if there are no files, as in a browser
 */
function filesOf(where: string): Files {
  const files = globalThis.process?.getBuiltinModule?.('node:fs/promises')
  if (typeof files?.open !== 'function')
    throw new Error(`${where}: there are no files here; give or take the bytes themselves`)
  return files
}

/** Present wherever there are files. */
const paths = () => globalThis.process.getBuiltinModule('node:path')

/** Causes of file errors, with remedies. */
const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file; check its name',
  ENOTDIR: 'a part of its path is a file, not a folder; check its name',
  EISDIR: 'it is a folder; name a file',
  EACCES: 'access is denied; check its permissions',
  EPERM: 'the system does not permit it; check its permissions',
  EROFS: 'the disk is read-only; choose another place',
  ENOSPC: 'the disk is full; free some space, or choose another place',
  EDQUOT: 'the quota of the disk is used up; free some space, or choose another place',
  EFBIG: 'it would be larger than the system allows; choose another place',
  ENAMETOOLONG: 'its name is too long; choose a shorter one',
  ELOOP: 'its symbolic links lead in a circle; remove one of them',
  EBUSY: 'it is in use and cannot be replaced; choose another name',
  EMFILE: 'too many files are open; close some',
  ERR_FS_FILE_TOO_LARGE: 'it has more than 2 GiB; cut it into parts',
}

const ONE_REQUEST =
  'files here last for one request, in /tmp alone; give or take the bytes themselves'
/** In a Cloudflare worker. */
const OF_WORKERS: typeof REASONS = { ...REASONS, EPERM: ONE_REQUEST, ENOENT: ONE_REQUEST }

/**
 * A system error as one line, by the given causes before the default ones; other errors, such as of
 * the pieces themselves, unchanged.
 */
export function told(
  path: string,
  cause: unknown,
  own: Readonly<Record<string, string>> = {},
): unknown {
  const { code, syscall } = (cause ?? {}) as NodeJS.ErrnoException
  const ofSystem = globalThis.navigator?.userAgent === 'Cloudflare-Workers' ? OF_WORKERS : REASONS
  const reasons: typeof ofSystem = { ...ofSystem, ...own }
  if (
    !(cause instanceof Error) ||
    code === undefined ||
    (syscall === undefined && !(code in reasons))
  )
    return cause
  return Object.assign(new Error(`${path}: ${reasons[code] ?? cause.message}`, { cause }), { code })
}

const DOWNLOAD = 'download it first'

/**
 * All bytes of a file.
 *
 * @param file a path or a file URL
 * @throws {Error} with `code` and one line that names the file, if it cannot be read or if there
 *   are no files; {RangeError} for a network URL
 */
export async function readWhole(file: FilePath): Promise<Uint8Array> {
  const path = pathOf('readWhole', file, DOWNLOAD)
  const { readFile } = filesOf(path)
  try {
    return await readFile(path)
  } catch (cause) {
    throw told(path, cause)
  }
}

/**
 * The bytes of a file as they come.
 *
 * @param from a path or a file URL
 * @throws {Error} with `code` and one line that names the file, if it cannot be read or if there
 *   are no files; {RangeError} for a network URL
 */
export async function* readPieces(from: FilePath): AsyncGenerator<Uint8Array> {
  const path = pathOf('readPieces', from, DOWNLOAD)
  const { open } = filesOf(path)
  try {
    const file = await open(path)
    try {
      yield* file.createReadStream({ autoClose: false })
    } finally {
      await file.close()
    }
  } catch (cause) {
    throw told(path, cause)
  }
}

/** A file with random access. */
export interface OpenFile {
  /** Bytes of the whole file. */
  readonly size: number
  /** The bytes from … to − 1, or as many of them as there are. */
  read(from: number, to: number): Promise<Uint8Array>
  close(): Promise<void>
}

/** Largest number of bytes in one system call. */
const PIECE = 2 ** 30

/**
 * Opens a file without reading it.
 *
 * @throws {Error} with `code` and one line that names the file, if it cannot be read or where there
 *   are no files
 */
export async function openFile(path: string): Promise<OpenFile> {
  const { open } = await filesOf(path)
  const named = async <Result>(done: Promise<Result>): Promise<Result> => {
    try {
      return await done
    } catch (cause) {
      throw told(path, cause)
    }
  }
  const file = await named(open(path))
  try {
    const { size } = await named(file.stat())
    return {
      size,
      async read(from, to) {
        if (file.fd < 0) throw new Error(`${path}: it was closed; open it again`)
        const bytes = new Uint8Array(Math.max(0, Math.min(to, size) - from))
        for (let at = 0; at < bytes.length; ) {
          const { bytesRead } = await named(
            file.read(bytes, at, Math.min(PIECE, bytes.length - at), from + at),
          )
          if (bytesRead === 0) return bytes.subarray(0, at)
          at += bytesRead
        }
        return bytes
      },
      close: () => file.close(),
    }
  } catch (error) {
    await file.close()
    throw error
  }
}

/**
 * Writes a file atomically: under another name beside the target, flushed to the disk, then renamed
 * over it.
 *
 * An existing target keeps its permissions, and a symbolic link stays one: the file that it points
 * to is replaced. Anything but a plain file, such as a pipe, is written directly.
 *
 * @param file a path or a file URL
 * @throws {Error} with `code` and one line that names the file; the target is then unchanged;
 *   {RangeError} for a network URL
 */
export async function writeWhole(file: FilePath, pieces: Pieces): Promise<void> {
  const path = pathOf('writeWhole', file, 'give a path')
  const files = filesOf(path)
  try {
    const target = await targetOf(path, files)
    if (target.straight) await straight(path, pieces, files)
    else await replace(target, pieces, files)
  } catch (cause) {
    throw told(path, cause, {
      ENOENT: 'its folder does not exist; make it first, or choose another',
    })
  }
}

interface Target {
  readonly path: string
  /** Permissions and owner of the target; undefined for a new file. */
  readonly was?: Stats
  /** Whether it is anything but a plain file. */
  readonly straight?: boolean
}

/** The target of a path, through symbolic links, and its state. */
async function targetOf(path: string, files: Files): Promise<Target> {
  const found = await files.stat(path).catch(absent)
  if (!found) return { path: await linkedFrom(path, files) }
  if (found.isDirectory()) throw Object.assign(new Error('a folder'), { code: 'EISDIR' })
  if (!found.isFile()) return { path, straight: true }
  // a rename would not check this; if Deno may not read the user id, access() throws
  await (await files.open(path, 'r+')).close()
  return { path: await files.realpath(path), was: found }
}

/** The target of a dangling link, or the path itself. */
async function linkedFrom(path: string, files: Files): Promise<string> {
  const link = await files.readlink(path).catch(absent)
  if (link === undefined) return path
  const { dirname, resolve } = paths()
  return linkedFrom(resolve(dirname(path), link), files)
}

/** Undefined if there is no link. */
function absent(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT' && error.code !== 'EINVAL') throw error
}

async function replace({ path, was }: Target, pieces: Pieces, files: Files): Promise<void> {
  const { dirname, join } = paths()
  const folder = dirname(path)
  const mode = was && was.mode & 0o777
  const { name, file } = await opened(
    (n) => join(folder, `.regard-${globalThis.process.pid}-${n}.part`),
    mode,
    files,
  )
  try {
    try {
      await fill(file, pieces)
      if (was) await file.chown(was.uid, was.gid).catch(() => {})
      // the old file may have permissions that the umask denies to new ones
      if (mode !== undefined) await file.chmod(mode)
      await file.sync()
    } finally {
      await file.close()
    }
    await files.rename(name, path)
  } catch (error) {
    await files.rm(name, { force: true })
    throw error
  }
  await flushed(folder, files)
}

async function straight(path: string, pieces: Pieces, files: Files): Promise<void> {
  const file = await files.open(path, 'w')
  try {
    await fill(file, pieces)
  } finally {
    await file.close()
  }
}

async function fill(file: FileHandle, pieces: Pieces): Promise<void> {
  const all = typeof pieces === 'string' || pieces instanceof Uint8Array ? [pieces] : pieces
  for await (const piece of all) await file.writeFile(piece)
}

/** Opens a new file, under the next free name: other processes may take the same ones. */
async function opened(nameOf: (n: number) => string, mode: number | undefined, files: Files) {
  for (let n = 0; ; n++) {
    try {
      return { name: nameOf(n), file: await files.open(nameOf(n), 'wx', mode ?? 0o666) }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
  }
}

/** Flushes the folder, if the system can, so that the new name reaches the disk. */
async function flushed(folder: string, files: Files): Promise<void> {
  const handle = await files.open(folder, 'r').catch(() => undefined)
  await handle?.sync().catch(() => {})
  await handle?.close()
}
