import { describe, expect, test } from 'vitest'
import type { Device } from '../../src/device/device.ts'
import { openDevice } from '../../src/device/open.ts'
import { ReferenceDevice } from '../../src/device/reference.ts'
import type { ForwardOptions } from '../../src/layer/forward-options.ts'
import type { SelfAttentionOptions } from '../../src/layer/options.ts'
import { SelfAttention } from '../../src/layer/self-attention.ts'
import type { Alignment } from '../../src/mechanism/alignment.ts'
import { additive, cosine, general } from '../../src/mechanism/alignments.ts'
import { entmax15, sparsemax } from '../../src/mechanism/distributions.ts'
import {
  and,
  causal,
  cells,
  documents,
  fromTorchAttentionMask,
  lengths,
  type Mask,
  not,
  or,
  window,
} from '../../src/mechanism/mask.ts'
import { learned, relative, rotary, sinusoidal } from '../../src/mechanism/position.ts'
import { Random } from '../../src/random.ts'
import { Tensor } from '../../src/tensor.ts'
import { worstError } from '../differences.ts'

const [N, T, D] = [2, 7, 5]
/** The row that no query may look at and that looks at nothing, in every text. */
const IDLE = 4
const alive = (i: number, j: number): boolean => i !== IDLE && j !== IDLE

/** The cells of T × T where a rule holds, for some heads. */
const table = (rule: (i: number, j: number, head: number) => boolean, heads = 1): Tensor =>
  new Tensor(
    [1, heads, T, T],
    Uint8Array.from({ length: heads * T * T }, (_, n) =>
      Number(rule(Math.floor(n / T) % T, n % T, Math.floor(n / (T * T)))),
    ),
  )
const only = (i: number): Mask => ({
  name: 'own',
  allows: (row, j) => row !== i && j !== i,
  span: (_first, _last, { nKey }) => [0, nKey],
})
const parted = documents(Array.from({ length: T }, (_, t) => (t === IDLE ? 1 : 0)))
const masks: Record<string, Mask> = {
  cells: cells(table(alive)),
  'cells of each head': cells(table((i, j, head) => alive(i, j) && (head === 0 || i >= j), 2)),
  'cells and a causal window': and(cells(table(alive)), causal({ window: 3 })),
  'documents, but for one that sees itself': and(parted, cells(table(alive))),
  'documents of queries and keys that differ': documents(
    [0, 0, 1, 1, 2, 1, 0],
    [0, 1, 1, 0, 3, 0, 1],
  ),
  not: not(or(cells(table((i, j) => !alive(i, j))), cells(table((i, j) => i === j && i === 2)))),
  'or of windows, cut': and(or(window(1, 0), window(0, 2)), cells(table(alive))),
  "PyTorch's attention mask": fromTorchAttentionMask(
    new Tensor([T, T], Uint8Array.from(table((i, j) => !alive(i, j)).data)),
  ),
  'one of its own': only(IDLE),
}
const each: SelfAttentionOptions = { dModel: D, dQuery: 3, dKey: 3, dValue: 2, heads: 2 }
const forms: Record<string, Partial<SelfAttentionOptions>> = {
  'scaled dot, relative': { position: relative(2) },
  'general, biases and an output matrix, rotary': {
    alignment: general({ bias: true }),
    position: rotary(),
    output: 3,
    biases: true,
    distribution: sparsemax,
  },
  'additive, learned positions': { alignment: additive({ hidden: 2 }), position: learned(T) },
  'cosine, sinusoidal, entmax': { alignment: cosine, position: sinusoidal, distribution: entmax15 },
}
const devices: Record<string, Device> = {
  'reference float64': new ReferenceDevice({ dtype: 'float64' }),
  'reference float32': new ReferenceDevice(),
  wasm: await openDevice({ device: 'wasm', threads: 2 }),
}
const X = new Random(3, 'X').normals([N, T, D], 'float64')

/** X with numbers that are none in a row of every text. */
function spoilt(tensor: Tensor, row = IDLE): Tensor {
  const other = tensor.as(tensor.dtype)
  const [rows, columns] = tensor.shape.slice(-2)
  for (let n = 0; n < other.size; n++) {
    if (Math.floor(n / columns) % rows === row) other.data[n] = [NaN, Infinity, -Infinity][n % 3]
  }
  return other
}

const layerOf = (device: Device, form: Partial<SelfAttentionOptions>) =>
  new SelfAttention<number, number, Alignment>({ ...each, ...form }, { device, seed: 7 })

async function numbersOf(
  layer: SelfAttention<number, number, Alignment>,
  batch: Tensor,
  options: ForwardOptions,
) {
  using pass = layer.forward(batch, options)
  const dC = new Random(3, 'dC').normals(pass.context.shape, 'float64')
  return { ...(await pass.read()), gradients: await pass.backward(dC).read() }
}

