import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import {
  decodeTensors,
  encodeTensors,
  type LearnEvent,
  learn,
  learning,
  load,
  type Model,
  Tensor,
} from '../../src/doors/internal.ts'

const TEXT = `Tom a été entarté cet été
Le vieux moulin a été vendu au printemps
Cet été, Tom a vendu le moulin
La mer a été calme tout l’été
Tom a vu la mer cet été
Le printemps a été long
Marie a vu Tom au moulin
La tarte a été lancée par Marie
`
const QUESTIONS = `sentence\tquestion\tstart\tend
Le vieux moulin a été vendu au printemps\tQu’est-il arrivé au moulin ?\t5\t6
Le vieux moulin a été vendu au printemps\tWhen was that ?\t7\t8
La tarte a été lancée par Marie\tQui a fait cela ?\t6\t7
`
const SMALL = {
  width: 8,
  query: 4,
  key: 4,
  value: 8,
  heads: 2,
  asking: 8,
  buckets: 64,
  minCount: 1,
  steps: 20,
}

let model: Model
beforeAll(async () => {
  model = await learn(TEXT, { ...SMALL, questions: QUESTIONS })
})

const bytesOf = async (text: string | readonly string[], options: object): Promise<Uint8Array> => {
  const learned = await learn(text, { ...SMALL, ...options })
  const bytes = await learned.bytes()
  await learned.close()
  return bytes
}

describe('learning', () => {
  test('the same text, options and seed give the same bytes; another seed does not', async () => {
    const bytes = await bytesOf(TEXT, { questions: QUESTIONS })
    expect(bytes).toEqual(await model.bytes())
    expect(await bytesOf(TEXT, { questions: QUESTIONS, seed: 8 })).not.toEqual(bytes)
  })

  test('equal words are equal to the last bit before it, in one sentence, and part by it', async () => {
    const parted: boolean[] = []
    const vectors = async (of: Model) => {
      const [tokens] = await of.embed('Tom a été entarté cet été')
      return [tokens[2].vector, tokens[5].vector]
    }
    const events = learning(TEXT, { ...SMALL, embedding: 'seen' })
    for (let next = await events.next(); ; next = await events.next()) {
      if (!next.done && next.value.event !== 'begin') continue
      const [first, second] = await vectors(
        next.done ? next.value : (next.value as Extract<LearnEvent, { event: 'begin' }>).model,
      )
      parted.push(first.some((value, c) => value !== second[c]))
      if (next.done) break
    }
    expect(parted).toEqual([false, true])
  })

  test('an array of strings is as many texts', async () => {
    const sentences = TEXT.trim().split('\n')
    expect(await bytesOf(sentences, {})).toEqual(await bytesOf(TEXT, {}))
  })

  test('the loss falls, and every step of it is told', async () => {
    const losses: number[] = []
    for await (const event of learning(TEXT, { ...SMALL, steps: 60 }))
      if (event.event === 'step') losses.push(event.loss)
    expect(losses).toHaveLength(6)
    expect(losses[5]).toBeLessThan(losses[0])
  })

  test('a signal ends it between two steps, and the model so far is returned', async () => {
    const abort = new AbortController()
    const events = learning(TEXT, { ...SMALL, steps: 500, signal: abort.signal })
    for (;;) {
      const next = await events.next()
      if (next.done) {
        expect(next.value.learned[0].steps).toBe(20)
        expect((await next.value.embed('Tom'))[0]).toHaveLength(1)
        break
      }
      if (next.value.event === 'step' && next.value.step === 20) abort.abort()
    }
  })

  test('it goes on from a model with another text: numbers of words stay, new ones come after, the first model is left alone', async () => {
    const before = await model.bytes()
    const after = await learn('Le bateau a quitté le port\nLe port a été calme', {
      from: model,
      minCount: 1,
      steps: 10,
    })
    expect(after.vocabulary.words.slice(0, model.vocabulary.size)).toEqual(model.vocabulary.words)
    expect(after.vocabulary.numberOf('bateau')).toBeGreaterThanOrEqual(model.vocabulary.size)
    expect(after.learned).toHaveLength(2)
    expect(after.knowsQuestions).toBe(true)
    expect(await model.bytes()).toEqual(before)
    expect((await after.bytes()).length).toBeGreaterThan(before.length)
  })

  test.each(['next', 'none'] as const)('the objective %s is learned', async (objective) => {
    const learned = await learn(TEXT, { ...SMALL, objective, questions: QUESTIONS })
    expect(learned.config.objective).toBe(objective)
    await learned.close()
  })

  test.each([
    ['sparsemax', { distribution: 'sparsemax' }],
    ['entmax with a learned α', { distribution: 'entmax:learned' }],
    ['additive alignment', { alignment: 'additive:5' }],
    ['rotary positions', { position: 'rotary' }],
    ['learned positions', { position: 'learned:64' }],
    ['unequal widths', { alignment: 'general', query: 4, key: 8 }],
    ['two layers', { layers: 2 }],
    ['tokens by spaces', { tokens: 'space' as const }],
    ['contextual keys', { keys: 'contextual' as const }],
  ])('%s: learned, saved, loaded, asked', async (_what, options) => {
    const learned = await learn(TEXT, { ...SMALL, questions: QUESTIONS, ...options })
    const again = await load(await learned.bytes())
    expect(await again.bytes()).toEqual(await learned.bytes())
    const answer = await again.ask('Tom a été entarté cet été', 'When ?')
    expect(answer.weights.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 5)
    await learned.close()
    await again.close()
  })
})

