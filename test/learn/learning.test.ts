import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ReferenceDevice } from '../../src/device/reference.ts'
import { Average } from '../../src/learn/average.ts'
import { adamW, sgd, warmupThenLinear } from '../../src/learn/optimizer.ts'
import { readQuestions } from '../../src/learn/triples.ts'
import { Batches, split } from '../../src/model/sampling.ts'
import { Tensor } from '../../src/tensor.ts'
import { Corpus, LONGEST_SENTENCE } from '../../src/text/corpus.ts'

const source = (text: string) => ({ name: 'q.tsv', stream: [text] })

describe('batches', () => {
  const weights = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 60 })

  test('hold every item once in each round, whatever the weights', () => {
    fc.assert(
      fc.property(weights, fc.integer({ min: 1, max: 100 }), (items, weight) => {
        const numbered = items.map((own, n) => ({ own, n }))
        const batches = new Batches(numbered, 7, 'test', weight, ({ own }) => own)
        const steps = batches.stepsOf(2)
        const seen = Array.from({ length: steps }, (_, step) => batches.at(step + 1)).flat()
        const counts = items.map((_, n) => seen.filter((item) => item.n === n).length)
        expect(counts).toEqual(items.map(() => 2))
      }),
      { seed: 7 },
    )
  })

  test('are the same in whatever order they are asked for', () => {
    const numbers = Array.from({ length: 30 }, (_, n) => n)
    const make = () => new Batches(numbers, 7, 'test', 4, () => 1)
    const forth = make()
    const back = make()
    const steps = Array.from({ length: 20 }, (_, n) => n + 1)
    const forward = steps.map((step) => forth.at(step))
    expect(
      [...steps]
        .reverse()
        .map((step) => back.at(step))
        .reverse(),
    ).toEqual(forward)
  })

  test('are as heavy as asked, but for the last of a round, which takes what is left over', () => {
    const batches = new Batches([3, 3, 3, 3, 3, 3, 3], 7, 'test', 6, (own) => own)
    expect([1, 2, 3].map((step) => batches.at(step).length)).toEqual([2, 2, 3])
  })
})

describe('a corpus', () => {
  test('numbers its words in the order of first sight, counts them, and keeps its sentences', async () => {
    const corpus = await Corpus.read([source('un deux\n\nun trois un\n')])
    expect(corpus.words).toEqual(['un', 'deux', 'trois'])
    expect(corpus.counts).toEqual([3, 1, 1])
    expect(corpus.sentences.map((sentence) => [...sentence])).toEqual([
      [0, 1],
      [0, 2, 0],
    ])
    expect(corpus.size).toBe(5)
  })

  test('cuts what is too long for a sentence', async () => {
    const corpus = await Corpus.read([source('mot '.repeat(2 * LONGEST_SENTENCE + 3))])
    expect(corpus.sentences.map(({ length }) => length)).toEqual([
      LONGEST_SENTENCE,
      LONGEST_SENTENCE,
      3,
    ])
  })

  test('finds sentences by their ends where told', async () => {
    const corpus = await Corpus.read([source('Il pleut. Elle dort. M. Dupont aussi.')], {
      sentences: 'auto',
    })
    expect(corpus.sentences).toHaveLength(3)
  })

  test('holds out the same sentences for the same seed, and none of a small text', async () => {
    const corpus = new Corpus()
    for (let n = 0; n < 100; n++) corpus.add([`word${n}`])
    const halves = split(corpus, 0.1, 7)
    expect(halves.heldOut).toHaveLength(10)
    expect([...halves.learned, ...halves.heldOut].sort((a, b) => a - b)).toEqual(
      Array.from({ length: 100 }, (_, n) => n),
    )
    expect(split(corpus, 0.1, 7)).toEqual(halves)
    expect(split(corpus, 0.1, 8)).not.toEqual(halves)
    expect(split(await Corpus.read([source('a\nb')]), 0.5, 7).heldOut).toEqual([])
  })
})

