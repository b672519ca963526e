import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** PyTorch: pytorch.py in a process of its own for each request, which keeps time itself. */
export async function open({ shape, parameters, threads, settings }) {
  const { version } = asked(settings.python, { version: true }, []).answer
  const request = (work, seconds, numbers) =>
    asked(settings.python, { shape, threads, work, seconds }, [
      ...['W_Q', 'W_K', 'W_V'].map((name) => parameters[name]),
      ...numbers,
    ])
  return {
    threads,
    version,
    forward: (X) => request('forward', 0, [X]).results[0],
    gradients(X, dC) {
      const [context, dX, dW_Q, dW_K, dW_V] = request('gradients', 0, [X, dC]).results
      return { context, dX, dW_Q, dW_K, dW_V }
    },
    time: (work, seconds, X, dC) =>
      request(work, seconds, work === 'forward' ? [X] : [X, dC]).answer.milliseconds,
    close() {},
  }
}

/** A line of JSON and numbers to the script; a line of JSON and numbers back. */
function asked(python, request, numbers) {
  const input = Buffer.concat([
    Buffer.from(`${JSON.stringify(request)}\n`),
    ...numbers.map(bytesOf),
  ])
  const script = fileURLToPath(new URL('pytorch.py', import.meta.url))
  const { stdout, stderr, status, error } = spawnSync(python, [script], {
    input,
    maxBuffer: 2 ** 30,
  })
  if (error) throw new Error(`${python} does not start: ${error.message}`)
  if (status !== 0) throw new Error(`${python}: ${String(stderr).trim().split('\n').at(-1)}`)
  const end = stdout.indexOf('\n')
  const answer = JSON.parse(stdout.subarray(0, end).toString())
  let at = end + 1
  const results = (answer.lengths ?? []).map((length) => {
    const bytes = Uint8Array.from(stdout.subarray(at, at + 4 * length))
    at += 4 * length
    return new Float32Array(bytes.buffer)
  })
  return { answer, results }
}

const bytesOf = ({ buffer, byteOffset, byteLength }) => Buffer.from(buffer, byteOffset, byteLength)
