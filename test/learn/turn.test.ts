import { afterEach, describe, expect, test, vi } from 'vitest'
import { turn } from '../../src/learn/turn.ts'

/** Turns until a timer has fired. */
async function turnsUntilTimer(): Promise<number> {
  let fired = false
  setTimeout(() => {
    fired = true
  }, 5)
  let turns = 0
  while (!fired && turns < 1e6) {
    await turn()
    turns++
  }
  return fired ? turns : Number.POSITIVE_INFINITY
}

describe('a turn of the event loop', () => {
  afterEach(() => vi.unstubAllGlobals())

  test('lets timers in', async () => {
    expect(await turnsUntilTimer()).toBeLessThan(1e6)
  })

  test('is a message where there is no setImmediate, as in pages', async () => {
    vi.stubGlobal('setImmediate', undefined)
    let turned = false
    const done = turn().then(() => {
      turned = true
    })
    await Promise.resolve()
    expect(turned).toBe(false)
    await done
    expect(turned).toBe(true)
  })
})
