/** How long something took, in milliseconds, over so many runs. */
export interface Timing {
  readonly fastest: number
  readonly median: number
  readonly runs: number
}

/** Share of the time that may go into warming up, and two successive runs that end it. */
const WARMING = 0.4
const AGREEING = 0.1
const FEWEST_RUNS = 2

/**
 * Runs something for so many milliseconds, two times at least.
 *
 * Code begins in a baseline compiler: runs count from when two in succession took the same time,
 * within a tenth, or all of them where they take too long for that.
 */
export async function timed(run: () => Promise<unknown>, milliseconds: number): Promise<Timing> {
  const begin = performance.now()
  let taken: number[] = []
  let warm = false
  for (let now = begin; taken.length < FEWEST_RUNS || now < begin + milliseconds; ) {
    await run()
    const end = performance.now()
    taken.push(end - now)
    now = end
    if (warm || now > begin + WARMING * milliseconds) continue
    const [last, before] = [taken[taken.length - 1], taken[taken.length - 2]]
    warm = Math.abs(last - before) < AGREEING * last
    if (warm) taken = []
  }
  taken.sort((a, b) => a - b)
  return { fastest: taken[0], median: taken[taken.length >> 1], runs: taken.length }
}
