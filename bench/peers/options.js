import { parseArgs } from 'node:util'
import { PEERS } from './peers.js'
import { SHAPES } from './work.js'

const OPTIONS = {
  threads: { type: 'string', default: '1' },
  shapes: { type: 'string' },
  peers: { type: 'string' },
  time: { type: 'string', default: '2' },
  limit: { type: 'string', default: '300' },
  python: { type: 'string', default: 'python3' },
  json: { type: 'boolean', default: false },
}

/** What was asked for. @throws {RangeError} for a shape, peer or number that there is not */
export function readOptions() {
  const { values } = parseArgs({ options: OPTIONS })
  return {
    ...values,
    threads: positive('threads', values.threads),
    seconds: positive('time', values.time),
    limit: positive('limit', values.limit),
    shapes: values.shapes?.split(',').map(shapeNumber) ?? SHAPES.map((_, n) => n + 1),
    peers: values.peers?.split(',').map(peerNamed) ?? PEERS,
  }
}

function positive(name, text) {
  if (!(Number(text) > 0)) throw new RangeError(`--${name} must be a number above 0, got ${text}`)
  return Number(text)
}

function shapeNumber(text) {
  if (!SHAPES[Number(text) - 1])
    throw new RangeError(`--shapes must name shapes 1 to ${SHAPES.length}, got ${text}`)
  return Number(text)
}

function peerNamed(name) {
  const peer = PEERS.find((one) => one.name === name)
  if (!peer)
    throw new RangeError(
      `--peers: unknown peer ${name}; known: ${PEERS.map((one) => one.name).join(', ')}`,
    )
  return peer
}
