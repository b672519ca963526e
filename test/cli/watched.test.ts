import { appendFileSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { WatchedFiles } from '../../src/cli/learn/watched.ts'

const folder = mkdtempSync(join(tmpdir(), 'regard-watched-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const path = join(folder, 'a.txt')
const TEXT = 'un deux trois\n'.repeat(20_000)

/** Reads a file to its end; something happens after its first piece. */
async function readThrough(files: WatchedFiles, meanwhile = () => {}): Promise<number> {
  let bytes = 0
  for await (const piece of files.sources[0].stream) {
    if (bytes === 0) meanwhile()
    bytes += piece.length
  }
  return bytes
}

test('a file that stays as it is, is read', async () => {
  writeFileSync(path, TEXT)
  const files = new WatchedFiles([path])
  expect(await readThrough(files)).toBe(TEXT.length)
  expect(await files.changed()).toEqual([])
})

test.each<[string, () => void]>([
  ['grows', () => appendFileSync(path, 'quatre\n')],
  [
    'is written anew, to the same length',
    () => writeFileSync(path, TEXT.replaceAll('deux', 'cinq')),
  ],
  ['goes', () => rmSync(path)],
])('a file that %s while it is read is refused in one line', async (_what, meanwhile) => {
  writeFileSync(path, TEXT)
  utimesSync(path, 1e9, 1e9)
  const files = new WatchedFiles([path])
  await expect(readThrough(files, meanwhile)).rejects.toMatchObject({
    ...{
      exitCode: 3,
      message: `${path}: it changed while it was read; learn again when nothing writes to it`,
    },
  })
})

test('a file that changes after it was read is told', async () => {
  writeFileSync(path, TEXT)
  const files = new WatchedFiles([path])
  await readThrough(files)
  appendFileSync(path, 'plus tard\n')
  expect(await files.changed()).toEqual([path])
})
