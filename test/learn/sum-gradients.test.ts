import { describe, expect, test } from 'vitest'
import type { Device, Handle } from '../../src/device/device.ts'
import { openDevice } from '../../src/device/open.ts'
import { Encoder } from '../../src/layer/encoder.ts'
import { SelfAttention } from '../../src/layer/self-attention.ts'
import { type BatchGradients, sumGradients } from '../../src/learn/gradients.ts'
import { adamW } from '../../src/learn/optimizer.ts'
import { Random } from '../../src/random.ts'
import { Tensor } from '../../src/tensor.ts'
import { worstError } from '../differences.ts'

const TEXTS = [
  [3, 1, 4, 1],
  [5],
  [9, 2, 6, 5, 3],
  [5, 8],
  [9, 7, 9],
  [3, 2, 3, 8, 4, 6],
  [2],
  [6, 4],
]
const options = {
  vocabulary: 11,
  dModel: 6,
  layers: [{ dQuery: 3, dKey: 3, dValue: 3, heads: 2 }],
  residual: true,
  normalization: 'before',
  feedForward: { width: 7 },
} as const

/** A gradient of each row of each text: the same, however texts are put into batches. */
const dY = TEXTS.map((text, n) => new Random(5, `dY ${n}`).normals([text.length, 6], 'float64'))
const gradientOf = (numbers: readonly number[]): Tensor => {
  const rows = numbers.map((n) => dY[n])
  const count = rows.reduce((sum, { shape }) => sum + shape[0], 0)
  return new Tensor([count, 6], Float64Array.from(rows.flatMap(({ data }) => [...data])))
}
const batches = [
  [0, 1],
  [2, 3],
  [4, 5],
  [6, 7],
]
const backward = (encoder: Encoder, numbers: readonly number[]) =>
  encoder.forward(numbers.map((n) => TEXTS[n])).backward(gradientOf(numbers))

describe.each([
  { device: 'reference', dtype: 'float64', error: 1e-13 },
  { device: 'reference', dtype: 'float32', error: 1e-6 },
  { device: 'wasm', dtype: 'float32', error: 1e-6 },
] as const)('on $device, $dtype', ({ error, ...on }) => {
  const opened = async (): Promise<{ device: Device; encoder: Encoder }> => {
    const device = await openDevice(on.device === 'wasm' ? { device: 'wasm', threads: 1 } : on)
    return { device, encoder: new Encoder(options, { device, seed: 3 }) }
  }

  test('the gradients of 4 × 2 texts, added, are those of 8, touched rows too', async () => {
    const { device, encoder } = await opened()
    const whole = await backward(encoder, [0, 1, 2, 3, 4, 5, 6, 7]).read()
    const sum = sumGradients(
      device,
      batches.map((batch) => backward(encoder, batch)),
    )
    expect(sum.rows).toEqual({ 'words.E': [1, 2, 3, 4, 5, 6, 7, 8, 9] })
    const added = await sum.read()
    expect(Object.keys(added.dParameters)).toEqual(Object.keys(whole.dParameters))
    expect(added.rows).toEqual(whole.rows)
    for (const [name, { data, shape }] of Object.entries(whole.dParameters)) {
      expect(added.dParameters[name].shape).toEqual(shape)
      expect(worstError(added.dParameters[name].data, data)).toBeLessThan(error)
    }
    await device.close()
  })

  test('go straight to clip and move, as those of one batch do', async () => {
    const [one, other] = [await opened(), await opened()]
    const step = ({ device, encoder }: typeof one, gradients: Required<BatchGradients>) => {
      const optimizer = adamW()
      optimizer.begin(device, encoder.parameters)
      const handles = Object.values(gradients.dParameters)
      const squares = device.allocate([1])
      device.squaredNorm(handles, squares)
      device.clip(handles, squares, 0.5)
      for (const [name, gradient] of Object.entries(gradients.dParameters)) {
        const parameter = encoder.parameters[name]
        const update = { name, parameter, gradient, rows: gradients.rows[name] }
        optimizer.move(device, update, { rate: 0.01, decay: 0.1 }, 1)
      }
    }
    step(one, backward(one.encoder, [0, 1, 2, 3, 4, 5, 6, 7]))
    step(
      other,
      sumGradients(
        other.device,
        batches.map((batch) => backward(other.encoder, batch)),
      ),
    )
    const [expected, found] = [await one.encoder.save(), await other.encoder.save()]
    // Adam's first step is the rate, whatever the gradient: a sign of 0 may differ, as b_K's would
    for (const [name, { data }] of Object.entries(expected))
      expect(worstError(found[name].data, data)).toBeLessThan(error * 100)
    await one.device.close()
    await other.device.close()
  })

  test('may be added one by one, and each is freed by itself', async () => {
    const { device, encoder } = await opened()
    const before = device.stats().handles
    const together = sumGradients(
      device,
      batches.map((batch) => backward(encoder, batch)),
    )
    const expected = await together.read()
    let sum = sumGradients(device, [])
    for (const batch of batches) {
      const pass = encoder.forward(batch.map((n) => TEXTS[n]))
      const next = sumGradients(device, [sum, pass.backward(gradientOf(batch))])
      for (const done of [sum, pass]) done.free()
      sum = next
    }
    expect(await sum.read()).toEqual(expected)
    expect(device.stats().handles - before).toBeGreaterThan(0)
    sum.free()
    await device.close()
  })
})

