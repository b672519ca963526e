import { describe, expect, test } from 'vitest'
import type { Encoder } from '../../src/layer/encoder.ts'
import type { SavedState } from '../../src/learn/checkpoint.ts'
import { classes } from '../../src/learn/classes.ts'
import type { Objective } from '../../src/learn/objective.ts'
import { adamW, type Optimizer, sgd } from '../../src/learn/optimizer.ts'
import { train } from '../../src/learn/train.ts'
import type { TrainOptions } from '../../src/learn/train-options.ts'
import { additive, general, scaledDot } from '../../src/mechanism/alignments.ts'
import { examples, headOf, keeperOf, options, setting, trained } from './small.ts'

describe('what cannot be learned with is refused before anything moves', () => {
  const own = setting()
  const head = headOf(own)
  const objective = classes(head, examples)
  const refused = async (
    given: Partial<TrainOptions> | object,
    objectives: unknown = [objective],
    encoder: unknown = own.encoder,
  ) => {
    const handles = own.device.stats().handles
    const before = await own.device.read(head.E)
    const error: unknown = await (async () => {
      for await (const _ of train(encoder as Encoder, objectives as Objective[], {
        ...options(),
        ...given,
      }));
    })().catch((reason: unknown) => reason)
    expect(await own.device.read(head.E)).toEqual(before)
    expect(own.device.stats().handles).toBe(handles)
    expect(error).toBeInstanceOf(Error)
    return `${(error as Error).constructor.name} ${(error as Error).message}`
  }
  const RATE = 'train: pace("words.E", 1): rate must be a number ≥ 0, got'

  test.each<[string, object, string]>([
    ['a rate of NaN', { pace: () => ({ rate: Number.NaN }) }, `RangeError ${RATE} NaN`],
    ['a rate below 0', { pace: () => ({ rate: -0.1, decay: 0 }) }, `RangeError ${RATE} -0.1`],
    ['a rate of ∞', { pace: () => ({ rate: Infinity }) }, `RangeError ${RATE} Infinity`],
    ['a rate that is a text', { pace: () => ({ rate: '0.1' }) }, `TypeError ${RATE} "0.1"`],
    ['no rate', { pace: () => ({}) }, `TypeError ${RATE} undefined`],
    [
      'a rate of one parameter alone',
      { pace: (name: string) => ({ rate: name === 'class.b' ? Number.NaN : 1 }) },
      'RangeError train: pace("class.b", 1): rate must be a number ≥ 0, got NaN',
    ],
    [
      'a decay below 0',
      { pace: () => ({ rate: 1, decay: -1 }) },
      'RangeError train: pace("words.E", 1): decay must be a number ≥ 0, got -1',
    ],
    [
      'a number as pace',
      { pace: () => 0.1 },
      'TypeError train: pace("words.E", 1): needs options such as { rate: 0.01 } from it, got 0.1',
    ],
    [
      'no pace',
      { pace: undefined },
      'TypeError train: pace must be a function such as () => ({ rate: 0.01 }), got undefined',
    ],
    [
      'no optimizer',
      { optimizer: 'adamW' },
      'TypeError train: optimizer must be a value such as adamW(), got "adamW"',
    ],
    [
      'an optimizer that was not called',
      { optimizer: adamW },
      'TypeError train: optimizer must be a value such as adamW(), got the function adamW',
    ],
    [
      'no steps',
      { steps: undefined },
      'TypeError train: steps must be an integer ≥ 0, or Infinity, got undefined',
    ],
    [
      'half a step',
      { steps: 0.5 },
      'RangeError train: steps must be an integer ≥ 0, or Infinity, got 0.5',
    ],
    [
      'a clip of NaN',
      { clip: Number.NaN },
      'RangeError train: clip must be a number above 0, got NaN',
    ],
    ['a clip of 0', { clip: 0 }, 'RangeError train: clip must be a number above 0, got 0'],
    [
      'an average of more than all',
      { average: 30 },
      'RangeError train: average must be a number in [0, 1], got 30',
    ],
    ['no report', { report: 0 }, 'RangeError train: report must be an integer ≥ 1, got 0'],
    [
      'an option that there is not',
      { gradClip: 1 },
      'TypeError train: unknown option gradClip; known: steps, optimizer, pace, ',
    ],
    [
      'a signal that is none',
      { signal: true },
      'TypeError train: signal must be a value such as new AbortController().signal, got true',
    ],
    ['a keeper that keeps nothing', { keeper: { due: () => true } }, 'got an object without keep'],
  ])('%s', async (_what, given, message) => {
    expect(await refused(given)).toContain(message)
  })

  test('objectives that are none', async () => {
    expect(await refused({}, objective)).toBe(
      'TypeError train: objectives must be an array such as [classes(…)], got an object',
    )
    expect(await refused({}, [])).toContain('RangeError train: objectives must hold one or more')
    expect(await refused({}, [head])).toBe(
      'TypeError train: objectives[0] must be a value such as classes(…), got an object without draw',
    )
    expect(await refused({}, [{ ...objective, parameters: undefined }])).toContain(
      'TypeError train: objectives[0].parameters: needs',
    )
    expect(await refused({}, [objective], null)).toContain(
      'TypeError train: encoder must be a value such as new Encoder(…), got null',
    )
  })

  test.each([2, -1, 0.5, Number.NaN, '0'])('a label of %j', async (label) => {
    const labelled = [...examples(), { ...examples()[0], label: label as number }]
    expect(await refused({}, [classes(head, () => labelled)])).toBe(
      `RangeError classes: every label must be an integer from 0 to 1, got ${JSON.stringify(label) ?? label} for example 2`.replace(
        'null',
        'NaN',
      ),
    )
  })
})

