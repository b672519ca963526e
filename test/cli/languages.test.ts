import { readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { decodeTensors, encodeTensors, needsDictionary } from '../../src/doors/internal.ts'
import { installed, jsonLines } from './command.ts'

const FRENCH = "L'été dort dans la maison qu'il a vue.\nLa mer est belle, et l'eau est froide.\n"
const ENGLISH =
  "The summer is long and the sea is calm.\nDon't go to the house that I have seen, o'clock.\n"
const THAI = 'ฉันรักภาษาไทย\nแมวนอนในบ้าน\n'
const command = installed(async ({ write }) => {
  write('fr.txt', FRENCH)
  write('en.txt', ENGLISH)
  write('th.txt', THAI)
})
const SMALL = [
  ...['--width', '10', '--query', '6', '--key', '6', '--value', '10', '--heads', '2'],
  ...['--buckets', '31', '--steps', '2', '--min-count', '1', '--force'],
]
const learn = (name: string, ...words: string[]) =>
  command.run(['learn', '-o', `${name}.safetensors`, ...SMALL, ...words])
const formOf = async (name: string) => {
  const { stdout } = await command.run(['inspect', `${name}.safetensors`, '--json'])
  return JSON.parse(stdout).form
}

describe('learn', () => {
  test('guesses the languages of its texts, says them, and keeps them', async () => {
    const { code, stderr } = await learn('both', 'fr.txt', 'en.txt')
    expect([code, stderr]).toEqual([
      0,
      expect.stringContaining(
        'languages fr, en, by the beginnings of the texts; --language CODE says another\n',
      ),
    ])
    expect(await formOf('both')).toMatchObject({ tokens: 'unicode', languages: ['fr', 'en'] })
    const { stdout } = await command.run(['inspect', 'both.safetensors'])
    expect(stdout).toMatch(/^languages +fr, en$/m)
  })

  test('keeps them beside the form, of which older versions refuse the rule alone', async () => {
    await learn('both', 'fr.txt', 'en.txt')
    const { regard } = decodeTensors(readFileSync(command.path('both.safetensors'))).metadata
    expect(JSON.parse(regard)).toMatchObject({
      form: { tokens: 'unicode' },
      languages: ['fr', 'en'],
    })
    expect(JSON.parse(regard).form).not.toHaveProperty('languages')
    await learn('none', 'fr.txt', '--tokens', 'words')
    const none = decodeTensors(readFileSync(command.path('none.safetensors'))).metadata
    expect(JSON.parse(none.regard)).not.toHaveProperty('languages')
  })

  test('takes them from stdin, before a sentence is cut', async () => {
    const { code } = await command.run(['learn', '-', '-o', 'stdin.safetensors', ...SMALL], {
      input: FRENCH,
    })
    expect([code, await formOf('stdin')]).toMatchObject([0, { languages: ['fr'] }])
  })

  test('takes those that are given, and says nothing of them', async () => {
    const { stderr } = await learn('given', 'fr.txt', '--language', 'en', '--language', 'it')
    expect(stderr).not.toContain('--language')
    expect(await formOf('given')).toMatchObject({ languages: ['en', 'it'] })
  })

  test('tells programs too', async () => {
    const { stderr, stdout } = await learn('json', 'fr.txt', '--progress', 'jsonl', '--json')
    const begin = jsonLines(stderr).find(({ event }) => event === 'begin')
    expect(begin).toMatchObject({ tokens: 'unicode', languages: ['fr'] })
    expect(JSON.parse(stdout).form).toMatchObject({ tokens: 'unicode', languages: ['fr'] })
  })

  test('refuses what is no code, and another language or rule than that of the model before', async () => {
    expect(await learn('none', 'fr.txt', '--language', 'french')).toMatchObject({
      code: 3,
      stderr:
        'regard learn: languages must be codes of two or three small letters such as fr, each once, got "french"\n',
    })
    await learn('before', 'fr.txt')
    const from = ['--from', 'before.safetensors']
    expect(await learn('after', 'en.txt', ...from, '--language', 'en')).toMatchObject({
      code: 3,
      stderr: 'regard learn: the model to go on from has languages fr, got en; leave it out\n',
    })
    expect(await learn('after', 'en.txt', ...from, '--tokens', 'words')).toMatchObject({
      code: 3,
      stderr: 'regard learn: the model to go on from has tokens unicode, got words; leave it out\n',
    })
    const { code, stderr } = await learn('after', 'en.txt', ...from)
    expect([code, stderr]).toEqual([0, expect.not.stringContaining('language')])
    expect(await formOf('after')).toMatchObject({ languages: ['fr'] })
  })

  test('keeps no languages with another rule, and does not look for them', async () => {
    const { stderr } = await learn('old', 'fr.txt', '--tokens', 'words')
    expect(stderr).not.toContain('language')
    expect(await formOf('old')).not.toHaveProperty('languages')
  })
})

test('every command cuts by the languages of the model', async () => {
  await learn('french', 'fr.txt')
  await learn('english', 'fr.txt', '--language', 'en')
  const tokensOf = async (model: string) => {
    const { stdout } = await command.run([
      ...['embed', `${model}.safetensors`, "d'you see l'eau", '--format', 'jsonl'],
    ])
    return jsonLines(stdout)[0].tokens
  }
  expect(await tokensOf('french')).toEqual(["d'", 'you', 'see', "l'", 'eau'])
  expect(await tokensOf('english')).toEqual(["d'you", 'see', "l'eau"])
})

describe('text without spaces', () => {
  const WARNING = 'the text has Thai, Lao, Khmer or Burmese, which are written without spaces'

  test.each(['unicode', 'words'])(
    'is a warning, once, of learn, where %s makes each run a word',
    async (rule) => {
      const { stderr } = await learn('runs', 'th.txt', '--tokens', rule)
      expect(stderr.split(`regard learn: warning: ${WARNING}`)).toHaveLength(2)
      expect((await learn('french', 'fr.txt', '--tokens', rule)).stderr).not.toContain(WARNING)
    },
  )

  test.each([
    [['embed', '-']],
    [['attend', '-']],
    [['ask', '-', 'แมว']],
    [['near', '-', '--word', 'ฉันรักภาษาไทย', '--at', '1', 'ฉันรักภาษาไทย แมว']],
    [['senses', '-', '--word', 'ฉันรักภาษาไทย']],
  ])('is a warning, once, of %s', async ([name, ...words]) => {
    expect(needsDictionary(THAI)).toBe(true)
    await learn('thai', 'th.txt')
    await learn('cut', 'th.txt', '--tokens', 'dictionary')
    const run = (model: string, input: string) =>
      command.run([name, `${model}.safetensors`, ...words], { input })
    const { stderr } = await run('thai', THAI)
    expect(stderr.split(`regard ${name}: warning: ${WARNING}`)).toHaveLength(2)
    expect((await run('thai', FRENCH)).stderr).not.toContain(WARNING)
    expect((await run('cut', THAI)).stderr).not.toContain(WARNING)
  })

  test('is cut by the dictionaries of the engine where asked, whose version is kept', async () => {
    const { code, stderr } = await learn('cut', 'th.txt', '--tokens', 'dictionary')
    expect([code, stderr]).toEqual([0, expect.not.stringContaining(WARNING)])
    const { stdout } = await command.run(['inspect', 'cut.safetensors', '--json'])
    expect(JSON.parse(stdout)).toMatchObject({
      icu: process.versions.icu,
      form: { tokens: 'dictionary', languages: ['th'] },
    })
    const embedded = await command.run([
      ...['embed', 'cut.safetensors', 'ฉันรักภาษาไทย', '--format', 'jsonl'],
    ])
    expect(jsonLines(embedded.stdout)[0].tokens).toEqual(['ฉัน', 'รัก', 'ภาษา', 'ไทย'])
    expect(embedded.stderr).toBe('')
  })

  test('dictionaries of another version are told by every command', async () => {
    await learn('cut', 'th.txt', '--tokens', 'dictionary')
    const { tensors, metadata } = decodeTensors(readFileSync(command.path('cut.safetensors')))
    const other = { ...JSON.parse(metadata.regard), icu: '1.0' }
    writeFileSync(
      command.path('other.safetensors'),
      encodeTensors({ tensors, metadata: { regard: JSON.stringify(other) } }),
    )
    const said = `its words were cut by ICU 1.0, and this engine has ${process.versions.icu}: some may be cut otherwise now\n`
    const { code, stderr } = await command.run([
      'embed',
      'other.safetensors',
      'ฉัน',
      '--format',
      'csv',
    ])
    expect([code, stderr]).toEqual([0, `regard: warning: other.safetensors: ${said}`])
    const from = await learn('more', 'th.txt', '--from', 'other.safetensors')
    expect(from.stderr).toContain(`regard learn: warning: ${said}`)
  })
})
