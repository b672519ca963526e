import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'

const read = (path: string): string => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8')
const workflows = readdirSync(new URL('../.github/workflows', import.meta.url)).map((name) => ({
  name,
  text: read(`.github/workflows/${name}`),
}))
const textOf = (name: string): string => workflows.find((one) => one.name === name)?.text ?? ''

describe('workflows', () => {
  test('pin each action by the hash of a commit, the same everywhere, with its version beside it', () => {
    const used = workflows
      .flatMap(({ text }) => text.match(/^.*\buses:.*$/gm) ?? [])
      .map((line) => line.replace(/^[\s-]*uses:\s*/, ''))
    expect(
      used.filter((one) => !/^[\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(one)),
    ).toEqual([])
    const kinds = new Set(used)
    expect(new Set([...kinds].map((one) => one.split('@')[0])).size).toBe(kinds.size)
    expect(kinds.size).toBeGreaterThan(4)
  })

  test('may read and nothing else, but for the jobs that publish', () => {
    for (const { text } of workflows)
      expect(text).toMatch(/^permissions:\n {2}contents: read\n(?! )/m)
    const more = workflows.flatMap(({ name, text }) =>
      (text.match(/\w[\w-]*: write/g) ?? []).map((one) => `${name} ${one}`),
    )
    expect(more.sort()).toEqual([
      'page.yml id-token: write',
      'page.yml pages: write',
      'publish.yml id-token: write',
    ])
  })

  test('run what there is: each script of package.json and each file', () => {
    const { scripts } = JSON.parse(read('package.json'))
    const words = workflows.flatMap(({ text }) =>
      Array.from(text.matchAll(/\bnpm (?:run )?(test(?::\w+)?|site)\b/g), ([, name]) => name),
    )
    expect(new Set(words)).toEqual(new Set(['test:all', 'test:consumers', 'test:package', 'site']))
    expect(words.filter((name) => !(name in scripts))).toEqual([])
    for (const script of textOf('publish.yml').match(/scripts\/[\w-]+\.js/g) ?? [])
      expect(read(script)).not.toBe('')
  })

  test('publish what was judged, packed with the address of the repository that runs them, which stands in no file', () => {
    const text = textOf('publish.yml')
    const order = [
      'npm ci',
      'npm run test:all',
      'scripts/pack.js',
      'scripts/check-package.js',
      'upload-artifact',
      'download-artifact',
      'npm publish',
    ]
    const places = order.map((words) => text.indexOf(words))
    expect(places).toEqual([...places].sort((a, b) => a - b))
    expect(places).not.toContain(-1)
    expect(text).toContain('--repository "$GITHUB_SERVER_URL/$GITHUB_REPOSITORY"')
    expect(text).toContain('npm publish ./regard-*.tgz --provenance')
    for (const path of [
      'package.json',
      'CITATION.cff',
      'SECURITY.md',
      'README.md',
      'typedoc.json',
    ]) {
      expect(read(path)).not.toMatch(
        /github\.com\/[\w.-]+\/regard\b|"(?:repository|homepage|bugs)"/,
      )
    }
  })
})

test('who cites the package cites its version and its authors', () => {
  const { version, author, license } = JSON.parse(read('package.json'))
  const citation = read('CITATION.cff')
  expect(citation).toContain(`\nversion: ${version}\n`)
  expect(citation).toContain(`\n  - name: ${author}\n`)
  expect(citation).toContain(`\nlicense: ${license}\n`)
  expect(read('LICENSE')).toContain(author)
  expect(JSON.parse(read('package-lock.json')).version).toBe(version)
})