describe('gradients of one parameter', async () => {
  const device = await openDevice({ device: 'reference', dtype: 'float64' })
  const up = (...rows: number[][]): Handle => device.upload(Tensor.from(rows, 'float64'))
  const some = (rows: readonly number[], ...numbers: number[][]): BatchGradients => ({
    dParameters: { E: up(...numbers) },
    rows: { E: rows },
  })
  const all = { dParameters: { E: up([1, 2], [3, 4], [5, 6]) } }

  test.each<[string, readonly BatchGradients[], number[][], readonly number[] | undefined]>([
    [
      'of some rows and of others',
      [some([2], [1, 2]), some([0], [3, 4])],
      [
        [3, 4],
        [1, 2],
      ],
      [0, 2],
    ],
    [
      'of rows that both have, in any order',
      [some([2, 0], [1, 2], [3, 4]), some([2, 1], [10, 20], [30, 40])],
      [
        [3, 4],
        [30, 40],
        [11, 22],
      ],
      [0, 1, 2],
    ],
    [
      'of all and of some',
      [all, some([2], [10, 20])],
      [
        [1, 2],
        [3, 4],
        [15, 26],
      ],
      undefined,
    ],
    [
      'of some and of all',
      [some([1], [10, 20]), all],
      [
        [1, 2],
        [13, 24],
        [5, 6],
      ],
      undefined,
    ],
    [
      'of all, twice',
      [all, all],
      [
        [2, 4],
        [6, 8],
        [10, 12],
      ],
      undefined,
    ],
    ['of some alone', [some([1], [1, 2])], [[1, 2]], [1]],
  ])('are added: %s', async (_, gradients, expected, rows) => {
    const sum = sumGradients(device, gradients)
    const { dParameters } = await sum.read()
    expect(dParameters).toEqual({ E: Tensor.from(expected, 'float64') })
    expect(sum.rows).toEqual(rows ? { E: rows } : {})
  })

  test.each<[string, unknown, ErrorConstructor, string]>([
    ['no array', all, TypeError, 'sumGradients: gradients must be an array, got an object'],
    [
      'no gradients',
      [all, {}],
      TypeError,
      'sumGradients: gradients[1]: needs options such as pass.backward(dY), got undefined',
    ],
    [
      'a number as gradient',
      [{ dParameters: { E: 3 } }],
      TypeError,
      'sumGradients: gradients[0]: the gradient of E must be a handle, got 3',
    ],
    [
      'another shape',
      [all, { dParameters: { E: up([1, 2, 3]) } }],
      RangeError,
      'sumGradients: gradients[1]: the gradient of E must have the shape of those before, got (1, 3) after (3, 2)',
    ],
    [
      'rows of another width',
      [some([1], [1, 2]), some([1], [1, 2, 3])],
      RangeError,
      'sumGradients: gradients[1]: the gradient of E must have the shape of those before, got (1, 3) after (1, 2)',
    ],
    [
      'more rows than it has',
      [some([1, 2], [1, 2])],
      RangeError,
      'sumGradients: gradients[0]: the gradient of 2 rows of E must have as many, got (1, 2)',
    ],
    [
      'a row twice',
      [some([1, 1], [1, 2], [3, 4])],
      RangeError,
      'sumGradients: gradients[0]: rows of E must be distinct integers from 0, got 1',
    ],
    [
      'a row beyond all',
      [some([7], [1, 2]), all],
      RangeError,
      'sumGradients: gradients[1]: rows of E must be distinct integers from 0 to 2, got 7',
    ],
    [
      'a number as rows',
      [{ dParameters: { E: up([1, 2]) }, rows: { E: 1 } }],
      TypeError,
      'sumGradients: gradients[0]: rows of E must be integers such as [0, 5], got 1',
    ],
  ])('are refused: %s', (_, gradients, kind, message) => {
    const before = device.stats().handles
    const sum = () => sumGradients(device, gradients as BatchGradients[])
    expect(sum).toThrow(new kind(message))
    expect(sum).toThrow(kind)
    expect(device.stats().handles).toBe(before)
  })

  test('need a device', () => {
    expect(() => sumGradients(undefined as never, [])).toThrow(
      new TypeError(
        'sumGradients: device must be a value such as await openDevice(), got undefined',
      ),
    )
  })

  test('of different layers stand beside each other', async () => {
    const layer = new SelfAttention(
      { dModel: 3, dQuery: 2, dKey: 2, dValue: 2 },
      { device, seed: 3 },
    )
    const X = new Random(5, 'X').normals([4, 3], 'float64')
    const back = layer.forward(X).backward(Tensor.zeros([4, 2]))
    expect(Object.keys(sumGradients(device, [all, back]).dParameters)).toEqual([
      'E',
      'W_Q',
      'W_K',
      'W_V',
    ])
  })
})
