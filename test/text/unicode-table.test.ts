import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { hasUnicode, unicodeFiles } from '../../scripts/unicode.js'
import { classTable } from '../../src/text/unicode/classes.ts'
import { RUNS } from '../../src/text/unicode/table.ts'

const FOLDER = '/usr/share/unicode'
const missing = !hasUnicode(FOLDER)
if (missing) console.log(`not run: the table beside its sources; ${FOLDER} is not of Unicode 15.0`)

test.skipIf(missing)('the table and the cases are what the data files of Unicode 15.0 give', () => {
  for (const [name, text] of unicodeFiles(FOLDER))
    expect(readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8') === text, name).toBe(
      true,
    )
})

test('other data files are refused', () => {
  expect(() => unicodeFiles('nowhere')).toThrow('nowhere has no data files of Unicode 15.0.0')
})

test('the table has every code point, in less than 4 kB', () => {
  expect(classTable()).toHaveLength(0x110000)
  expect(classTable().lastIndexOf(0)).toBe(0x10ffff)
  expect(RUNS.length).toBeLessThan(4000)
})
