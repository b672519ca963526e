import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { WordCounter } from '../../src/text/counter.ts'

/** Counts words one by one, and tells how many were held after each, and the floor. */
function counted(words: readonly string[], most: number) {
  const counter = new WordCounter(most)
  return words.map((word) => {
    counter.add(word)
    return { held: counter.counts().size, floor: counter.floor }
  })
}

const words = fc.array(
  fc.nat(400).map((n) => (n % 3 ? `rare${n}` : `common${n % 7}`)),
  { minLength: 1, maxLength: 400 },
)

describe('a counter of words', () => {
  test('holds no more than half of its room after it forgot, so that it forgets once in as many words at most', () => {
    fc.assert(
      fc.property(words, fc.integer({ min: 2, max: 30 }), (all, most) => {
        const after = counted(all, most)
        let forgot = 0
        after.forEach(({ held }, n) => {
          const before = n === 0 ? 0 : after[n - 1].held
          if (held >= before) return
          forgot++
          expect(held).toBeLessThanOrEqual(most / 2)
        })
        expect(forgot).toBeLessThanOrEqual(all.length / (most / 2))
        for (const { held } of after) expect(held).toBeLessThanOrEqual(most)
      }),
      { seed: 7 },
    )
  })

  test('forgets once in half of its room where every word is new', () => {
    const after = counted(
      Array.from({ length: 1000 }, (_, n) => `new${n}`),
      10,
    )
    const forgot = after.filter(({ held }, n) => n > 0 && held < after[n - 1].held).length
    expect(forgot).toBeLessThanOrEqual(200)
    expect(forgot).toBeGreaterThanOrEqual(80)
  })

  test('forgets the rarest: what remains occurred more often than its floor', () => {
    const counter = new WordCounter(6)
    for (const [word, times] of Object.entries({ a: 9, b: 7, c: 5, d: 3, e: 2, f: 1, g: 1 }))
      counter.add(word, times)
    // of seven words, more than room for six, three may stay
    expect(counter.floor).toBe(3)
    expect([...counter.counts()]).toEqual([
      ['a', 9],
      ['b', 7],
      ['c', 5],
    ])
  })

  test('counts what it may have missed of a word that comes anew: without a count, none occurred more often than its floor', () => {
    const counter = new WordCounter(4)
    // five different words: all are forgotten, each came once
    for (const word of 'abcde') counter.add(word)
    expect([counter.floor, counter.counts().size]).toEqual([1, 0])
    // a comes twice more, three times in all; the fifth word that is new makes room again
    for (const word of 'aaffgghhi') counter.add(word)
    const held = counter.counts().get('a') ?? 0
    expect(held).toBeGreaterThanOrEqual(3 - counter.floor)
    expect(counter.floor).toBe(3)
  })
})
