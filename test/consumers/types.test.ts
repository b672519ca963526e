import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, inject, test } from 'vitest'
import { run } from './run.ts'

const projects = join(inject('stage'), 'projects')
const versions = ['5.4', '5.5', '5.6', '5.7', '5.8', '5.9', '6.0', '7.0']
const NODENEXT = ['--module', 'nodenext', '--moduleResolution', 'nodenext']
const BUNDLER = ['--module', 'esnext', '--moduleResolution', 'bundler']
const NODE10 = ['--module', 'commonjs', '--moduleResolution', 'node10']

/** What a compiler says of the project, if anything. */
async function complaints(
  version: string,
  words: readonly string[],
  project = 'tsconfig.json',
): Promise<string> {
  const compiler = join(projects, 'node_modules', `typescript-${version}`)
  const { bin } = JSON.parse(readFileSync(join(compiler, 'package.json'), 'utf8'))
  const options = [join(compiler, bin.tsc), '--project', project, '--pretty', 'false', ...words]
  return run(process.execPath, options, join(projects, 'types')).then(
    () => '',
    (error: Error) => error.message,
  )
}

test.each(versions)(
  'TypeScript %s, strict, of a page, without the types of Node',
  async (version) => {
    expect(await complaints(version, NODENEXT)).toBe('')
    expect(await complaints(version, BUNDLER)).toBe('')
  },
)

test.each(versions)('TypeScript %s, strict, without the library of a page', async (version) => {
  expect(await complaints(version, [...BUNDLER, '--lib', 'es2023'])).toBe('')
})

test.each(['5.4', '5.9', '6.0', '7.0'])('TypeScript %s with the types of Node', async (version) => {
  expect(await complaints(version, [...NODENEXT, '--lib', 'es2023', '--types', 'node'])).toBe('')
})

test.each(['5.4', '5.9'])('TypeScript %s that reads `types` alone', async (version) => {
  expect(await complaints(version, NODE10, 'node10.json')).toBe('')
})

test('what does not fit is refused', async () => {
  expect(await complaints('5.9', NODENEXT, 'misfit.json')).toContain(
    'misfit.ts(3,36): error TS2561',
  )
})