describe.each(Object.keys(devices))(
  'a row that looks at nothing and that nothing looks at, on %s',
  (name) => {
    const device = devices[name]

    test.each(Object.keys(masks).flatMap((mask) => Object.keys(forms).map((form) => [mask, form])))(
      'may hold NaN and ∞ under %s with %s: no number changes',
      async (mask, form) => {
        const layer = layerOf(device, forms[form])
        const options = { mask: masks[mask], want: { weights: true, statistics: true } }
        const quiet = await numbersOf(layer, X, options)
        expect(await numbersOf(layer, spoilt(X), options)).toEqual(quiet)
        const numbers = [
          quiet.context,
          quiet.gradients.dX,
          ...Object.values(quiet.gradients.dParameters),
        ].flatMap(({ data }) => [...data])
        expect(numbers.every(Number.isFinite)).toBe(true)
        const row = quiet.gradients.dX.data.slice(IDLE * D, (IDLE + 1) * D)
        expect(row.every((value) => value === 0)).toBe(true)
      },
    )

    test('may be one of the layer’s own mask, and of chosen query rows', async () => {
      const layer = layerOf(device, { mask: masks.cells, biases: true })
      const starts = [0, T, N * T]
      const queryRows = Int32Array.of(1, IDLE, T + 2, T + IDLE)
      const batch = X.reshape([N * T, D])
      const noisy = spoilt(X).reshape([N * T, D])
      expect(await numbersOf(layer, noisy, { starts, queryRows })).toEqual(
        await numbersOf(layer, batch, { starts, queryRows }),
      )
    })

    test('may be a row of a table that stands at such positions alone', async () => {
      const layer = layerOf(device, { mask: masks.cells })
      const indices = Int32Array.from({ length: N * T }, (_, r) => (r % T === IDLE ? 3 : r % 3))
      const [rows, noisy] = [X.slice(0), spoilt(X, 3).slice(0)].map(
        (tensor) => new Tensor([4, D], tensor.data.slice(0, 4 * D) as Float64Array),
      )
      for (const more of [{}, { queryRows: Int32Array.of(0, IDLE, T + 1) }]) {
        const options = { indices, starts: [0, T, N * T], ...more }
        expect(await numbersOf(layer, noisy, options)).toEqual(
          await numbersOf(layer, rows, options),
        )
      }
    })

    test('may be a row of another source that no query looks at, and a query that looks at none of it', async () => {
      const layer = layerOf(device, { output: 3, position: sinusoidal })
      const source = new Random(5, 'source').normals([N, 3, D], 'float64')
      const mask = cells(
        new Tensor(
          [T, 3],
          Uint8Array.from({ length: T * 3 }, (_, n) =>
            Number(n % 3 !== 1 && Math.floor(n / 3) !== IDLE),
          ),
        ),
      )
      const quiet = await numbersOf(layer, X, { source, mask })
      expect(await numbersOf(layer, spoilt(X), { source: spoilt(source, 1), mask })).toEqual(quiet)
      expect(quiet.gradients.dSource?.data.every(Number.isFinite)).toBe(true)
    })

    test('but one beyond the lengths of a mask looks at others: it spoils its own context, and no other', async () => {
      const layer = layerOf(device, {})
      const mask = lengths([6, 6])
      const [quiet, noisy] = [
        await numbersOf(layer, X, { mask }),
        await numbersOf(layer, spoilt(X, 6), { mask }),
      ]
      const columns = quiet.context.shape[2]
      const rows = (context: Tensor): number[] => [...context.data.slice(0, 6 * columns)]
      expect(worstError(rows(noisy.context), rows(quiet.context))).toBeLessThan(1e-6)
      expect([...noisy.context.data.slice(6 * columns, 7 * columns)].every(Number.isNaN)).toBe(true)
    })
  },
)

test('under an output matrix with bias a row without keys is b_O, and dY of it goes to db_O alone', async () => {
  const device = await openDevice({ device: 'reference', dtype: 'float64' })
  const options = { dModel: D, dQuery: 3, dKey: 3, dValue: 2, output: 3, biases: true }
  const layer = new SelfAttention(options, { device, seed: 7 })
  const b_O = new Random(7, 'b_O').normals([3], 'float64')
  layer.load({ ...(await layer.save()), b_O })
  const pass = layer.forward(new Random(7, 'X').normals([T, D], 'float64'), { mask: only(IDLE) })
  const Y = (await pass.read()).context.slice(IDLE)
  expect([...Y.data]).toEqual([...b_O.data])
  const dY = Tensor.zeros([T, 3], 'float64')
  dY.slice(IDLE).data.set([2, 3, 5])
  const { dX, dParameters } = await pass.backward(dY).read()
  expect([...dParameters.b_O.data]).toEqual([2, 3, 5])
  const others = [dX, ...Object.entries(dParameters).flatMap(([k, d]) => (k === 'b_O' ? [] : [d]))]
  expect(others.every(({ data }) => data.every((d) => d === 0))).toBe(true)
})
