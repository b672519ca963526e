import { csvRow } from 'regard/internal'
import { describe, expect, test } from 'vitest'
import { csvRows } from '../../src/cli/texts/csv.ts'

describe('csvRow', () => {
  test('quotes what a comma, a quote or a line end would break, and nothing else', () => {
    expect(csvRow(['été', 0.1, 'a,b', 'say "yes"', ''])).toBe('été,0.1,"a,b","say ""yes""",\n')
  })

  test('quotes what a reader may trim, and an empty row of one cell, which it may skip', () => {
    expect(csvRow([' a', 'b ', 'c d', '\u00a0'])).toBe('" a","b ",c d,"\u00a0"\n')
    expect([csvRow(['']), csvRow(['', ''], '\t')]).toEqual(['""\n', '\t\n'])
  })

  test.each([',', '\t'] as const)('is read back as it was written, with %j', (delimiter) => {
    const cells = ['a\nb', '"', ',', '\t', ' c ', 'é', '\\', '""x', '\\"']
    expect(csvRows(csvRow(cells, delimiter), 'mine.csv')).toEqual([{ cells, line: 1 }])
  })
})
