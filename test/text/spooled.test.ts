import { describe, expect, test } from 'vitest'
import { Corpus, LONGEST_SENTENCE } from '../../src/text/corpus.ts'
import { readCorpus } from '../../src/text/reading.ts'
import { MemorySpool } from '../../src/text/spool.ts'
import { SpooledCorpus } from '../../src/text/spooled.ts'

const LINES = Array.from({ length: 57 }, (_, n) => `Été ${n} ${'mot '.repeat(n % 11)}fin`)
const source = { name: 'a.txt', stream: LINES.map((line) => `${line}\n`) }
const words = LINES.flatMap((line) => line.split(' ')).length

const linesOf = (corpus: SpooledCorpus): string[] =>
  corpus.blocks.flatMap((block) => corpus.linesOf(block))

async function spooled(room: object = { words: 20 }): Promise<SpooledCorpus> {
  const corpus = await readCorpus([source], {}, room)
  expect(corpus).toBeInstanceOf(SpooledCorpus)
  return corpus as SpooledCorpus
}

describe('a text larger than the room for it', () => {
  test('comes back sentence by sentence, those too that were in memory before', async () => {
    const corpus = await spooled()
    expect(linesOf(corpus)).toEqual(LINES)
    expect([corpus.sentenceCount, corpus.size]).toEqual([57, words])
  })

  test('is counted in lower case, exactly while the words fit', async () => {
    const corpus = await spooled({ words: 100 })
    const counts = corpus.takeWordCounts()
    expect([counts.get('été'), counts.get('Été'), counts.get('fin')]).toEqual([57, undefined, 57])
  })

  test('lies in blocks that know what is in them', () => {
    const corpus = new SpooledCorpus(new MemorySpool(), undefined, 40)
    for (const line of LINES) corpus.add(line.split(' '))
    corpus.end()
    expect(corpus.blocks.length).toBeGreaterThan(20)
    for (const block of corpus.blocks) {
      const lines = corpus.linesOf(block)
      expect(lines).toEqual(LINES.slice(block.first, block.first + block.sentences))
      expect(lines.flatMap((line) => line.split(' '))).toHaveLength(block.words)
    }
  })

  test('cuts what is too long for a sentence, as in memory', () => {
    const long = Array.from({ length: LONGEST_SENTENCE + 3 }, (_, n) => `m${n}`)
    const corpus = new SpooledCorpus(new MemorySpool())
    corpus.add(long)
    corpus.end()
    expect(linesOf(corpus).map((line) => line.split(' ').length)).toEqual([LONGEST_SENTENCE, 3])
  })

  test('gives its spool back where the text cannot be read', async () => {
    let closed = false
    const spool = new MemorySpool()
    spool.close = () => {
      closed = true
    }
    const bad = {
      name: 'b.txt',
      stream: ['un deux trois\n', 'quatre cinq\n', Uint8Array.of(0xff, 10)],
    }
    await expect(readCorpus([bad], {}, { words: 4, spool: () => spool })).rejects.toThrow(
      'b.txt: line 3 is not UTF-8',
    )
    expect(closed).toBe(true)
  })
})

test('many short sentences take room beside their words', async () => {
  const short = { name: 'a', stream: ['un\n'.repeat(100)] }
  expect(await readCorpus([short], {}, { words: 400 })).toBeInstanceOf(SpooledCorpus)
  expect(await readCorpus([short], {}, { words: 800 })).toBeInstanceOf(Corpus)
})
