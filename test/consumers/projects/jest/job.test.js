import { writeFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { job } from './job.js'

test('the job is done', async () => {
  const answer = await job('model.safetensors')
  writeFileSync('answer.json', JSON.stringify(answer))
  expect(answer.bits.loaded).toBe(answer.bits.model)
})
