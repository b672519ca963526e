import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import type { Command } from 'commander'
import ts from 'typescript'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { program } from '../src/cli/program.ts'
import { commandAt } from '../src/cli/terminal/unknown.ts'
import * as io from '../src/doors/io.ts'
import * as quiz from '../src/doors/quiz.ts'
import * as senses from '../src/doors/senses.ts'
import * as text from '../src/doors/text.ts'
import * as main from '../src/index.ts'
import { installed, QUESTIONS, TEXT, withModel } from './cli/command.ts'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const pagesOf = (folder: string): string[] =>
  readdirSync(join(ROOT, folder))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `${folder}/${name}`)
const textOf = (page: string): string => readFileSync(join(ROOT, page), 'utf8')
const PAGES = [
  'README.md',
  'models/README.md',
  'examples/README.md',
  ...pagesOf('docs'),
  ...pagesOf('bench/results'),
]
const DOORS: Readonly<Record<string, object>> = {
  regard: main,
  'regard/io': io,
  'regard/quiz': quiz,
  'regard/senses': senses,
  'regard/text': text,
}

interface Block {
  readonly page: string
  readonly line: number
  readonly language: string
  readonly code: string
}

const blocks: readonly Block[] = PAGES.flatMap((page) => {
  const content = textOf(page)
  return Array.from(
    content.matchAll(/^ *```(\w*)\n([\s\S]*?)^ *```/gm),
    ({ index, 1: language, 2: code }) => ({
      page,
      line: content.slice(0, index).split('\n').length,
      language,
      code,
    }),
  )
})

/** A value as a page writes it: numbers to three decimals. */
function printed(value: unknown): string {
  if (ArrayBuffer.isView(value))
    return Array.from(value as Float32Array, (x) => Number(x.toFixed(3))).join(', ')
  if (Array.isArray(value))
    return `[ ${value.map((item) => (typeof item === 'string' ? `'${item}'` : item)).join(', ')} ]`
  return String(value)
}

describe('every TypeScript block of the pages', () => {
  const before = process.cwd()
  const folder = mkdtempSync(join(tmpdir(), 'regard-docs-'))

  beforeAll(() => {
    copyFileSync(join(ROOT, 'models/fr.safetensors'), join(folder, 'my.safetensors'))
    const lines = [
      'Le pont a été fermé cet hiver',
      'Marie a été élue cet automne',
      'Tom a été entarté cet été',
    ]
    writeFileSync(join(folder, 'my.txt'), `${lines.join('\n')}\n`.repeat(9))
    process.chdir(folder)
  })
  afterAll(() => {
    process.chdir(before)
    rmSync(folder, { recursive: true })
  })

  test.each(
    blocks
      .filter(({ language }) => language === 'ts')
      .map(({ page, line, code }) => [`${page}:${line}`, code] as const),
  )('%s runs, and prints what stands beside it', async (_place, code) => {
    const expected = Array.from(code.matchAll(/^ *console\.log.*\/\/ (.*)$/gm), ([, said]) =>
      said.trim(),
    )
    const imported = code.replace(
      /^ *import \{(.*)\} from '([^']+)'$/gm,
      (_, names, door) => `const {${names}} = doors[${JSON.stringify(door)}]`,
    )
    const body = ts.transpile(imported, { target: ts.ScriptTarget.ES2022 })
    const said: string[] = []
    const run = new Function('doors', 'console', `return (async () => {${body}})()`)
    await run(DOORS, { log: (...values: unknown[]) => said.push(values.map(printed).join(' ')) })
    // what follows a colon explains
    expect(said.length).toBe(expected.length)
    said.forEach((line, n) => void expect([expected[n], expected[n].split(':')[0]]).toContain(line))
  })
})

