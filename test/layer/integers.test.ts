import { expect, test } from 'vitest'
import { ReferenceDevice } from '../../src/device/reference.ts'
import { Encoder } from '../../src/layer/encoder.ts'
import { SelfAttention } from '../../src/layer/self-attention.ts'
import { documents, lengths } from '../../src/mechanism/mask.ts'
import { Random } from '../../src/random.ts'

const device = new ReferenceDevice()
const layer = new SelfAttention({ dModel: 3, dQuery: 2, dKey: 2, dValue: 2 }, { device, seed: 1 })
const draw = (name: string, ...shape: number[]) => new Random(3, name).normals(shape)
const [X, source, vectors] = [draw('X', 2, 4, 3), draw('source', 2, 5, 3), draw('queries', 1, 2)]

/** The same numbers as an array and as an Int32Array. */
const both = (...numbers: number[]) => [numbers, Int32Array.from(numbers)] as const

test.each([
  ['lengths', both(4, 2).map((rows) => ({ lengths: rows }))],
  ['sourceLengths', both(5, 1).map((rows) => ({ source, sourceLengths: rows }))],
  ['lengths of a mask', both(4, 2).map((rows) => ({ mask: lengths(rows) }))],
  ['documents', both(0, 1, 1, 0).map((rows) => ({ mask: documents(rows) }))],
  ['replaced queries', both(5).map((rows) => ({ queries: { at: rows, vectors } }))],
  ['rows whose weights are wanted', both(3, 1).map((rows) => ({ want: { weights: { rows } } }))],
])('%s may be an Int32Array', async (_name, [plain, typed]) => {
  expect(await layer.forward(X, typed).read()).toEqual(await layer.forward(X, plain).read())
})

test('the words of an encoder may be Int32Arrays', async () => {
  const encoder = new Encoder(
    { vocabulary: 7, dModel: 3, layers: [{ dQuery: 2, dKey: 2, dValue: 2 }] },
    { device, seed: 1 },
  )
  const expected = await encoder
    .forward([
      [3, 1, 4],
      [1, 5],
    ])
    .read()
  expect(await encoder.forward([Int32Array.of(3, 1, 4), Int32Array.of(1, 5)]).read()).toEqual(
    expected,
  )
  expect(() => encoder.forward([Int32Array.of(7)])).toThrow(
    'every word must be an integer from 0 to 6, got 7',
  )
})
