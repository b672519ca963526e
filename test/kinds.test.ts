import { describe, expect, test } from 'vitest'
import { imported, nearest } from '../src/kinds.ts'

describe('the nearest name', () => {
  test.each([
    ['ordr', 'order'],
    ['ordre', 'order'],
    ['ORDER', 'order'],
    ['equal-row', 'equal-rows'],
    ['parameters-count', 'parameter-count'],
    ['xyzzy', undefined],
  ])('of %s is %s', (name, expected) => {
    expect(nearest(name, ['order', 'equal-rows', 'parameters', 'parameter-count'])).toBe(expected)
  })
})

test('where import() fails, the error says what to do instead', async () => {
  const fails = () => Promise.reject(new TypeError('import() is disallowed'))
  await expect(imported('openDevice', fails, 'import it from regard/wasm')).rejects.toThrow(
    'openDevice: import() fails here (import() is disallowed); import it from regard/wasm',
  )
})