describe('questions of a table', () => {
  test('are read by the names of the columns, others left alone', async () => {
    const text =
      'end\tkind\tsentence\tstart\tquestion\n4\twho\tL’ été , Tom dort\t3\tQui donc ?\r\n\n'
    expect(await readQuestions(source(text))).toEqual([
      {
        words: ['L’', 'été', ',', 'Tom', 'dort'],
        question: ['Qui', 'donc', '?'],
        start: 3,
        end: 4,
      },
    ])
  })

  test('of one sentence are one question where they are the same, with each answer', async () => {
    const rows = [
      'a b c\twho ?\t0\t1',
      'a b c\twhat ?\t1\t2',
      'a b c\twho ?\t1\t3',
      'a b\twho ?\t0\t1',
      'a b c\twho ?\t2\t3',
    ]
    expect(
      await readQuestions(source(`sentence\tquestion\tstart\tend\n${rows.join('\n')}`)),
    ).toEqual([
      {
        words: ['a', 'b', 'c'],
        question: ['who', '?'],
        start: 0,
        end: 1,
        others: [
          [1, 3],
          [2, 3],
        ],
      },
      { words: ['a', 'b', 'c'], question: ['what', '?'], start: 1, end: 2 },
      { words: ['a', 'b'], question: ['who', '?'], start: 0, end: 1 },
    ])
  })

  test.each([
    [
      '',
      'q.tsv: is empty; its first line must name the columns sentence, question, start, end, with tabs between them',
    ],
    [
      'sentence\tquestion\tstart\tend\na b\tq\t-1\t1',
      'q.tsv: line 2: start must be a whole number, got "-1"; fields are separated by tabs',
    ],
    [
      'sentence\tquestion\tstart\tend\na b\tq\t1\t1',
      'q.tsv: line 2: start and end must name words of the sentence, 0 ≤ start < end ≤ 2, got 1 and 1',
    ],
    [
      'sentence\tquestion\tstart\tend\n\tq\t0\t1',
      'q.tsv: line 2: the sentence is empty; give its tokens with spaces between them',
    ],
    [
      'sentence\tquestion\tstart\tend\na b\t\t0\t1',
      'q.tsv: line 2: the question is empty; give one',
    ],
  ])('%j is refused with its line', async (text, message) => {
    await expect(readQuestions(source(text))).rejects.toThrow(new RangeError(message))
  })
})

describe('optimizers', () => {
  const device = new ReferenceDevice({ dtype: 'float64' })
  const of = (...numbers: number[]) => device.upload(Tensor.from(numbers, 'float64'))

  test('sgd with momentum goes further where it went before: p − rate · (μv + g)', async () => {
    const p = of(1)
    const optimizer = sgd({ momentum: 0.5 })
    optimizer.begin(device, { p })
    for (const step of [1, 2])
      optimizer.move(
        device,
        { name: 'p', parameter: p, gradient: of(2) },
        { rate: 0.1, decay: 0 },
        step,
      )
    // 1 − .1 · 2 − .1 · (.5 · 2 + 2)
    expect((await device.read(p)).data[0]).toBeCloseTo(0.5, 12)
  })

  test('the first step of adamW is as long as the rate, whatever the gradient, and decays', async () => {
    const p = of(1, 1)
    const optimizer = adamW()
    optimizer.begin(device, { p })
    optimizer.move(
      device,
      { name: 'p', parameter: p, gradient: of(1e-3, -50) },
      { rate: 0.1, decay: 0.5 },
      1,
    )
    const { data } = await device.read(p)
    expect(data[0]).toBeCloseTo(1 - 0.1 - 0.05, 4)
    expect(data[1]).toBeCloseTo(1 + 0.1 - 0.05, 4)
  })

  test('the rate rises in a line, then falls to its end', () => {
    const factor = warmupThenLinear({ warmup: 10, steps: 110, end: 0.2 })
    expect([1, 5, 10, 60, 110].map(factor)).toEqual([0.1, 0.5, 1, 0.6, 0.19999999999999996])
  })

  test('an average is the mean of what it saw', async () => {
    const average = new Average(device)
    const p = of(0, 0)
    for (const numbers of [
      [1, 2],
      [2, 4],
      [6, 0],
    ]) {
      device.write(p, Tensor.from(numbers, 'float64'))
      average.add({ p })
    }
    average.store({ p })
    average.free()
    expect([...(await device.read(p)).data].map((x) => x.toFixed(12))).toEqual([
      '3.000000000000',
      '2.000000000000',
    ])
  })
})
