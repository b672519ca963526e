import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, inject, test } from 'vitest'
import type { Answer } from './answer.ts'
import { npm, run } from './run.ts'

const stage = inject('stage')
const bits = inject('bits')
const runtimes = join(stage, 'runtimes/node_modules')
const folder = (name: string): string => join(stage, 'projects', name)

const answered = async (
  command: string,
  words: readonly string[],
  project = 'server',
): Promise<Answer> => JSON.parse((await run(command, words, folder(project))).stdout)

const here = (words: readonly string[]) => answered(process.execPath, words)

/** Portable arithmetic, and the file that was saved is the model. */
function expectAll(answer: Answer): void {
  expect(answer).toMatchObject({
    bits: bits.portable,
    arithmetic: 'portable',
    saved: bits.portable.model,
  })
  console.log(`${answer.threads} threads: ${answer.why.at(-1)}`)
}

test('Node loads it by require', async () => expectAll(await here(['required.cjs'])))

test('a worker thread of Node has the same bits', async () => expectAll(await here(['thread.js'])))

test.for(['22', '24', '26'])('Node %s has the same bits', async (version, { skip }) => {
  const node = join(runtimes, `node-${version}/bin/node`)
  if (!existsSync(node)) skip(`node-${version} is installed on Linux x64 alone`)
  expectAll(await answered(node, ['main.js', `node-${version}.safetensors`]))
})

test('Deno has the same bits, permitted to read and write, and saves over a file that is there', async () => {
  const deno = join(runtimes, '.bin/deno')
  for (let round = 0; round < 2; round++) {
    expectAll(
      await answered(deno, ['run', '--allow-read', '--allow-write', 'main.js', 'deno.safetensors']),
    )
  }
})

test('Bun has the same bits', async () => {
  const [system] = readdirSync(join(runtimes, '@oven'))
  expectAll(
    await answered(join(runtimes, '@oven', system, 'bin/bun'), ['main.js', 'bun.safetensors']),
  )
})

/** What a worker of workerd answers. */
async function inWorkerd(service: string): Promise<Answer> {
  const { stdout } = await run(
    join(runtimes, '.bin/workerd'),
    ['test', 'config.capnp', service],
    folder('workerd'),
  )
  return JSON.parse(stdout)
}

describe('workerd', () => {
  beforeAll(async () => {
    await npm(['run', 'build'], folder('workerd'))
  })

  test('has the same bits with kernels that were compiled before, by regard/wasm', async () => {
    const { bits: found, arithmetic, threads } = await inWorkerd('kernels')
    expect({ found, arithmetic, threads }).toEqual({
      found: bits.portable,
      arithmetic: 'portable',
      threads: 1,
    })
  })

  test('has the bits of the reference device without, and says why', async () => {
    const answer = await inWorkerd('plain')
    expect(answer).toMatchObject({ bits: bits.plain, arithmetic: 'plain' })
    expect(answer.why.join('\n')).toContain('regard/wasm')
    expect(answer.saved).toContain('files here last for one request, in /tmp alone')
  })
})

test('Jest runs it with modules switched on', async () => {
  await npm(['test'], folder('jest'), { NODE_OPTIONS: '--experimental-vm-modules' })
  expectAll(JSON.parse(readFileSync(join(folder('jest'), 'answer.json'), 'utf8')))
})
