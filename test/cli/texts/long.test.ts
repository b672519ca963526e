import { expect, test } from 'vitest'
import { type ReadingOptions, TextReader } from '../../../src/cli/texts/reader.ts'

/** Beginnings of the lines of a text that is longer than what is looked at, with their numbers. */
async function read(text: string, options: ReadingOptions = {}) {
  const bytes = Buffer.from(text)
  const stream = (function* () {
    for (let at = 0; at < bytes.length; at += 65_536) yield bytes.subarray(at, at + 65_536)
  })()
  const lines: string[] = []
  for await (const line of new TextReader(options).lines({ name: 'f', stream }))
    lines.push(`${line.number} ${line.text.slice(0, 20)}`)
  return lines
}

test('a document of TEI may be one line below its declaration', async () => {
  const body = `<text><body><p>${'un chat '.repeat(10_000)}</p></body></text>`
  const text = `<?xml version="1.0"?>\n<TEI xmlns="http://www.tei-c.org/ns/1.0">${body}</TEI>\n`
  expect(await read(text)).toEqual(['2 un chat un chat un c'])
})

test.each([
  ['CSV', (book: string) => `id,text,year\n1,"${book}",1880\n2,"${book}",1881\n`, [2, 6003]],
  ['lines of JSON', (book: string) => `${JSON.stringify({ text: book })}\n`.repeat(2), [1, 2]],
])('a table in %s may have a book in each row', async (kind, tableOf, numbers) => {
  const table = tableOf('Il dort, oui.\nIl se lève ; non.\n'.repeat(3000))
  await expect(read(table)).rejects.toThrow(new RegExp(`${kind}.*--column text`))
  expect(await read(table, { column: ['text'] })).toEqual(
    numbers.map((number) => `${number} Il dort, oui. Il se `),
  )
})
