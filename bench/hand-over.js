import { spawnSync } from 'node:child_process'

const SWITCH = '--experimental-wasm-relaxed-simd'

/**
 * Older engines need a switch for fused multiply-add: then this process hands over to one that has
 * it, and ends with its status.
 *
 * @param script path of the script that runs, with the same arguments again
 * @returns whether it was handed over, and nothing is left to do
 */
export function handedOver(script, fused) {
  const flagged = process.execArgv.includes(SWITCH)
  if (!fused || flagged || spawnSync(process.execPath, [SWITCH, '-e', '']).status !== 0)
    return false
  const own = [script, ...process.argv.slice(2)]
  process.exitCode =
    spawnSync(process.execPath, [...process.execArgv, SWITCH, ...own], { stdio: 'inherit' })
      .status ?? 1
  return true
}
