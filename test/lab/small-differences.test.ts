import {
  alignmentNamed,
  distributionNamed,
  masks,
  matrices,
  positionNamed,
  SENTENCE,
} from 'regard/internal'
import { expect, test } from 'vitest'
import { passOf } from '../../lab/state/pass.ts'
import { opened } from './page.ts'

/** The weights that the page begins with, by another seed. */
const weightsOf = (seed: number) =>
  passOf(
    {
      ...{ dModel: 8, dQuery: 4, dKey: 4, dValue: 4, heads: 1, seed, mask: masks.everything },
      ...{
        alignment: alignmentNamed('scaledDot'),
        distribution: distributionNamed('softmax'),
        position: positionNamed('none'),
      },
    },
    SENTENCE,
  ).weights[0]

const differencesOf = (seed: number, [a, b]: readonly [number, number]): number[] => {
  const [first, second] = [a, b].map((row) => matrices.row(weightsOf(seed), row))
  return Array.from(first, (weight, n) => Math.abs(weight - second[n]))
}

test('where two words ask, a difference below a hundredth is told as that, and 0 only where there is none', async () => {
  const small = (x: number): boolean => x > 0 && x < 0.005
  const seed = Array.from({ length: 200 }, (_, n) => n).find((n) =>
    differencesOf(n, [0, 3]).some(small),
  ) as number
  const expected = differencesOf(seed, [0, 3]).map(
    (x) => `Δ ${small(x) ? '<0.01' : x === 0 ? '0' : x.toFixed(2)}`,
  )
  expect(expected).toContain('Δ <0.01')
  await opened(`seed=${seed}&word=1,4`, async (page) =>
    expect(await page.locator('.apart').allInnerTexts()).toEqual(expected),
  )
  // the two «été» look alike without positions
  await opened(`seed=${seed}&word=3,6`, async (page) =>
    expect(new Set(await page.locator('.apart').allInnerTexts())).toEqual(new Set(['Δ 0'])),
  )
})
