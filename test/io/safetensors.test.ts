import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import fc from 'fast-check'
import { describe, expect, test, vi } from 'vitest'
import type { ByteSource, Bytes } from '../../src/io/bytes.ts'
import { openTensors } from '../../src/io/open-tensors.ts'
import type { FilePath } from '../../src/io/path.ts'
import { decodeTensors, encodeInPieces, encodeTensors } from '../../src/io/safetensors.ts'
import { type DType, numbers, sizeOf, Tensor } from '../../src/tensor.ts'

const pathOf = (name: string): string =>
  fileURLToPath(new URL(`../goldens/${name}.safetensors`, import.meta.url))
const fileOf = (name: string): Uint8Array => new Uint8Array(readFileSync(pathOf(name)))
const golden = fileOf('tensors')
const types = fileOf('types')

test("a file of the format's own writer is read, and written again to the same bytes", () => {
  const file = decodeTensors(golden)
  expect(JSON.parse(file.metadata.regard)).toEqual({ version: 1, words: ['été', 'l’'] })
  expect(file.tensors.places).toEqual(new Tensor([5], Int32Array.of(-2, -1, 0, 1, 2)))
  expect(file.tensors.halves).toEqual(
    new Tensor([6], Float32Array.of(1, -2, 0.333251953125, 65504, 2 ** -24, -0)),
  )
  expect([
    file.tensors.empty.shape,
    file.tensors.number.shape,
    file.tensors.number.data[0],
  ]).toEqual([[0, 3], [], 1.5])
  expect(encodeTensors(file)).toEqual(golden)
})

test('in pieces it is the same file', async () => {
  const file = decodeTensors(golden)
  const entries = Object.entries(file.tensors).map(([name, { shape, dtype }]) => ({
    ...{ name, shape, dtype: file.float16?.has(name) ? ('float16' as const) : dtype },
  }))
  const pieces: Uint8Array[] = []
  for await (const piece of encodeInPieces(
    entries,
    file.metadata,
    async (name) => file.tensors[name],
  ))
    pieces.push(piece)
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
  const names = fc
    .string({ minLength: 1 })
    .filter((name) => name !== '__metadata__' && name !== '__proto__')
  fc.assert(
    fc.property(
      fc.dictionary(names, anyTensor),
      fc.dictionary(names, fc.string()),
      (tensors, metadata) => {
        const file = decodeTensors(encodeTensors({ tensors, metadata }))
        expect(new Map(Object.entries(file.tensors))).toEqual(new Map(Object.entries(tensors)))
        expect({ ...file.metadata }).toEqual({ ...metadata })
      },
    ),
    { seed: 5 },
  )
})

/** A file of a header and so many bytes of numbers. */
function made(header: string | object, length = 0, declared?: number): Uint8Array {
  const json = new TextEncoder().encode(
    typeof header === 'string' ? header : JSON.stringify(header),
  )
  const file = new Uint8Array(8 + json.length + length)
  new DataView(file.buffer).setUint32(0, declared ?? json.length, true)
  file.set(json, 8)
  return file
}
const f32 = (shape: unknown, from: unknown, to: unknown, dtype = 'F32') => ({
  dtype,
  shape,
  data_offsets: [from, to],
})
const at = (byte: number, why: string): RangeError =>
  new RangeError(`model: not a safetensors file at byte ${byte}: ${why}`)

