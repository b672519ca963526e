import { describe, expect, test } from 'vitest'
import type { Device } from '../../src/device/device.ts'
import { openDevice } from '../../src/device/open.ts'
import { ReferenceDevice } from '../../src/device/reference.ts'
import { Encoder } from '../../src/layer/encoder.ts'
import { Norm } from '../../src/layer/norm.ts'
import { SelfAttention } from '../../src/layer/self-attention.ts'
import { Stack, type StackOptions } from '../../src/layer/stack.ts'
import { learned, none, type Position, relative, sinusoidal } from '../../src/mechanism/position.ts'
import { Random } from '../../src/random.ts'
import { Tensor } from '../../src/tensor.ts'
import { directionalError, innerProduct } from '../differences.ts'

const [N, T, D] = [3, 5, 7]
const lengths = [5, 0, 2]
const layer = { dQuery: 3, dKey: 3, dValue: 2, heads: 2, output: D, biases: true }
const layers = [{ ...layer, position: learned(T) }, layer]
const stacks: Record<string, StackOptions> = {
  'plain layers': { dModel: D, layers },
  'a residual connection and feed-forward': {
    dModel: D,
    layers,
    residual: true,
    feedForward: { width: 3 },
  },
  'normalisation before': {
    dModel: D,
    layers,
    residual: true,
    normalization: 'before',
    feedForward: { width: 11 },
  },
  'normalisation before, and of the last rows': {
    dModel: D,
    layers,
    residual: true,
    normalization: 'before',
    finalNorm: true,
  },
  'normalisation after': {
    dModel: D,
    layers: [{ ...layer, position: relative(2) }],
    residual: true,
    normalization: 'after',
    epsilon: 0.3,
    feedForward: { width: 2 },
  },
}
const X = new Random(3, 'X').normals([N, T, D], 'float64')
const dC = new Random(3, 'dC').normals([N, T, D], 'float64')
const isPadding = (n: number): boolean => Math.floor(n / D) % T >= lengths[Math.floor(n / (T * D))]
const devices: Record<string, () => Promise<Device>> = {
  reference: async () => new ReferenceDevice({ dtype: 'float64' }),
  wasm: () => openDevice({ device: 'wasm', threads: 1 }),
}

async function readOf(device: Device, stack: Stack, batch: Tensor, gradient: Tensor) {
  const pass = stack.forward(device.upload(batch), { lengths })
  return { context: await device.read(pass.context), ...(await pass.backward(gradient).read()) }
}

describe.each(Object.keys(stacks))('a padded batch through %s', (name) => {
  test.each(Object.keys(devices))(
    'has contexts and gradients of 0 beyond its texts on %s, and NaN there changes nothing',
    async (on) => {
      const device = await devices[on]()
      const stack = new Stack(stacks[name], { device, seed: 1 })
      const quiet = await readOf(device, stack, X, dC)
      const beyond = [quiet.context, quiet.dX].flatMap(({ data }) =>
        [...data].filter((_, n) => isPadding(n)),
      )
      expect(beyond).toEqual(beyond.map(() => 0))
      expect(quiet.context.data.some((value, n) => !isPadding(n) && value !== 0)).toBe(true)
      const noisy = [X, dC].map(
        (tensor) =>
          new Tensor(
            tensor.shape,
            tensor.data.map((value, n) => (isPadding(n) ? NaN : value)) as Float64Array,
          ),
      )
      expect(await readOf(device, stack, noisy[0], noisy[1])).toEqual(quiet)
      await device.close()
    },
  )

  test('gives what its texts give apart, and gradients of every parameter that agree with differences', async () => {
    const device = await devices.reference()
    const stack = new Stack(stacks[name], { device, seed: 1 })
    const { context, dX, dParameters } = await readOf(device, stack, X, dC)
    const starts = [0, lengths[2]]
    const rows = (tensor: Tensor): Tensor =>
      new Tensor([lengths[2], D], tensor.slice(2).data.slice(0, lengths[2] * D) as Float64Array)
    const alone = stack.forward(rows(X), { starts })
    expect(await device.read(alone.context)).toEqual(rows(context))
    expect((await alone.backward(rows(dC)).read()).dX).toEqual(rows(dX))
    const random = new Random(5, 'directions')
    const loss = async (): Promise<number> =>
      device.scope(async () =>
        innerProduct((await device.read(stack.forward(X, { lengths }).context)).data, dC.data),
      )
    expect(await directionalError(X, dX, loss, random)).toBeLessThan(1e-7)
    for (const [parameter, handle] of Object.entries(stack.parameters)) {
      const value = await device.read(handle)
      const moved = async (): Promise<number> => {
        device.write(handle, value)
        return loss()
      }
      expect(
        await directionalError(value, dParameters[parameter], moved, random),
        parameter,
      ).toBeLessThan(1e-7)
      device.write(handle, value)
    }
  })
})

