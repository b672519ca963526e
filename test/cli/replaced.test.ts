import { mkdtempSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { WatchedFiles } from '../../src/cli/learn/watched.ts'

const folder = mkdtempSync(join(tmpdir(), 'regard-replaced-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const path = join(folder, 'a.txt')
const other = join(folder, 'b.txt')
const TEXT = 'un deux trois\n'.repeat(20_000)

/** Two files of one size and one time of change. */
function twins(): void {
  writeFileSync(path, TEXT)
  writeFileSync(other, TEXT.replaceAll('deux', 'cinq'))
  for (const file of [path, other]) utimesSync(file, 1e9, 1e9)
  const [one, two] = [statSync(path), statSync(other)]
  expect([one.size, one.mtimeMs]).toEqual([two.size, two.mtimeMs])
}

async function readThrough(files: WatchedFiles, meanwhile = () => {}): Promise<void> {
  let first = true
  for await (const _ of files.sources[0].stream) {
    if (first) meanwhile()
    first = false
  }
}

test('another file of the same size and time that takes its place while it is read is refused', async () => {
  twins()
  const files = new WatchedFiles([path])
  await expect(readThrough(files, () => renameSync(other, path))).rejects.toMatchObject({
    exitCode: 3,
  })
})

test('another file of the same size and time that took its place after it was read is told', async () => {
  twins()
  const files = new WatchedFiles([path])
  await readThrough(files)
  expect(await files.changed()).toEqual([])
  renameSync(other, path)
  expect(await files.changed()).toEqual([path])
})

test.each([
  ['its time', () => utimesSync(path, 1e9, 2e9)],
  ['its size', () => writeFileSync(path, `${TEXT}!`)],
])('a file that changed in %s alone after it was read is told', async (_what, change) => {
  twins()
  const files = new WatchedFiles([path])
  await readThrough(files)
  change()
  expect(await files.changed()).toEqual([path])
})
