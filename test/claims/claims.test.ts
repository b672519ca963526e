import { beforeAll, describe, expect, test } from 'vitest'
import { judge } from '../../src/claims/claim.ts'
import { claimNamed, claims } from '../../src/claims/claims.ts'
import type { Device } from '../../src/device/device.ts'
import { openDevice } from '../../src/device/open.ts'

const devices: { name: string; device: Device }[] = []
beforeAll(async () => {
  devices.push(
    { name: 'float64', device: await openDevice({ dtype: 'float64' }) },
    { name: 'float32', device: await openDevice({ device: 'reference' }) },
  )
})

const failures = (verdict: Awaited<ReturnType<typeof judge>>) =>
  [
    ...verdict.findings.filter(({ holds }) => !holds),
    ...(verdict.options ?? []).filter(({ holds, right }) => holds !== right),
  ].map(({ text }) => text.en)

describe.each([0, 1])(
  'every claim is proven on the reference device (%i: float64, float32)',
  (which) => {
    test.each(claims.map((claim) => [claim.name, claim] as const))('%s', async (_name, claim) => {
      for (const seed of [7, 8, 9]) {
        const verdict = await judge(claim, { device: devices[which].device, seed })
        expect(failures(verdict)).toEqual([])
        expect(verdict.proven).toBe(true)
      }
    })
  },
)

test('every question of the quiz has one claim, with one option that is right in each', () => {
  const questions = claims.flatMap(({ question }) => (question ? [question] : []))
  expect(questions).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
})

test('every claim speaks French and English, with formulas in Unicode', async () => {
  for (const claim of claims) {
    const verdict = await judge(claim, { device: devices[0].device })
    for (const { text } of [
      ...verdict.findings,
      ...(verdict.options ?? []),
      { text: claim.statement },
    ]) {
      expect(text.en).not.toBe('')
      expect(text.fr).not.toBe('')
      // scripts as the quiz shows them, Xᵗ and not X^t
      expect(text.en + text.fr).not.toMatch(/[\p{L}\p{N}]\^[\p{L}\p{N}]|_[ijtn]′?\b/u)
    }
    expect(verdict.findings.some(({ text }) => text.en !== text.fr)).toBe(true)
  }
})

test('claims about words take another sentence', async () => {
  const sentence = 'le chat voit le chien'.split(' ')
  for (const name of [
    'order',
    'equal-rows',
    'contextual-embedding',
    'batch-shape',
    'attention-formula',
  ]) {
    const verdict = await judge(claimNamed(name), { device: devices[0].device, sentence })
    expect(failures(verdict)).toEqual([])
  }
})

test('sizes that make no sense are refused by name', async () => {
  await expect(
    judge(claimNamed('order'), { device: devices[0].device, sizes: { dQuery: 0 } }),
  ).rejects.toThrow('prove: dQuery must be an integer ≥ 1, got 0')
})
