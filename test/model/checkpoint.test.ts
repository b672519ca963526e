import { beforeAll, describe, expect, test } from 'vitest'
import {
  type Checkpointing,
  decodeTensors,
  encodeTensors,
  type LearnEvent,
  type LearnOptions,
  learn,
  learning,
  load,
  type Model,
  type Optimizer,
  openDevice,
  sgd,
  Tensor,
} from '../../src/doors/internal.ts'

const TEXT = Array.from(
  { length: 60 },
  (_, n) => `Tom a vu ${n % 9} bateaux cet été et le chat dort`,
).join('\n')
const QUESTIONS = `sentence\tquestion\tstart\tend
Tom a vu 3 bateaux\tWho saw them ?\t0\t1
Tom a vu 3 bateaux\tQu’a-t-il vu ?\t3\t5
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
  batchWords: 60,
}

/** Learns, and keeps a checkpoint after each of these steps. */
async function kept(options: LearnOptions, ...steps: number[]) {
  const found: Uint8Array[] = []
  const checkpoint: Checkpointing = {
    due: (step) => steps.includes(step),
    async write(pieces) {
      const all: Uint8Array[] = []
      for await (const piece of pieces) all.push(piece.slice())
      found.push(new Uint8Array(Buffer.concat(all)))
    },
  }
  const events: LearnEvent[] = []
  const bytes = await finalBytes({ ...options, checkpoint }, events)
  return { bytes, found, events }
}

async function finalBytes(options: LearnOptions, events: LearnEvent[] = []): Promise<Uint8Array> {
  const loop = learning(TEXT, { ...SMALL, ...options })
  for (;;) {
    const next = await loop.next()
    if (next.done) {
      const bytes = await next.value.bytes()
      await next.value.close()
      return bytes
    }
    events.push(next.value)
  }
}

const lossesOf = (events: readonly LearnEvent[]) =>
  events.flatMap((event) => (event.event === 'step' ? [[event.step, event.loss, event.words]] : []))

describe('going on from a checkpoint', () => {
  test.each<[string, LearnOptions]>([
    ['hidden words', {}],
    ['questions', { questions: QUESTIONS }],
    ['a text larger than memory', { wordsInMemory: 100 }],
    [
      'dropout, two layers and learned positions',
      { dropout: 0.2, layers: 2, position: 'learned:64' },
    ],
    ['the next word alone', { objective: 'next' }],
  ])('gives the same bytes and the same losses: %s', async (_what, options) => {
    // before and within the averaging of the last steps, between two reports, and at the end
    const { bytes, found, events } = await kept(options, 3, 10, 17, 20)
    expect(await finalBytes(options)).toEqual(bytes)
    for (const resume of found) {
      const again: LearnEvent[] = []
      expect(await finalBytes({ ...options, resume }, again)).toEqual(bytes)
      const own = lossesOf(again)
      expect(own).toEqual(own.length ? lossesOf(events).slice(-own.length) : [])
    }
  })

  test('gives the same bytes with gradient descent and momentum', async () => {
    const options = () => ({ optimizer: sgd({ momentum: 0.9 }), rate: 0.1 })
    const { bytes, found } = await kept(options(), 7)
    expect(await finalBytes({ ...options(), resume: found[0] })).toEqual(bytes)
  })

  test('gives the same bytes on a device in float64', async () => {
    const device = await openDevice({ device: 'reference', dtype: 'float64' })
    const { bytes, found } = await kept({ device }, 7)
    expect(await finalBytes({ device, resume: found[0] })).toEqual(bytes)
    await device.close()
  })

  test('goes on from a model that went on from another', async () => {
    const from = await learn(TEXT, SMALL)
    const { bytes, found } = await kept({ from }, 7)
    expect(await finalBytes({ from, resume: found[0] })).toEqual(bytes)
    await from.close()
  })

  test('a checkpoint is kept when learning is stopped, and it goes on to the same bytes', async () => {
    const abort = new AbortController()
    const whole = await finalBytes({})
    const found: Uint8Array[] = []
    const checkpoint: Checkpointing = {
      due: () => false,
      async write(pieces) {
        const all: Uint8Array[] = []
        for await (const piece of pieces) all.push(piece.slice())
        found.push(new Uint8Array(Buffer.concat(all)))
      },
    }
    for await (const event of learning(TEXT, { ...SMALL, checkpoint, signal: abort.signal }))
      if (event.event === 'step') abort.abort()
    expect(found).toHaveLength(1)
    expect(await finalBytes({ resume: found[0] })).toEqual(whole)
  })
})

describe('a checkpoint', () => {
  let bytes: Uint8Array
  beforeAll(async () => {
    bytes = (await kept({}, 10)).found[0]
  })

  const refused = async (options: LearnOptions, text = TEXT): Promise<string> => {
    const events = learning(text, { ...SMALL, resume: bytes, ...options })
    const error = await events.next().then(
      async () => events.next(),
      (reason: unknown) => reason,
    )
    expect(error).toBeInstanceOf(Error)
    expect((error as Error).message).not.toContain('\n')
    return (error as Error).message
  }

  test.each<[string, LearnOptions, string | RegExp]>([
    [
      'other options',
      { batchWords: 50 },
      'the checkpoint has another batchWords: 60, got 50; give the options that it was begun with',
    ],
    ['another rate', { rate: 0.02 }, 'another rate: 0.01, got 0.02'],
    ['more steps', { steps: 30 }, 'another steps: 20, got 30'],
    ['another form', { width: 16 }, 'another width: 8, got 16'],
    ['another seed', { seed: 8 }, 'another seed: 7, got 8'],
    ['another optimizer', { optimizer: sgd() }, 'another optimizer: adamW, got sgd'],
    ['a limit of the vocabulary', { vocabulary: 9 }, 'another vocabulary: none, got 9'],
    [
      'questions',
      { questions: QUESTIONS },
      /another questions: none, got SHA-256 [0-9a-f]{16}…; give the questions that it was begun with/,
    ],
  ])('of %s is refused, naming what differs', async (_what, options, message) => {
    expect(await refused(options)).toMatch(message)
  })

  test('of another text is refused, by its hash', async () => {
    expect(await refused({}, `${TEXT} encore`)).toMatch(
      /^learn: the checkpoint has another text: SHA-256 [0-9a-f]{16}…, got SHA-256 [0-9a-f]{16}…; give the text that it was begun with$/,
    )
  })

  test('of another arithmetic is refused', async () => {
    const device = await openDevice({ device: 'reference' })
    expect(await refused({ device })).toContain(
      'another arithmetic: portable, got plain; open the same device',
    )
    await device.close()
  })

  test('of another beginning is refused', async () => {
    const from = await learn(TEXT, SMALL)
    const form = { width: undefined, query: undefined, key: undefined, value: undefined } as object
    expect(await refused({ ...form, from })).toContain('the checkpoint began from another model')
    await from.close()
  })

  test('a model is none, and what is neither is refused', async () => {
    const model = await learn(TEXT, SMALL)
    expect(await refused({ resume: await model.bytes() })).toBe(
      'the checkpoint: is a safetensors file, but no checkpoint; regard learn --checkpoint makes some, --from takes a model',
    )
    await model.close()
    expect(await refused({ resume: bytes.subarray(0, 1000) })).toContain(
      'the checkpoint: not a safetensors file at byte',
    )
    expect(await refused({ resume: 'c.safetensors' as never })).toContain(
      'resume must be the bytes of a checkpoint',
    )
  })

  const KEY = 'regard.checkpoint'
  const changed = (change: (record: Record<string, never>) => void): Uint8Array => {
    const { tensors, metadata } = decodeTensors(bytes)
    const record = JSON.parse(metadata[KEY])
    change(record)
    return encodeTensors({ tensors, metadata: { [KEY]: JSON.stringify(record) } })
  }

  test.each<[string, (record: Record<string, never>) => void, string]>([
    [
      'a newer version',
      (r) => Object.assign(r, { format: 2 }),
      'the checkpoint: has format 2, and this version reads up to 1; update regard',
    ],
    [
      'no progress',
      (r) => Object.assign(r, { progress: 3 }),
      'its metadata has 3 as progress; the file is damaged',
    ],
    [
      'a step that is none',
      (r) => Object.assign(r.progress, { step: -1 }),
      'as progress; the file is damaged',
    ],
    [
      'a hash that is none',
      (r) => Object.assign(r, { text: 'abc' }),
      'its metadata has "abc" as text; the file is damaged',
    ],
    [
      'no model',
      (r) => Object.assign(r, { model: null }),
      'its metadata has null as model; the file is damaged',
    ],
    ['a model of a newer version', (r) => Object.assign(r.model, { format: 9 }), 'has format 9'],
    [
      'a word twice',
      (r) => Object.assign(r.model, { vocabulary: ['a', 'a'], counts: [1, 1] }),
      'every word must come once',
    ],
    [
      'options that are a list',
      (r) => Object.assign(r, { options: [] }),
      'its metadata has an array as options',
    ],
  ])('with %s is refused in one line', async (_what, change, message) => {
    expect(await refused({ resume: changed(change) })).toContain(message)
  })

  const withTensor = (name: string, tensor?: Tensor): Uint8Array => {
    const { tensors, metadata } = decodeTensors(bytes)
    const { [name]: _, ...others } = tensors
    return encodeTensors({ tensors: tensor ? { ...others, [name]: tensor } : others, metadata })
  }

  test.each<[string, () => Uint8Array, string]>([
    [
      'without a tensor',
      () => withTensor('optimizer.second.predict.W'),
      'damaged: the tensor optimizer.second.predict.W is missing',
    ],
    [
      'with one too many',
      () => withTensor('optimizer.third.x', Tensor.zeros([1])),
      'damaged: it has the tensor optimizer.third.x',
    ],
    [
      'with one of another shape',
      () => withTensor('predict.W', Tensor.zeros([2, 2])),
      'damaged: the tensor predict.W is (2, 2) of float32, not (8, 8) of float32',
    ],
    [
      'with a number that is none',
      () => withTensor('predict.W', new Tensor([8, 8], new Float32Array(64).fill(Number.NaN))),
      'damaged: the tensor predict.W holds numbers that are not finite',
    ],
  ])('%s is refused before the first step', async (_what, file, message) => {
    const events = learning(TEXT, { ...SMALL, resume: file() })
    const rest = (async () => {
      while (!(await events.next()).done);
    })()
    await expect(rest).rejects.toThrow(message)
  })

  test('opens as the model of its moment', async () => {
    const model: Model = await load(bytes)
    expect(model.learned).toMatchObject([{ steps: 10, sentences: 60 }])
    expect((await model.embed('Tom dort'))[0]).toHaveLength(2)
    await model.close()
  })
})

test('an optimizer that does not tell what it remembers is refused where a checkpoint is asked for', async () => {
  const { state: _, ...secretive } = sgd()
  const optimizer = secretive as Optimizer
  await expect(kept({ optimizer }, 3)).rejects.toThrow(
    'learn: the optimizer sgd has no method state, so no checkpoint can hold',
  )
})
