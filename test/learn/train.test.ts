import { describe, expect, test } from 'vitest'
import { Encoder } from '../../src/layer/encoder.ts'
import { Asking } from '../../src/learn/asking.ts'
import { classes } from '../../src/learn/classes.ts'
import type { Objective, PartialGradients } from '../../src/learn/objective.ts'
import { questions } from '../../src/learn/questions.ts'
import { takeStep } from '../../src/learn/train.ts'
import { hiddenWords, nextWords, WordPrediction } from '../../src/learn/words.ts'
import { Random } from '../../src/random.ts'
import { Tensor } from '../../src/tensor.ts'
import {
  D,
  examples,
  headOf,
  lexicon,
  moved,
  sample,
  setting,
  trained,
  WIDTH,
  WORDS,
} from './small.ts'

describe('two objectives of one kind', () => {
  test('are refused where parameters of their own have one name', async () => {
    const own = setting()
    const both = [headOf(own), headOf(own)].map((head) => classes(head, examples))
    await expect(trained(own, both)).rejects.toThrow(
      new RangeError(
        "train: the objective class and the objective class each have a parameter class.E of their own; give one of them a prefix in its host, such as { device, seed: 7, prefix: 'second.' }",
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
        await moved(own, E, async () =>
          losses.push(...(await trained(own, both)).map((event) => Object.keys(event.losses))),
        ),
      ).toBeGreaterThan(0.01)
    expect(losses).toEqual(new Array(6).fill(['a.class', 'b.class']))
  })

  test('of one head need names of their own, and what both teach it is added', async () => {
    const own = setting()
    const head = headOf(own)
    const one = classes(head, examples)
    await expect(trained(own, [one, one])).rejects.toThrow(
      'train: two objectives are called class; give one of them a prefix',
    )
    const gradient = async (objectives: readonly Objective[]) =>
      (
        await own.device.read(
          own.device.scope(() => takeStep(own.encoder, objectives, 1).dParameters['class.E']),
        )
      ).data
    const single = await gradient([one])
    const double = await gradient([one, { ...one, name: 'second' }])
    for (const [n, x] of double.entries()) expect(x).toBeCloseTo(2 * single[n], 14)
    expect(single.some((x) => Math.abs(x) > 1e-3)).toBe(true)
  })

  test('an objective may not take a name of the encoder for a parameter of its own, nor another name for one of its', async () => {
    const own = setting()
    const one = classes(headOf(own), examples)
    const taking = { ...one, parameters: { 'words.E': own.device.allocate([7, D]) } }
    await expect(trained(own, [taking])).rejects.toThrow(
      'train: the encoder and the objective class each have a parameter words.E of their own',
    )
    const calling = { ...one, parameters: { mine: own.encoder.parameters['words.E'] } }
    await expect(trained(own, [calling])).rejects.toThrow(
      'train: the encoder calls words.E what the objective class calls mine; give the parameter one name',
    )
  })
})

test('a prefix is part of the names of every objective, and of its random streams', () => {
  const { device } = setting()
  const built = (prefix: string) => {
    const context = { device, seed: 7, prefix }
    const prediction = new WordPrediction(
      { width: WIDTH, dModel: D },
      lexicon,
      { counts: WORDS.map(() => 1), candidates: 3 },
      context,
    )
    const asking = new Asking({ width: WIDTH, dModel: D, dKey: 2, hidden: 3 }, context)
    const own = { sample: () => [], counts: WORDS.map(() => 1) }
    const all = [
      hiddenWords(prediction, sample),
      nextWords(prediction, sample),
      questions(asking, lexicon, own),
    ]
    return {
      prediction,
      all,
      encoder: new Encoder({ vocabulary: 7, letters: 16, ...STACK }, context),
    }
  }
  const STACK = { dModel: D, layers: [{ dQuery: 2, dKey: 2, dValue: WIDTH }] }
  const [plain, other] = [built(''), built('b.')]
  expect(plain.all.map(({ name }) => name)).toEqual(['hidden', 'next', 'question'])
  expect(other.all.map(({ name }) => name)).toEqual(['b.hidden', 'b.next', 'b.question'])
  const names = ({ all, encoder }: typeof plain) => [
    ...all.flatMap(({ parameters }) => Object.keys(parameters)),
    ...Object.keys(encoder.embeddings.parameters),
  ]
  expect(names(plain)).toContain('question.key.W_H')
  expect(names(other)).toEqual(names(plain).map((name) => `b.${name}`))
  const drawn = ({ prediction }: typeof plain) =>
    [1, 2, 3].map((step) => prediction.candidates([], step).words)
  expect(drawn(other)).not.toEqual(drawn(plain))
})

describe("an own objective's gradient under an encoder's name", () => {
  // one that was read, and two that were not
  const ROWS = [1, 5, 6]
  /** Gives a gradient of one parameter, drawn, of some rows or of all. */
  const pushing = (
    name: string,
    rows: readonly number[] | undefined,
    numbers: Tensor,
  ): Objective => ({
    ...{ name: `push ${name} ${rows}`, parameters: {} },
    draw: () => ({
      texts: [sample()[0].features],
      loss: ({ device }) => ({
        losses: device.allocate([1]),
        backward: (): PartialGradients => ({
          ...{ dC: [], dX: [], dVectors: [], dParameters: { [name]: device.upload(numbers) } },
          ...(rows ? { rows: { [name]: rows } } : {}),
        }),
      }),
    }),
  })
  const drawn = (...shape: number[]) => new Random(5, `push ${shape}`).normals(shape, 'float64')

  /** The gradient of all rows of a parameter, and which rows it is of. */
  async function gradientOf(
    own: ReturnType<typeof setting>,
    name: string,
    objectives: readonly Objective[],
  ) {
    const { gradient, rows } = own.device.scope(() => {
      const { dParameters, rows: touched } = takeStep(own.encoder, objectives, 1)
      return { gradient: dParameters[name], rows: touched[name] }
    })
    const { shape, data } = await own.device.read(gradient)
    const whole = new Float64Array(own.encoder.parameters[name].shape.reduce((a, b) => a * b, 1))
    if (!rows) whole.set(data)
    else
      for (const [n, row] of rows.entries())
        whole.set(data.subarray(n * shape[1], (n + 1) * shape[1]) as Float64Array, row * shape[1])
    return { whole, rows }
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
    const both =
      before.rows && rows && [...new Set([...before.rows, ...rows])].sort((a, b) => a - b)
    expect(after.rows).toEqual(both)
  })

  test('of zeros leaves it as it was, and the matrix learns', async () => {
    const own = setting()
    const all = [
      classes(headOf(own), examples),
      pushing('layers.0.W_V', undefined, Tensor.zeros([D, WIDTH])),
    ]
    expect(
      await moved(own, own.encoder.parameters['layers.0.W_V'], () => trained(own, all)),
    ).toBeGreaterThan(0.01)
  })

  test.each<[string, string, readonly number[] | undefined, Tensor, string]>([
    [
      'of no parameter',
      'W',
      undefined,
      drawn(2, 2),
      'push W undefined has a gradient of W, which is no parameter; there are words.E, letters.E, ',
    ],
    [
      'of another shape',
      'words.E',
      undefined,
      drawn(2, 2),
      'has a gradient (2, 2) of words.E, which is (7, 3)',
    ],
    [
      'of other rows',
      'words.E',
      [1],
      drawn(2, 3),
      'has a gradient (2, 3) of 1 rows of words.E, which is (7, 3)',
    ],
    [
      'of a row that there is not',
      'words.E',
      [7],
      drawn(1, 3),
      'rows of words.E must be distinct integers from 0 to 6, got 7',
    ],
    [
      'of a row twice',
      'words.E',
      [2, 2],
      drawn(2, 3),
      'rows of words.E must be distinct integers from 0 to 6, got 2',
    ],
    [
      'of half a row',
      'words.E',
      [0.5],
      drawn(1, 3),
      'rows of words.E must be distinct integers from 0 to 6, got 0.5',
    ],
  ])('is refused where it is one %s', async (_what, name, rows, numbers, message) => {
    await expect(trained(setting(), [pushing(name, rows, numbers)])).rejects.toThrow(message)
  })
})
