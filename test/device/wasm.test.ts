import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Device, Handle, ProductOptions } from '../../src/device/device.ts'
import { openDevice } from '../../src/device/open.ts'
import { Random } from '../../src/random.ts'
import { type Numbers, Tensor } from '../../src/tensor.ts'
import { attentionBy, manhattan } from './own-alignment.ts'

interface Sizes {
  readonly m: number
  readonly n: number
  readonly k: number
}

// sums and rows of C that are longer than those of one job are cut: 521 and 1031 of MIXED are
const AROUND_TILES = [1, 2, 3, 5, 7, 8, 9, 16, 17, 31, 33, 63, 64, 65, 97]
const MIXED: Sizes[] = [
  { m: 1, n: 1, k: 1 },
  { m: 33, n: 9, k: 0 },
  { m: 65, n: 63, k: 97 },
  { m: 31, n: 97, k: 65 },
  { m: 37, n: 41, k: 521 },
  { m: 37, n: 1031, k: 11 },
]
const CASES: Sizes[] = [
  ...AROUND_TILES.flatMap((size) => [
    { m: size, n: 13, k: 7 },
    { m: 11, n: size, k: 7 },
    { m: 11, n: 13, k: size },
  ]),
  ...MIXED,
]
const OPTIONS: ProductOptions[] = [false, true].flatMap((transposeA) =>
  [false, true].flatMap((transposeB) =>
    [false, true].map((accumulate) => ({ transposeA, transposeB, accumulate })),
  ),
)
const named = ({ transposeA, transposeB, accumulate }: ProductOptions): string =>
  `C ${accumulate ? '+=' : '='} A${transposeA ? 'ᵀ' : ''}B${transposeB ? 'ᵀ' : ''}`

/** Random operands of a product as they lie in memory, with a C that is not zero. */
function operands({ m, n, k }: Sizes, { transposeA, transposeB }: ProductOptions) {
  const random = new Random(1009, `${m} ${n} ${k}`)
  return {
    A: random.normals(transposeA ? [k, m] : [m, k]),
    B: random.normals(transposeB ? [n, k] : [k, n]),
    C: random.normals([m, n]),
  }
}

type Operands = ReturnType<typeof operands>

/** One cell: ((C + a₀b₀) + a₁b₁) + …, each product and each sum rounded by `round`. */
function chainAt(
  { m, n, k }: Sizes,
  { A, B, C }: Operands,
  options: ProductOptions,
  round: (x: number) => number,
  cell: number,
): number {
  const [aRow, aColumn] = options.transposeA ? [1, m] : [k, 1]
  const [bRow, bColumn] = options.transposeB ? [1, k] : [n, 1]
  const [i, j] = [Math.floor(cell / n), cell % n]
  let sum = options.accumulate ? C.data[cell] : 0
  for (let p = 0; p < k; p++)
    sum = round(sum + round(A.data[i * aRow + p * aColumn] * B.data[p * bRow + j * bColumn]))
  return sum
}

function chain(sizes: Sizes, options: ProductOptions, round: (x: number) => number): Float64Array {
  const given = operands(sizes, options)
  return Float64Array.from({ length: sizes.m * sizes.n }, (_, cell) =>
    chainAt(sizes, given, options, round, cell),
  )
}

/** The device's own product of the same operands. */
async function computed(device: Device, sizes: Sizes, options: ProductOptions): Promise<Numbers> {
  const tensors = operands(sizes, options)
  const C = device.scope(() => {
    const [A, B, C] = [tensors.A, tensors.B, tensors.C].map((tensor) => device.upload(tensor))
    device.product(A, B, C, options)
    return C
  })
  const { data } = await device.read(C)
  device.free(C)
  return data
}

/** Largest |a − b| over each row. */
const rowErrors = (a: ArrayLike<number>, b: ArrayLike<number>, columns: number): number[] =>
  Array.from({ length: a.length / columns }, (_, i) => {
    let worst = 0
    for (let n = i * columns; n < (i + 1) * columns; n++)
      worst = Math.max(worst, Math.abs(a[n] - b[n]))
    return worst
  })

