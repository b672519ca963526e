import { setImmediate } from 'node:timers/promises'

/**
 * Items in groups of at most so many: as many as are there, so that none waits for one that has not
 * come yet.
 *
 * Where the items end with an error, those before it are given first.
 */
export async function* together<Item>(
  items: AsyncIterable<Item>,
  most: number,
): AsyncGenerator<readonly Item[]> {
  const iterator = items[Symbol.asyncIterator]()
  let group: Item[] = []
  let next = iterator.next()
  try {
    for (;;) {
      // what is there already comes before the next turn of the event loop
      const found =
        group.length === 0 ? await next : await Promise.race([next, setImmediate(undefined)])
      if (found?.done) break
      if (found) {
        group.push(found.value)
        next = iterator.next()
      }
      if (found && group.length < most) continue
      const full = group
      group = []
      yield full
    }
  } catch (error) {
    if (group.length > 0) yield group
    throw error
  } finally {
    // whoever wants no more ends the items too, without waiting for one that has not come
    iterator.return?.().catch(() => {})
  }
  if (group.length > 0) yield group
}
