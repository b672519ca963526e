import { describe, expect, test } from 'vitest'
import {
  type DType,
  type Nested,
  shapeText,
  sizeOf,
  Tensor,
  type TensorJSON,
} from '../src/tensor.ts'

const counting = new Tensor(
  [2, 3, 5],
  Float64Array.from({ length: 30 }, (_, n) => n),
)

describe('a tensor of nested arrays', () => {
  test('has the shape of the nesting and its numbers in row-major order', () => {
    const tensor = Tensor.from([
      [1, 2, 3],
      [5, 7, 11],
    ])
    expect([tensor.shape, [...tensor.data]]).toEqual([
      [2, 3],
      [1, 2, 3, 5, 7, 11],
    ])
  })

  test('holds float32 unless told', () => {
    expect(Tensor.from([0.1]).at(0)).toBe(Math.fround(0.1))
  })

  test('of a number alone has the empty shape', () => {
    expect([Tensor.from(7, 'float64').shape, Tensor.from(7, 'float64').at()]).toEqual([[], 7])
  })

  test('of no rows has length 0', () => {
    expect(Tensor.from([]).shape).toEqual([0])
  })

  test('refuses rows of different length', () => {
    expect(() => Tensor.from([[1, 2, 3], [5]])).toThrow(
      new RangeError('Tensor.from: every row along axis 1 must have 3 entries, got 1'),
    )
  })

  test('refuses a number where the others have a row', () => {
    expect(() => Tensor.from([[1, 2], 5])).toThrow(
      new RangeError('Tensor.from: every row along axis 1 must have 2 entries, got a number'),
    )
  })

  test('refuses rows of different depth', () => {
    expect(() =>
      Tensor.from([
        [1, 2],
        [3, [5] as unknown as number],
      ]),
    ).toThrow(new RangeError('Tensor.from: every row must have the same depth'))
  })
})

describe('a tensor of nested arrays names what is no number, and where', () => {
  const needs = 'Tensor.from: needs numbers in nested arrays, got'
  const spread = '; spread it as [...numbers], or use new Tensor(shape, numbers)'
  test.each<[string, unknown, string]>([
    ['a bigint', [1, 1n], '1n at [1]'],
    ['nothing', [undefined], 'undefined at [0]'],
    ['null in the place of a row', [[1], null], 'null at [1]'],
    ['a truth value', [[1], [true]], 'true at [1, 0]'],
    ['digits', [[1, '2']], '"2" at [0, 1]'],
    ['a hole', [[1, 2, 3], Object.assign(new Array(3), { 0: 4, 2: 6 })], 'a hole at [1, 1]'],
    ['a typed array among rows', [[1, 2], Float32Array.of(3, 4)], `a Float32Array at [1]${spread}`],
    ['rows that are typed arrays', [Int32Array.of(1)], `an Int32Array at [0]${spread}`],
    ['a typed array', Float64Array.of(1), `a Float64Array${spread}`],
    ['an object', { length: 2 }, 'an object'],
  ])('%s', (_what, nested, found) => {
    expect(() => Tensor.from(nested as Nested)).toThrow(new TypeError(`${needs} ${found}`))
  })
})

describe('integers are never wrapped', () => {
  const holds = {
    int32: 'int32 holds integers from -2147483648 to 2147483647',
    uint8: 'uint8 holds integers from 0 to 255',
  }

  test.each<[DType & keyof typeof holds, number]>([
    ['int32', 2 ** 31],
    ['int32', -(2 ** 31) - 1],
    ['int32', Number.NaN],
    ['int32', Infinity],
    ['uint8', 256],
    ['uint8', -1],
    ['uint8', Number.NaN],
  ])('%s refuses %d, from nested arrays and from a tensor', (dtype, value) => {
    const nested = [
      [0, 1],
      [value, 2],
    ]
    expect(() => Tensor.from(nested, dtype)).toThrow(
      new RangeError(`Tensor.from: ${holds[dtype]}, got ${value} at [1, 0]`),
    )
    const tensor = Tensor.from(nested, 'float64')
    expect(() => tensor.as(dtype)).toThrow(
      new RangeError(`Tensor.as: ${holds[dtype]}, got ${value} at [1, 0]`),
    )
  })

  test('a fraction is none of them where it is written', () => {
    expect(() => Tensor.from(2.5, 'uint8')).toThrow(
      new RangeError(`Tensor.from: ${holds.uint8}, got 2.5`),
    )
  })

  test('the least and the largest are held', () => {
    expect([...Tensor.from([-(2 ** 31), 2 ** 31 - 1], 'int32').data]).toEqual([
      -(2 ** 31),
      2 ** 31 - 1,
    ])
    expect([...Tensor.from([0.5, 255.75], 'float64').as('uint8').data]).toEqual([0, 255])
  })
})

