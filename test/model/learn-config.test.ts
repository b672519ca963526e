import { describe, expect, test } from 'vitest'
import { learnConfig, learnConfigFor, roundsFor } from '../../src/model/learn-config.ts'

const LARGE = 500_000

describe('a plan for the size of a text', () => {
  test('is the usual one for a text of less than half a million words', () => {
    expect(learnConfigFor({ seed: 3 }, LARGE - 1)).toEqual(learnConfig({ seed: 3 }))
  })

  test('has larger sizes and steps for a large text, looks further and hides more', () => {
    const { model: form, batchWords, hide } = learnConfigFor({}, LARGE)
    expect({ ...form, batchWords, hide }).toMatchObject({
      ...{ width: 128, query: 128, key: 128, value: 128, heads: 8, position: 'relative:24' },
      ...{ batchWords: 4096, hide: 0.3 },
    })
  })

  test('leaves what is told as it is: one size is enough to keep all others as usual', () => {
    const told = { width: 32, batchWords: 500, hide: 0.1, position: 'rotary' }
    expect(learnConfigFor(told, LARGE)).toEqual(learnConfig(told))
    expect(learnConfigFor({ layers: 2, position: 'none' }, LARGE).model).toEqual(
      learnConfig({ layers: 2, position: 'none' }).model,
    )
  })

  test('reads as few words beside questions as of any text', () => {
    const questions = [{ words: ['Tom'], question: ['Qui'], start: 0, end: 1 }]
    expect(learnConfigFor({ questions }, LARGE).batchWords).toBe(
      learnConfig({ questions }).batchWords,
    )
  })

  test('reads a small text many times, and a large one twice', () => {
    expect([100, 20_000, 300_000, 400_000, LARGE, 720_000, 3e6, 1e8].map(roundsFor)).toEqual([
      30, 15, 1, 1, 12, 8, 2, 2,
    ])
  })
})