test('a pace without decay is one with a decay of 0', async () => {
  const after = async (pace: TrainOptions['pace']) => {
    const own = setting()
    await trained(own, [classes(headOf(own), examples)], options({ pace }))
    return own.device.read(own.encoder.parameters['layers.0.W_V'])
  }
  const without = await after(() => ({ rate: 0.02 }))
  expect(without).toEqual(await after(() => ({ rate: 0.02, decay: 0 })))
  expect(without).not.toEqual(await after(() => ({ rate: 0.02, decay: 0.5 })))
  expect(without.data.every(Number.isFinite)).toBe(true)
})

describe('a checkpoint of a training', () => {
  const moments = { rates: () => ({ rate: 0.02 }) }
  type Made = {
    readonly alignment?: typeof scaledDot | ReturnType<typeof general>
    readonly heads?: readonly string[]
    readonly optimizer?: () => Optimizer
  }

  async function made(
    { alignment = scaledDot, heads = [''], optimizer = adamW }: Made,
    given: Partial<TrainOptions> = {},
  ) {
    const own = setting({ alignment })
    const objectives = heads.map((prefix) => classes(headOf(own, prefix), examples))
    const { kept, keeper } = keeperOf(own)
    await trained(
      own,
      objectives,
      options({ optimizer: optimizer(), pace: moments.rates, report: 5, keeper, ...given }),
    )
    return { kept: kept[0], W: await own.device.read(own.encoder.parameters['layers.0.W_V']) }
  }

  test('is gone on from to the same bits', async () => {
    const { kept, W } = await made({}, { average: 0.5 })
    expect((await made({}, { average: 0.5, resume: kept })).W).toEqual(W)
  })

  const AGAIN = 'give the encoder, the objectives and the optimizer that it was begun with'
  const momentum = () => sgd({ momentum: 0.9 })
  const lion = (): Optimizer => ({ ...momentum(), name: 'lion', state: () => ({}) })
  test.each<[string, Made, Made, string]>([
    [
      'another optimizer',
      {},
      { optimizer: momentum },
      `has another optimizer: adamW, got sgd with momentum; ${AGAIN}`,
    ],
    [
      'the other way round',
      { optimizer: momentum },
      {},
      'has another optimizer: sgd with momentum, got adamW',
    ],
    [
      'one without momentum',
      { optimizer: momentum },
      { optimizer: sgd },
      'has another optimizer: sgd with momentum, got sgd without momentum',
    ],
    [
      'one that remembers nothing',
      { optimizer: sgd },
      {},
      'has another optimizer: sgd without momentum, got adamW',
    ],
    ['an own optimizer', {}, { optimizer: lion }, 'has another optimizer: adamW, got lion'],
    [
      'another alignment',
      { alignment: general() },
      {},
      `is of another encoder or of other objectives: it has the tensor layers.0.alignment.W, which this learning has not; ${AGAIN}`,
    ],
    [
      'the other way round, an alignment',
      {},
      { alignment: general() },
      'other objectives: the tensor layers.0.alignment.W is missing',
    ],
    [
      'an alignment without an optimizer to tell',
      { optimizer: sgd },
      { optimizer: sgd, alignment: general() },
      'is of another encoder',
    ],
    [
      'one of another width',
      { alignment: additive({ hidden: 3 }) as never },
      { alignment: additive({ hidden: 2 }) as never },
      'is of another encoder or of other objectives: the tensor layers.0.alignment.',
    ],
    ['another objective', {}, { heads: ['b.'] }, 'has other objectives: class, got b.class'],
    [
      'one objective more',
      {},
      { heads: ['', 'b.'] },
      'is of another encoder or of other objectives: the tensor b.class.E is missing',
    ],
  ])('of %s is told so, and not damaged', async (_what, then, now, message) => {
    const { kept } = await made(then)
    await expect(made(now, { resume: kept })).rejects.toThrow(
      `learn: the checkpoint ${message.startsWith('other') ? `is of another encoder or of ${message}` : message}`,
    )
  })

  test('that lost something is damaged', async () => {
    const { kept } = await made({})
    const without = (name: string): SavedState => ({
      ...kept,
      tensors: new Map([...kept.tensors].filter(([other]) => other !== name)),
    })
    for (const name of ['layers.0.W_V', 'optimizer.first.layers.0.W_V', 'class.E'])
      await expect(made({}, { resume: without(name) })).rejects.toThrow(
        `learn: the checkpoint is damaged: the tensor ${name} is missing`,
      )
  })

  test('that was gone on from has no tensors any more', async () => {
    const { kept } = await made({})
    await made({}, { resume: kept })
    await expect(made({}, { resume: kept })).rejects.toThrow(
      'learn: the checkpoint has no tensors, for resuming takes them out; decode it again',
    )
  })
})
