import { afterAll, describe, expect, test } from 'vitest'
import { modelFile } from '../../src/cli/terminal/shipped.ts'
import { openDevice } from '../../src/device/open.ts'
import { cosineSimilarity, learn, load, type Model } from '../../src/doors/internal.ts'
import { Lexicon } from '../../src/learn/lexicon.ts'
import type { LearnOptions } from '../../src/model/learn-options.ts'
import { Vocabulary } from '../../src/text/vocabulary.ts'

// One text typed with any apostrophe is one text to every model.

const OTHERS = [...'’ʼ′´‘＇']
const SENTENCES = {
  fr: [
    "J'ai vu l'escalier qu'il monte",
    "Il n'a pas l'air d'un homme",
    "Aujourd'hui l'hiver a l'ombre",
  ],
  en: [
    "I don't know the man's house",
    "It's o'clock, he didn't say",
    "'They'll see' said Mary's mother",
  ],
}
const typed = (text: string, apostrophe: string): string => text.replaceAll("'", apostrophe)

const device = await openDevice({ device: 'reference' })
afterAll(() => device.close())

const vectorsOf = async (model: Model, text: string) =>
  (await model.embed(text))[0].map(({ vector }) => vector)

async function expectSame(model: Model, text: string): Promise<void> {
  const straight = await vectorsOf(model, text)
  expect(straight.length).toBeGreaterThan(3)
  const { weights } = await model.attend(text)
  for (const apostrophe of OTHERS) {
    const other = typed(text, apostrophe)
    const vectors = await vectorsOf(model, other)
    expect(vectors).toEqual(straight)
    vectors.forEach((vector, n) => {
      expect(cosineSimilarity(vector, straight[n])).toBeCloseTo(1, 14)
    })
    expect((await model.attend(other)).weights.data).toEqual(weights.data)
    for (const { token, start, end } of model.tokenize(other))
      expect(other.slice(start, end)).toBe(token)
  }
}

describe.each(['fr', 'en'] as const)('%s', (name) => {
  test.each(SENTENCES[name])(
    '%s has the same vectors and attention weights with any apostrophe',
    async (text) => {
      await expectSame(await load(modelFile(name), { on: device }), text)
    },
  )
})

const TEXT =
  "L'été qu'il a vu n'est pas l'hiver.\nIl n'a pas l'air d'un homme.\nQu'est-ce qu'il a vu l'été ?\n"
const SMALL: LearnOptions = {
  ...{ width: 6, query: 4, key: 4, value: 6, heads: 2, buckets: 31, languages: ['fr'] },
  ...{ steps: 3, minCount: 1, heldOut: 0, device },
}
test.each(['unicode', 'words', 'dictionary'] as const)(
  'a model that is learned by the rule %s from any apostrophe has the same vectors for all',
  async (tokens) => {
    for (const apostrophe of ["'", ...OTHERS]) {
      const options: LearnOptions = { ...SMALL, tokens }
      if (tokens === 'words') delete (options as { languages?: unknown }).languages
      const model = await learn(typed(TEXT, apostrophe), options)
      expect(model.vocabulary.numberOf("qu'")).toBeGreaterThanOrEqual(0)
      await expectSame(model, SENTENCES.fr[0])
    }
  },
)

test('a tokenized text too', async () => {
  const { languages: _, ...options } = SMALL
  const model = await learn("l' été d' un an\nl’ hiver d’ un an\n", { ...options, tokens: 'space' })
  await expectSame(model, "l' été qu' il a vu d' un an")
})

test('a text is learned to the same bits with any apostrophe, but by the rule words', async () => {
  const straight = await (await learn(TEXT, SMALL)).bytes()
  for (const apostrophe of OTHERS)
    expect(await (await learn(typed(TEXT, apostrophe), SMALL)).bytes()).toEqual(straight)
  expect(await (await learn(TEXT.replace("'", '’'), SMALL)).bytes()).toEqual(straight)
})

test.each([
  ['words', 'l’', "d'"],
  ['space', "l'", "d'"],
] as const)('counts of one word in several spellings are one: %s', async (tokens, l, d) => {
  const { languages: _, ...options } = SMALL
  const model = await learn("l’ été\nL’ an\nl′ air\nl' eau\nl’ ami\nd' or\nd’ or\n", {
    ...options,
    tokens,
  })
  const counts = Object.fromEntries(
    model.vocabulary.words.map((word, n) => [word, model.record.counts[n]]),
  )
  expect(counts).toMatchObject({ [l]: 5, [d]: 2 })
  expect(Object.keys(counts)).toHaveLength(8)
})

test('of two spellings in a vocabulary the first is found; each row keeps its number', () => {
  const lexicon = new Lexicon(new Vocabulary(['l’', 'd’', "l'", 'an']), 31)
  for (const one of ["'", ...OTHERS]) expect(lexicon.featuresOf(`L${one}`).word).toBe(0)
  expect(lexicon.featuresOf("l'")).toBe(lexicon.featuresOf('l’'))
  expect([0, 1, 2, 3].map((number) => lexicon.featuresOfNumber(number).word)).toEqual([0, 1, 2, 3])
  lexicon.forget()
  expect(lexicon.featuresOf('l′')).toBe(lexicon.featuresOfNumber(0))
})

test('what goes on counts a word where the model before has it', async () => {
  const { languages: _, ...options } = SMALL
  const from = await learn('l’ été\nl’ an\nl’ or\n', { ...options, tokens: 'space' })
  const next = await learn("l' air\nl' an\n", { ...options, from })
  expect(next.vocabulary.words).toEqual([...from.vocabulary.words, 'air'])
  expect(next.record.counts[next.vocabulary.numberOf('l′') ?? -1]).toBe(5)
})

test('a question and its text share words whatever their apostrophes', async () => {
  const table = "sentence\tquestion\tstart\tend\nl' été d' un an est là\tOù est l'été ?\t6\t7\n"
  const model = await learn(TEXT, { ...SMALL, questions: table, steps: 8 })
  const answers = []
  for (const one of ["'", ...OTHERS])
    for (const other of ["'", ...OTHERS]) {
      const { weights, at } = await model.ask(
        typed("l'été d'un an est là", one),
        typed("Où est l'été ?", other),
      )
      answers.push([at, [...weights]])
    }
  for (const answer of answers) expect(answer).toEqual(answers[0])
})

test('near finds a word by any apostrophe', async () => {
  const model = await load(modelFile('fr'), { on: device })
  const texts = ["Aujourd'hui il dort", 'Aujourd’hui elle dort', 'Aujourd´hui il mange']
  const [straight, ...others] = await Promise.all(
    ["'", ...OTHERS].map((one) =>
      model.near(
        { text: typed("l'hiver d'un an", one), at: 1 },
        texts.map((text) => text.toLowerCase()),
        { count: 5 },
      ),
    ),
  )
  const similarities = straight.map(({ similarity }) => similarity)
  for (const other of others)
    expect(other.map(({ similarity }) => similarity)).toEqual(similarities)
})

test('near leaves out the query itself, typed with any apostrophe', async () => {
  const model = await load(modelFile('fr'), { on: device })
  for (const one of OTHERS) {
    const query = { text: typed("l'hiver d'un an", one), at: 1 }
    expect(await model.near(query, ["l'hiver d'un an"], { word: 'hiver' })).toEqual([])
  }
})
