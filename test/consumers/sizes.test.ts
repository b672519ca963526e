import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect, inject, test } from 'vitest'
import { run } from './run.ts'

const folder = join(inject('stage'), 'projects/esbuild')
const esbuild = join(folder, '../node_modules/esbuild/bin/esbuild')

/**
 * Bytes of the one file that esbuild makes of some names, with all that is loaded when it is
 * needed.
 */
async function sizeOf(...names: readonly string[]): Promise<number> {
  const name = names.join('-')
  writeFileSync(join(folder, `${name}.js`), `export { ${names.join(', ')} } from 'regard'\n`)
  const out = join(folder, `sizes/${name}.js`)
  const { stderr } = await run(
    process.execPath,
    [esbuild, `${name}.js`, '--bundle', '--format=esm', '--minify', `--outfile=${out}`],
    folder,
  )
  expect(stderr).not.toMatch(/warn|error/i)
  const built = readFileSync(out)
  console.log(`${names.join(' and ')}: ${built.length} bytes, ${gzipSync(built).length} zipped`)
  return built.length
}

test('Tensor alone stays small: no kernels, no learning', async () => {
  expect(await sizeOf('Tensor')).toBeLessThan(16_000)
})

test('the layer on every device stays small', async () => {
  expect(await sizeOf('openDevice', 'SelfAttention')).toBeLessThan(162_000)
})

test('load brings no model with it', async () => {
  const size = await sizeOf('load')
  const { size: ofModel } = statSync(join(folder, '../node_modules/regard/models/fr.safetensors'))
  expect(size).toBeLessThan(246_000)
  expect(size + ofModel).toBeGreaterThan(246_000)
})