describe('a file that is not what it says is refused, with the byte', () => {
  test.each<[string, Uint8Array, RangeError]>([
    ['nothing', new Uint8Array(0), at(0, "it ends within the 8 bytes of the header's length")],
    ['seven bytes', new Uint8Array(7), at(7, "it ends within the 8 bytes of the header's length")],
    [
      'a header that runs out',
      made('{}', 0, 9),
      at(0, 'the header would have 9 bytes, and 2 follow'),
    ],
    [
      'a huge header',
      made('{}', 0, 4_000_000_000),
      at(0, 'the header would be longer than 100000000 bytes'),
    ],
    [
      'a length of 64 bits',
      Uint8Array.from([2, 0, 0, 0, 1, 0, 0, 0, 0x7b, 0x7d]),
      at(0, 'the header would be longer than 100000000 bytes'),
    ],
    [
      'a header that is not UTF-8',
      Uint8Array.from([3, 0, 0, 0, 0, 0, 0, 0, 0x7b, 0xff, 0x7d]),
      at(8, 'the header is not UTF-8'),
    ],
    ['a header that is a list', made('[]'), at(8, 'the header must begin with {')],
    ['blanks before the header', made(' {}'), at(8, 'the header must begin with {')],
    [
      'a name that comes twice',
      made(
        `{"a":${JSON.stringify(f32([1], 0, 4))},"\\u0061":${JSON.stringify(f32([1], 4, 8))}}`,
        8,
      ),
      at(62, 'the name "a" comes twice'),
    ],
    [
      'metadata of numbers',
      made({ __metadata__: { a: 1 } }),
      at(8, '__metadata__ must hold texts'),
    ],
    [
      'a tensor that is a number',
      made({ a: 3 }),
      at(8, 'the type of "a" must be a text such as "F32", got undefined'),
    ],
    [
      'a type that is a number',
      made({ a: { ...f32([1], 0, 4), dtype: 32 } }, 4),
      at(8, 'the type of "a" must be a text such as "F32", got 32'),
    ],
    [
      'a shape that does not fit a type that is not read',
      made({ a: f32([3], 0, 4, 'F8_E5M2') }, 4),
      at(8, '"a" (3,) of F8_E5M2 needs 3 bytes, data_offsets give 4'),
    ],
    [
      'an unknown type whose bytes run back',
      made({ a: f32([1], 4, 0, 'X') }, 4),
      at(8, '"a" (1,) of X needs 0 bytes, data_offsets give -4'),
    ],
    [
      'a negative axis',
      made({ a: f32([-1], 0, 4) }, 4),
      at(8, 'the shape of "a" must be a list of integers ≥ 0'),
    ],
    [
      'a fraction in a shape',
      made({ a: f32([1.5], 0, 6) }, 6),
      at(8, 'the shape of "a" must be a list of integers ≥ 0'),
    ],
    [
      'offsets that are texts',
      made({ a: f32([1], '0', 4) }, 4),
      at(8, 'data_offsets of "a" must be two integers ≥ 0'),
    ],
    [
      'offsets that run back',
      made({ a: f32([1], 4, 0) }, 4),
      at(8, '"a" (1,) of F32 needs 4 bytes, data_offsets give -4'),
    ],
    [
      'a shape too large for its numbers',
      made({ a: f32([2], 0, 4) }, 4),
      at(8, '"a" (2,) of F32 needs 8 bytes, data_offsets give 4'),
    ],
    [
      'a shape beyond all numbers',
      made({ a: f32([4294967296, 4294967296], 0, 4) }, 4),
      at(
        8,
        '"a" (4294967296, 4294967296) of F32 needs 73786976294838210000 bytes, data_offsets give 4',
      ),
    ],
    [
      'an overlap',
      made({ a: f32([2], 0, 8), b: f32([1], 4, 8) }, 8),
      at(119, '"b" overlaps the tensor before it'),
    ],
    [
      'a hole at the beginning',
      made({ a: f32([1], 4, 8) }, 8),
      at(62, '"a" leaves a hole before it'),
    ],
    [
      'a cut file',
      made({ a: f32([2], 0, 8) }, 7),
      at(69, 'the file ends before the numbers of "a" do'),
    ],
    ['bytes at the end', made({ a: f32([1], 0, 4) }, 5), at(66, '1 bytes belong to no tensor')],
  ])('%s', (_name, file, error) => {
    expect(() => decodeTensors(file, 'model')).toThrow(error)
  })

  test('a header that is not JSON', () => {
    expect(() => decodeTensors(made('{"a":}'), 'model')).toThrow(
      /^model: not a safetensors file at byte 8: the header is not JSON \(/,
    )
  })

  test('any file with a byte changed or cut is read or refused, never worse', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(golden, types),
        fc.nat(types.length - 1),
        fc.nat(255),
        fc.boolean(),
        (whole, at, byte, cut) => {
          const place = at % whole.length
          const file = cut ? whole.slice(0, place) : whole.slice()
          if (!cut) file[place] = byte
          try {
            decodeTensors(file)
          } catch (error) {
            expect(error).toBeInstanceOf(RangeError)
            expect((error as RangeError).message).toMatch(
              /^file: (not a safetensors file at byte \d+: |the tensor ".*" (is of ".*", which is not read|holds -?\d+ at \[\d, \d\], beyond int32))/,
            )
          }
        },
      ),
      { seed: 9, numRuns: 6000 },
    )
  })
})

