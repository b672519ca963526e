import { spawn, spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { findBrowser } from './browser.js'

// npm test: types and lint, the tests in Node, in a terminal, and one file of those in a browser.
// With --all (npm run test:all), every file in a browser. With --require and projects of vitest, all
// files of those alone; it fails where there is no terminal or browser for them. Nothing is
// installed.

const cwd = fileURLToPath(new URL('..', import.meta.url))
const vitest = fileURLToPath(new URL('../node_modules/vitest/vitest.mjs', import.meta.url))
const browser = findBrowser()
const hasTerminal = spawnSync('tmux', ['-V']).status === 0
const SMOKE = 'test/lab/smoke.test.ts'

const NO_TERMINAL = 'terminal tests not run: no tmux found; install it, then npm run test:terminal'
const NO_BROWSER =
  'browser tests not run: no Chromium found; install one or name it, CHROME_PATH=/path/to/chromium npm run test:browser'
const IN_PART = `browser tests run in part: ${SMOKE} alone; npm run test:all runs all`

/** Why a project of vitest cannot run here. */
function missing(project) {
  if (project === 'node') return undefined
  if (project === 'terminal') return hasTerminal ? undefined : NO_TERMINAL
  return browser ? undefined : NO_BROWSER
}

/** Runs the tests of projects, or files of them. Returns whether they pass. */
function passes(projects, ...files) {
  const words = projects.flatMap((name) => ['--project', name])
  const env = { ...process.env, ...(browser && { CHROME_PATH: browser }) }
  const options = { cwd, stdio: 'inherit', env }
  return spawnSync(process.execPath, [vitest, 'run', ...words, ...files], options).status === 0
}

/** Runs a script of package.json, and shows what it says when it ends. */
const script = (name) =>
  new Promise((done) => {
    const child = spawn(`npm run --silent ${name}`, { cwd, shell: true })
    const said = []
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (piece) => said.push(piece))
    child.on('close', (code) => {
      process.stdout.write(`${name}: ${code === 0 ? 'passed' : 'failed'}\n${Buffer.concat(said)}`)
      done(code === 0)
    })
  })

/** Everything, but in a browser one file alone unless all is asked for. */
async function whole(all) {
  // beside each other: the types take one core
  if ((await Promise.all([script('types'), script('lint')])).includes(false)) return false
  const runs = [[['node']], [['terminal']], all ? [['browser', 'lab']] : [['lab'], SMOKE]]
  const passed = runs.map(
    ([projects, ...files]) => missing(projects[0]) || passes(projects, ...files),
  )
  const left = runs.flatMap(([projects]) => missing(projects[0]) ?? [])
  console.log([...left, ...(!all && browser ? [IN_PART] : [])].join('\n'))
  return !passed.includes(false)
}

/** Projects alone, where there is what they need. */
function required(projects) {
  const left = projects.map(missing).find((line) => line !== undefined)
  if (left) console.log(left)
  return !left && passes(projects)
}

const [how, ...projects] = process.argv.slice(2)
const passed = how === '--require' ? required(projects) : await whole(how === '--all')
process.exit(passed ? 0 : 1)
