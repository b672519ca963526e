import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { WordCounter } from '../../src/text/counter.ts'
import { countWords } from '../../src/text/vocabulary.ts'

/** Words of a few hundred, some of them common. */
const words = fc.array(
  fc.nat(400).map((n) => (n % 3 ? `rare${n}` : `common${n % 7}`)),
  { minLength: 1, maxLength: 600 },
)

describe('a counter of words', () => {
  test('is exact while there are no more different ones than it holds', () => {
    fc.assert(
      fc.property(words, (all) => {
        const counter = new WordCounter(new Set(all).size + 1)
        for (const word of all) counter.add(word)
        expect([counter.floor, counter.counts()]).toEqual([0, countWords(all)])
      }),
      { seed: 7 },
    )
  })

  test('beyond that keeps its bound, and the errors that it states', () => {
    const most = 20
    fc.assert(
      fc.property(words, (all) => {
        const counter = new WordCounter(most)
        for (const word of all) counter.add(word)
        const counts = counter.counts()
        expect(counts.size).toBeLessThanOrEqual(most)
        expect(counter.floor).toBeLessThan((2 * all.length) / most)
        for (const [word, times] of countWords(all)) {
          const count = counts.get(word) ?? 0
          expect(count).toBeLessThanOrEqual(times)
          expect(count).toBeGreaterThanOrEqual(times - counter.floor)
        }
      }),
      { seed: 7 },
    )
  })

  test('finds a word that is common among ever new ones, though it is forgotten at first', () => {
    const counter = new WordCounter(10)
    for (let n = 0; n < 500; n++) {
      counter.add(`new${n}`)
      if (n % 5 === 4) counter.add('often')
    }
    expect(counter.floor).toBeGreaterThan(0)
    expect(counter.counts().get('often')).toBeGreaterThan(100 - 2 * counter.floor)
  })

  test('adds several occurrences at once', () => {
    const counter = new WordCounter()
    counter.add('mer', 3)
    counter.add('mer', 2)
    expect([...counter.counts()]).toEqual([['mer', 5]])
  })
})
