import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test, vi } from 'vitest'
import { openSpool } from '../../src/io/spool.ts'
import { MemorySpool, type Spool } from '../../src/text/spool.ts'

const folder = mkdtempSync(join(tmpdir(), 'regard-spool-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe.each<[string, () => Spool | Promise<Spool>]>([
  ['on the disk', () => openSpool(folder)],
  ['in memory', () => new MemorySpool()],
])('a spool %s', (_where, open) => {
  test('gives back any bytes of what was appended', async () => {
    const spool = await open()
    const bytes = Uint8Array.from({ length: 1009 }, (_, n) => (n * n) % 251)
    for (let from = 0; from < bytes.length; from += 113)
      spool.append(bytes.subarray(from, from + 113))
    for (const [at, length] of [
      [0, 1009],
      [112, 3],
      [500, 1],
      [7, 600],
    ]) {
      const into = new Uint8Array(length)
      spool.read(at, into)
      expect(into).toEqual(bytes.slice(at, at + length))
    }
    spool.close()
  })
})

describe('on the disk', () => {
  test('it has no name, so nothing can be left of it', async () => {
    const spool = await openSpool(folder)
    spool.append(new Uint8Array(100))
    expect(readdirSync(folder)).toEqual([])
    spool.close()
  })

  test('two may be open at once', async () => {
    const [one, other] = [await openSpool(folder), await openSpool(folder)]
    one.append(Uint8Array.of(1))
    other.append(Uint8Array.of(2))
    const into = new Uint8Array(1)
    one.read(0, into)
    expect([...into]).toEqual([1])
    for (const spool of [one, other]) spool.close()
  })

  test('what was never written is refused in one line', async () => {
    const spool = await openSpool(folder)
    spool.append(new Uint8Array(3))
    expect(() => spool.read(2, new Uint8Array(2))).toThrow(
      /\.spool: the temporary file is shorter than what was written to it; learn again$/,
    )
    spool.close()
  })

  test('a folder that is not there is named', async () => {
    const missing = join(folder, 'missing')
    await expect(openSpool(missing)).rejects.toThrow(`${missing}/.regard-`)
    expect(existsSync(missing)).toBe(false)
  })

  test.each([
    ['process', undefined],
    ['the module', { getBuiltinModule: () => undefined }],
  ])('where there is no %s, it says that there are no files', async (_, process) => {
    vi.stubGlobal('process', process)
    const opened = openSpool(folder)
    vi.unstubAllGlobals()
    await expect(opened).rejects.toThrow('openSpool: there are no files here; leave spool out')
  })
})
