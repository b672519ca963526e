import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { decodeTensors, encodeTensors } from '../../src/doors/internal.ts'
import { installed, TEXT, withModel } from './command.ts'

const MODEL = 'model.safetensors'
const command = installed(async (own) => {
  await withModel(own)
  await withModel(
    own,
    'asked.safetensors',
    'sentence\tquestion\tstart\tend\nTom dort ici\tQui ?\t0\t1\nTom dort ici\tQui dort ?\t0\t1\n',
  )
  own.write('my.txt', TEXT)
  own.write('there', '')
  own.write('empty.txt', '\n')
  own.write(
    'latin1.txt',
    Uint8Array.from(Buffer.from('Tom\nl\u00e9gende \u00e9t\u00e9\n', 'latin1')),
  )
  own.write('utf16.txt', Uint8Array.of(0xff, 0xfe, 0x54, 0, 10, 0, 0x54))
  own.write('nul.txt', 'Tom\0\n')
  own.write('header.tsv', 'sentence\tquestion\nTom\tQui ?\n')
  own.write('place.tsv', 'sentence\tquestion\tstart\tend\nTom a été\tQui ?\t0\t4\n')
  own.write('other.safetensors', encodeTensors({ tensors: {}, metadata: {} }))
  own.write('cut.safetensors', Uint8Array.from(Buffer.from(own.read(MODEL).slice(0, 100))))
  const { tensors, metadata } = decodeTensors(readFileSync(own.path(MODEL)))
  const later = JSON.stringify({ ...(JSON.parse(metadata.regard) as object), format: 3 })
  own.write('later.safetensors', encodeTensors({ tensors, metadata: { regard: later } }))
  own.write('long.txt', 'été '.repeat(2_500_000))
  own.write('word.txt', 'été\n')
  mkdirSync(own.path('folder'))
})

/** The words, the input, the code, and the one line on stderr. */
type Bad = [words: string[], input: string, code: number, line: string | RegExp]
const bad = (name: string): [string, string] => [name, 'Tom']
const QUESTION = ['Tom dort', 'Qui ?']

