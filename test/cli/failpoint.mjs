// Ends the process as kill -9 would, once so many bytes (FAIL_AFTER_BYTES) went into files that are
// written whole: the last piece is cut.
import { open } from 'node:fs/promises'

let left = Number(process.env.FAIL_AFTER_BYTES)
const file = await open(process.execPath, 'r')
const prototype = Object.getPrototypeOf(file)
await file.close()
const { writeFile } = prototype

prototype.writeFile = async function (piece, ...rest) {
  const bytes = typeof piece === 'string' ? Buffer.from(piece) : piece
  if (bytes.length < left) {
    left -= bytes.length
    return writeFile.call(this, piece, ...rest)
  }
  await writeFile.call(this, bytes.subarray(0, left))
  process.kill(process.pid, 'SIGKILL')
  return new Promise(() => {})
}
