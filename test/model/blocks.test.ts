import { describe, expect, test } from 'vitest'
import { BlockBatches } from '../../src/model/blocks.ts'
import { datasetOf } from '../../src/model/dataset.ts'
import { MemorySpool } from '../../src/text/spool.ts'
import { SpooledCorpus } from '../../src/text/spooled.ts'

const LINES = Array.from({ length: 211 }, (_, n) => `s${n} ${'mot '.repeat(n % 13)}fin`)
const wordsOf = (line: string): string[] => line.split(' ')

function corpusOf(lines: readonly string[]): SpooledCorpus {
  const corpus = new SpooledCorpus(new MemorySpool(), undefined, 120)
  for (const line of lines) corpus.add(wordsOf(line))
  corpus.end()
  return corpus
}

const HELD_OUT = new Map([3, 4, 5, 100, 210].map((n) => [n, wordsOf(LINES[n])]))
const learned = LINES.filter((_, n) => !HELD_OUT.has(n))
const make = (seed = 7, weight = 40) => new BlockBatches(corpusOf(LINES), HELD_OUT, seed, weight, 5)
const stepsFrom = (first: number, last: number): number[] =>
  Array.from({ length: last - first + 1 }, (_, n) => first + n)

describe('batches of blocks', () => {
  test.each([3, 40, 300])(
    'hold every learned sentence once in each round, in lists of about %i words, none empty',
    (weight) => {
      const batches = make(7, weight)
      const [first, second] = [batches.stepsOf(1), batches.stepsOf(2)]
      for (const [from, to] of [
        [1, first],
        [first + 1, second],
      ]) {
        const lists = stepsFrom(from, to).map((step) => batches.at(step))
        expect(lists.flat().sort()).toEqual([...learned].sort())
        expect(Math.min(...lists.map(({ length }) => length))).toBeGreaterThan(0)
      }
      expect(batches.size).toBe(learned.length)
    },
  )

  test('are about as heavy as asked', () => {
    const batches = make()
    const weights = stepsFrom(1, batches.stepsOf(1)).map(
      (step) => batches.at(step).flatMap(wordsOf).length,
    )
    expect(weights.reduce((sum, weight) => sum + weight, 0) / weights.length).toBeGreaterThan(35)
    expect(Math.max(...weights)).toBeLessThan(70)
  })

  test('are the same in whatever order they are asked for', () => {
    const [forth, back] = [make(), make()]
    const steps = stepsFrom(1, forth.stepsOf(2))
    const forward = steps.map((step) => forth.at(step))
    const backward = [...steps].reverse().map((step) => back.at(step))
    expect(backward.reverse()).toEqual(forward)
  })

  test('are in another order in another round and for another seed', () => {
    const batches = make()
    const steps = batches.stepsOf(1)
    const round = (from: number, of: BlockBatches) =>
      stepsFrom(from, from + steps - 1).flatMap((step) => of.at(step))
    const first = round(1, batches)
    expect(round(1, make())).toEqual(first)
    expect(round(1, make(8))).not.toEqual(first)
    expect(round(steps + 1, batches)).not.toEqual(first)
    expect(first).not.toEqual(learned)
  })

  test('mix sentences of several blocks within a list', () => {
    const corpus = corpusOf(LINES)
    const batches = new BlockBatches(corpus, new Map(), 7, 60, 5)
    const blockOfLine = new Map(
      corpus.blocks.flatMap((block, n) => corpus.linesOf(block).map((line) => [line, n] as const)),
    )
    const different = new Set(batches.at(1).map((line) => blockOfLine.get(line)))
    expect(different.size).toBeGreaterThan(2)
  })
})

test('what is held out is never learned from, and the same for the same seed', () => {
  const dataset = (seed: number) =>
    datasetOf(corpusOf(LINES), { heldOut: 0.1, seed, batchWords: 40 })
  const own = dataset(7)
  const heldOut = own.heldOut.map((words) => words.join(' '))
  expect(new Set(heldOut).size).toBe(21)
  const read = stepsFrom(1, own.stepsOf(1)).flatMap((step) =>
    own.at(step).map((words) => words.join(' ')),
  )
  expect([...read, ...heldOut].sort()).toEqual([...LINES].sort())
  expect(dataset(7).heldOut).toEqual(own.heldOut)
  expect(dataset(8).heldOut).not.toEqual(own.heldOut)
})
