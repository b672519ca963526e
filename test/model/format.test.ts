import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { openDevice } from '../../src/device/open.ts'
import { decodeTensors, encodeTensors } from '../../src/io/safetensors.ts'
import { Sha256 } from '../../src/io/sha256.ts'
import { learn } from '../../src/model/learning.ts'
import { load, type Model } from '../../src/model/model.ts'

// files of a version that wrote format 1 for positions on embeddings: test/goldens/make_format_1.js
const golden = (name: string) => readFileSync(new URL(`../goldens/${name}`, import.meta.url))
const { text, sentences, expected } = JSON.parse(golden('format-1.json').toString())
const fileOf = (name: string) => new Uint8Array(golden(`format-1-${name}.safetensors`))
const ON = { steps: 3, minCount: 1, heldOut: 0 }

const sha256 = async (model: Model): Promise<string> =>
  new Sha256().update(await model.bytes()).digest()

const opened = () => openDevice({ device: 'wasm', threads: 1 })

describe.each(Object.keys(expected))(
  'a file of format 1 with positions on embeddings: %s',
  (name) => {
    test('gives the numbers that it gave, and the same file', async () => {
      const device = await opened()
      const model = await load(fileOf(name), { on: device })
      const { embed, attend, ask } = expected[name]
      const embedded = await model.embed(sentences)
      expect(embedded.map((tokens) => tokens.map(({ vector }) => [...vector]))).toEqual(embed)
      expect([...(await model.attend(sentences[0])).weights.data]).toEqual(attend)
      expect([...(await model.ask(sentences[0], 'Quand ?')).weights]).toEqual(ask)
      expect(await model.bytes()).toEqual(fileOf(name))
      await device.close()
    })

    test('learns on as it did', async () => {
      const device = await opened()
      const from = await load(fileOf(name), { on: device })
      const model = await learn(text, { device, from, ...ON })
      expect(model.record.format).toBe(1)
      expect(await sha256(model)).toBe(expected[name].from)
      await device.close()
    })
  },
)

const SMALL = {
  ...{ seed: 7, steps: 6, minCount: 1, heldOut: 0, heads: 2, layers: 2, width: 8 },
  ...{ query: 4, key: 4, value: 8, asking: 4, askingHidden: 0, buckets: 16 },
}

/** The metadata of a file. */
const metadataOf = (bytes: Uint8Array) => JSON.parse(decodeTensors(bytes).metadata.regard)

/** A file with another format. */
function withFormat(bytes: Uint8Array, key: string, change: (found: object) => void): Uint8Array {
  const { tensors, metadata } = decodeTensors(bytes)
  const found = JSON.parse(metadata[key])
  change(found)
  return encodeTensors({ tensors, metadata: { [key]: JSON.stringify(found) } })
}

describe('a model is of format', () => {
  test.each([
    ['sinusoidal', 2],
    ['learned:12', 2],
    ['relative:3', 1],
    ['rotary', 1],
    ['none', 1],
  ])(
    '%s: %i, and gives the same numbers and the same file when it is read',
    async (position, format) => {
      const device = await opened()
      const model = await learn(text, { ...SMALL, position, device })
      const bytes = await model.bytes()
      expect(metadataOf(bytes).format).toBe(format)
      const read = await load(bytes, { on: device })
      expect(await read.embed(sentences)).toEqual(await model.embed(sentences))
      expect(await read.bytes()).toEqual(bytes)
      const on = await learn(text, { device, from: read, ...ON })
      expect(on.record.format).toBe(format)
      await device.close()
    },
  )
})

test('the same file means something else under format 1: positions stay out of the residual connections', async () => {
  const device = await opened()
  const model = await learn(text, { ...SMALL, position: 'sinusoidal', embedding: 'seen', device })
  const bytes = await model.bytes()
  const old = await load(
    withFormat(bytes, 'regard', (found) => Object.assign(found, { format: 1 })),
    { on: device },
  )
  const [[first]] = await model.embed(['mer mer'])
  const [[other]] = await old.embed(['mer mer'])
  expect(Math.max(...first.vector.map((x, n) => Math.abs(x - other.vector[n])))).toBeGreaterThan(
    0.1,
  )
  await device.close()
})

test('a checkpoint of format 1 goes on in its own way', async () => {
  const device = await opened()
  const options = { ...SMALL, position: 'sinusoidal', device }
  let kept = new Uint8Array()
  const checkpoint = {
    due: (step: number) => step === 3,
    async write(pieces: AsyncIterable<Uint8Array>) {
      const all: Uint8Array[] = []
      for await (const piece of pieces) all.push(piece)
      kept = new Uint8Array(Buffer.concat(all))
    },
  }
  await learn(text, { ...options, checkpoint })
  const on = await learn(text, { ...options, resume: kept })
  expect(on.record.format).toBe(2)
  const old = withFormat(kept, 'regard.checkpoint', (found) =>
    Object.assign((found as { model: object }).model, { format: 1 }),
  )
  const back = await learn(text, { ...options, resume: old })
  expect(back.record.format).toBe(1)
  expect(await back.embed(sentences)).not.toEqual(await on.embed(sentences))
  await device.close()
})