describe('a model', () => {
  test('gives every word of a text its place, vector and own length', async () => {
    const [first, second] = await model.embed(['L’été, Tom !', ['déjà', 'coupé']])
    expect(first.map(({ token, start, end }) => [token, start, end])).toEqual([
      ['L’', 0, 2],
      ['été', 2, 5],
      [',', 5, 6],
      ['Tom', 7, 10],
      ['!', 11, 12],
    ])
    expect(second.map(({ token }) => token)).toEqual(['déjà', 'coupé'])
    expect(first[0].vector).toHaveLength(8)
  })

  test('gives a word never seen a vector, from its letters', async () => {
    const [[word]] = await model.embed('anticonstitutionnellement')
    expect(word.vector.some((value) => value !== 0)).toBe(true)
  })

  test('reads a text alone as it reads it among others', async () => {
    const sentences = TEXT.trim().split('\n')
    const together = await model.embed(sentences)
    for (const [n, sentence] of sentences.entries())
      expect((await model.embed(sentence))[0]).toEqual(together[n])
  })

  test('tells of a hidden word what the others tell, whatever it is', async () => {
    const hiding = await learn(TEXT, { ...SMALL, embedding: 'hidden' })
    const at = async (word: string) =>
      (await hiding.embed([['Tom', 'a', word, 'cet', 'été']], { at: [[2]] }))[0][0]
    const sold = await at('vendu')
    expect((await at('vu')).vector).toEqual(sold.vector)
    expect(sold.vector).toHaveLength(8)
    expect((await hiding.embed([['Tom', 'a', 'vendu', 'cet', 'été']]))[0][2]).toEqual(sold)
    const other = (await hiding.embed([['Marie', 'a', 'vendu', 'cet', 'été']], { at: [[2]] }))[0][0]
    expect(other.vector).not.toEqual(sold.vector)
    await hiding.close()
  })

  test('adds the word’s own vector to what the others tell, unless told: the difference does not depend on the text', async () => {
    const both = await learn(TEXT, { ...SMALL })
    const hiding = await learn(TEXT, { ...SMALL, embedding: 'hidden' })
    expect(both.config.embedding).toBe('both')
    const own = async (text: string) => {
      const [[a], [b]] = await Promise.all(
        [both, hiding].map(async (of) => (await of.embed([text], { at: [[1]] }))[0]),
      )
      return Array.from(a.vector, (value, c) => value - b.vector[c])
    }
    const [first, second] = [await own('le moulin vendu'), await own('un moulin')]
    first.forEach((value, c) => void expect(value).toBeCloseTo(second[c], 5))
    expect(Math.hypot(...first)).toBeGreaterThan(0.1)
    await both.close()
    await hiding.close()
  })

  test('gives the words at some places alone', async () => {
    const all = await model.embed(['Tom a vu', 'la mer'])
    expect(await model.embed(['Tom a vu', 'la mer'], { at: [[2, 0], []] })).toEqual([
      [all[0][2], all[0][0]],
      [],
    ])
  })

  test('attends with weights that sum to one in every row of every head', async () => {
    const { tokens, weights } = await model.attend('Tom a été entarté cet été')
    expect(weights.shape).toEqual([2, tokens.length, tokens.length])
    for (let row = 0; row < 2 * tokens.length; row++) {
      const sum = Array.from(
        weights.data.subarray(row * tokens.length, (row + 1) * tokens.length),
      ).reduce((s, a) => s + a, 0)
      expect(sum).toBeCloseTo(1, 5)
    }
  })

  test('asks alike from every place when it learned to ask, and by its own query when it did not', async () => {
    const asked = await model.ask('Tom a été entarté cet été', 'When ?')
    expect(await model.ask('Tom a été entarté cet été', 'When ?', { at: 2 })).toEqual(asked)
    expect(asked.asked).toBe('learned')
    const raw = await learn(TEXT, SMALL)
    const answers = [undefined, 0, 5].map((at) =>
      raw.ask('Tom a été entarté cet été', 'When ?', at === undefined ? {} : { at }),
    )
    const [nowhere, first, last] = await Promise.all(answers)
    expect(nowhere.asked).toBe('query')
    expect([...first.weights]).not.toEqual([...last.weights])
    for (const { weights } of [nowhere, first, last])
      expect(weights.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 5)
    await raw.close()
  })

  test('finds the nearest occurrences, the nearest first, without the asked one', async () => {
    const texts = TEXT.trim().split('\n')
    const found = await model.near({ text: texts[0], at: 2 }, texts, { word: 'été', count: 5 })
    expect(found.map(({ token }) => token)).toEqual(new Array(5).fill('été'))
    expect(found.map(({ similarity }) => similarity)).toEqual(
      found.map(({ similarity }) => similarity).sort((a, b) => b - a),
    )
    expect(found.some(({ text, at }) => text === 0 && at === 2)).toBe(false)
    const vector = (await model.embed(texts[0]))[0][2].vector
    expect((await model.near({ vector }, texts))[0]).toMatchObject({ text: 0, at: 2, token: 'été' })
  })

  test.each<[string, () => Promise<unknown>, string]>([
    [
      'an empty text',
      () => model.ask('', 'When ?'),
      'Model.ask: the text has no words; give a sentence',
    ],
    [
      'an empty question',
      () => model.ask('Tom', ' '),
      'Model.ask: the question has no words; give a question',
    ],
    [
      'a place out of range',
      () => model.ask('Tom dort', 'Qui ?', { at: 2 }),
      'Model.ask: at must be the position of a word, from 0 to 1, got 2; the words are 0 Tom, 1 dort',
    ],
    [
      'a vector of another width',
      () => model.near({ vector: [1, 2] }, []),
      "Model.near: the vector must have 8 numbers, as the model's contextual embeddings, got 2",
    ],
    [
      'a place that is none',
      () => model.embed(['Tom a'], { at: [[2]] }),
      'Model.embed: at must be the position of a word, from 0 to 1, got 2; the words are 0 Tom, 1 a',
    ],
    [
      'a text that is a number',
      () => model.embed([5 as unknown as string]),
      'Model: a text must be a string or an array of tokens, got 5',
    ],
    [
      'a path that is a number',
      () => load(5 as unknown as string),
      'load: needs a path, or the bytes of a file (a Uint8Array, an ArrayBuffer, a Response or a Blob), got 5',
    ],
    [
      'a string to look in',
      () => model.near({ text: 'Tom', at: 0 }, 'Tom'),
      'Model.near: texts must be an array or a stream of texts, got one string',
    ],
    [
      'an empty corpus',
      () => learn('\n \n'),
      'learn: the text has no words; give a text with sentences',
    ],
    [
      'an unknown option',
      () => learn('a', { sead: 1 } as object),
      'learn: unknown option sead; did you mean seed? known: ',
    ],
    ['an unknown alignment', () => learn('a', { alignment: 'scaleDot' }), 'scaledDot'],
    [
      'widths that are no multiple of the heads',
      () => learn('a', { query: 30, key: 30, heads: 4 }),
      'learn: query is the width over all heads and must be a multiple of them, got 30 and 4 heads; use 32',
    ],
    [
      'a rare vocabulary',
      () => learn('a b c', { minCount: 2 }),
      'learn: no word of the text occurs 2 times; give a longer text, or minCount: 1',
    ],
    [
      'another form to go on with',
      () => learn('a b', { from: model, width: 16 }),
      'learn: the model to go on from has width 8, got 16; leave it out',
    ],
    [
      'a table without its columns',
      () => learn(TEXT, { questions: 'sentence\tquestion\n' }),
      'the questions: line 1 must name the columns sentence, question, start, end, with tabs between them; start is missing',
    ],
    [
      'an answer beyond the sentence',
      () => learn(TEXT, { questions: 'sentence\tquestion\tstart\tend\na b\tq\t1\t3\n' }),
      'the questions: line 2: start and end must name words of the sentence, 0 ≤ start < end ≤ 2, got 1 and 3',
    ],
  ])('%s is refused in one line', async (_what, call, message) => {
    const error: unknown = await call().catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(Error)
    expect((error as Error).message).toContain(message)
    expect((error as Error).message).not.toContain('\n')
  })
})

