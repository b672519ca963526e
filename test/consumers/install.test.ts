import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, inject, test } from 'vitest'
import { npm } from './run.ts'

test('npm installs the tarball without a warning, scripts allowed, and runs the command', async () => {
  const folder = mkdtempSync(join(inject('stage'), 'fresh-'))
  writeFileSync(join(folder, 'package.json'), '{ "private": true }')
  const { stdout, stderr } = await npm(['install', inject('tarball')], folder)
  expect(stdout + stderr).not.toMatch(/warn/i)
  const { scripts, devDependencies } = JSON.parse(
    readFileSync(join(folder, 'node_modules/regard/package.json'), 'utf8'),
  )
  expect({ scripts, devDependencies }).toEqual({})
  const { stdout: version } = await npm(['exec', '--', 'regard', '--version'], folder)
  expect(version).toMatch(/^\d+\.\d+\.\d+/)
})