const usage: Bad[] = [
  [
    ['learn', 'my.txt'],
    '',
    2,
    "regard: required option '-o, --output <model>' not specified; regard --help shows what there is",
  ],
  [
    ['learn', '-o', 'x'],
    '',
    2,
    "regard: missing required argument 'files'; regard --help shows what there is",
  ],
  [
    ['learn', 'my.txt', '-o', 'x', '--widht', '3'],
    '',
    2,
    "regard: unknown option '--widht' (Did you mean --width?); regard --help shows what there is",
  ],
  [
    ['learn', 'my.txt', '-o', 'x', '--alignment', 'scaleddot'],
    '',
    2,
    /^regard: option '--alignment <name>' argument 'scaleddot' is invalid\. unknown alignment "scaleddot"; did you mean scaledDot\? known: dot, /,
  ],
  [
    ['learn', 'my.txt', '-o', 'x', '--distribution', 'topK'],
    '',
    2,
    /argument 'topK' is invalid\. topK is written topK:k, got "topK"/,
  ],
  [
    ['learn', 'my.txt', '-o', 'x', '--position', 'relative:-1'],
    '',
    2,
    /relative is written relative:clip\[,end\], got "relative:-1"/,
  ],
  [
    ['learn', 'my.txt', '-o', 'x', '--objective', 'hiden'],
    '',
    2,
    /argument 'hiden' is invalid\. Allowed choices are hidden, next, none/,
  ],
  [
    ['learn', 'my.txt', '-o', 'x', '--width', '0'],
    '',
    2,
    /argument '0' is invalid\. It must be an integer from 1 to 2\^53 - 1/,
  ],
  [
    ['learn', 'my.txt', '-o', 'x', '--held-out', '1'],
    '',
    2,
    /argument '1' is invalid\. It must be a number from 0 to below 1/,
  ],
  [
    ['learn', 'my.txt', '-o', 'x', '--steps', '2', '--epochs', '2'],
    '',
    2,
    'regard learn: --epochs and --steps exclude each other',
  ],
  [
    ['learn', 'my.txt', '-o', 'x', '--device', 'reference', '--threads', '2'],
    '',
    2,
    'regard learn: --threads goes with --device wasm; the reference device has one thread',
  ],
  [
    ['ask', MODEL, 'Tom dort', 'Qui ?', '--device', 'reference', '--fused'],
    '',
    2,
    'regard ask: --fused goes with --device wasm; the reference device sums in float64',
  ],
  [
    ['embed', MODEL, 'Tom', '--fuse'],
    '',
    2,
    "regard: unknown option '--fuse' (Did you mean --fused?); regard --help shows what there is",
  ],
  [
    ['near', MODEL, 'my.txt', '--threads', '0'],
    '',
    2,
    /argument '0' is invalid\. It must be an integer from 1 to 256/,
  ],
  [
    ['learn', 'my.txt', '-o', 'there'],
    '',
    2,
    'regard learn: there is there already; --force overwrites it',
  ],
  [['learn', 'my.txt', '-o', ''], '', 2, 'regard learn: -o needs the name of a file'],
  [['embed', MODEL], '', 2, 'regard embed: needs a text, or - for lines from stdin'],
  [
    ['embed', MODEL, 'Tom', '--word', 'Tom', '--at', '1'],
    '',
    2,
    'regard embed: --word, --lemma and --pos go without --at',
  ],
  [
    ['embed', MODEL, 'Tom dort', '--at', '3'],
    '',
    2,
    'regard embed: --at 3: the words are 1 Tom, 2 dort',
  ],
  [
    ['embed', MODEL, '-', '--at', '1'],
    'Tom',
    2,
    'regard embed: --at goes with one TEXT; lines of JSON have "at" of their own',
  ],
  [
    ['embed', MODEL, 'Tom', '--word', "l'été"],
    '',
    5,
    "regard embed: no occurrence of «l'été» found",
  ],
  [
    ['embed', MODEL, 'Tom', '--json', '--format', 'csv'],
    '',
    2,
    'regard embed: --json and --format csv exclude each other',
  ],
  [
    ['embed', MODEL, 'Tom', '--format', 'xml'],
    '',
    2,
    /argument 'xml' is invalid\. Allowed choices are table, csv, tsv, jsonl, npy/,
  ],
  [
    ['embed', MODEL, 'Tom', '-o', 'there'],
    '',
    2,
    'regard embed: there is there already; --force overwrites it',
  ],
  [
    ['ask', MODEL, 'Tom'],
    '',
    2,
    'regard ask: needs a text and a question; lines of JSON have "question" of their own',
  ],
  [['near', MODEL, 'my.txt'], '', 2, 'regard near: needs --word WORD or --at PLACE TEXT'],
  [['near', MODEL, '--word', 'Tom'], '', 2, 'regard near: needs a file to look in, or - for stdin'],
  [
    ['near', MODEL, 'my.txt', '--at', '3'],
    '',
    2,
    'regard near: --at needs a position and a text: --at 3 "Tom a été entarté cet été"',
  ],
  [
    ['near', MODEL, 'my.txt', '--at', 'Tom', '3'],
    '',
    2,
    'regard near: --at needs a position, counted from 1, and a text, got "Tom"',
  ],
  [
    ['near', MODEL, 'my.txt', '--at', '0', 'Tom'],
    '',
    2,
    'regard near: --at 0: the words are 1 Tom',
  ],
  [
    ['inspct', MODEL],
    '',
    2,
    'regard: unknown command "inspct"; did you mean inspect? regard --help shows them all',
  ],
]

