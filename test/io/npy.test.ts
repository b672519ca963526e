import { describe, expect, test } from 'vitest'
import { encodeNpy } from '../../src/io/npy.ts'
import { Tensor } from '../../src/tensor.ts'

const text = (bytes: Uint8Array) => String.fromCharCode(...bytes)

test('a matrix by hand: magic, version 1.0, length, dictionary, blanks to a multiple of 64, numbers', () => {
  const file = encodeNpy(
    Tensor.from([
      [1, 2, 3],
      [-4, 0.5, 6],
    ]),
  )
  expect(text(file.subarray(0, 10))).toBe('\x93NUMPY\x01\x00\x76\x00')
  expect(text(file.subarray(10, 128))).toBe(
    `${"{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }".padEnd(117)}\n`,
  )
  const numbers = new DataView(file.buffer, 128)
  expect([0, 1, 2, 3, 4, 5].map((n) => numbers.getFloat32(4 * n, true))).toEqual([
    1, 2, 3, -4, 0.5, 6,
  ])
  expect(file).toHaveLength(128 + 24)
})

describe('the dictionary names type and shape', () => {
  test.each([
    [Tensor.zeros([3], 'float64'), "'<f8'", '(3,)'],
    [Tensor.zeros([], 'int32'), "'<i4'", '()'],
    [Tensor.zeros([0, 5], 'uint8'), "'|u1'", '(0, 5)'],
    [Tensor.zeros(Array(20).fill(1)), "'<f4'", `(${Array(20).fill(1).join(', ')})`],
  ])('%#', (tensor, type, shape) => {
    const file = encodeNpy(tensor)
    const start = file.length - tensor.data.byteLength
    expect(start % 64).toBe(0)
    expect(text(file.subarray(10, start)).trimEnd()).toBe(
      `{'descr': ${type}, 'fortran_order': False, 'shape': ${shape}, }`,
    )
    expect(file[start - 1]).toBe(10)
    expect(new DataView(file.buffer).getUint16(8, true)).toBe(start - 10)
  })
})

test('a tensor that shares its numbers with a larger one writes its own alone', () => {
  const part = Tensor.from([
    [1, 2],
    [3, 4],
  ]).slice(1)
  expect(encodeNpy(part)).toEqual(encodeNpy(Tensor.from([3, 4])))
})
