import { stat } from 'node:fs/promises'
import {
  builtInQuiz,
  builtInQuizzes,
  type Quiz,
  readQuiz,
  readWhole,
  wholeText,
} from '../../doors/internal.ts'

/** A quiz and what it is called. */
export interface OpenedQuiz {
  readonly name: string
  readonly quiz: Quiz
}

/**
 * A quiz from a file, from stdin for `-`, or from the package by its name where no file has that
 * name.
 *
 * @throws {Error} in one line with the place in the file, and how to mend it
 */
export async function openQuiz(given: string): Promise<OpenedQuiz> {
  if (await isBuiltIn(given)) return { name: given, quiz: await builtInQuiz(given) }
  const name = given === '-' ? 'stdin' : given
  return { name, quiz: readQuiz(wholeText(await bytesOf(given), name), name) }
}

async function isBuiltIn(given: string): Promise<boolean> {
  if (!builtInQuizzes.some((name) => name === given)) return false
  return (await stat(given).catch(() => undefined))?.isFile() !== true
}

/** All bytes of a file, or of stdin for `-`. */
export const bytesOf = (path: string): Promise<Uint8Array> =>
  path === '-' ? fromStdin() : readWhole(path)

async function fromStdin(): Promise<Uint8Array> {
  const pieces: Buffer[] = []
  for await (const piece of process.stdin) pieces.push(Buffer.from(piece))
  return Buffer.concat(pieces)
}
