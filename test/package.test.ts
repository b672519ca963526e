import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

interface Packed {
  readonly size: number
  readonly files: readonly { readonly path: string }[]
}

/** What npm would publish of the checkout, as it is built. */
function packed(): Packed {
  const words = ['pack', '--dry-run', '--json', '--ignore-scripts', '--offline']
  const cwd = fileURLToPath(new URL('..', import.meta.url))
  return JSON.parse(execFileSync('npm', words, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'], shell: true }))[0]
}

test('the package has at most 1.5 MB, with two models and their card, and has nothing twice', () => {
  const { size, files } = packed()
  const paths = files.map(({ path }) => path)
  console.log(`package: ${size} bytes, ${paths.length} files`)
  expect(size).toBeLessThanOrEqual(1_500_000)
  const needed = ['models/README.md', 'models/en.safetensors', 'models/fr.safetensors', 'dist/cli/regard.js', 'dist/lab/index.html']
  expect(needed.filter((path) => !paths.includes(path))).toEqual([])
  expect(paths.filter((path) => /\/(corpus|fr|en)-[^/]*\.bin$|large|\.map$/.test(path))).toEqual([])
})
