import { spawnSync } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

// Runs the tests in a browser where there is one, or the projects of vitest that are named; with
// --require, fails where there is none.

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome']
const USUAL_PLACES = [
  '/usr/bin',
  '/usr/local/bin',
  '/snap/bin',
  '/opt/google/chrome',
  '/Applications/Google Chrome.app/Contents/MacOS',
  '/Applications/Chromium.app/Contents/MacOS',
  'C:\\Program Files\\Google\\Chrome\\Application',
  'C:\\Program Files (x86)\\Google\\Chrome\\Application',
]

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** A Chromium: the one that CHROME_PATH names, or the first in PATH and the usual places. */
export function findBrowser() {
  if (process.env.CHROME_PATH) return process.env.CHROME_PATH
  const folders = [...(process.env.PATH ?? '').split(delimiter).filter(Boolean), ...USUAL_PLACES]
  const names = [...NAMES, 'Google Chrome', 'Chromium', 'chrome.exe']
  return folders.flatMap((folder) => names.map((name) => join(folder, name))).find(isExecutable)
}

function runTests() {
  const browser = findBrowser()
  if (!browser) {
    console.log(
      'browser tests not run: no Chromium found; install one or name it, CHROME_PATH=/path/to/chromium npm run test:browser',
    )
    return process.argv.includes('--require') ? 1 : 0
  }
  const root = fileURLToPath(new URL('..', import.meta.url))
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs')
  const named = process.argv.slice(2).filter((word) => word !== '--require')
  const projects = (named.length ? named : ['browser', 'lab']).flatMap((name) => [
    '--project',
    name,
  ])
  const { status } = spawnSync(process.execPath, [vitest, 'run', ...projects], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, CHROME_PATH: browser },
  })
  return status ?? 1
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href)
  process.exit(runTests())