const input: Bad[] = [
  [
    ['learn', 'missing.txt', '-o', 'x'],
    '',
    3,
    'regard learn: missing.txt: there is no such file; check its name',
  ],
  [
    ['learn', 'my.txt', 'folder', '-o', 'x'],
    '',
    3,
    'regard learn: folder: there is no file in this folder; name one with texts',
  ],
  [
    ['learn', 'my.txt', '-o', 'missing/x'],
    '',
    3,
    'regard learn: missing/x: its folder does not exist; make it first, or choose another',
  ],
  [
    ['learn', 'my.txt', '-o', 'there/x'],
    '',
    3,
    'regard learn: there/x: there is a file, not a folder; check its name',
  ],
  [['learn', 'my.txt', '-o', 'folder'], '', 3, 'regard learn: folder: it is a folder; name a file'],
  [
    ['learn', 'empty.txt', '-o', 'x'],
    '',
    3,
    'regard learn: the text has no words; give a text with sentences',
  ],
  [
    ['learn', 'latin1.txt', '-o', 'x'],
    '',
    3,
    'regard learn: latin1.txt: line 2 is not UTF-8 (perhaps Latin-1 or Windows-1252); convert the file to UTF-8',
  ],
  [
    ['learn', 'utf16.txt', '-o', 'x'],
    '',
    3,
    'regard learn: utf16.txt: line 2 or after is not UTF-16; is the file whole?',
  ],
  [
    ['learn', 'nul.txt', '-o', 'x'],
    '',
    3,
    'regard learn: nul.txt: line 1 holds a NUL character; this is not plain text',
  ],
  [
    ['learn', 'my.txt', '-o', 'x', '--heads', '3'],
    '',
    3,
    /^regard learn: query is the width over all heads and must be a multiple of them, got 32 and 3 heads; use 33/,
  ],
  [
    ['learn', 'my.txt', '-o', 'x', '--questions', 'missing.tsv'],
    '',
    3,
    'regard learn: missing.tsv: there is no such file; check its name',
  ],
  [
    ['learn', 'my.txt', '-o', 'x', '--questions', 'header.tsv'],
    '',
    3,
    /^regard learn: header\.tsv: line 1 must name the columns .*; start is missing/,
  ],
  [
    ['learn', 'my.txt', '-o', 'x', '--questions', 'place.tsv'],
    '',
    3,
    /^regard learn: place\.tsv: line 2: start and end must name words of the sentence/,
  ],
  [
    ['learn', 'my.txt', '-o', 'x', '--from', 'missing'],
    '',
    3,
    'regard learn: missing: there is no such file; check its name',
  ],
  ...['embed', 'attend'].flatMap((name): Bad[] => [
    [
      [name, ...bad('missing')],
      '',
      3,
      `regard ${name}: missing: there is no such file; check its name`,
    ],
    [[name, ...bad('my.txt')], '', 3, /^regard \w+: my\.txt: .*not a safetensors file at byte 0/],
    [
      [name, ...bad('cut.safetensors')],
      '',
      3,
      /^regard \w+: cut\.safetensors: .*not a safetensors file at byte 0/,
    ],
    [
      [name, ...bad('other.safetensors')],
      '',
      3,
      /^regard \w+: other\.safetensors: is a safetensors file, but no model: /,
    ],
    [[name, MODEL, ''], '', 3, `regard ${name}: the text has no words; give at least one`],
    [
      [name, MODEL, '-'],
      'Tom\0',
      3,
      `regard ${name}: stdin: line 1 holds a NUL character; this is not plain text`,
    ],
    [
      [name, MODEL, 'Tom', '-o', 'folder'],
      '',
      3,
      `regard ${name}: folder: it is a folder; name a file`,
    ],
  ]),
  [
    ['embed', MODEL, '--input', 'jsonl'],
    '[]',
    3,
    'regard embed: stdin: line 1: must be an object such as {"id": 1, "text": "…"}',
  ],
  [
    ['embed', MODEL, '--input', 'jsonl'],
    '{',
    3,
    /^regard embed: stdin: line 1: not JSON \(.*\); each line must be an object such as \{"id": 1, "text": "…"\}/,
  ],
  [
    ['embed', MODEL, '--input', 'jsonl'],
    '{"text":"a"}',
    3,
    'regard embed: stdin: line 1: field "id": is missing; give any value, it comes back with the answer',
  ],
  [
    ['embed', MODEL, '--input', 'jsonl'],
    '{"id":1234567890123456789,"text":"a"}',
    3,
    'regard embed: stdin: line 1: field "id": is an integer beyond 2^53 and would lose digits; put it in quotes',
  ],
  [
    ['embed', MODEL, '--input', 'jsonl'],
    '{"id":1,"text":3}',
    3,
    'regard embed: stdin: line 1: field "text": must be a string',
  ],
  [
    ['embed', MODEL, '--input', 'jsonl'],
    '{"id":1,"text":"a","tokens":["a"]}',
    3,
    'regard embed: stdin: line 1: field "text": give either "text" or "tokens"',
  ],
  [
    ['embed', MODEL, '--input', 'jsonl'],
    '{"id":1,"tokens":["a",3]}',
    3,
    'regard embed: stdin: line 1: field "tokens": must be a list of strings that are not empty',
  ],
  [
    ['embed', MODEL, '--input', 'jsonl'],
    '{"id":1,"tokens":[]}',
    3,
    'regard embed: stdin: line 1: the text has no words; give at least one',
  ],
  [
    ['embed', MODEL, '--input', 'jsonl'],
    '{"id":1,"text":"a","at":1}',
    3,
    'regard embed: stdin: line 1: field "at": must be a list of positions from 0',
  ],
  [
    ['embed', MODEL, '--input', 'jsonl'],
    '{"id":1,"text":"a b","at":[0,-1]}',
    3,
    'regard embed: stdin: line 1: field "at": positions go from 0 to 1, got -1',
  ],
  [['ask', MODEL, 'Tom', ''], '', 3, 'regard ask: the question has no words; give a question'],
  [
    ['ask', 'asked.safetensors', 'Tom dort', 'Xyzzy plugh ?'],
    '',
    3,
    'regard ask: the model knows no word of the question; ask with words of the texts and questions that it learned from',
  ],
  [
    ['ask', 'later.safetensors', ...QUESTION],
    '',
    3,
    'regard ask: later.safetensors: has format 3, and this version reads up to 2; update regard',
  ],
  [
    ['learn', 'long.txt', '-o', 'x'],
    '',
    3,
    'regard learn: long.txt: line 1 has more than 1000000 bytes; put each sentence on a line of its own',
  ],
  [
    ['learn', 'word.txt', '-o', 'x'],
    '',
    3,
    'regard learn: no word of the text occurs 2 times; give a longer text, or --min-count 1',
  ],
  [
    ['ask', 'missing', ...QUESTION],
    '',
    3,
    'regard ask: missing: there is no such file; check its name',
  ],
  [
    ['near', MODEL, 'missing.txt', '--word', 'Tom'],
    '',
    3,
    'regard near: missing.txt: there is no such file; check its name',
  ],
  [
    ['near', MODEL, 'my.txt', 'latin1.txt', '--word', 'Tom'],
    '',
    3,
    /^regard near: latin1\.txt: line 2 is not UTF-8/,
  ],
  [['inspect', 'missing'], '', 3, 'regard inspect: missing: there is no such file; check its name'],
  [['inspect', 'my.txt'], '', 3, /^regard inspect: my\.txt: .*not a safetensors file/],
]

