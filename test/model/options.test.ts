import { describe, expect, test } from 'vitest'
import { openDevice } from '../../src/device/open.ts'
import { sgd } from '../../src/learn/optimizer.ts'
import type { LearnOptions } from '../../src/model/learn-options.ts'
import { learn } from '../../src/model/learning.ts'

// Whatever an option says, what the model learns or tells depends on it.

const LINES = Array.from({ length: 15 }, (_, n) => [
  'Tom a été entarté cet été',
  `Un chat noir dort ${n} fois. Il rêve`,
  'L’été, la mer est calme',
])
const TEXT = [...LINES.flat(), 'Tom rêve deux fois', 'deux chats dorment'].join('\n')
const QUESTIONS = Array.from({ length: 26 }, (_, n) => ({
  ...{ words: ['Tom', 'a', 'été', 'vu', `ici${n}`], question: ['Quand', 'Tom', `vu${n}`, '?'] },
  ...{ start: 2 + (n % 3), end: 5 },
}))

const COMMON = {
  width: 8,
  query: 4,
  key: 4,
  value: 8,
  heads: 2,
  asking: 4,
  askingHidden: 3,
  buckets: 64,
}
const device = await openDevice({ device: 'reference' })

/** All parameters of what is learned, and what it tells of a text and of a question. */
async function learned(
  options: LearnOptions,
  length: LearnOptions = { steps: 6 },
): Promise<string> {
  const model = await learn(TEXT, { ...COMMON, ...length, ...options, device })
  const parameters = await Promise.all(
    Object.entries(model.modules.parameters).map(async ([name, handle]) => [
      name,
      [...(await device.read(handle)).data],
    ]),
  )
  const told = await model.embed('Tom l’a été')
  const answer = options.questions ? await model.ask('Tom a été vu ici3', 'Quand Tom ?') : undefined
  return JSON.stringify([
    parameters,
    told.map((tokens) => tokens.map(({ vector }) => [...vector])),
    answer,
  ])
}

/** What holds where nothing is told. */
const DEFAULTS: LearnOptions = {
  ...{
    layers: 1,
    alignment: 'scaledDot',
    distribution: 'softmax',
    position: 'relative:12',
    objective: 'hidden',
    embedding: 'both',
  },
  ...{
    tokens: 'unicode',
    seed: 7,
    sentences: 'line',
    minCount: 2,
    vocabulary: Infinity,
    batchWords: 600,
    rate: 0.01,
    hide: 0.15,
  },
  ...{ dropout: 0, heldOut: 0.05, store: 'float32' },
}
const OTHERS: readonly LearnOptions[] = [
  ...[
    { width: 6 },
    { query: 6, key: 6 },
    { value: 6 },
    { heads: 4 },
    { layers: 2 },
    { buckets: 63 },
    { alignment: 'dot' },
  ],
  ...[
    { distribution: 'sparsemax' },
    { position: 'relative:3' },
    { objective: 'next', embedding: 'seen' },
    { embedding: 'hidden' },
  ],
  ...[
    { tokens: 'space' },
    { tokens: 'words' },
    { sentences: 'auto' },
    { seed: 8 },
    { minCount: 3 },
    { vocabulary: 5 },
    { steps: 7 },
    { batchWords: 100 },
  ],
  ...[
    { rate: 0.011 },
    { hide: 0.2 },
    { dropout: 0.1 },
    { heldOut: 0.1 },
    { store: 'float16' },
    { optimizer: sgd() },
  ],
] as LearnOptions[]
const OF_QUESTIONS: readonly LearnOptions[] = [
  ...[
    { identityDrop: 0.6 },
    { batchQuestions: 12 },
    { batchWords: 100 },
    { clues: 'none' },
    { keys: 'static' },
    { keys: 'contextual' },
  ],
  ...[
    { asking: 5 },
    { askingHidden: 2 },
    { questions: QUESTIONS.slice(1) },
    { objective: 'none', embedding: 'seen' },
  ],
] as LearnOptions[]
const named = (all: readonly LearnOptions[]) =>
  all.map((options) => [JSON.stringify(options).slice(0, 60), options] as const)

describe('learning from a text', async () => {
  const plain = await learned({})

  test('does by itself what its defaults tell', async () => {
    expect(await learned(DEFAULTS)).toBe(plain)
  })

  test.each(named(OTHERS))('does otherwise with %s', async (_name, options) => {
    expect(await learned(options)).not.toBe(plain)
  })

  test('reads as many rounds as told, by default those of 300 000 words, 30 at most', async () => {
    const rounds = (epochs?: number) => learned({ batchWords: 60 }, epochs ? { epochs } : {})
    const all = await Promise.all([1, 2, 30, undefined].map(rounds))
    expect(all[3]).toBe(all[2])
    expect(new Set(all).size).toBe(3)
  })
})

describe('learning from questions too', async () => {
  const common: LearnOptions = { questions: QUESTIONS, steps: 2 }
  const plain = await learned(common)

  test('does by itself what its defaults tell', async () => {
    const told = {
      ...DEFAULTS,
      keys: 'both',
      clues: 'overlap',
      identityDrop: 0.7,
      batchQuestions: 24,
      batchWords: 150,
    } as const
    expect(await learned({ ...told, ...common })).toBe(plain)
  })

  test.each(named(OF_QUESTIONS))('does otherwise with %s', async (_name, options) => {
    expect(await learned({ ...common, ...options })).not.toBe(plain)
  })
})

describe('what cannot be learned from is refused before anything is drawn', () => {
  const words = ['Tom', 'dort']
  const question = ['Qui', 'dort']
  const wrong: [string, object, string][] = [
    [
      'no model to go on from',
      { from: 3 },
      "learn: from must be a value such as await load('fr'), got 3",
    ],
    [
      'a number as questions',
      { questions: 3 },
      'learn: questions must be a table as text, { name, stream }, or an array, got 3',
    ],
    [
      'null as questions',
      { questions: null },
      'learn: questions must be a table as text, { name, stream }, or an array, got null',
    ],
    ['an empty question', { questions: [{}] }, 'learn: question 0 must be such as {'],
    [
      'a question as text',
      { questions: [{ words, question: 'Qui', start: 0, end: 1 }] },
      'learn: question 0 must be such as {',
    ],
    [
      'an answer beyond its text',
      { questions: [{ words, question, start: 1, end: 3 }] },
      'learn: the answer of question 0 must be positions 0 ≤ start < end ≤ 2, got 1 and 3',
    ],
    [
      'an answer without words',
      { questions: [{ words, question, start: 1, end: 1 }] },
      'got 1 and 1',
    ],
    [
      'another answer that is NaN',
      { questions: [{ words, question, start: 0, end: 1, others: [[Number.NaN, 1]] }] },
      'got NaN and 1',
    ],
  ]
  test.each(wrong)('%s', async (_what, options, message) => {
    await expect(
      learn(TEXT, { ...COMMON, steps: 1, device, ...options } as LearnOptions),
    ).rejects.toThrow(message)
  })
})
