import { csvRow } from 'regard/internal'
import { expect, test } from 'vitest'
import { csvRows } from '../../src/cli/texts/csv.ts'

test('csvRow quotes what a comma, a quote or a line end would break, and nothing else', () => {
  expect(csvRow(['été', 0.1, 'a,b', 'say "yes"', ''])).toBe('été,0.1,"a,b","say ""yes""",\n')
})

test('csvRow is read back as it was written', () => {
  const cells = ['a\nb', '"', ',', ' c ', 'é']
  expect(csvRows(csvRow(cells), 'mine.csv')).toEqual([{ cells, line: 1 }])
})
