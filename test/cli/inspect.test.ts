import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { decodeTensors } from '../../src/doors/internal.ts'
import { installed, QUESTIONS, withModel } from './command.ts'

const MODEL = 'model.safetensors'
const command = installed((own) => withModel(own, MODEL, QUESTIONS))

test('--json has hash, form, vocabulary, every parameter with its shape, and what was learned', async () => {
  const { code, stdout, stderr } = await command.run(['inspect', MODEL, '--json'])
  const bytes = readFileSync(command.path(MODEL))
  const { tensors } = decodeTensors(bytes)
  const found = JSON.parse(stdout)
  expect([code, stderr]).toEqual([0, ''])
  expect(found).toMatchObject({
    ...{
      file: MODEL,
      bytes: bytes.length,
      sha256: createHash('sha256').update(bytes).digest('hex'),
      seed: 7,
    },
    ...{
      form: { width: 10, query: 6, heads: 2, alignment: 'scaledDot' },
      learned: [{ steps: 4, sentences: 40, questions: 2 }],
    },
    parameters: Object.entries(tensors).map(([name, { shape, size }]) => ({
      name,
      shape,
      size,
      dtype: 'float32',
    })),
  })
  expect(found.vocabulary).toBe(tensors['words.E'].shape[0])
})

test('a table says the same', async () => {
  const { stdout } = await command.run(['inspect', MODEL])
  const { vocabulary, sha256, parameters } = JSON.parse(
    (await command.run(['inspect', MODEL, '--json'])).stdout,
  )
  expect(stdout).toContain(`sha-256  ${sha256}`)
  expect(stdout).toMatch(new RegExp(`^vocabulary +${vocabulary} words$`, 'm'))
  expect(stdout).toMatch(/^layers\.0\.W_Q +\(10, 6\) +float32 +60$/m)
  const total = parameters.reduce((sum: number, { size }: { size: number }) => sum + size, 0)
  expect(stdout).toMatch(
    new RegExp(`^all parameters +${String(total).replace(/\B(?=(\d{3})+$)/g, ' ')}$`, 'm'),
  )
  expect(stdout).toMatch(
    /^learned {2}steps 4 · words \d+ · sentences 40 · questions 2( · held-out loss .*)?$/m,
  )
})
