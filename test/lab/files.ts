import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Page } from 'playwright-core'
import { savedBy } from './page.ts'

const COMMAND = fileURLToPath(new URL('../../dist/cli/regard.js', import.meta.url))

/**
 * Runs the command with some words in a folder of its own that holds some files; gives what it
 * wrote to stdout.
 */
export async function commanded(
  words: readonly string[],
  files: Readonly<Record<string, string>> = {},
): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'regard-lab-'))
  try {
    for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text)
    const { stdout } = await promisify(execFile)(process.execPath, [COMMAND, ...words], {
      cwd: folder,
      maxBuffer: 2 ** 26,
    })
    return stdout
  } finally {
    await rm(folder, { recursive: true })
  }
}

/** What the page hands over when a button is pressed. */
export const downloaded = (page: Page, button: string | RegExp): ReturnType<typeof savedBy> =>
  savedBy(page, () => page.getByRole('button', { name: button }).click())
