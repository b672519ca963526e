import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { runInNewContext } from 'node:vm'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { learn, load, type ModelSource, openDevice } from '../../src/doors/internal.ts'

const SMALL = {
  width: 8,
  query: 4,
  key: 4,
  value: 8,
  heads: 2,
  buckets: 64,
  minCount: 1,
  steps: 5,
  device: await openDevice({ threads: 1 }),
}
const TEXT = 'Tom a vendu le moulin\nLa mer a été calme\n'
const folder = mkdtempSync(join(tmpdir(), 'regard é '))
const path = join(folder, 'm.safetensors')
let bytes: Uint8Array<ArrayBuffer>

beforeAll(async () => {
  const model = await learn(TEXT, SMALL)
  bytes = new Uint8Array(await model.bytes())
  await model.save(path)
})
afterAll(() => rmSync(folder, { recursive: true }))
afterEach(() => vi.restoreAllMocks())

/** What is loaded, as the bytes of its file again. */
async function loaded(source: ModelSource): Promise<Uint8Array> {
  const model = await load(source, { on: SMALL.device })
  const again = await model.bytes()
  await model.close()
  return new Uint8Array(again)
}

/** A buffer of another realm, such as Jest has one. */
function foreign(): ArrayBuffer {
  const buffer = runInNewContext(`new ArrayBuffer(${bytes.length})`) as ArrayBuffer
  new Uint8Array(buffer).set(bytes)
  return buffer
}

describe('load takes', () => {
  const sources: [string, () => ModelSource][] = [
    ['a path', () => path],
    ['the address of a file', () => pathToFileURL(path).href],
    ['a URL of a file', () => pathToFileURL(path)],
    ['a Uint8Array', () => bytes],
    ['a part of a buffer', () => Uint8Array.of(1, 2, 3, ...bytes, 4).subarray(3, 3 + bytes.length)],
    ['a Buffer of Node', () => readFileSync(path)],
    ['a DataView', () => new DataView(bytes.buffer)],
    ['an ArrayBuffer', () => bytes.buffer],
    ['an ArrayBuffer of another realm', foreign],
    ['a Response', () => new Response(bytes)],
    ['a Blob', () => new Blob([bytes])],
  ]
  test.each(sources)('%s', async (_what, source) => {
    expect(await loaded(source())).toEqual(bytes)
  })

  test.each(['fr', 'en'])('%s, which ships', async (name) => {
    const file = fileURLToPath(new URL(`../../models/${name}.safetensors`, import.meta.url))
    expect(await loaded(name)).toEqual(new Uint8Array(readFileSync(file)))
  })
})

describe('a file of the very name of a model that ships', () => {
  const here = process.cwd()
  afterEach(() => process.chdir(here))

  test('is read instead, but not a folder', async () => {
    process.chdir(folder)
    writeFileSync('fr', bytes)
    mkdirSync('en')
    expect(await loaded('fr')).toEqual(bytes)
    expect((await loaded('en')).length).toBeGreaterThan(100_000)
  })
})

