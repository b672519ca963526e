import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { inflateRawSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { onePage } from '../../src/cli/lab/one-file.ts'
import { pageFiles } from '../../src/cli/lab/page.ts'
import { modelFile } from '../../src/cli/terminal/shipped.ts'

const folder = mkdtempSync(join(tmpdir(), 'regard-page-'))
const script = ['corpus-a1B2c3d6', 'fr-a1B2c3d7', 'model-a1B2c3d8', 'other-a1B2c3d9'].map(
  (name) => `new URL("${name}.bin",import.meta.url)`,
)
beforeAll(() => {
  mkdirSync(join(folder, 'assets'))
  writeFileSync(join(folder, 'index.html'), '<!doctype html><title>page</title>')
  writeFileSync(
    join(folder, 'assets/page-a1B2c3d5.js'),
    `${script.join('\n')}\nnew URL("en-a1B2c3d4.bin",import.meta.url)`,
  )
  writeFileSync(join(folder, 'assets/en-a1B2c3d4.bin'), 'as it was built')
})
afterAll(() => rmSync(folder, { recursive: true }))

test('what the scripts ask for and the package has elsewhere is packed anew, where the folder lacks it', async () => {
  const files = await pageFiles(folder)
  const unpacked = (name: string): Buffer =>
    inflateRawSync(files.get(`assets/${name}.bin`) as Uint8Array)
  expect(unpacked('fr-a1B2c3d7').equals(readFileSync(modelFile('fr')))).toBe(true)
  const texts = new Map(
    JSON.parse(unpacked('corpus-a1B2c3d6').toString('utf8')) as [string, string][],
  )
  expect(texts.get('questions.tsv')).toBe(
    readFileSync(new URL('../../corpus/questions.tsv', import.meta.url), 'utf8'),
  )
  expect(new TextDecoder().decode(files.get('assets/en-a1B2c3d4.bin'))).toBe('as it was built')
  expect([...files.keys()].filter((name) => /model|other/.test(name))).toEqual([])
})

test('modules of the library that the folder lacks export what those of the build do', async () => {
  const built = await pageFiles()
  const names = [...built.keys()].filter((name) => name.includes('.generated-'))
  expect(names.map((name) => name.replace(/^assets\/|-[\w-]{8}\.js$/g, '')).sort()).toEqual([
    'extended.generated',
    'kernels.generated',
    'self-attention.generated',
  ])
  const made = mkdtempSync(join(folder, 'lacking-'))
  for (const [name, bytes] of built) {
    mkdirSync(join(made, dirname(name)), { recursive: true })
    if (!names.includes(name)) writeFileSync(join(made, name), bytes)
  }
  const again = await pageFiles(made)
  expect([...again.keys()].sort()).toEqual([...built.keys()].sort())
  const given = async (bytes?: Uint8Array): Promise<object> => ({
    ...(await import(
      `data:text/javascript;base64,${Buffer.from(bytes as Uint8Array).toString('base64')}`
    )),
  })
  for (const name of names)
    expect(await given(again.get(name))).toEqual(await given(built.get(name)))
  // and as one file
  expect(onePage(again).length).toBeGreaterThan(500_000)
})
