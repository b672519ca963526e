#!/usr/bin/env node
import { explanationOf } from './errors.ts'
import { mainJob } from './main-job.ts'
import { ownText } from './own-text.ts'

/** What `npm start` saves. */
const PATH = 'regard.safetensors'
const SEED = 7

try {
  const [file] = process.argv.slice(2)
  await (file === undefined ? mainJob(PATH, SEED, process.stdout) : ownText(file, PATH, SEED, process.stdout))
} catch (error) {
  const { message, exitCode } = explanationOf(error)
  process.stderr.write(`regard: ${message}\n`)
  process.exitCode = exitCode
}
