#!/usr/bin/env node
import { parseArgs } from 'node:util'
import { openDevice } from '../index.ts'
import { EXIT, explanationOf, usageError } from './errors.ts'
import { mainJob } from './main-job.ts'
import { ownText } from './own-text.ts'

// npm start [-- FILE] [--device reference|wasm]

/** What `npm start` saves. */
const PATH = 'regard.safetensors'
const SEED = 7

async function start(): Promise<void> {
  const { file, device: name } = given()
  const device = await openDevice({ device: name })
  try {
    await (file === undefined ? mainJob(PATH, SEED, device, process.stdout) : ownText(file, PATH, SEED, device, process.stdout))
  } finally {
    await device.close()
  }
}

function given(): { readonly file: string | undefined; readonly device: 'auto' | 'reference' | 'wasm' } {
  try {
    const { values, positionals } = parseArgs({ options: { device: { type: 'string', default: 'auto' } }, allowPositionals: true })
    const { device } = values
    if (device !== 'auto' && device !== 'reference' && device !== 'wasm')
      throw new Error(`--device is auto, reference or wasm, got ${device}`)
    if (positionals.length > 1) throw new Error(`one text at a time, got ${positionals.length}`)
    return { file: positionals[0], device }
  } catch (cause) {
    throw usageError(`npm start [-- FILE] [--device reference|wasm]: ${cause instanceof Error ? cause.message : cause}`)
  }
}

// a reader that has seen enough, such as head, ends it quietly
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(EXIT.done)
  process.stderr.write(`regard: stdout: ${error.message}\n`)
  process.exit(EXIT.input)
})

try {
  await start()
} catch (error) {
  const { message, exitCode } = explanationOf(error)
  process.stderr.write(`regard: ${message}\n`)
  process.exitCode = exitCode
}
