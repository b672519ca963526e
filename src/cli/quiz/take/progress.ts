import { createHash } from 'node:crypto'
import { mkdir, rm } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import {
  type Quiz,
  type QuizResult,
  readResult,
  readWhole,
  wholeText,
  writeWhole,
} from '../../../doors/internal.ts'

/** A quiz that was begun and not handed in. */
export interface Progress {
  /** What was answered so far; `finished` says when it was kept. */
  readonly result: QuizResult
  /** Id of the item that was shown. */
  readonly at: string
  /** Whether everything was shuffled, whatever the quiz says. */
  readonly shuffle: boolean
}

/** Where the system keeps what programs remember for a user. */
function stateFolder(environment: NodeJS.ProcessEnv) {
  if (environment.XDG_STATE_HOME) return environment.XDG_STATE_HOME
  if (process.platform === 'win32' && environment.LOCALAPPDATA) return environment.LOCALAPPDATA
  return join(homedir(), '.local', 'state')
}

/**
 * The file that remembers one quiz: another for a quiz that was changed, so that no answer is taken
 * for one to another question.
 */
export function progressFile(quiz: Quiz, environment: NodeJS.ProcessEnv = process.env) {
  const digest = createHash('sha256').update(JSON.stringify(quiz)).digest('hex').slice(0, 16)
  const path = join(stateFolder(environment), 'regard', 'quiz', `${quiz.id}-${digest}.json`)
  return {
    /**
     * What was kept; undefined where nothing was.
     *
     * @throws {Error} in one line for a file that cannot be read
     */
    async read(): Promise<Progress | undefined> {
      const bytes = await readWhole(path).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'ENOENT') throw error
      })
      if (!bytes) return undefined
      const [first, ...rest] = wholeText(bytes, path).split('\n')
      const { at, shuffle } = parsed(first, path)
      const result = readResult(rest.join('\n'), path)
      return { result, at: String(at), shuffle: shuffle === true }
    },

    /**
     * Keeps what was answered: whole, so that whatever happens, this or what was kept before is
     * there.
     */
    async write({ result, at, shuffle }: Progress) {
      await mkdir(dirname(path), { recursive: true, mode: 0o700 })
      await writeWhole(path, `${JSON.stringify({ at, shuffle })}\n${JSON.stringify(result)}\n`)
    },

    remove: () => rm(path, { force: true }),
  }
}

export type ProgressFile = ReturnType<typeof progressFile>

function parsed(line: string, path: string): { readonly at?: unknown; readonly shuffle?: unknown } {
  try {
    return Object(JSON.parse(line))
  } catch {
    throw new RangeError(`${path}: is not what regard kept there`)
  }
}
