import { expect, test } from 'vitest'
import { csvRows } from '../../src/cli/texts/csv.ts'

test.each([
  ['a comma', '"un; deux; trois\tquatre",x\n1,2\n', 'un; deux; trois\tquatre'],
  ['a semicolon', '"un, deux, trois";x\n1;2\n', 'un, deux, trois'],
  ['a tab', '"un, deux; ""trois"", quatre"\tx\n1\t2\n', 'un, deux; "trois", quatre'],
  ['a semicolon, commas in a second line', '"a\nb, c, d";x\n1;2\n', 'a\nb, c, d'],
])('%s parts cells, whatever stands in quotes', (_what, text, first) => {
  expect(csvRows(text, 'f.csv').map(({ cells }) => cells)).toEqual([
    [first, 'x'],
    ['1', '2'],
  ])
})

test('lines are numbered from 1, through cells of several lines and rows with nothing in them', () => {
  const rows = csvRows('a,b\n"one\ntwo\r\nthree",c\n\n , \nd,e\n', 'f.csv')
  expect(rows.map(({ line, cells }) => [line, cells.at(-1)])).toEqual([
    [1, 'b'],
    [2, 'c'],
    [7, 'e'],
  ])
})
