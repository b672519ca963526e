import { describe, expect, test } from 'vitest'
import { CommandError, EXIT, explanationOf } from '../../src/cli/terminal/errors.ts'
import { columnsOf, formatOf, rowOf } from '../../src/cli/terminal/output.ts'
import { widthOf, wrapped } from '../../src/cli/terminal/terminal.ts'

describe('a row', () => {
  test('of csv quotes what would be read wrongly', () => {
    expect(rowOf(['été', 'a,b', 'say "x"', 'two\nlines', 3], 'csv')).toBe(
      'été,"a,b","say ""x""","two\nlines",3\n',
    )
  })

  test('of tsv quotes as csv does, and escapes nothing', () => {
    expect(rowOf(['a\tb', 'c\nd', 'e\\f', 'g"h', 'i,j'], 'tsv')).toBe(
      '"a\tb"\t"c\nd"\te\\f\t"g""h"\ti,j\n',
    )
  })
})

describe('the format', () => {
  const formats = ['table', 'csv', 'tsv', 'jsonl', 'npy'] as const
  test.each([
    [{}, 'table'],
    [{ format: 'csv' }, 'csv'],
    [{ output: 'a.npy' }, 'npy'],
    [{ output: 'a.npy', format: 'jsonl' }, 'jsonl'],
    [{ output: 'a.txt' }, 'table'],
    [{ json: true }, 'json'],
    [{ json: true, format: 'jsonl' }, 'json'],
  ] as const)('of %j is %s', (options, format) => {
    expect(formatOf(options, formats, 'table')).toBe(format)
  })

  test('--json and a table of numbers exclude each other', () => {
    expect(() => formatOf({ json: true, format: 'csv' }, formats, 'table')).toThrow(
      '--json and --format csv exclude each other',
    )
  })
})

test('columns line up, whatever the script', () => {
  expect(
    columnsOf(
      [
        ['1', 'e\u0301te\u0301', '.5'],
        ['10', '東京', '1.25'],
      ],
      [0, 2],
    ),
  ).toEqual([' 1  e\u0301te\u0301     .5', '10  東京  1.25'])
  expect(['été', 'e\u0301', '東京', '、「！', '…»'].map(widthOf)).toEqual([3, 1, 4, 6, 2])
  expect(wrapped('在  ', '学 校 语言', 9)).toBe('在  学 校\n    语言')
})

describe('an error ends with', () => {
  class Coded extends Error {
    readonly code = 'EACCES'
  }
  test.each<[unknown, number, string]>([
    [new CommandError(EXIT.nothing, 'nothing in a\nb\x1b.txt'), 5, 'nothing in a␊b␛.txt'],
    [new RangeError('learn: width must be …'), 3, 'learn: width must be …'],
    [new Coded('a: access is denied'), 3, 'a: access is denied'],
    [
      new RangeError('Invalid array length'),
      1,
      'this is a bug: RangeError: Invalid array length; --verbose shows where, please report it',
    ],
    [
      new TypeError('x is not a function'),
      1,
      'this is a bug: TypeError: x is not a function; --verbose shows where, please report it',
    ],
  ])('%s: %i', (error, exitCode, message) => {
    expect(explanationOf(error)).toEqual({ exitCode, message })
  })

  test('1 for what the engine itself refuses', () => {
    const deep = (): number => deep() + 1
    const calls = [
      () => new Array(-1),
      () => new Float32Array(-1),
      () => 'x'.repeat(-1),
      deep,
      () => (1).toFixed(101),
      () => new DataView(new ArrayBuffer(1)).getFloat64(0),
      () => new Float32Array(1).set([1, 2]),
    ]
    const codes = calls.map((call) => {
      try {
        call()
        return 0
      } catch (error) {
        return explanationOf(error).exitCode
      }
    })
    expect(codes).toEqual(calls.map(() => 1))
  })
})
