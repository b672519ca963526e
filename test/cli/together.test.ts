import { setTimeout } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { together } from '../../src/cli/terminal/together.ts'

async function groupsOf<Item>(
  items: AsyncIterable<Item>,
  most: number,
): Promise<(readonly Item[])[]> {
  const groups: (readonly Item[])[] = []
  for await (const group of together(items, most)) groups.push(group)
  return groups
}

test('items that are there come together, at most so many', async () => {
  async function* items() {
    yield* [1, 2, 3, 4, 5]
  }
  expect(await groupsOf(items(), 2)).toEqual([[1, 2], [3, 4], [5]])
})

test('none waits for one that has not come', async () => {
  async function* items() {
    yield* [1, 2]
    await setTimeout(20)
    yield 3
  }
  expect(await groupsOf(items(), 10)).toEqual([[1, 2], [3]])
})

test('before an error come the items before it', async () => {
  async function* items() {
    yield* [1, 2]
    throw new Error('the third is bad')
  }
  const groups: (readonly number[])[] = []
  const all = (async () => {
    for await (const group of together(items(), 10)) groups.push(group)
  })()
  await expect(all).rejects.toThrow('the third is bad')
  expect(groups).toEqual([[1, 2]])
})

test('whoever wants no more ends the items too, without waiting for the next', async () => {
  let ended = false
  async function* items() {
    try {
      yield 1
      yield* [2, 3]
    } finally {
      ended = true
    }
  }
  for await (const _ of together(items(), 1)) break
  await setTimeout(1)
  expect(ended).toBe(true)
})