describe('one line on stderr, nothing on stdout, and the code', () => {
  test.each([...usage, ...input])('%j %j', async (words, stdin, code, line) => {
    const ran = await command.run(words, { input: stdin })
    expect([ran.code, ran.stdout, ran.stderr.split('\n').length]).toEqual([code, '', 2])
    if (typeof line === 'string') expect(ran.stderr).toBe(`${line}\n`)
    else expect(ran.stderr).toMatch(line)
  })
})

test('a disk that fills up leaves the file that was there, and no other', async (context) => {
  const disk = command.path('disk')
  mkdirSync(disk)
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=32k', 'tmpfs', disk], { stdio: 'ignore' })
  } catch {
    return context.skip(
      'a small disk could not be mounted here (it takes root): the command was not tried on a full one',
    )
  }
  try {
    command.write('disk/model', 'what was there')
    const ran = await command.run([
      'learn',
      'my.txt',
      '-o',
      'disk/model',
      '--force',
      '--steps',
      '2',
      '--min-count',
      '1',
      '--quiet',
    ])
    const last = ran.stderr.trimEnd().split('\n').at(-1)
    expect([ran.code, ran.stdout, last]).toEqual([
      3,
      '',
      'regard learn: disk/model: the disk is full; free some space, or choose another place',
    ])
    expect(command.read('disk/model')).toBe('what was there')
    expect(readdirSync(disk)).toEqual(['model'])
  } finally {
    execFileSync('umount', [disk])
  }
})

test('--verbose adds where it happened', async () => {
  const { code, stderr } = await command.run(['embed', 'missing', 'Tom', '--verbose'])
  const [line, ...stack] = stderr.trimEnd().split('\n')
  expect([code, line]).toEqual([3, 'regard embed: missing: there is no such file; check its name'])
  expect(stack.some((one) => /^ +at /.test(one))).toBe(true)
})

test('a stdout that is full is one line', async () => {
  const { execFileSync } = await import('node:child_process')
  let status = 0
  let stderr = ''
  try {
    execFileSync(
      'sh',
      [
        '-c',
        `exec "$0" ${command.script()} embed model.safetensors Tom > /dev/full`,
        process.execPath,
      ],
      {
        ...{ cwd: command.path('.'), stdio: 'pipe' },
      },
    )
  } catch (error) {
    status = (error as { status: number }).status
    stderr = String((error as { stderr: Buffer }).stderr)
  }
  expect([status, stderr.split('\n')[0]]).toEqual([
    3,
    'regard: stdout: the disk is full; free some space',
  ])
})