describe.each([1, 2])('the wasm device on threads: %i', (threads) => {
  let device: Device
  beforeAll(async () => {
    device = await openDevice({ device: 'wasm', threads })
  })
  afterAll(() => device.close())

  test('says what it is', () => {
    expect(device).toMatchObject({
      name: 'wasm',
      arithmetic: 'portable',
      dtype: 'float32',
      threads,
    })
    expect(device.why.join('\n')).toContain(
      threads === 1 ? 'one thread' : '2 threads over one memory',
    )
  })

  test.each(OPTIONS.map((options) => [named(options), options] as const))(
    '%s is the chain of float32 products and sums, bit for bit, at every size',
    async (_name, options) => {
      for (const sizes of CASES) {
        const [C, expected] = [
          await computed(device, sizes, options),
          chain(sizes, options, Math.fround),
        ]
        expect({ sizes, wrong: C.findIndex((x, cell) => !Object.is(x, expected[cell])) }).toEqual({
          sizes,
          wrong: -1,
        })
      }
    },
  )

  test('a product errs no more than twice as much as plain float32 loops, and 4 units in the last place of its row', async () => {
    for (const sizes of MIXED) {
      const exact = chain(sizes, {}, (x) => x)
      const loops = rowErrors(chain(sizes, {}, Math.fround), exact, sizes.n)
      const errors = rowErrors(await computed(device, sizes, {}), exact, sizes.n)
      errors.forEach((error, i) => {
        const largest = Math.max(...exact.subarray(i * sizes.n, (i + 1) * sizes.n).map(Math.abs))
        expect(error).toBeLessThanOrEqual(2 * loops[i] + 4 * 2 ** -23 * largest)
      })
    }
  })

  test.each([1, 2, 5, 8, 13, 31])(
    'rows of A that are equal give rows of C that are equal, wherever they stand: every %i-th',
    async (every) => {
      const [m, n, k] = [101, 43, 61]
      const random = new Random(2003, 'equal rows')
      const A = random.normals([m, k])
      for (let i = every; i < m; i += every) A.data.copyWithin(i * k, 0, k)
      const C = device.allocate([m, n])
      device.product(device.upload(A), device.upload(random.normals([k, n])), C)
      const { data } = await device.read(C)
      for (let i = every; i < m; i += every)
        expect(data.slice(i * n, (i + 1) * n)).toEqual(data.slice(0, n))
    },
  )

  test('a product that is cut both ways and shared among threads is the same chain', async () => {
    const [sizes, options] = [{ m: 67, n: 1031, k: 521 }, { transposeA: true }]
    const given = operands(sizes, options)
    const C = await computed(device, sizes, options)
    for (const cell of [0, 1030, 33 * 1031 + 1023, 66 * 1031 + 1024, 67 * 1031 - 1]) {
      expect(C[cell]).toBe(chainAt(sizes, given, options, Math.fround, cell))
    }
  })

  test('a product cut in two along k has the bits of the whole', async () => {
    const [m, n, k, cut] = [41, 29, 83, 37]
    const random = new Random(3001, 'cut')
    const A = random.normals([k, m])
    const B = random.normals([k, n])
    const upper = (X: Tensor) =>
      device.upload(new Tensor([cut, X.shape[1]], X.data.slice(0, cut * X.shape[1])))
    const lower = (X: Tensor) =>
      device.upload(new Tensor([k - cut, X.shape[1]], X.data.slice(cut * X.shape[1])))
    const [whole, parts] = [device.allocate([m, n]), device.allocate([m, n])]
    device.product(device.upload(A), device.upload(B), whole, { transposeA: true })
    device.product(upper(A), upper(B), parts, { transposeA: true })
    device.product(lower(A), lower(B), parts, { transposeA: true, accumulate: true })
    expect((await device.read(parts)).data).toEqual((await device.read(whole)).data)
  })

  test('handles keep their numbers while the memory grows', async () => {
    const random = new Random(4001, 'growth')
    const tensors = Array.from({ length: 7 }, () => random.normals([53, 59]))
    const uploaded: Handle[] = []
    for (const tensor of tensors) {
      uploaded.push(device.upload(tensor))
      device.free(device.allocate([1009, 1013 * (1 + uploaded.length)]))
    }
    for (const [n, handle] of uploaded.entries())
      expect(await device.read(handle)).toEqual(tensors[n])
  })

  test('what was freed comes back as zeros', async () => {
    const first = device.upload(new Random(4003).normals([17, 19]))
    device.free(first)
    expect((await device.read(device.allocate([17, 19]))).data.every((x) => x === 0)).toBe(true)
    await expect(device.read(first)).rejects.toThrow('was freed')
  })

  test('results stay open: read in reverse, after more work was enqueued', async () => {
    const random = new Random(5003, 'late')
    const [m, n, k] = [67, 71, 73]
    const B = device.upload(random.normals([k, n]))
    const As = [random.normals([m, k]), random.normals([m, k])].map((tensor) =>
      device.upload(tensor),
    )
    const [first, second] = As.map((A) => {
      const C = device.allocate([m, n])
      device.product(A, B, C)
      return C
    })
    const early = [await device.read(first), await device.read(second)]
    const later = device.scope(() => {
      const C = device.allocate([m, n])
      for (const A of As) device.product(A, B, C, { accumulate: true })
      return C
    })
    expect(await device.read(second)).toEqual(early[1])
    expect(await device.read(first)).toEqual(early[0])
    const sums = early[0].data.map((x, c) => x + early[1].data[c])
    expect(Math.max(...rowErrors((await device.read(later)).data, sums, n))).toBeLessThan(1e-4)
  })

  test("a user's own alignment attends, forward and backward, within float32 of the reference in float64", async () => {
    const reference = await openDevice({ device: 'reference', dtype: 'float64' })
    const [ours, exact] = [attentionBy(device, manhattan), attentionBy(reference, manhattan)]
    for (const [n, handle] of ours.entries()) {
      const { data } = await reference.read(exact[n])
      const error = Math.max(...rowErrors((await device.read(handle)).data, data, data.length))
      expect(error).toBeLessThan(2 ** -23 * Math.max(...data.map(Math.abs)))
    }
  })

  test('a scope frees all but what it returns', () => {
    const before = device.stats()
    const kept = device.scope(() => ({ C: [device.allocate([3, 5]), device.allocate([7])][0] }))
    expect(device.stats()).toMatchObject({ bytes: before.bytes + 60, handles: before.handles + 1 })
    device.free(kept.C)
  })
})