describe('load says what is wrong with', () => {
  const answered = (body: string, init: ResponseInit, url: string) =>
    Object.defineProperty(new Response(body, init), 'url', { value: url })
  const read = async (): Promise<Response> => {
    const response = new Response(bytes)
    await response.arrayBuffer()
    return response
  }
  const wrong: [string, () => unknown, string][] = [
    [
      'an address of the network',
      () => 'https://example.org/m.safetensors',
      'https://example.org/m.safetensors: it is no file of this machine; download it first, or give what fetch brings: load(await fetch(address))',
    ],
    [
      'such a URL',
      () => new URL('http://example.org/m'),
      'http://example.org/m: it is no file of this machine; download it',
    ],
    [
      'an address of data',
      () => `data:,${'x'.repeat(900)}`,
      `data:,${'x'.repeat(194)}: it is no file of this machine; download it`,
    ],
    [
      'a path to nothing',
      () => pathToFileURL('/no/such.safetensors'),
      '/no/such.safetensors: there is no such file; check its name',
    ],
    ['nothing', () => undefined, 'load: needs a path, or the bytes of a file'],
    ['null', () => null, 'a Response or a Blob), got null'],
    ['a list of numbers', () => [1, 2], 'a Response or a Blob), got an array'],
    [
      'a response that is an error',
      () => answered('no', { status: 404 }, 'https://example.org/m'),
      'load: https://example.org/m was answered with status 404; check the address',
    ],
    [
      'a page instead of a model',
      () => answered('<!doctype html><html lang="en">', { status: 200 }, 'https://example.org/m'),
      'https://example.org/m: not a safetensors file at byte 0',
    ],
    [
      'a response that was read',
      read,
      'load: the body of the response was read already; fetch it again, or keep its bytes',
    ],
  ]
  test.each(wrong)('%s', async (_what, source, message) => {
    await expect(load((await source()) as ModelSource)).rejects.toThrow(message)
  })

  test.each<[unknown, string]>([
    [null, "load: needs options such as { device: 'wasm' }, got null"],
    ['wasm', `load: needs options such as { device: 'wasm' }, got "wasm"`],
    [{ device: 'gpu' }, 'load: device must be one of auto, reference, wasm, got "gpu"'],
    [
      { on: {} },
      'load: on must be a value such as await openDevice(), got an object without allocate',
    ],
  ])('options such as %j', async (options, message) => {
    await expect(load(bytes, options as never)).rejects.toMatchObject({ message })
  })

  test('a promise', async () => {
    await expect(load(Promise.resolve(bytes) as never)).rejects.toThrow(
      'a Response or a Blob), got a promise; await it first',
    )
  })

  test.each([
    [
      'fr',
      'load: fr is regard/models/fr.safetensors, which cannot be found from here; give its path, or its bytes such as fetch brings them',
    ],
    [
      'file:///m.safetensors',
      'file:///m.safetensors: there are no files here; give or take the bytes themselves',
    ],
  ])('%s where there are no files', async (source, message) => {
    vi.spyOn(process, 'getBuiltinModule').mockReturnValue(undefined as never)
    vi.spyOn(process, 'cwd').mockReturnValue(folder)
    await expect(load(source, { on: SMALL.device })).rejects.toThrow(message)
  })
})

describe('relatives take the same', () => {
  test('save takes the address of a file', async () => {
    const model = await load(bytes, { on: SMALL.device })
    for (const place of [
      pathToFileURL(join(folder, 'a b')),
      pathToFileURL(join(folder, 'c')).href,
    ]) {
      await model.save(place)
      expect(new Uint8Array(readFileSync(new URL(place)))).toEqual(bytes)
    }
    await expect(model.save('https://example.org/m')).rejects.toThrow(
      'https://example.org/m: it is no file of this machine; give a path, or send the bytes (Model.bytes)',
    )
  })

  test('learn takes bytes in whatever holds them, to the same bits', async () => {
    const text = new TextEncoder().encode(TEXT)
    for (const given of [text, text.buffer, new Blob([text]), new Response(text)])
      expect(new Uint8Array(await (await learn(given, SMALL)).bytes())).toEqual(bytes)
    await expect(learn(new Response('no', { status: 500 }), SMALL)).rejects.toThrow(
      'learn: the response was answered with status 500',
    )
  })

  test('resume takes a buffer', async () => {
    const written: Uint8Array[] = []
    const write = async (pieces: AsyncIterable<Uint8Array>) => {
      for await (const piece of pieces) written.push(piece.slice())
    }
    await learn(TEXT, { ...SMALL, checkpoint: { due: (step) => step === 3, write } })
    expect(written.length).toBeGreaterThan(0)
    const resumed = await learn(TEXT, {
      ...SMALL,
      resume: async () => await new Blob(written as BlobPart[]).arrayBuffer(),
    })
    expect(new Uint8Array(await resumed.bytes())).toEqual(bytes)
  })
})
