import { describe, expect, test } from 'vitest'
import type { Handle } from '../../src/device/device.ts'
import { ReferenceDevice } from '../../src/device/reference.ts'
import { Asking } from '../../src/learn/asking.ts'
import type { Kept } from '../../src/learn/checkpoint.ts'
import { Classes, classes, type Labelled } from '../../src/learn/classes.ts'
import { Lexicon } from '../../src/learn/forms.ts'
import { Network } from '../../src/learn/network.ts'
import type { Objective, Shares } from '../../src/learn/objective.ts'
import { adamW, type Optimizer, sgd } from '../../src/learn/optimizer.ts'
import { questions } from '../../src/learn/questions.ts'
import { takeStep, train } from '../../src/learn/train.ts'
import type { TrainOptions } from '../../src/learn/train-options.ts'
import { hiddenWords, nextWords, WordPrediction } from '../../src/learn/words.ts'
import { additive, general, scaledDot } from '../../src/mechanism/alignments.ts'
import { Random } from '../../src/random.ts'
import { Tensor } from '../../src/tensor.ts'
import { Vocabulary } from '../../src/text/vocabulary.ts'

const D = 3
const WIDTH = 5
const WORDS = ['été', 'a', 'tom', 'cet', 'entarté', '?', 'quand']
const lexicon = new Lexicon(new Vocabulary(WORDS), 11)
const TEXTS = ['tom a été entarté cet été', 'quand ?'].map((text) => text.split(' '))
const sample = () => TEXTS.map((words) => ({ forms: words.map((word) => lexicon.formOf(word)) }))

function setting({ prefix = '', alignment = scaledDot as typeof scaledDot | ReturnType<typeof general> } = {}) {
  const device = new ReferenceDevice({ dtype: 'float64' })
  const context = { device, seed: 7, prefix }
  const layers = [{ dQuery: 2, dKey: 2, dValue: WIDTH, alignment }]
  const network = new Network({ vocabulary: WORDS.length, letterRows: lexicon.letterRows, stack: { dModel: D, layers } }, context)
  return { device, context, network }
}

const examples = (): Labelled[] => [
  { text: sample()[0].forms, label: 1 },
  { text: new Random(3, 'rows').normals([4, D], 'float64'), label: 0 },
]
const headOf = ({ device }: ReturnType<typeof setting>, prefix = ''): Classes =>
  new Classes({ width: WIDTH, count: 2 }, { device, seed: 3, prefix })

const options = (own: Partial<TrainOptions> = {}): TrainOptions => ({
  ...{ steps: 3, optimizer: adamW(), pace: () => ({ rate: 0.02 }), report: 1 },
  ...own,
})

async function trained(own: ReturnType<typeof setting>, objectives: readonly Objective[], given: TrainOptions = options()) {
  const events = []
  for await (const event of train(own.network, objectives, given)) events.push(event)
  return events
}

/** The numbers of a handle before and after. */
async function moved(own: ReturnType<typeof setting>, handle: Handle, body: () => Promise<unknown>): Promise<number> {
  const before = await own.device.read(handle)
  await body()
  const { data } = await own.device.read(handle)
  return Math.max(...Array.from(before.data, (x, n) => Math.abs(x - data[n])))
}

describe('two objectives of one kind', () => {
  test('are refused where parameters of their own have one name', async () => {
    const own = setting()
    const both = [headOf(own), headOf(own)].map((head) => classes(head, examples))
    await expect(trained(own, both)).rejects.toThrow(
      new RangeError(
        "train: the objective class and the objective class each have a parameter class.E of their own; give one of them a prefix in its setting, such as { device, seed: 7, prefix: 'second.' }",
      ),
    )
  })

  test('both learn and both tell their losses under prefixes of their own', async () => {
    const own = setting()
    const heads = [headOf(own, 'a.'), headOf(own, 'b.')]
    expect(heads.map(({ parameters }) => Object.keys(parameters))).toEqual([
      ['a.class.E', 'a.class.b'],
      ['b.class.E', 'b.class.b'],
    ])
    const both = heads.map((head) => classes(head, examples))
    const losses: unknown[] = []
    for (const { E } of heads)
      expect(
        await moved(own, E, async () => losses.push(...(await trained(own, both)).map((event) => Object.keys(event.losses)))),
      ).toBeGreaterThan(0.01)
    expect(losses).toEqual(new Array(6).fill(['a.class', 'b.class']))
  })

  test('of one head need names of their own, and what both teach it is added', async () => {
    const own = setting()
    const head = headOf(own)
    const one = classes(head, examples)
    await expect(trained(own, [one, one])).rejects.toThrow('train: two objectives are called class; give one of them a prefix')
    const gradient = async (objectives: readonly Objective[]) =>
      (await own.device.read(own.device.scope(() => takeStep(own.network, objectives, 1).dParameters['class.E']))).data
    const single = await gradient([one])
    const double = await gradient([one, { ...one, name: 'second' }])
    for (const [n, x] of double.entries()) expect(x).toBeCloseTo(2 * single[n], 14)
    expect(single.some((x) => Math.abs(x) > 1e-3)).toBe(true)
  })

  test('an objective may not take a name of the network for a parameter of its own, nor another name for one of its', async () => {
    const own = setting()
    const one = classes(headOf(own), examples)
    const taking = { ...one, parameters: { 'words.E': own.device.allocate([7, D]) } }
    await expect(trained(own, [taking])).rejects.toThrow(
      'train: the network and the objective class each have a parameter words.E of their own',
    )
    const calling = { ...one, parameters: { mine: own.network.parameters['words.E'] } }
    await expect(trained(own, [calling])).rejects.toThrow(
      'train: the network calls words.E what the objective class calls mine; give the parameter one name',
    )
  })
})

