/**
 * So many writes are done at once, and after them one for each rest: browsers refuse more than 100
 * in 30 seconds, and one costs a phone a frame.
 */
const AT_ONCE = 8
/** Milliseconds without a change. */
const REST = 350

/**
 * A write that many changes ask for: the first ones are written as they come, those of a long
 * movement when it rests.
 *
 * @param atOnce how many are written as they come
 */
export function spared(
  write: () => void,
  atOnce = AT_ONCE,
): { soon(): void; now(): void; drop(): void } {
  let left = atOnce
  let asked = 0
  let waiting: ReturnType<typeof setTimeout> | undefined
  const drop = () => {
    clearTimeout(waiting)
    waiting = undefined
  }
  const now = () => {
    if (waiting === undefined) return
    drop()
    asked = performance.now()
    write()
  }
  const soon = () => {
    const time = performance.now()
    left = Math.min(atOnce, left + Math.floor((time - asked) / REST))
    asked = time
    if (waiting === undefined && left > 0) {
      left--
      write()
      return
    }
    clearTimeout(waiting)
    waiting = setTimeout(now, REST)
  }
  return { soon, now, drop }
}
