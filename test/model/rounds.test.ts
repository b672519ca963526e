import { describe, expect, test } from 'vitest'
import { openDevice } from '../../src/device/open.ts'
import type { LearnOptions } from '../../src/model/learn-options.ts'
import { type LearnEvent, learning } from '../../src/model/learning.ts'
import { split } from '../../src/model/sampling.ts'
import { Corpus } from '../../src/text/corpus.ts'

const SMALL = {
  width: 4,
  query: 2,
  key: 2,
  value: 4,
  heads: 1,
  asking: 2,
  askingHidden: 0,
  buckets: 8,
  minCount: 1,
  heldOut: 0,
}
const lines = (count: number, words: number): string =>
  Array.from({ length: count }, (_, n) =>
    Array.from({ length: words }, (_, w) => `mot${(n * w) % 7}`).join(' '),
  ).join('\n')
const questions = (count: number) =>
  Array.from({ length: count }, (_, n) => ({
    words: ['Tom', `v${n}`, 'ici'],
    question: ['Qui', '?'],
    start: 0,
    end: 1,
  }))
const device = await openDevice({ device: 'reference' })

/** What learning says before its first step. */
async function begun(
  text: string,
  options: LearnOptions,
): Promise<Extract<LearnEvent, { event: 'begin' }>> {
  const events = learning(text, { ...SMALL, ...options, device })
  const { value } = await events.next()
  await events.return(undefined as never)
  return value as Extract<LearnEvent, { event: 'begin' }>
}

describe('the steps of a learning', () => {
  test('are rounds over the text: thirty of a small one, in batches of 600 words', async () => {
    // 240 sentences of 10 words: four steps a round
    expect((await begun(lines(240, 10), {})).steps).toBe(30 * 4)
    expect((await begun(lines(240, 10), { epochs: 2 })).steps).toBe(2 * 4)
    expect((await begun(lines(240, 10), { epochs: 2, batchWords: 100 })).steps).toBe(2 * 24)
  })

  test('with questions are 600 at least', async () => {
    expect((await begun(lines(10, 10), { questions: questions(10) })).steps).toBe(600)
  })

  test('with questions are three rounds over them, or one over the text, whichever is longer', async () => {
    expect(
      (await begun(lines(10, 10), { questions: questions(700), batchQuestions: 2 })).steps,
    ).toBe(3 * 350)
    expect((await begun(lines(1000, 10), { questions: questions(10), batchWords: 10 })).steps).toBe(
      1000,
    )
    expect((await begun(lines(240, 10), { questions: questions(10), epochs: 3 })).steps).toBe(
      3 * 16,
    )
  })

  test('are as many as told', async () => {
    expect((await begun(lines(240, 10), { steps: 17 })).steps).toBe(17)
  })
})

test('words that occur at least twice have a vector of their own, unless told: as many as told, the commonest', async () => {
  const text = 'a a a b b c\nd e e e e'
  const { minCount: _, ...small } = SMALL
  const sizes = async (options: LearnOptions): Promise<readonly string[]> => {
    const events = learning(text, { ...small, ...options, device })
    const { value } = await events.next()
    await events.return(undefined as never)
    return (value as Extract<LearnEvent, { event: 'begin' }>).model.record.vocabulary.words
  }
  expect(await sizes({})).toEqual(['e', 'a', 'b'])
  expect(await sizes({ minCount: 1 })).toEqual(['e', 'a', 'b', 'c', 'd'])
  expect(await sizes({ vocabulary: 2 })).toEqual(['e', 'a'])
})

test('512 words are drawn beside the right ones', async () => {
  const { model } = await begun(lines(4, 10), {})
  expect(model.modules.prediction.options.candidates).toBe(512)
})

test('what is held out is a share of the sentences, 200 at most, and none of fewer than 40', () => {
  const of = (count: number): Corpus => {
    const corpus = new Corpus()
    for (let n = 0; n < count; n++) corpus.add([`mot${n}`])
    return corpus
  }
  expect(
    [39, 40, 100, 3999, 4000, 9000].map((count) => split(of(count), 0.05, 7).heldOut.length),
  ).toEqual([0, 2, 5, 200, 200, 200])
})

test('the loss of what is held out is that of all words, and of the same hidden ones each time', async () => {
  // more words than candidates: told among drawn ones, the loss would be less
  const text = Array.from({ length: 80 }, (_, n) =>
    Array.from({ length: 10 }, (_, w) => `mot${10 * n + w}`).join(' '),
  ).join('\n')
  const losses: number[] = []
  const events = learning(text, {
    ...SMALL,
    heldOut: 0.25,
    steps: 1,
    rate: 1e-12,
    hide: 0.5,
    device,
  })
  for (let next = await events.next(); !next.done; next = await events.next())
    if (next.value.event === 'heldOut') losses.push(next.value.loss)
  expect(losses).toHaveLength(2)
  expect(losses[1]).toBeCloseTo(losses[0], 6)
  // near what nothing known gives, log 800
  expect(Math.abs(losses[0] - Math.log(800))).toBeLessThan(0.3)
})