test('the last rows are normalised by a layer of their own: finalNorm', async () => {
  const device = await devices.reference()
  const given: StackOptions = { dModel: D, layers, residual: true, epsilon: 0.01 }
  const host = { device, seed: 1 }
  const [plain, stack] = [new Stack(given, host), new Stack({ ...given, finalNorm: true }, host)]
  const norm = new Norm({ dModel: D, epsilon: 0.01 }, host)
  const expected = await norm.forward(plain.forward(X, {}).context).read()
  expect(await device.read(stack.forward(X, {}).context)).toEqual(expected)
  expect(Object.keys(stack.parameters).slice(-2)).toEqual(['finalNorm.gain', 'finalNorm.bias'])
})

test('ε stands beside the variance of every row, 1e-5 by default', async () => {
  const device = await devices.reference()
  const contextOf = async (epsilon?: number): Promise<Tensor> => {
    const given = { dModel: D, layers: [layer], normalization: 'after' as const }
    const stack = new Stack(epsilon === undefined ? given : { ...given, epsilon }, {
      device,
      seed: 1,
    })
    return device.read(stack.forward(X, {}).context)
  }
  // rows are normalised, so Σ y² / D = variance/(variance + ε)
  const shareOf = ({ data }: Tensor): number =>
    innerProduct(data.subarray(0, D), data.subarray(0, D)) / D
  expect(await contextOf(1e-5)).toEqual(await contextOf())
  expect(shareOf(await contextOf(0))).toBeCloseTo(1, 12)
  const [small, large] = [shareOf(await contextOf(0.1)), shareOf(await contextOf(0.3))]
  expect(small).toBeGreaterThan(large)
  // of both the same variance follows
  expect((0.1 * small) / (1 - small)).toBeCloseTo((0.3 * large) / (1 - large), 12)
  expect(() => new Stack({ dModel: D, layers, epsilon: -1 }, { device, seed: 1 })).toThrow(
    new RangeError('Stack: epsilon must be a number ≥ 0, got -1'),
  )
})

test.each([
  ['layers must hold one or more layers', { layers: [] }],
  ['layers[0] must be an object', { layers: ['rotary'] }],
  ['unknown option heads', { heads: 2 }],
  [
    'a residual connection needs layers as wide',
    { residual: true, layers: [{ ...layer, output: 1 }] },
  ],
  ['sinusoidal positions act', { layers: [layer, { ...layer, position: sinusoidal }] }],
])('names itself where %s', (what, own) => {
  const options = { dModel: D, layers: [layer], ...own } as StackOptions
  const host = { device: new ReferenceDevice({}), seed: 1 }
  expect(() => new Stack(options, host)).toThrow(`Stack: ${what}`)
  const stack = new Stack({ dModel: D, layers: [layer] }, host)
  expect(() => stack.forward(Tensor.zeros([1, D]), own as never)).toThrow(
    'Stack.forward: unknown option',
  )
})

test('dModel belongs to the stack, and is not another one in a layer', () => {
  const host = { device: new ReferenceDevice(), seed: 1 }
  const layers = [{ dQuery: 2, dKey: 2, dValue: 3, position: learned(5) }]
  const stackOf = (options: object) => () => new Stack({ dModel: 3, layers, ...options }, host)
  expect(stackOf({ dModel: undefined })).toThrow(
    new TypeError('Encoder: dModel must be an integer ≥ 1, got undefined'),
  )
  expect(stackOf({ layers: [...layers, { ...layers[0], position: none, dModel: 5 }] })).toThrow(
    new RangeError(
      'Encoder: dModel of layer 1 follows from what stands before it and is 3, got 5; leave it out',
    ),
  )
})

describe('positions on embeddings', () => {
  const device = new ReferenceDevice({ dtype: 'float64' })
  const options = {
    dModel: D,
    residual: true,
    normalization: 'before',
    feedForward: { width: 3 },
  } as const
  const stackOf = (own: Partial<StackOptions> = {}, position: Position = none) =>
    new Stack({ ...options, layers: [{ ...layer, position }, layer], ...own }, { device, seed: 1 })
  const contextOf = async (stack: Stack, batch: Tensor, source?: Tensor) =>
    device.read(stack.forward(batch, { lengths, ...(source && { source }) }).context)
  const sum = (A: Tensor, B: (n: number) => number): Tensor =>
    new Tensor(A.shape, A.data.map((value, n) => value + B(n)) as Float64Array)

  test.each([sinusoidal, learned(T)])(
    'are added before the first residual connection: $name',
    async (position) => {
      const stack = stackOf({}, position)
      const own = stack.parameters['layers.0.position.P']
      const P = own ? (await device.read(own)).data : sinusoidal.table(T, D).data
      const added = await contextOf(
        stackOf(),
        sum(X, (n) => P[n % (T * D)]),
      )
      expect(await contextOf(stack, X)).toEqual(added)
    },
  )

  test('stay within the first layer where they are asked to, as files of format 1 have them', async () => {
    const layers = [{ ...layer, position: sinusoidal }]
    const stack = new Stack(
      { dModel: D, residual: true, positions: 'within', layers },
      { device, seed: 1 },
    )
    const alone = new SelfAttention(
      { ...layer, dModel: D, position: sinusoidal },
      { device, seed: 1, prefix: 'layers.0.' },
    )
    const F = (await alone.forward(X, { lengths }).read()).context
    const Y = sum(X, (n) => F.data[n])
    const found = await contextOf(stack, X)
    expect(found.data.filter((_, n) => !isPadding(n))).toEqual(
      Y.data.filter((_, n) => !isPadding(n)),
    )
  })

  test('are added to X, not to a source', async () => {
    const source = new Random(5, 'source').normals([N, T, D], 'float64')
    const P = sinusoidal.table(T, D).data
    const added = await contextOf(
      stackOf(),
      sum(X, (n) => P[n % (T * D)]),
      source,
    )
    expect(await contextOf(stackOf({}, sinusoidal), X, source)).toEqual(added)
  })
})