test('a prefix is part of the names of every objective, and of its random streams', () => {
  const { device } = setting()
  const built = (prefix: string) => {
    const context = { device, seed: 7, prefix }
    const prediction = new WordPrediction({ width: WIDTH, dModel: D }, lexicon, { counts: WORDS.map(() => 1), candidates: 3 }, context)
    const asking = new Asking({ width: WIDTH, dModel: D, dKey: 2, hidden: 3 }, context)
    const own = { sample: () => [], counts: WORDS.map(() => 1) }
    const all = [hiddenWords(prediction, sample), nextWords(prediction, sample), questions(asking, lexicon, own)]
    return { prediction, all, network: new Network({ vocabulary: 7, letterRows: 16, stack: STACK }, context) }
  }
  const STACK = { dModel: D, layers: [{ dQuery: 2, dKey: 2, dValue: WIDTH }] }
  const [plain, other] = [built(''), built('b.')]
  expect(plain.all.map(({ name }) => name)).toEqual(['hidden', 'next', 'question'])
  expect(other.all.map(({ name }) => name)).toEqual(['b.hidden', 'b.next', 'b.question'])
  const names = ({ all, network }: typeof plain) => [
    ...all.flatMap(({ parameters }) => Object.keys(parameters)),
    ...Object.keys(network.vectors.parameters),
  ]
  expect(names(plain)).toContain('question.key.W_H')
  expect(names(other)).toEqual(names(plain).map((name) => `b.${name}`))
  const drawn = ({ prediction }: typeof plain) => [1, 2, 3].map((step) => prediction.candidates([], step).words)
  expect(drawn(other)).not.toEqual(drawn(plain))
})