test('a tensor cannot be called like the metadata', () => {
  expect(() =>
    encodeTensors({ tensors: { __metadata__: Tensor.zeros([1]) }, metadata: {} }),
  ).toThrow(RangeError)
})

test('numbers are rounded where they are kept as float16, and refused where they are too large for it', () => {
  const kept = (...numbers: number[]) =>
    encodeTensors({ tensors: { a: Tensor.from(numbers) }, metadata: {}, float16: new Set(['a']) })
  const file = decodeTensors(kept(0.1, 2049, 1e-9))
  expect([...file.tensors.a.data]).toEqual([0.0999755859375, 2048, 0])
  expect(file.tensors.a.dtype).toBe('float32')
  expect(encodeTensors(file)).toEqual(kept(0.1, 2049, 1e-9))
  expect(() => kept(1, 70000)).toThrow(
    'encodeTensors: a holds 70000, beyond what float16 can; keep it as float32',
  )
})

describe('types that memory has not', () => {
  const file = decodeTensors(types)
  const read = ' as read'
  const names = Object.keys(file.tensors).filter((name) => !name.endsWith(read))

  test('are seven', () => {
    expect(names.sort()).toEqual(['BF16', 'BOOL', 'F16', 'I16', 'I64', 'I8', 'U16'])
    expect(file.converted).toEqual(
      new Map(names.filter((name) => name !== 'F16').map((name) => [name, name])),
    )
    expect(file.float16).toEqual(new Set(['F16']))
  })

  test.each(names)('%s is read as NumPy converts it', (name) => {
    expect(file.tensors[name]).toEqual(file.tensors[name + read])
  })

  test('are written again as memory holds them', () => {
    const {
      converted: _,
      float16: _halves,
      ...again
    } = decodeTensors(encodeTensors({ ...file, float16: new Set() }))
    expect(again).toEqual({ tensors: file.tensors, metadata: {} })
  })

  test('an integer beyond int32 is refused, with tensor, place and number', () => {
    const wide = (value: bigint): Uint8Array => {
      const bytes = made({ 'layers.0': { dtype: 'I64', shape: [2, 3], data_offsets: [0, 48] } }, 48)
      new DataView(bytes.buffer).setBigInt64(bytes.length - 16, value, true)
      return bytes
    }
    for (const value of [2n ** 31n, -(2n ** 31n) - 1n, 2n ** 32n, 2n ** 63n - 1n, -(2n ** 63n)])
      expect(() => decodeTensors(wide(value), 'model')).toThrow(
        new RangeError(`model: the tensor "layers.0" holds ${value} at [1, 1], beyond int32`),
      )
    expect(decodeTensors(wide(-(2n ** 31n))).tensors['layers.0'].at(1, 1)).toBe(-(2 ** 31))
  })

  test.each(['U32', 'U64', 'F8_E4M3', 'F8_E5M2', 'C64', 'X9'])(
    '%s is refused by its name',
    (type) => {
      const bits = { U32: 32, U64: 64, C64: 64 }[type] ?? 8
      const bytes = made({ a: { dtype: type, shape: [1], data_offsets: [0, bits / 8] } }, bits / 8)
      expect(() => decodeTensors(bytes, 'model')).toThrow(
        new RangeError(
          `model: the tensor "a" is of "${type}", which is not read; read are F64, F32, F16, BF16, I64, I32, I16, I8, U16, U8, BOOL`,
        ),
      )
    },
  )
})

