import { stat } from 'node:fs/promises'
import {
  builtInQuiz,
  builtInQuizzes,
  type Quiz,
  type Remark,
  readQuiz,
  remarkLine,
  wholeText,
} from '../../doors/internal.ts'
import { plainJson } from '../terminal/decimals.ts'
import type { SpeechOptions } from '../terminal/options.ts'
import { deliver, type OutputOptions } from '../terminal/output.ts'
import { reporterOf } from '../terminal/progress.ts'
import { beginningOf } from '../texts/bytes.ts'
import { sourceOf } from '../texts/reader.ts'

/** A quiz and what it is called. */
export interface OpenedQuiz {
  readonly name: string
  readonly quiz: Quiz
}

/**
 * A quiz from a file, from stdin for `-`, or from the package by its name where no file has that
 * name.
 *
 * @throws {Error} in one line with the line, and how to fix it
 */
export async function openQuiz(given: string): Promise<OpenedQuiz> {
  if (await isBuiltIn(given)) return { name: given, quiz: await builtInQuiz(given) }
  const name = given === '-' ? 'stdin' : given
  return { name, quiz: readQuiz(wholeText(await bytesOf(given), name), name) }
}

async function isBuiltIn(given: string) {
  if (!builtInQuizzes.some((name) => name === given)) return false
  return (await stat(given).catch(() => undefined))?.isFile() !== true
}

/** All bytes of a file, or of stdin for `-`, as UTF-8 where they are UTF-16 or gzipped. */
export async function bytesOf(path: string): Promise<Uint8Array> {
  const { name, stream } = sourceOf(path)
  const pieces: Buffer[] = []
  for await (const piece of (await beginningOf(name, stream)).stream)
    pieces.push(Buffer.from(piece as string))
  return Buffer.concat(pieces)
}

/** What a format could not carry, and what a document in JSON says besides. */
interface Remarked {
  readonly command: 'export' | 'import'
  readonly remarks: readonly Remark[]
  /** The format. */
  readonly about: Readonly<Record<string, string>>
  /** What was made, where it goes into the document. */
  readonly whole: object
}

/** Writes a quiz in a format and says what was left out: in one document, or on stderr. */
export async function deliverRemarked(
  text: string,
  { command, remarks, about, whole }: Remarked,
  options: SpeechOptions & OutputOptions,
): Promise<void> {
  const { output, json } = options
  const toFile = output !== undefined && output !== '-'
  if (toFile || !json) await deliver(text, options)
  if (json) {
    const document = { ...about, ...(toFile ? { output } : whole), remarks }
    process.stdout.write(`${plainJson(document)}\n`)
    return
  }
  const { warn } = reporterOf(`quiz ${command}`, options)
  for (const remark of remarks) warn(`${Object.values(about)}: ${remarkLine(remark)}`)
}
