import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

// Runs the tests in a terminal where there is tmux; with --require, fails where there is none.

function runTests() {
  if (spawnSync('tmux', ['-V']).status !== 0) {
    console.log('terminal tests not run: no tmux found; install it, then npm run test:terminal')
    return process.argv.includes('--require') ? 1 : 0
  }
  const vitest = fileURLToPath(new URL('../node_modules/vitest/vitest.mjs', import.meta.url))
  const cwd = fileURLToPath(new URL('..', import.meta.url))
  return (
    spawnSync(process.execPath, [vitest, 'run', '--project', 'terminal'], { cwd, stdio: 'inherit' })
      .status ?? 1
  )
}

process.exit(runTests())
