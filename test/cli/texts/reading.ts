import { readFileSync } from 'node:fs'
import type { LeaveOut } from '../../../src/cli/texts/format.ts'
import { FORMATS } from '../../../src/cli/texts/formats/formats.ts'
import { type Line, linesOf } from '../../../src/doors/internal.ts'

async function allOf(lines: AsyncIterable<Line>): Promise<Line[]> {
  const all: Line[] = []
  for await (const line of lines) all.push(line)
  return all
}

/** A case of this folder. */
export const sample = (file: string): string =>
  readFileSync(new URL(`cases/${file}`, import.meta.url), 'utf8')

/** What a format reads of a text that comes in pieces of some characters. */
export async function read(
  name: string,
  text: string | Uint8Array,
  piece = text.length,
  leaveOut: LeaveOut = () => {},
): Promise<Line[]> {
  const format = FORMATS.find((one) => one.name === name)
  if (!format) throw new Error(`no format ${name}`)
  const bytes = Buffer.from(text)
  const pieces = function* () {
    for (let at = 0; at < bytes.length; at += piece) yield bytes.subarray(at, at + piece)
  }
  return await allOf(format.read(pieces(), 'text', leaveOut))
}

/** Words of lines as form/lemma/pos. */
export const annotated = (lines: readonly Line[]): string[] =>
  lines.map(({ words = [] }) =>
    words.map(({ token, lemma = '', pos = '' }) => `${token}/${lemma}/${pos}`).join(' '),
  )

export const texts = (lines: readonly Line[]): string[] => lines.map(({ text }) => text)

/** The format that a text is recognised as, if it is. */
export async function recognised(text: string): Promise<string | undefined> {
  const lines = await allOf(linesOf([text], 'text'))
  return FORMATS.find((format) => format.recognises(lines))?.name
}
