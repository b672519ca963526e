#!/usr/bin/env node
import { parseArgs } from 'node:util'
import { type DeviceOptions, openDevice } from '../../doors/internal.ts'
import { endWithReader, explanationOf, usageError } from '../terminal/errors.ts'
import { type DeviceFlags, deviceOf, integerFrom } from '../terminal/options.ts'
import { mainJob } from './main-job.ts'
import { ownText } from './own-text.ts'

/** What `npm start` saves. */
const PATH = 'regard.safetensors'
const SEED = 7

async function start() {
  const { file, open } = given()
  const device = await openDevice(open)
  try {
    await (file === undefined
      ? mainJob(PATH, SEED, device, process.stdout)
      : ownText(file, PATH, SEED, device, process.stdout))
  } finally {
    await device.close()
  }
}

const USAGE = 'npm start [-- FILE] [--device auto|wasm|reference] [--threads N] [--fused]'

function given(): { readonly file: string | undefined; readonly open: DeviceOptions } {
  try {
    const string = { type: 'string' } as const
    const options = {
      device: { ...string, default: 'auto' },
      threads: string,
      fused: { type: 'boolean' },
    } as const
    const { values, positionals } = parseArgs({ options, allowPositionals: true })
    if (positionals.length > 1) throw new Error(`one text at a time, got ${positionals.length}`)
    const { device, threads, fused = false } = values
    if (!isDevice(device)) throw new Error(`--device is auto, wasm or reference, got ${device}`)
    const open = {
      device,
      fused,
      ...(threads === undefined ? {} : { threads: integerFrom(1, 256)(threads) }),
    }
    return { file: positionals[0], open: deviceOf(open) }
  } catch (cause) {
    throw usageError(`${USAGE}: ${cause instanceof Error ? cause.message : cause}`)
  }
}

const isDevice = (name: string): name is DeviceFlags['device'] =>
  ['auto', 'wasm', 'reference'].includes(name)

endWithReader()
try {
  await start()
} catch (error) {
  const { message, exitCode } = explanationOf(error)
  process.stderr.write(`regard: ${message}\n`)
  process.exitCode = exitCode
}