describe("an own objective's gradient under a network's name", () => {
  // one that was read, and two that were not
  const ROWS = [1, 5, 6]
  /** Gives a gradient of one parameter, drawn, of some rows or of all. */
  const pushing = (name: string, rows: readonly number[] | undefined, numbers: Tensor): Objective => ({
    ...{ name: `push ${name} ${rows}`, parameters: {} },
    draw: () => ({
      texts: [sample()[0].forms],
      judge: ({ device }) => ({
        losses: device.allocate([1]),
        backward: (): Shares => ({
          ...{ dC: [], dX: [], dVectors: [], dParameters: { [name]: device.upload(numbers) } },
          ...(rows ? { rows: { [name]: rows } } : {}),
        }),
      }),
    }),
  })
  const drawn = (...shape: number[]) => new Random(5, `push ${shape}`).normals(shape, 'float64')

  /** The gradient of all rows of a parameter, and which rows it is of. */
  async function gradientOf(own: ReturnType<typeof setting>, name: string, objectives: readonly Objective[]) {
    const { gradient, rows } = own.device.scope(() => {
      const { dParameters, touched } = takeStep(own.network, objectives, 1)
      return { gradient: dParameters[name], rows: touched[name] }
    })
    const { shape, data } = await own.device.read(gradient)
    const places = rows ? [...(await own.device.read(rows)).data] : undefined
    const whole = new Float64Array(own.network.parameters[name].shape.reduce((a, b) => a * b, 1))
    if (!places) whole.set(data)
    else for (const [n, row] of places.entries()) whole.set(data.subarray(n * shape[1], (n + 1) * shape[1]) as Float64Array, row * shape[1])
    return { whole, places }
  }

  const tried: readonly [string, string, readonly number[] | undefined, Tensor][] = [
    ['all of a matrix that has a dense gradient', 'layers.0.W_V', undefined, drawn(D, WIDTH)],
    ['some rows of a matrix that has a dense gradient', 'layers.0.W_V', [2, 0], drawn(2, WIDTH)],
    ['all of a table of which some rows were read', 'words.E', undefined, drawn(7, D)],
    ['some rows of a table of which some were read', 'words.E', ROWS, drawn(3, D)],
  ]
  test.each(tried)('is added: %s', async (_what, name, rows, numbers) => {
    const own = setting()
    const one = classes(headOf(own), () => examples().slice(0, 1))
    const before = await gradientOf(own, name, [one])
    const after = await gradientOf(own, name, [one, pushing(name, rows, numbers)])
    const expected = before.whole.slice()
    const columns = numbers.shape[1]
    numbers.data.forEach((x: number, n: number) => {
      const row = Math.floor(n / columns)
      expected[(rows ? rows[row] : row) * columns + (n % columns)] += x
    })
    for (const [n, x] of after.whole.entries()) expect(x).toBeCloseTo(expected[n], 13)
    expect(before.whole.some((x) => Math.abs(x) > 1e-4)).toBe(true)
    const both = before.places && rows && [...new Set([...before.places, ...rows])].sort((a, b) => a - b)
    expect(after.places).toEqual(both)
  })

  test('of zeros leaves it as it was, and the matrix learns', async () => {
    const own = setting()
    const all = [classes(headOf(own), examples), pushing('layers.0.W_V', undefined, Tensor.zeros([D, WIDTH]))]
    expect(await moved(own, own.network.parameters['layers.0.W_V'], () => trained(own, all))).toBeGreaterThan(0.01)
  })

  test.each<[string, string, readonly number[] | undefined, Tensor, string]>([
    [
      'of no parameter',
      'W',
      undefined,
      drawn(2, 2),
      'push W undefined has a gradient of W, which is no parameter; there are words.E, letters.E, ',
    ],
    ['of another shape', 'words.E', undefined, drawn(2, 2), 'has a gradient (2, 2) of words.E, which is (7, 3)'],
    ['of other rows', 'words.E', [1], drawn(2, 3), 'has a gradient (2, 3) of 1 rows of words.E, which is (7, 3)'],
    ['of a row that there is not', 'words.E', [7], drawn(1, 3), 'rows of words.E must be distinct integers from 0 to 6, got 7'],
    ['of a row twice', 'words.E', [2, 2], drawn(2, 3), 'rows of words.E must be distinct integers from 0 to 6, got 2'],
    ['of half a row', 'words.E', [0.5], drawn(1, 3), 'rows of words.E must be distinct integers from 0 to 6, got 0.5'],
  ])('is refused where it is one %s', async (_what, name, rows, numbers, message) => {
    await expect(trained(setting(), [pushing(name, rows, numbers)])).rejects.toThrow(message)
  })
})

