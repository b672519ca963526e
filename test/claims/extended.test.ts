import { readFileSync } from 'node:fs'
import { beforeAll, describe, expect, test } from 'vitest'
import { judge, type Verdict } from '../../src/claims/claim.ts'
import { claimNamed } from '../../src/claims/claims.ts'
import type { Device } from '../../src/device/device.ts'
import { openDevice } from '../../src/device/open.ts'
import {
  type ChoiceItem,
  itemsOf,
  type NumericItem,
  type Quiz,
  type QuizItem,
  type QuizText,
} from '../../src/quiz/quiz.ts'

const quiz = JSON.parse(
  readFileSync(new URL('../../quiz/extended.json', import.meta.url), 'utf8'),
) as Quiz
const items = itemsOf(quiz)
const devices: Device[] = []
beforeAll(async () => {
  devices.push(await openDevice({ dtype: 'float64' }), await openDevice({ device: 'reference' }))
  devices.push(await openDevice({ device: 'wasm', threads: 1 }))
})

const verdictOn = ({ claim }: QuizItem, device: Device, seed = 7): Promise<Verdict> =>
  judge(claimNamed(claim?.name ?? ''), { device, seed, ...claim?.settings })

/** The letters that a claim finds right, and those that the item says are. */
function lettersOf(item: ChoiceItem, { options = [] }: Verdict) {
  const right = (letter: string) =>
    options.find(({ option }) => option === (item.claim?.options?.[letter] ?? letter))?.holds
  return {
    found: item.options.map(({ id }) => [id, right(id)]),
    said: item.options.map(({ id, right }) => [id, right === true]),
  }
}

/** The number that a claim finds, under the name that the item gives it. */
const numberOf = ({ claim }: NumericItem, { findings }: Verdict): unknown =>
  findings.map(({ numbers }) => numbers[claim?.number ?? '']).find((number) => number !== undefined)

describe.each([
  ['float64', 0],
  ['float32', 1],
  ['wasm', 2],
] as const)('the key of every item is what the layer does on the device %s', (_name, which) => {
  test.each(items.map((item) => [item.id, item] as const))('%s', async (_id, item) => {
    for (const seed of [7, 8]) {
      const verdict = await verdictOn(item, devices[which], seed)
      expect(verdict.proven).toBe(true)
      if (item.kind === 'numeric') {
        const distance = Math.abs(
          Number(numberOf(item, verdict)) - (item.answer?.value ?? Number.NaN),
        )
        expect(distance).toBeLessThanOrEqual(item.answer?.tolerance ?? 0)
      } else {
        const { found, said } = lettersOf(item, verdict)
        expect(found).toEqual(said)
      }
    }
  })
})

/** Every text of an item. */
const textsOf = (item: QuizItem): (QuizText | undefined)[] => [
  item.text,
  item.explanation,
  ...(item.kind === 'numeric'
    ? [item.feedback?.right, item.feedback?.wrong]
    : item.options.flatMap(({ text, feedback }) => [text, feedback])),
]

test.each(items.map((item) => [item.id, item] as const))(
  '%s says all in two languages, with formulas that close',
  (_id, item) => {
    for (const text of textsOf(item)) {
      const languages = typeof text === 'string' ? [text, text] : [text?.en, text?.fr]
      for (const words of languages) {
        expect(words?.trim()).toBeTruthy()
        expect([...(words ?? '').matchAll(/\$/g)].length % 2).toBe(0)
      }
    }
  },
)

test('the quiz has items of every kind, several of them numeric, each with an id of its own', () => {
  const count = (kind: QuizItem['kind']): number =>
    items.filter((item) => item.kind === kind).length
  expect(items.length).toBeGreaterThanOrEqual(16)
  expect([count('single') > 0, count('multiple') > 0, count('numeric') >= 3]).toEqual([
    true,
    true,
    true,
  ])
  expect(new Set(items.map(({ id }) => id)).size).toBe(items.length)
})
