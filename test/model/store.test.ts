import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { decodeTensors, encodeTensors } from '../../src/io/safetensors.ts'
import { learn } from '../../src/model/learning.ts'
import { load, type Model } from '../../src/model/model.ts'

const TEXT =
  'Tom a été entarté cet été .\nla mer est bleue cet été .\nTom a été élu .\nil a été vu cet été .\n'
const QUESTIONS = 'sentence\tquestion\tstart\tend\nTom a été élu .\tWhat happened to Tom ?\t3\t4\n'
const SIZES = {
  width: 8,
  query: 8,
  key: 8,
  value: 8,
  heads: 2,
  steps: 3,
  buckets: 64,
  seed: 11,
  heldOut: 0.3,
} as const

let half: Model
let whole: Model
beforeAll(async () => {
  half = await learn(TEXT, { ...SIZES, store: 'float16' })
  whole = await learn(TEXT, SIZES)
})
afterAll(async () => {
  await half.close()
  await whole.close()
})

const namesIn = async (model: Model): Promise<string[]> =>
  Object.keys(decodeTensors(await model.bytes()).tensors)

describe('a model that is kept as float16', () => {
  test('has every tensor so in its file', async () => {
    const { tensors, float16 } = decodeTensors(await half.bytes())
    expect([...(float16 ?? [])].sort()).toEqual(Object.keys(tensors).sort())
    expect(decodeTensors(await whole.bytes()).float16).toBeUndefined()
  })

  test('is loaded to the same vectors, the same loss, and saved again to the same bytes', async () => {
    const bytes = await half.bytes()
    const again = await load(bytes)
    expect(await again.embed(TEXT)).toEqual(await half.embed(TEXT))
    expect(again.learned).toEqual(half.learned)
    expect(await again.bytes()).toEqual(bytes)
    await again.close()
  })

  test('is the model that was learned, rounded: at most by one part in 2048', async () => {
    const [rounded, exact] = await Promise.all(
      [half, whole].map(async (model) => decodeTensors(await model.bytes()).tensors),
    )
    for (const [name, { data }] of Object.entries(exact)) {
      const wrong = data.findIndex(
        (value, n) =>
          Math.abs(rounded[name].data[n] - value) > Math.max(Math.abs(value) / 2048, 2 ** -25),
      )
      expect([name, wrong]).toEqual([name, -1])
    }
  })

  test('can be learned on from, in float32 again unless told', async () => {
    const next = await learn(TEXT, { from: half, steps: 1 })
    expect(decodeTensors(await next.bytes()).float16).toBeUndefined()
    await next.close()
  })

  test('is refused where a tensor is of another type than the others', async () => {
    const { tensors, metadata, float16 = new Set() } = decodeTensors(await half.bytes())
    const mixed = new Set([...float16].filter((name) => name !== 'words.E'))
    await expect(load(encodeTensors({ tensors, metadata, float16: mixed }))).rejects.toThrow(
      'the model: the tensor words.E is of float32, where others are of float16',
    )
  })

  test('is refused where a file holds numbers that memory alone has as float32', async () => {
    const bytes = await half.bytes()
    const length = new DataView(bytes.buffer).getUint32(0, true)
    const header = new TextDecoder()
      .decode(bytes.subarray(8, 8 + length))
      .replace('"F16"', '"BF16"')
    const json = new TextEncoder().encode(header)
    const retyped = new Uint8Array(
      Buffer.concat(
        [new BigUint64Array([BigInt(json.length)]), json, bytes.subarray(8 + length)].map(
          (piece) => new Uint8Array(piece.buffer, piece.byteOffset, piece.byteLength),
        ),
      ),
    )
    const first = Object.keys(decodeTensors(bytes).tensors)[0]
    expect(decodeTensors(retyped).tensors[first].dtype).toBe('float32')
    await expect(load(retyped)).rejects.toThrow(
      `the model: the tensor ${first} is of BF16, where models hold F32 or F16, and checkpoints F32 or F64`,
    )
  })

  test('another type is refused', async () => {
    await expect(learn(TEXT, { store: 'int8' as 'float16' })).rejects.toThrow(
      'learn: store must be float32 or float16, got "int8"',
    )
  })
})

describe('what questions alone have a use for', () => {
  test('stands in the file where questions were learned, and nowhere else', async () => {
    const asked = await learn(TEXT, { ...SIZES, questions: QUESTIONS })
    expect(
      (await namesIn(asked)).filter((name) => name.startsWith('question.')).length,
    ).toBeGreaterThan(2)
    expect((await namesIn(whole)).filter((name) => name.startsWith('question.'))).toEqual([])
    await asked.close()
  })

  test('is drawn where a file has none of it, as if learning had gone on at once', async () => {
    const next = { questions: QUESTIONS, steps: 2 }
    const read = await load(await whole.bytes())
    const [after, at] = [
      await learn(TEXT, { ...next, from: read }),
      await learn(TEXT, { ...next, from: whole }),
    ]
    expect(await after.bytes()).toEqual(await at.bytes())
    for (const model of [read, after, at]) await model.close()
  })

  test('is read where a file of an earlier version has it', async () => {
    const asked = await learn(TEXT, { ...SIZES, questions: QUESTIONS })
    const { tensors, metadata } = decodeTensors(await asked.bytes())
    const record = JSON.parse(metadata.regard)
    record.learned = record.learned.map((time: object) => ({ ...time, questions: 0 }))
    const file = encodeTensors({ tensors, metadata: { regard: JSON.stringify(record) } })
    const model = await load(file)
    expect(await model.device.read(model.modules.parameters['question.pool'])).toEqual(
      tensors['question.pool'],
    )
    await model.close()
    const { 'question.pool': _, ...fewer } = tensors
    await expect(
      load(encodeTensors({ tensors: fewer, metadata: { regard: JSON.stringify(record) } })),
    ).rejects.toThrow('the tensor question.pool is missing')
    await asked.close()
  })
})