describe('what cannot be learned with is refused before anything moves', () => {
  const own = setting()
  const head = headOf(own)
  const objective = classes(head, examples)
  const refused = async (given: Partial<TrainOptions> | object, objectives: unknown = [objective], network: unknown = own.network) => {
    const handles = own.device.stats().handles
    const before = await own.device.read(head.E)
    const error: unknown = await (async () => {
      for await (const _ of train(network as Network, objectives as Objective[], { ...options(), ...given }));
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
    ['a number as pace', { pace: () => 0.1 }, 'TypeError train: pace("words.E", 1): needs options such as { rate: 0.01 } from it, got 0.1'],
    ['no pace', { pace: undefined }, 'TypeError train: pace must be a function such as () => ({ rate: 0.01 }), got undefined'],
    ['no optimizer', { optimizer: 'adamW' }, 'TypeError train: optimizer must be a value such as adamW(), got "adamW"'],
    [
      'an optimizer that was not called',
      { optimizer: adamW },
      'TypeError train: optimizer must be a value such as adamW(), got the function adamW',
    ],
    ['no steps', { steps: undefined }, 'TypeError train: steps must be an integer ≥ 0, or Infinity, got undefined'],
    ['half a step', { steps: 0.5 }, 'RangeError train: steps must be an integer ≥ 0, or Infinity, got 0.5'],
    ['a clip of NaN', { clip: Number.NaN }, 'RangeError train: clip must be a number above 0, got NaN'],
    ['a clip of 0', { clip: 0 }, 'RangeError train: clip must be a number above 0, got 0'],
    ['an average of more than all', { average: 30 }, 'RangeError train: average must be a number in [0, 1], got 30'],
    ['no report', { report: 0 }, 'RangeError train: report must be an integer ≥ 1, got 0'],
    ['an option that there is not', { gradClip: 1 }, 'TypeError train: unknown option gradClip; known: steps, optimizer, pace, '],
    ['a signal that is none', { signal: true }, 'TypeError train: signal must be a value such as new AbortController().signal, got true'],
    ['a keeper that keeps nothing', { keeper: { due: () => true } }, 'got an object without keep'],
  ])('%s', async (_what, given, message) => {
    expect(await refused(given)).toContain(message)
  })

  test('objectives that are none', async () => {
    expect(await refused({}, objective)).toBe('TypeError train: objectives must be an array such as [classes(…)], got an object')
    expect(await refused({}, [])).toContain('RangeError train: objectives must hold one or more')
    expect(await refused({}, [head])).toBe('TypeError train: objectives[0] must be a value such as classes(…), got an object without draw')
    expect(await refused({}, [{ ...objective, parameters: undefined }])).toContain('TypeError train: objectives[0].parameters: needs')
    expect(await refused({}, [objective], null)).toContain('TypeError train: network must be a value such as new Network(…), got null')
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
    return own.device.read(own.network.parameters['layers.0.W_V'])
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

  async function made({ alignment = scaledDot, heads = [''], optimizer = adamW }: Made, given: Partial<TrainOptions> = {}) {
    const own = setting({ alignment })
    const objectives = heads.map((prefix) => classes(headOf(own, prefix), examples))
    const kept: Kept[] = []
    const keeper: NonNullable<TrainOptions['keeper']> = {
      due: (step) => step === 2,
      async keep(progress, state) {
        const tensors = new Map<string, Tensor>()
        for (const [name, handle] of Object.entries(state)) tensors.set(name, await own.device.read(handle))
        kept.push({ progress, tensors })
      },
    }
    await trained(own, objectives, options({ optimizer: optimizer(), pace: moments.rates, report: 5, keeper, ...given }))
    return { kept: kept[0], W: await own.device.read(own.network.parameters['layers.0.W_V']) }
  }

  test('is gone on from to the same bits', async () => {
    const { kept, W } = await made({}, { average: 0.5 })
    expect((await made({}, { average: 0.5, resume: kept })).W).toEqual(W)
  })

  const AGAIN = 'give the network, the objectives and the optimizer that it was begun with'
  const momentum = () => sgd({ momentum: 0.9 })
  const lion = (): Optimizer => ({ ...momentum(), name: 'lion', state: () => ({}) })
  test.each<[string, Made, Made, string]>([
    ['another optimizer', {}, { optimizer: momentum }, `has another optimizer: adamW, got sgd with momentum; ${AGAIN}`],
    ['the other way round', { optimizer: momentum }, {}, 'has another optimizer: sgd with momentum, got adamW'],
    [
      'one without momentum',
      { optimizer: momentum },
      { optimizer: sgd },
      'has another optimizer: sgd with momentum, got sgd without momentum',
    ],
    ['one that remembers nothing', { optimizer: sgd }, {}, 'has another optimizer: sgd without momentum, got adamW'],
    ['an own optimizer', {}, { optimizer: lion }, 'has another optimizer: adamW, got lion'],
    [
      'another alignment',
      { alignment: general() },
      {},
      `is of another network or of other objectives: it has the tensor layers.0.alignment.W, which this learning has not; ${AGAIN}`,
    ],
    ['the other way round, an alignment', {}, { alignment: general() }, 'other objectives: the tensor layers.0.alignment.W is missing'],
    ['an alignment without an optimizer to tell', { optimizer: sgd }, { optimizer: sgd, alignment: general() }, 'is of another network'],
    [
      'one of another width',
      { alignment: additive({ hidden: 3 }) as never },
      { alignment: additive({ hidden: 2 }) as never },
      'is of another network or of other objectives: the tensor layers.0.alignment.',
    ],
    ['another objective', {}, { heads: ['b.'] }, 'has other objectives: class, got b.class'],
    ['one objective more', {}, { heads: ['', 'b.'] }, 'is of another network or of other objectives: the tensor b.class.E is missing'],
  ])('of %s is told so, and not damaged', async (_what, then, now, message) => {
    const { kept } = await made(then)
    await expect(made(now, { resume: kept })).rejects.toThrow(
      `learn: the checkpoint ${message.startsWith('other') ? `is of another network or of ${message}` : message}`,
    )
  })

  test('that lost something is damaged', async () => {
    const { kept } = await made({})
    const without = (name: string): Kept => ({ ...kept, tensors: new Map([...kept.tensors].filter(([other]) => other !== name)) })
    for (const name of ['layers.0.W_V', 'optimizer.first.layers.0.W_V', 'class.E'])
      await expect(made({}, { resume: without(name) })).rejects.toThrow(`learn: the checkpoint is damaged: the tensor ${name} is missing`)
  })

  test('that was gone on from has no tensors any more', async () => {
    const { kept } = await made({})
    await made({}, { resume: kept })
    await expect(made({}, { resume: kept })).rejects.toThrow('learn: the checkpoint has no tensors; they are taken out by whoever goes on')
  })
})
