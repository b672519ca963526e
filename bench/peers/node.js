// regard beside its peers in Node, on the same work: node bench/peers/node.js [--threads 2]
// [--shapes 2,3] [--peers portable,jax-js] [--time SECONDS_PER_MEASUREMENT] [--limit
// SECONDS_PER_PEER_AND_SHAPE] [--python PATH] [--json]
//
// Before it: npm run build && npm ci --prefix bench/peers; PyTorch is measured where --python has
// it. One process for each peer and shape, one after the other; every result is held to float64
// before it is timed. The tables of bench/results/peers.md are its output.
import { fork, spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { compare } from './compare.js'
import { readOptions } from './options.js'
import { hasFused } from './peak.js'

const CHILD = fileURLToPath(new URL('child.js', import.meta.url))
const SWITCH = '--experimental-wasm-relaxed-simd'
const MAJOR = Number(process.versions.node.split('.')[0])

/**
 * The switch that older engines need for fused multiply-add; none where it is there or never will
 * be.
 */
function relaxedSwitch() {
  if (hasFused()) return []
  return spawnSync(process.execPath, [SWITCH, '-e', '']).status === 0 ? [SWITCH] : []
}

/** Gives the job to a process of its own. */
function inProcess({ limit }, flags) {
  return ({ relaxed, ...job }) =>
    new Promise((resolve) => {
      const stdio = ['ignore', 'ignore', 'pipe', 'ipc']
      const child = fork(CHILD, {
        serialization: 'advanced',
        execArgv: relaxed ? flags : [],
        stdio,
      })
      const timer = setTimeout(() => child.kill('SIGKILL'), 1000 * limit)
      let errors = ''
      child.stderr.on('data', (text) => {
        errors += text
      })
      child.once('message', resolve)
      child.once('exit', (code, signal) => {
        clearTimeout(timer)
        resolve({
          why: signal
            ? `ended by ${signal}, after ${limit} s at most`
            : `ended with ${code}: ${errors.trim().split('\n').at(-1)}`,
        })
      })
      child.send(job)
    })
}

const options = readOptions()
const place = {
  name: `Node ${process.versions.node}`,
  obstacle: ({ node }) => (node > MAJOR ? `needs Node ${node}` : undefined),
}
await compare(options, place, inProcess(options, relaxedSwitch()))