test('one thread and two give the same bits', async () => {
  const sizes = { m: 131, n: 67, k: 257 }
  const devices = await Promise.all(
    [1, 2, 3].map((threads) => openDevice({ device: 'wasm', threads })),
  )
  const [one, ...more] = await Promise.all(
    devices.map((device) => computed(device, sizes, { transposeB: true })),
  )
  for (const C of more) expect(C).toEqual(one)
  await Promise.all(devices.map((device) => device.close()))
})

test('a device that was closed refuses', async () => {
  const device = await openDevice({ device: 'wasm', threads: 2 })
  const handle = device.allocate([3])
  await device.close()
  await device.close()
  await expect(device.read(handle)).rejects.toThrow('closed')
  expect(() => device.allocate([3])).toThrow('closed')
})

test('what would not fit is refused before it is allocated', async () => {
  const device = await openDevice({ device: 'wasm', threads: 2, memoryLimit: 1e6 })
  expect(() => device.allocate([1009, 1009])).toThrow(/needs 4.07 MB .* limit is 1.00 MB/)
  expect(device.stats()).toMatchObject({ bytes: 0, handles: 0 })
  await device.close()
})

test.each([
  [{ threads: 0 }, 'threads must be an integer ≥ 1, got 0'],
  [{ threads: 1.5 }, 'threads must be an integer ≥ 1, got 1.5'],
  [{ dtype: 'float64' as const }, 'computes in float32, got float64'],
  [{ arithmetic: 'plain' as const }, 'has the arithmetics portable and fused, got "plain"'],
  [{ memoryLimit: 2 ** 33 }, 'reaches 4294967296 bytes at most'],
])('opening it with %o is refused', async (options, message) => {
  await expect(openDevice({ device: 'wasm', ...options })).rejects.toThrow(message)
})
