import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect, inject, test } from 'vitest'
import { run } from './run.ts'

const folder = join(inject('stage'), 'projects/esbuild')
const esbuild = join(folder, '../node_modules/esbuild/bin/esbuild')

/** Bytes of what esbuild makes of some names: what is loaded at once, that zipped, and all. */
async function sizesOf(...names: readonly string[]) {
  const name = names.join('-')
  writeFileSync(join(folder, `${name}.js`), `export { ${names.join(', ')} } from 'regard'\n`)
  const out = join(folder, 'sizes', name)
  const words = [`${name}.js`, '--bundle', '--format=esm', '--minify', '--splitting', `--outdir=${out}`]
  const { stderr } = await run(process.execPath, [esbuild, ...words], folder)
  expect(stderr).not.toMatch(/warn|error/i)
  const bytesOf = (file: string) => readFileSync(join(out, file))
  const first = bytesOf(`${name}.js`)
  const all = readdirSync(out).reduce((sum, file) => sum + bytesOf(file).length, 0)
  console.log(
    `${names.join(' and ')}: ${first.length} bytes, ${gzipSync(first).length} zipped, ${all} with what is loaded when it is needed`,
  )
  return { first: first.length, all }
}

test('Tensor alone stays small', async () => {
  expect((await sizesOf('Tensor')).all).toBeLessThan(1)
})

test('the layer stays small', async () => {
  expect((await sizesOf('openDevice', 'SelfAttention')).all).toBeLessThan(1)
})

test('load brings no model with it', async () => {
  expect((await sizesOf('load')).all).toBeLessThan(1)
})
