import { EXIT } from './errors.ts'
import type { Reporter } from './progress.ts'

const SIGNALS = ['SIGINT', 'SIGTERM'] as const

/**
 * The first Ctrl-C, or the first word of a cluster that time is up, ends the learning between two
 * steps, the second the process, as does any before the first step.
 */
export function interrupted(reporter: Reporter) {
  const controller = new AbortController()
  let begun = false
  const interrupt = () => {
    if (!begun || controller.signal.aborted) process.exit(EXIT.interrupted)
    controller.abort()
    reporter.note('stopping after this step; Ctrl-C once more stops at once, and nothing is saved')
  }
  for (const signal of SIGNALS) process.on(signal, interrupt)
  return {
    signal: controller.signal,
    begin: () => {
      begun = true
    },
    end: () => {
      for (const signal of SIGNALS) process.off(signal, interrupt)
    },
  }
}