describe('what is no file of tensors is not written', () => {
  const W = Tensor.zeros([2])
  test.each<[string, unknown, string]>([
    [
      'nothing',
      undefined,
      'encodeTensors: needs options such as { tensors: { W }, metadata: {} }, got undefined',
    ],
    [
      'no tensors',
      { metadata: {} },
      'encodeTensors: tensors must be an object such as { W: Tensor.zeros([2, 3]) }, got undefined',
    ],
    [
      'an array as tensor',
      { tensors: { W: [1, 2] }, metadata: {} },
      'encodeTensors: W must be a Tensor, got an array; use Tensor.from for nested arrays',
    ],
    [
      'no metadata',
      { tensors: { W } },
      "encodeTensors: metadata must be an object such as { format: 'pt' }, or {}, got undefined",
    ],
    [
      'a number as metadata',
      { tensors: { W }, metadata: { step: 3 } },
      'encodeTensors: metadata step must be a text, got 3',
    ],
  ])('%s', (_what, file, message) => {
    expect(() => encodeTensors(file as never)).toThrow(new TypeError(message))
  })

  test('but a tensor may have any name that JSON has', () => {
    const tensors = Object.fromEntries([
      ['__proto__', W],
      ['constructor', W],
      ['', W],
    ])
    expect(decodeTensors(encodeTensors({ tensors, metadata: {} })).tensors).toEqual(tensors)
  })
})

describe('a file is read from whatever holds its bytes', () => {
  const shared = new SharedArrayBuffer(golden.length)
  new Uint8Array(shared).set(golden)
  const around = new Uint8Array(golden.length + 10)
  around.set(golden, 3)
  test.each<[string, Bytes]>([
    ['an ArrayBuffer', golden.buffer],
    ['a SharedArrayBuffer', shared],
    ['a view of a part', around.subarray(3, 3 + golden.length)],
    ['a DataView', new DataView(around.buffer, 3, golden.length)],
    ['a Buffer', Buffer.from(golden)],
  ])('%s', (_what, bytes) => {
    expect(decodeTensors(bytes)).toEqual(decodeTensors(golden))
  })

  test('shared memory where text is not decoded from it, as in browsers', () => {
    class Unshared extends TextDecoder {
      override decode(bytes?: NodeJS.ArrayBufferView): string {
        if (bytes?.buffer instanceof SharedArrayBuffer)
          throw new TypeError('the provided ArrayBufferView value must not be shared')
        return super.decode(bytes)
      }
    }
    vi.stubGlobal('TextDecoder', Unshared)
    expect(decodeTensors(shared)).toEqual(decodeTensors(golden))
    vi.unstubAllGlobals()
  })

  test('but not from what has them after a wait', () => {
    expect(() => decodeTensors(new Response('') as never)).toThrow(
      'decodeTensors: needs the bytes of a file (a Uint8Array or an ArrayBuffer), got what holds them after a wait; give await source.arrayBuffer()',
    )
  })

  test.each([undefined, 'tensors.safetensors', [1, 2], 3])('but not from %j', (bytes) => {
    expect(() => decodeTensors(bytes as never)).toThrow(
      /^decodeTensors: needs the bytes of a file \(a Uint8Array or an ArrayBuffer\), got /,
    )
  })
})

