/** Exit codes of the command. */
export const EXIT = { done: 0, bug: 1, usage: 2, input: 3, failed: 4, interrupted: 130 } as const

/** An error that a user can mend: one line, and the code to exit with. */
export class CommandError extends Error {
  readonly exitCode: number

  constructor(exitCode: number, message: string) {
    super(message)
    this.exitCode = exitCode
  }
}

/** The known name that lies nearest, if any lies near. */
export function nearest(name: string, known: readonly string[]): string | undefined {
  const [best] = known.map((candidate) => ({ candidate, distance: editDistance(name, candidate) })).sort((a, b) => a.distance - b.distance)
  return best && best.distance <= Math.max(2, name.length / 2.5) ? best.candidate : undefined
}

/** Letters to insert, delete or replace between two names. */
function editDistance(a: string, b: string): number {
  let above = Array.from({ length: b.length + 1 }, (_, n) => n)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      row.push(Math.min(above[j] + 1, row[j - 1] + 1, above[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1)))
    }
    above = row
  }
  return above[b.length]
}
