import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeTensors, encodeInPieces, encodeTensors } from '../../src/io/safetensors.ts'
import { type DType, numbers, sizeOf, Tensor } from '../../src/tensor.ts'

const golden = new Uint8Array(readFileSync(new URL('../goldens/tensors.safetensors', import.meta.url)))

test("a file of the format's own writer is read, and written again to the same bytes", () => {
  const file = decodeTensors(golden)
  expect(JSON.parse(file.metadata.regard)).toEqual({ version: 1, words: ['été', 'l’'] })
  expect(file.tensors.places).toEqual(new Tensor([5], Int32Array.of(-2, -1, 0, 1, 2)))
  expect(file.tensors.halves).toEqual(new Tensor([6], Float32Array.of(1, -2, 0.333251953125, 65504, 2 ** -24, -0)))
  expect([file.tensors.empty.shape, file.tensors.number.shape, file.tensors.number.data[0]]).toEqual([[0, 3], [], 1.5])
  expect(encodeTensors(file)).toEqual(golden)
})

test('in pieces it is the same file', async () => {
  const file = decodeTensors(golden)
  const entries = Object.entries(file.tensors).map(([name, { shape, dtype }]) => ({
    ...{ name, shape, dtype: file.float16?.has(name) ? ('float16' as const) : dtype },
  }))
  const pieces: Uint8Array[] = []
  for await (const piece of encodeInPieces(entries, file.metadata, async (name) => file.tensors[name])) pieces.push(piece)
  expect(pieces).toHaveLength(1 + entries.length)
  expect(new Uint8Array(Buffer.concat(pieces))).toEqual(golden)
})

const anyTensor = fc
  .record({
    shape: fc.array(fc.nat(4), { maxLength: 3 }),
    dtype: fc.constantFrom<DType>('float32', 'float64', 'int32', 'uint8'),
    seed: fc.nat(100),
  })
  .map(({ shape, dtype, seed }) => {
    const tensor = new Tensor(shape, numbers(dtype, sizeOf(shape)))
    tensor.data.forEach((_, n) => {
      tensor.data[n] = n * 0.37 + seed
    })
    return tensor
  })

test('whatever is written is read again', () => {
  const names = fc.string({ minLength: 1 }).filter((name) => name !== '__metadata__' && name !== '__proto__')
  fc.assert(
    fc.property(fc.dictionary(names, anyTensor), fc.dictionary(names, fc.string()), (tensors, metadata) => {
      const file = decodeTensors(encodeTensors({ tensors, metadata }))
      expect(new Map(Object.entries(file.tensors))).toEqual(new Map(Object.entries(tensors)))
      expect({ ...file.metadata }).toEqual({ ...metadata })
    }),
    { seed: 5 },
  )
})

/** A file of a header and so many bytes of numbers. */
function made(header: string | object, length = 0, declared?: number): Uint8Array {
  const json = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header))
  const file = new Uint8Array(8 + json.length + length)
  new DataView(file.buffer).setUint32(0, declared ?? json.length, true)
  file.set(json, 8)
  return file
}
const f32 = (shape: unknown, from: unknown, to: unknown, dtype = 'F32') => ({ dtype, shape, data_offsets: [from, to] })
const at = (byte: number, why: string): RangeError => new RangeError(`model: not a safetensors file at byte ${byte}: ${why}`)

