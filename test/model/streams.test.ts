import { describe, expect, test } from 'vitest'
import {
  type LearnEvent,
  type LearnOptions,
  learn,
  learning,
  openSpool,
  type Spool,
} from '../../src/doors/internal.ts'

const TEXT = Array.from(
  { length: 120 },
  (_, n) => `Tom a vu ${n % 9} bateaux cet été et le chat${n} dort`,
).join('\n')
const SMALL = {
  width: 8,
  query: 4,
  key: 4,
  value: 8,
  heads: 2,
  asking: 8,
  buckets: 64,
  minCount: 1,
  steps: 12,
  batchWords: 60,
}

async function bytesOf(
  text: Parameters<typeof learn>[0],
  options: LearnOptions = {},
): Promise<Uint8Array> {
  const model = await learn(text, { ...SMALL, ...options })
  const bytes = await model.bytes()
  await model.close()
  return bytes
}

/** A spool on the disk that tells when it is closed. */
async function told(closed: string[]): Promise<Spool> {
  const spool = await openSpool()
  const close = spool.close.bind(spool)
  spool.close = () => {
    closed.push('closed')
    close()
  }
  return spool
}

describe('a text larger than memory', () => {
  const large = { wordsInMemory: 200 }

  test('is learned to the same bytes from disk, from memory, and in pieces of any size', async () => {
    const bytes = await bytesOf(TEXT, large)
    const pieces = new TextEncoder().encode(TEXT)
    const stream = Array.from({ length: Math.ceil(pieces.length / 7) }, (_, n) =>
      pieces.subarray(7 * n, 7 * n + 7),
    )
    expect(await bytesOf(stream, { ...large, spool: () => openSpool() })).toEqual(bytes)
    expect(await bytesOf(TEXT, { ...large, seed: 8 })).not.toEqual(bytes)
  })

  test('gives its spool back, at the end, after an error, and where nobody listens any more', async () => {
    const closed: string[] = []
    const spooled = { ...large, spool: () => told(closed) }
    await bytesOf(TEXT, spooled)
    await expect(bytesOf(TEXT, { ...spooled, minCount: 1000 })).rejects.toThrow(
      'no word of the text occurs 1000 times',
    )
    const events = learning(TEXT, { ...SMALL, ...spooled })
    await events.next()
    await events.return(undefined as never)
    expect(closed).toHaveLength(3)
  })

  test('is read round after round', async () => {
    const steps: number[] = []
    for await (const event of learning(TEXT, {
      ...SMALL,
      ...large,
      steps: undefined as never,
      epochs: 3,
    }))
      if (event.event === 'begin') steps.push(event.steps)
    expect(steps[0]).toBeGreaterThan((3 * 120 * 10) / 60 - 10)
  })

  test('learns: the loss falls', async () => {
    const losses: number[] = []
    for await (const event of learning(TEXT, { ...SMALL, ...large, steps: 60 }))
      if (event.event === 'step') losses.push(event.loss)
    expect(losses[5]).toBeLessThan(losses[0])
  })
})

test('a text that fits has the same bytes whatever room there would be', async () => {
  expect(await bytesOf(TEXT, { wordsInMemory: 5000 })).toEqual(await bytesOf(TEXT))
})

test('no more words than asked for have a vector of their own, the commonest', async () => {
  const begun = async (options: LearnOptions): Promise<LearnEvent & { event: 'begin' }> => {
    const { value } = await learning(TEXT, { ...SMALL, ...options }).next()
    return value as LearnEvent & { event: 'begin' }
  }
  for (const wordsInMemory of [200, 5000]) {
    const { model, vocabulary } = await begun({ wordsInMemory, vocabulary: 5 })
    expect([
      vocabulary,
      model.vocabulary.words.includes('chat7'),
      model.vocabulary.words.includes('bateaux'),
    ]).toEqual([5, false, true])
    await model.close()
  }
})
