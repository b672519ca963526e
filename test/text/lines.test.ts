import { expect, test } from 'vitest'
import { linesOf } from '../../src/text/decode.ts'

async function linesIn(
  ...pieces: (string | Uint8Array)[]
): Promise<{ text: string; number: number }[]> {
  const found = []
  for await (const line of linesOf(pieces, 'f')) found.push(line)
  return found
}

test('a byte order mark is left out at the beginning of a text alone', async () => {
  expect(await linesIn('\uFEFFun\n\uFEFFdeux\ntr\uFEFFois')).toEqual([
    { text: 'un', number: 1 },
    { text: '\uFEFFdeux', number: 2 },
    { text: 'tr\uFEFFois', number: 3 },
  ])
})

test('lines end with any of the three ends, are numbered each, and do not depend on the pieces', async () => {
  const text = 'un\r\ndeux\rtrois\n\nété €'
  const expected = [
    ['un', 1],
    ['deux', 2],
    ['trois', 3],
    ['', 4],
    ['été €', 5],
  ].map(([line, number]) => ({ text: line, number }))
  const bytes = new TextEncoder().encode(text)
  for (const size of [1, 2, 3, 7, bytes.length]) {
    const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, n) =>
      bytes.subarray(n * size, (n + 1) * size),
    )
    expect(await linesIn(...pieces)).toEqual(expected)
  }
})