describe('a tensor of numbers', () => {
  test.each(['float32', 'float64', 'int32', 'uint8'] as DType[])(
    'of %s zeros knows its type',
    (dtype) => {
      expect([Tensor.zeros([2, 3], dtype).dtype, Tensor.zeros([2, 3], dtype).size]).toEqual([
        dtype,
        6,
      ])
    },
  )

  test('keeps the array that it is given', () => {
    const data = Float32Array.of(2, 3)
    expect(new Tensor([2], data).data).toBe(data)
  })

  test('keeps its own copy of the shape', () => {
    const shape = [2, 3]
    const tensor = new Tensor(shape, new Float32Array(6))
    shape[0] = 7
    expect(tensor.shape).toEqual([2, 3])
  })

  test('refuses more numbers than there is memory for, with the shape', () => {
    expect(() => Tensor.zeros([2 ** 20, 2 ** 30])).toThrow(
      new RangeError(
        'Tensor.zeros: there is no memory for shape (1048576, 1073741824); use smaller sizes',
      ),
    )
  })

  test('refuses as many numbers as the shape has not', () => {
    expect(() => new Tensor([2, 3], new Float32Array(5))).toThrow(
      new RangeError('Tensor: shape (2, 3) needs 6 numbers, got 5'),
    )
  })

  test.each([[[2.5]], [[-1]], [[NaN]]])('refuses the shape %j', (shape) => {
    expect(() => new Tensor(shape, new Float32Array(2))).toThrow(RangeError)
  })

  test('refuses a plain array', () => {
    expect(() => new Tensor([2], [2, 3] as unknown as Float32Array)).toThrow(TypeError)
  })
})

describe('looking into a tensor', () => {
  test('at finds the number of an index', () => {
    expect(counting.at(1, 2, 3)).toBe(1 * 15 + 2 * 5 + 3)
  })

  test.each([
    ['beyond an axis', [0, 3, 0]],
    ['below an axis', [0, -1, 0]],
    ['with too few places', [1, 2]],
  ])('at refuses an index %s', (_what, index) => {
    expect(() => counting.at(...index)).toThrow(
      new RangeError(`Tensor.at: [${index.join(', ')}] lies outside of shape (2, 3, 5)`),
    )
  })

  test('slice gives one entry of the first axis', () => {
    expect([counting.slice(1).shape, counting.slice(1).at(0, 2)]).toEqual([[3, 5], 17])
  })

  test('slice shares the numbers', () => {
    const tensor = Tensor.zeros([3, 2])
    tensor.slice(2).data[1] = 7
    expect(tensor.at(2, 1)).toBe(7)
  })

  test.each([2, -1])('slice refuses entry %i of two', (n) => {
    expect(() => counting.slice(n)).toThrow(
      new RangeError(`Tensor.slice: no entry ${n} in shape (2, 3, 5)`),
    )
  })

  test('slice refuses a number without axes', () => {
    expect(() => Tensor.from(7).slice(0)).toThrow(RangeError)
  })
})

describe('other views and copies', () => {
  test('reshape shares the numbers under another shape', () => {
    expect([
      counting.reshape([5, 6]).data === counting.data,
      counting.reshape([5, 6]).at(1, 0),
    ]).toEqual([true, 6])
  })

  test('reshape refuses another size', () => {
    expect(() => counting.reshape([7, 5])).toThrow(
      new RangeError('Tensor: shape (7, 5) needs 35 numbers, got 30'),
    )
  })

  test('as rounds to the type asked for', () => {
    expect([...Tensor.from([2.75, -3.25], 'float64').as('int32').data]).toEqual([2, -3])
  })

  test('as copies even to its own type', () => {
    expect(counting.as('float64').data).not.toBe(counting.data)
  })

  test('sizeOf and shapeText agree on what a shape is', () => {
    expect([sizeOf([2, 3, 5]), sizeOf([]), shapeText([2, 3, 5]), shapeText([7])]).toEqual([
      30,
      1,
      '(2, 3, 5)',
      '(7,)',
    ])
  })
})

describe('as JSON', () => {
  test.each([
    new Tensor([2, 2], Float64Array.of(0.1, -0, 5e-324, 1.7976931348623157e308)),
    new Tensor([3], Float32Array.of(0.1, 1e-45, -3.4028234663852886e38)),
    new Tensor([4], Float32Array.of(Number.NaN, Infinity, -Infinity, -0)),
    new Tensor([2, 1], Int32Array.of(-2147483648, 2147483647)),
    new Tensor([], Uint8Array.of(255)),
    new Tensor([0, 3], new Float32Array(0)),
  ])('every number comes back exact: %#', (tensor) => {
    const again = Tensor.fromJSON(JSON.parse(JSON.stringify(tensor)))
    expect(again).toEqual(tensor)
    again.data.forEach((x: number, n: number) => {
      expect(Object.is(x, tensor.data[n])).toBe(true)
    })
  })

  test.each<[unknown, string]>([
    [undefined, 'Tensor.fromJSON: shape must be an array such as [2, 3], got undefined'],
    [{ shape: [1], data: [1] }, 'Tensor.fromJSON: dtype must be one of '],
    [
      { shape: [1], dtype: 'float32', data: { 0: 1 } },
      'Tensor.fromJSON: data must be an array, got an object',
    ],
    [
      { shape: [2], dtype: 'float32', data: [1, null] },
      'Tensor.fromJSON: data must be numbers, got null at [1]',
    ],
    [{ shape: [2], dtype: 'float32', data: [1] }, 'Tensor: shape (2,) needs 2 numbers, got 1'],
    [
      { shape: [1], dtype: 'uint8', data: [256] },
      'Tensor.fromJSON: uint8 holds integers from 0 to 255, got 256 at [0]',
    ],
  ])('what is none is refused: %j', (json, message) => {
    expect(() => Tensor.fromJSON(json as TensorJSON)).toThrow(message)
  })
})
