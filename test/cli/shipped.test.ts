import { createHash } from 'node:crypto'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { MODELS, TEXTS, wordsFor } from '../../scripts/models.js'
import { modelAt, modelFile, SHIPPED } from '../../src/cli/terminal/shipped.ts'
import { load } from '../../src/doors/internal.ts'
import { installed, jsonLines } from './command.ts'

const command = installed()
const card = readFileSync(fileURLToPath(new URL('../../models/README.md', import.meta.url)), 'utf8')

describe.each(SHIPPED)('the model that ships as %s', (name) => {
  test('has the hash of its card, and at most 1 MB', () => {
    const bytes = readFileSync(modelFile(name))
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(MODELS[name].sha256)
    expect(bytes.length).toBeLessThanOrEqual(1_000_000)
  })

  test('is what its card says: the command, the seed, the size', async () => {
    const model = await load(modelFile(name))
    expect(card).toContain(
      `regard ${wordsFor(MODELS[name], 'novels.txt', `${name}.safetensors`).join(' ')}`,
    )
    expect(card).toContain(`${(statSync(modelFile(name)).size / 1000).toFixed(0)} kB`)
    expect([model.record.seed, model.record.arithmetic, model.knowsQuestions]).toEqual([
      7,
      'portable',
      false,
    ])
    await model.close()
  })
})

test('the card has the hash of every model and every text', () => {
  for (const hash of [
    ...Object.values(MODELS).map(({ sha256 }) => sha256),
    ...Object.values(TEXTS),
  ])
    expect(card).toContain(hash)
})

/**
 * Cosines of the vectors of one word: between two sentences of one sense, and the largest across
 * senses.
 */
async function cosines(name: string, word: string, [one, alike, other]: readonly string[]) {
  const model = await load(modelFile(name))
  const vectors = await Promise.all(
    [one, alike, other].map(
      async (text) =>
        (await model.embed(text))[0].find(({ token }) => token === word)?.vector as Float32Array,
    ),
  )
  await model.close()
  // what the two have in common, the word itself, is taken away
  const middle = vectors[0].map((_, c) => vectors.reduce((sum, vector) => sum + vector[c], 0) / 3)
  const [a, b, c] = vectors.map((vector) => vector.map((x, n) => x - middle[n]))
  const cosine = (x: Float32Array, y: Float32Array): number => {
    const dot = (u: Float32Array, v: Float32Array): number =>
      u.reduce((sum, value, n) => sum + value * v[n], 0)
    return dot(x, y) / Math.sqrt(dot(x, x) * dot(y, y))
  }
  return { alike: cosine(a, b), across: Math.max(cosine(a, c), cosine(b, c)) }
}

describe('two senses of a word part in two plain sentences', () => {
  test('«été», been and summer', async () => {
    const { alike, across } = await cosines('fr', 'été', [
      'Il a été malade .',
      'Elle avait été heureuse .',
      'La mer est belle en été .',
    ])
    expect(alike).toBeGreaterThan(across)
  })

  test('«left», gone and not right', async () => {
    const { alike, across } = await cosines('en', 'left', [
      'She left the house .',
      'He left the room at once .',
      'He took it in his left hand .',
    ])
    expect(alike).toBeGreaterThan(across)
  })
})

describe('a short name of a model', () => {
  const TEXT = [
    'Il a été malade .',
    'Elle avait été heureuse .',
    'La mer est belle en été .',
    'Nous partons en été .',
  ].join('\n')

  test('is the file in the package', () => {
    expect(existsSync(modelFile('fr'))).toBe(true)
  })

  test('serves every command that takes a model', async () => {
    command.write('text.txt', TEXT)
    const embedded = await command.run([
      'embed',
      'fr',
      'Il a été malade .',
      '--word',
      'été',
      '--format',
      'jsonl',
    ])
    expect(jsonLines(embedded.stdout)).toHaveLength(1)
    for (const words of [
      ['near', 'fr', 'text.txt', '--word', 'été'],
      ['senses', 'fr', 'text.txt', '--word', 'été', '--groups', '2'],
      ['attend', 'en', 'He left the room .'],
      ['ask', 'en', 'He left the room .', 'What did he do ?'],
      ['inspect', 'en'],
    ]) {
      const { code, stdout, stderr } = await command.run(words)
      expect([words, code, stderr]).toEqual([words, 0, expect.any(String)])
      expect(stdout).not.toBe('')
    }
  })

  test('is learned on from', async () => {
    command.write('text.txt', TEXT)
    const { code } = await command.run([
      'learn',
      'text.txt',
      '--from',
      'fr',
      '-o',
      'mine.safetensors',
      '--steps',
      '2',
    ])
    expect(code).toBe(0)
    const { stdout } = await command.run(['inspect', 'mine.safetensors', '--json'])
    expect(JSON.parse(stdout).learned).toHaveLength(2)
  })

  test('gives way to a file of that name', async () => {
    command.write('fr', 'no model')
    const { code, stderr } = await command.run(['embed', 'fr', 'Il a été malade .'])
    expect(code).toBe(3)
    expect(stderr).toContain('fr: not a safetensors file')
  })

  test('is a path as any other where no such model ships', async () => {
    expect(await modelAt('de')).toBe('de')
  })
})