describe('a file that is opened', () => {
  const all = decodeTensors(types).tensors

  test.each<[string, FilePath | ByteSource]>([
    ['from its path', pathOf('types')],
    ['from the address of a file', pathToFileURL(pathOf('types')).href],
    ['from a URL', pathToFileURL(pathOf('types'))],
    ['from its bytes', types],
    ['from a Blob', new Blob([fileOf('types') as BlobPart])],
    ['from a Response', new Response(fileOf('types') as BodyInit)],
  ])('%s gives each tensor by its name', async (_what, given) => {
    const file = await openTensors(given)
    expect(file.entries.get('I64')).toEqual({ type: 'I64', shape: [2, 3], bytes: 48 })
    expect([...file.entries.keys()].sort()).toEqual(Object.keys(all).sort())
    for (const name of file.entries.keys()) expect(await file.read(name)).toEqual(all[name])
    await expect(file.read('I65')).rejects.toThrow(
      /: has no tensor "I65" among its 14; it has "I\d+"$/,
    )
    await file.close()
  })

  test('says what its metadata says', async () => {
    expect((await openTensors(golden)).metadata).toEqual(decodeTensors(golden).metadata)
  })

  test('refuses a tensor of a type that is not read, and gives the others', async () => {
    const file = await openTensors(pathOf('unread'))
    expect(await file.read('F32')).toEqual(Tensor.from([[1, -2.5]]))
    for (const name of ['U32', 'U64', 'C64', 'F8_E4M3', 'F8_E5M2'])
      await expect(file.read(name)).rejects.toThrow(
        `: the tensor "${name}" is of "${name}", which is not read;`,
      )
    expect(() => decodeTensors(fileOf('unread'))).toThrow('which is not read')
    await file.close()
    await expect(file.read('F32')).rejects.toThrow(
      'unread.safetensors: it was closed; open it again',
    )
  })

  test('reads no more of the disk than a tensor has', async () => {
    const path = join(mkdtempSync(join(tmpdir(), 'tensors-')), 'sparse.safetensors')
    const length = 3e9
    const header = made({ small: f32([2], 0, 8), large: f32([length / 4], 8, 8 + length) })
    writeFileSync(path, header)
    truncateSync(path, header.length + 8 + length)
    const file = await openTensors(path)
    expect(file.entries.get('large')?.bytes).toBe(length)
    expect(await file.read('small')).toEqual(Tensor.zeros([2]))
    truncateSync(path, header.length + 3)
    await expect(file.read('small')).rejects.toThrow(
      `not a safetensors file at byte ${header.length + 3}: the file ends before the numbers of "small" do`,
    )
    await file.close()
    rmSync(dirname(path), { recursive: true })
  })

  test('is refused where it is none, like one that is read whole', async () => {
    await expect(openTensors(made('[]'))).rejects.toThrow(
      'file: not a safetensors file at byte 8: the header must begin with {',
    )
    await expect(openTensors('no-such.safetensors')).rejects.toThrow(
      'no-such.safetensors: there is no such file; check its name',
    )
    await expect(openTensors(3 as never)).rejects.toThrow(
      'openTensors: needs a path, or the bytes of a file (a Uint8Array, an ArrayBuffer, a Response or a Blob), got 3',
    )
    await expect(openTensors('https://example.org/m')).rejects.toThrow(
      'https://example.org/m: it is no file of this machine; download it first, or give what fetch brings',
    )
    const file = await openTensors(golden)
    await expect(file.read(undefined as never)).rejects.toThrow('file: has no tensor undefined')
  })
})

test('a promise of tensors is no tensors: it is refused, and no empty file made', () => {
  const tensors = Promise.resolve({ a: Tensor.zeros([1]) }) as unknown as Record<string, Tensor>
  expect(() => encodeTensors({ tensors, metadata: {} })).toThrow(
    new TypeError(
      'encodeTensors: tensors must be an object such as { W: Tensor.zeros([2, 3]) }, got a promise; await it first',
    ),
  )
})