/** Words of a shell line up to a comment, a pipe or a redirection; quotes are taken off. */
function wordsOf(line: string): string[] {
  const words: string[] = []
  for (const [found, double, single] of line.matchAll(/"([^"]*)"|'([^']*)'|[^\s"']+/g)) {
    if (double === undefined && single === undefined && /^(#|\||>|<|&&|;|2>|\\$)/.test(found)) break
    words.push(double ?? single ?? found)
  }
  return words
}

interface Line {
  readonly place: string
  /** What the page shows below it. */
  readonly said?: string
  readonly words: readonly string[]
}

/** Every line of a shell that calls the command. */
const lines: readonly Line[] = blocks
  .filter(({ language }) => ['', 'bash', 'sh'].includes(language))
  .flatMap(({ page, line, code }) =>
    code
      .replace(/\\\n\s*/g, ' ')
      .split('\n')
      .flatMap((shell, n, all) => {
        const call = /^(?:\$ )?(?:[A-Z_]+=\S+ )*(?:npx )?regard (?!\w+: )(.+)$/.exec(shell)
        return call
          ? [{ place: `${page}:${line}: ${shell}`, words: wordsOf(call[1]), said: all[n + 1] }]
          : []
      }),
  )

/** Options of a line that its command has not. */
function unknownIn({ words }: Line, regard: Command): string[] {
  const command = commandAt([...words], regard)
  const known = command.options.flatMap(({ long, short }) => [long, short])
  const isKnown = (option: string): boolean =>
    ['-h', '--help', '--version'].includes(option) || known.includes(option.split('=')[0])
  return words.filter((word) => /^--?[a-z]/.test(word) && !isKnown(word))
}

describe('every line of a shell in the pages', () => {
  const regard = program()

  test('there are many', () => expect(lines.length).toBeGreaterThan(30))

  test.each(lines.map((line) => [line.place, line] as const))('%s', (_place, line) => {
    expect(commandAt([...line.words], regard) === regard).toBe(line.words[0].startsWith('-'))
    expect(unknownIn(line, regard)).toEqual([])
  })
})

describe('every call of the command in a sentence', () => {
  const regard = program()
  const calls = PAGES.flatMap((page) =>
    Array.from(
      textOf(page)
        .replace(/^```[\s\S]*?^```/gm, '')
        .matchAll(/`(?:npx )?regard ([a-z][^`]*)`/g),
      ([, call]) => ({ place: `${page}: regard ${call}`, words: wordsOf(call) }),
    ),
  )

  test('names a command, and options that it has', () => {
    expect(calls.length).toBeGreaterThan(30)
    expect(
      calls
        .filter(
          (line) => commandAt([...line.words], regard) === regard || unknownIn(line, regard).length,
        )
        .map(({ place }) => place),
    ).toEqual([])
  })
})

describe('every other program in the pages', () => {
  const { scripts } = JSON.parse(textOf('package.json'))
  const shells = blocks.filter(({ language }) => ['', 'bash', 'sh'].includes(language))
  const named = (call: RegExp): string[] =>
    shells.flatMap(({ code }) => Array.from(code.matchAll(call), ([, name]) => name))

  test('that npm runs is a script of package.json', () => {
    const runs = named(/^npm (?:run (?:--silent )?)?((?:start|test|[\w:]+))(?= |$)/gm)
    const own = ['ci', 'install', 'pack', ...Object.keys(scripts)]
    expect(runs.length).toBeGreaterThan(10)
    expect(runs.filter((name) => !own.includes(name))).toEqual([])
  })

  test('that node runs is there', () => {
    const files = named(/^node ([\w./-]+\.js)/gm)
    expect(files.length).toBeGreaterThan(10)
    expect(files.filter((file) => !existsSync(join(ROOT, file)))).toEqual([])
  })
})

describe('the pages of docs/', () => {
  const pages = pagesOf('docs')
  /** What is looked up, not read. */
  const REFERENCE = ['docs/model-file.md', 'docs/operations.md']

  test('stand in the index, all of them', () => {
    const index = textOf('docs/README.md')
    expect(
      pages.filter((page) => page !== 'docs/README.md' && !index.includes(`](${page.slice(5)})`)),
    ).toEqual([])
    expect(
      pagesOf('bench/results').filter(
        (page) =>
          !page.endsWith('/README.md') &&
          !textOf('bench/results/README.md').includes(`](${page.slice(14)})`),
      ),
    ).toEqual([])
  })

  test('have at most two screens each: 120 lines of 100 characters', () => {
    const long = pages.filter((page) => !REFERENCE.includes(page) && textOf(page).length > 12_000)
    expect(long).toEqual([])
    expect(pages.length).toBeGreaterThan(20)
  })
})

/** Lines that are not run, and why. */
const NOT_RUN: ReadonlyArray<readonly [RegExp, string]> = [
  [/ bench\b/, 'measures for some seconds'],
  [/ lab +(#|$)/, 'serves until it is interrupted'],
  [/ quiz take\b/, 'asks at a terminal'],
  [/ quiz check\b/, 'proves for some seconds'],
]

describe('every line of a shell that takes a moment', () => {
  const command = installed(async (own) => {
    for (const name of ['my', 'novels']) await withModel(own, `${name}.safetensors`, QUESTIONS)
    const text = `${TEXT}\n${'La mode a changé .\nOn left the tower .\n'.repeat(5)}Il a fait un tour .`
    for (const name of ['my', 'novel', 'novels', 'lines']) own.write(`${name}.txt`, `${text}\n`)
    own.write('in.jsonl', '{"id": 1, "text": "Tom a été ici"}\n')
    own.write(
      'tickets.csv',
      `id,text,label\n${'1,"Tom a été ici, hier",a\n2,La mer est calme,b\n'.repeat(5)}`,
    )
    mkdirSync(own.path('novels'))
    own.write('novels/one.txt', text)
    own.write('novels.csv', 'file,author,year\none,Sand,1846\n')
    own.write('novels.txt.gz', gzipSync(`Elles parlent tour à tour.\n${text}`))
    own.write('gutenberg.txt', TEXT.replaceAll(' dort ', '\ndort '))
    own.write(
      'treebank.conllu',
      '# sent_id = 1\n1\tLe\tle\tDET\t_\t_\t2\tdet\t_\t_\n2\ttour\ttour\tNOUN\t_\t_\t0\troot\t_\t_\n',
    )
    own.write('my.json', textOf('quiz/self-attention.json'))
    mkdirSync(own.path('results'))
    own.write('results/answers.csv', 'name,q1,q2\nAda,a,a\n')
    symlinkSync(join(ROOT, 'corpus'), own.path('corpus'))
    const checkpoint = '--checkpoint my.checkpoint --checkpoint-every 2 --steps 3'.split(' ')
    await own.run(['learn', 'my.txt', '-o', 'other.safetensors', ...checkpoint])
  })
  const textsOf = (folder: string): string[] =>
    readdirSync(join(ROOT, folder))
      .filter((name) => name.endsWith('.txt'))
      .map((name) => `${folder}/${name}`)
  const reasonOf = (place: string) => NOT_RUN.find(([lines]) => lines.test(place))?.[1]
  const ran = lines.filter(({ place }) => reasonOf(place) === undefined)

  test('those that are not run say why', () => {
    const others = lines.filter((line) => !ran.includes(line))
    for (const { place } of others) console.log(`not run: ${place}, which ${reasonOf(place)}`)
    expect(others.length).toBeLessThan(0.5 * lines.length)
  })

  test.each(ran.map((line) => [line.place, line] as const))('%s runs', async (place, line) => {
    const words = line.words.flatMap((word) => {
      if (word === 'MODEL') return ['my.safetensors']
      return word.endsWith('/*.txt') ? textsOf(word.slice(0, -6)) : [word]
    })
    if (words.some((word) => ['-o', '--out'].includes(word))) words.push('--force')
    if (words[0] === 'learn' && !words.includes('--epochs')) words.push('--steps', '3')
    const [, file] = / < (\S+)/.exec(place) ?? []
    const { code, stderr } = await command.run(words, file ? { input: command.read(file) } : {})
    // a page that shows an error shows what the command says
    if (/^regard \w+: /.test(line.said ?? '')) expect([code, stderr.trim()]).toEqual([3, line.said])
    else expect([code, code === 0 ? '' : stderr]).toEqual([0, ''])
  })
})