describe('a file that is not what it says is refused, with the byte', () => {
  test.each<[string, Uint8Array, RangeError]>([
    ['nothing', new Uint8Array(0), at(0, "it ends within the 8 bytes of the header's length")],
    ['seven bytes', new Uint8Array(7), at(7, "it ends within the 8 bytes of the header's length")],
    ['a header that runs out', made('{}', 0, 9), at(0, 'the header would have 9 bytes, and 2 follow')],
    ['a huge header', made('{}', 0, 4_000_000_000), at(0, 'the header would be longer than 100000000 bytes')],
    [
      'a length of 64 bits',
      Uint8Array.from([2, 0, 0, 0, 1, 0, 0, 0, 0x7b, 0x7d]),
      at(0, 'the header would be longer than 100000000 bytes'),
    ],
    ['a header that is not UTF-8', Uint8Array.from([3, 0, 0, 0, 0, 0, 0, 0, 0x7b, 0xff, 0x7d]), at(8, 'the header is not UTF-8')],
    ['a header that is a list', made('[]'), at(8, 'the header must begin with {')],
    ['blanks before the header', made(' {}'), at(8, 'the header must begin with {')],
    [
      'a name that comes twice',
      made(`{"a":${JSON.stringify(f32([1], 0, 4))},"\\u0061":${JSON.stringify(f32([1], 4, 8))}}`, 8),
      at(62, 'the name "a" comes twice'),
    ],
    ['metadata of numbers', made({ __metadata__: { a: 1 } }), at(8, '__metadata__ must hold texts')],
    [
      'an unknown type',
      made({ a: f32([1], 0, 2, 'BF16') }, 2),
      at(8, 'the tensor "a" has the unknown type "BF16"; known: F64, F32, I32, F16, U8'),
    ],
    ['a tensor that is a number', made({ a: 3 }), at(8, 'the tensor "a" has the unknown type undefined; known: F64, F32, I32, F16, U8')],
    ['a negative axis', made({ a: f32([-1], 0, 4) }, 4), at(8, 'the shape of "a" must be a list of integers ≥ 0')],
    ['a fraction in a shape', made({ a: f32([1.5], 0, 6) }, 6), at(8, 'the shape of "a" must be a list of integers ≥ 0')],
    ['offsets that are texts', made({ a: f32([1], '0', 4) }, 4), at(8, 'data_offsets of "a" must be two integers ≥ 0')],
    ['offsets that run back', made({ a: f32([1], 4, 0) }, 4), at(8, '"a" (1,) of F32 needs 4 bytes, data_offsets give -4')],
    ['a shape too large for its numbers', made({ a: f32([2], 0, 4) }, 4), at(8, '"a" (2,) of F32 needs 8 bytes, data_offsets give 4')],
    [
      'a shape beyond all numbers',
      made({ a: f32([4294967296, 4294967296], 0, 4) }, 4),
      at(8, '"a" (4294967296, 4294967296) of F32 needs 73786976294838210000 bytes, data_offsets give 4'),
    ],
    ['an overlap', made({ a: f32([2], 0, 8), b: f32([1], 4, 8) }, 8), at(119, '"b" overlaps the tensor before it')],
    ['a hole at the beginning', made({ a: f32([1], 4, 8) }, 8), at(62, '"a" leaves a hole before it')],
    ['a cut file', made({ a: f32([2], 0, 8) }, 7), at(69, 'the file ends before the numbers of "a" do')],
    ['bytes at the end', made({ a: f32([1], 0, 4) }, 5), at(66, '1 bytes belong to no tensor')],
  ])('%s', (_name, file, error) => {
    expect(() => decodeTensors(file, 'model')).toThrow(error)
  })

  test('a header that is not JSON', () => {
    expect(() => decodeTensors(made('{"a":}'), 'model')).toThrow(/^model: not a safetensors file at byte 8: the header is not JSON \(/)
  })

  test('any file with a byte changed or cut is read or refused, never worse', () => {
    fc.assert(
      fc.property(fc.nat(golden.length - 1), fc.nat(255), fc.boolean(), (place, byte, cut) => {
        const file = cut ? golden.slice(0, place) : golden.slice()
        if (!cut) file[place] = byte
        try {
          decodeTensors(file)
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError)
          expect((error as RangeError).message).toMatch(/^file: not a safetensors file at byte \d+: /)
        }
      }),
      { seed: 9, numRuns: 3000 },
    )
  })
})

test('a tensor cannot be called like the metadata', () => {
  expect(() => encodeTensors({ tensors: { __metadata__: Tensor.zeros([1]) }, metadata: {} })).toThrow(RangeError)
})

test('numbers are rounded where they are kept as float16, and refused where they are too large for it', () => {
  const kept = (...numbers: number[]) => encodeTensors({ tensors: { a: Tensor.from(numbers) }, metadata: {}, float16: new Set(['a']) })
  const file = decodeTensors(kept(0.1, 2049, 1e-9))
  expect([...file.tensors.a.data]).toEqual([0.0999755859375, 2048, 0])
  expect(file.tensors.a.dtype).toBe('float32')
  expect(encodeTensors(file)).toEqual(kept(0.1, 2049, 1e-9))
  expect(() => kept(1, 70000)).toThrow('encodeTensors: a holds 70000, beyond what float16 can; keep it as float32')
})