describe('the file', () => {
  const changed = async (
    change: (record: Record<string, unknown>) => void,
  ): Promise<Uint8Array> => {
    const { tensors, metadata } = decodeTensors(await model.bytes())
    const record = JSON.parse(metadata.regard) as Record<string, unknown>
    change(record)
    return encodeTensors({ tensors, metadata: { regard: JSON.stringify(record) } })
  }
  const withTensor = async (name: string, tensor: Tensor | undefined): Promise<Uint8Array> => {
    const { tensors, metadata } = decodeTensors(await model.bytes())
    const { [name]: _old, ...others } = tensors
    return encodeTensors({ tensors: tensor ? { ...others, [name]: tensor } : others, metadata })
  }

  test('loads to the same bytes and the same vectors', async () => {
    const again = await load(await model.bytes())
    expect(await again.bytes()).toEqual(await model.bytes())
    expect(await again.embed(TEXT)).toEqual(await model.embed(TEXT))
    await again.close()
  })

  test.each<[string, () => Promise<Uint8Array>, string]>([
    [
      'of a newer version',
      () => changed((r) => Object.assign(r, { format: 3 })),
      'has format 3, and this version reads up to 2; update regard',
    ],
    [
      'of no version',
      () => changed((r) => Object.assign(r, { format: 'x' })),
      'its metadata has "x" as format; the file is damaged',
    ],
    [
      'with an unknown option in its form',
      () => changed((r) => Object.assign(r.form as object, { depth: 3 })),
      'its metadata: unknown option depth',
    ],
    [
      'with an impossible width',
      () => changed((r) => Object.assign(r.form as object, { width: -1 })),
      'its metadata: width must be an integer from 1',
    ],
    [
      'with a wrong width',
      () => changed((r) => Object.assign(r.form as object, { width: 10 })),
      'has the shape',
    ],
    [
      'with a word twice',
      () =>
        changed((r) => {
          ;(r.vocabulary as string[])[1] = (r.vocabulary as string[])[0]
        }),
      'every word must come once',
    ],
    [
      'with a count too few',
      () =>
        changed((r) => {
          ;(r.counts as number[]).pop()
        }),
      'its metadata has an array as counts; the file is damaged',
    ],
    [
      'with a number that is NaN',
      () => withTensor('question.pool', new Tensor([1, 8], new Float32Array(8).fill(Number.NaN))),
      'the tensor question.pool holds NaN at 0; the file is damaged',
    ],
    [
      'without a tensor',
      () => withTensor('question.pool', undefined),
      'the tensor question.pool is missing; the file is damaged',
    ],
    [
      'with a tensor too many',
      () => withTensor('other', Tensor.from([1])),
      'has the tensor other, which no model of its configuration has',
    ],
    [
      'that is another safetensors file',
      async () => encodeTensors({ tensors: {}, metadata: {} }),
      'is a safetensors file, but no model: the metadata key regard is missing',
    ],
    ['that was cut short', async () => (await model.bytes()).slice(0, -5), ''],
  ])('%s is refused in one line', async (_what, build, message) => {
    const error: unknown = await load(await build()).catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(RangeError)
    expect((error as Error).message).toMatch(/^the model: /)
    expect((error as Error).message).toContain(message)
    expect((error as Error).message).not.toContain('\n')
  })

  test('with any byte changed is refused or loads: nothing else happens', async () => {
    const bytes = await model.bytes()
    const place = fc.oneof(fc.nat(400), fc.nat(bytes.length - 1))
    await fc.assert(
      fc.asyncProperty(place, fc.integer({ min: 1, max: 255 }), async (at, by) => {
        const other = bytes.slice()
        other[at] ^= by
        const found = await load(other).catch((error: unknown) => error as Error)
        if (found instanceof Error) expect(found.message).toMatch(/^the model: /)
        else await found.close()
      }),
      { numRuns: 150, seed: 7 },
    )
  })
})
