import { describe, expect, test } from 'vitest'
import { nearest } from '../src/kinds.ts'

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