test('replaced queries of a padded batch stand where they stood', async () => {
  const device = await devices.reference()
  const stack = new Stack({ dModel: D, layers: [layer] }, { device, seed: 1 })
  const alone = new SelfAttention({ ...layer, dModel: D }, { device, seed: 1, prefix: 'layers.0.' })
  const queries = {
    at: [2 * T + 1, 3],
    vectors: new Random(3, 'queries').normals([2, 6], 'float64'),
  }
  const expected = (await alone.forward(X, { lengths, queries }).read()).context
  expect(await device.read(stack.forward(X, { lengths, queries }).context)).toEqual(expected)
})

test('a stack refuses lengths that do not fit its batch', () => {
  const stack = new Stack(
    { dModel: D, layers: [layer] },
    { device: new ReferenceDevice(), seed: 1 },
  )
  expect(() => stack.forward(X, { lengths: [5, 6, 2] })).toThrow(
    'Stack.forward: every length must be an integer from 0 to 5, got 6',
  )
  const queryRows = Int32Array.of(0)
  expect(() => stack.forward(X, { lengths, queryRows })).toThrow('queryRows excludes lengths')
  expect(() => stack.forward(X, { lengths }).backward(Tensor.zeros([N, T, D + 1]))).toThrow(
    "StackPass.backward: dContext must have the context's shape (3, 5, 7)",
  )
})

describe('a prefix', () => {
  const device = new ReferenceDevice()
  const prefix = 'second.'

  test.each<[string, (prefix: string) => { parameters: Record<string, unknown> | object }]>([
    [
      'a layer',
      (prefix) =>
        new SelfAttention(
          { ...layer, dModel: D, position: learned(3) },
          { device, seed: 1, prefix },
        ),
    ],
    [
      'a stack',
      (prefix) =>
        new Stack(
          { dModel: D, layers, normalization: 'before', feedForward: { width: 2 } },
          { device, seed: 1, prefix },
        ),
    ],
    [
      'an encoder',
      (prefix) => new Encoder({ vocabulary: 3, dModel: D, layers }, { device, seed: 1, prefix }),
    ],
    [
      'an encoder with letters',
      (prefix) =>
        new Encoder({ vocabulary: 3, letters: 2, dModel: D, layers }, { device, seed: 1, prefix }),
    ],
  ])('begins the name of every parameter of %s, and parts it from its twin', (_name, make) => {
    const names = Object.keys(make('').parameters)
    expect(names.some((name) => name.endsWith('W_Q'))).toBe(true)
    expect(Object.keys(make(prefix).parameters)).toEqual(names.map((name) => prefix + name))
  })

  test('begins the names of gradients, and makes other numbers of one seed', async () => {
    const [first, twin, second] = ['', '', prefix].map(
      (prefix) => new SelfAttention({ ...layer, dModel: D }, { device, seed: 1, prefix }),
    )
    const read = (of: SelfAttention) => device.read(Object.values(of.parameters)[0])
    expect(await read(twin)).toEqual(await read(first))
    expect(await read(second)).not.toEqual(await read(first))
    const { dParameters } = second.forward(X).backward(dC)
    expect(Object.keys(dParameters)).toEqual(Object.keys(second.parameters))
  })

  test('begins the names of the rows that an encoder touched', async () => {
    const encoder = new Encoder({ vocabulary: 3, dModel: D, layers }, { device, seed: 1, prefix })
    const { dParameters, rows } = await encoder
      .forward([[1, 2]])
      .backward(Tensor.zeros([2, D]))
      .read()
    expect([Object.keys(dParameters).sort(), Object.keys(rows)]).toEqual([
      Object.keys(encoder.parameters).sort(),
      ['second.words.E'],
    ])
  })
})
