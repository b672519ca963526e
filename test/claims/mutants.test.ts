import { describe, expect, test } from 'vitest'
import { judge } from '../../src/claims/claim.ts'
import { claimNamed, claims } from '../../src/claims/claims.ts'
import { openDevice } from '../../src/device/open.ts'
import { mutants } from './mutants.ts'

describe('a layer with a mistake is caught by its claim', () => {
  test.each(mutants.map((mutant) => [mutant.claim, mutant.mistake, mutant] as const))(
    '%s: %s',
    async (_claim, _mistake, mutant) => {
      const device = await openDevice({ dtype: 'float64' })
      const claim = claimNamed(mutant.claim)
      expect((await judge(claim, { device })).proven).toBe(true)
      const verdict = await judge(claim, { device, build: mutant.build })
      expect(verdict.proven).toBe(false)
      // the mistake is found where it shows, not because the mutant itself broke
      expect(verdict.findings.map(({ text }) => text.en).join()).not.toMatch(
        /undefined|not a function/,
      )
    },
  )
})

test('every claim has a mutant that it catches', () => {
  const caught = new Set(mutants.map(({ claim }) => claim))
  expect(claims.filter(({ name }) => !caught.has(name)).map(({ name }) => name)).toEqual([])
})

describe('every wrong option of a further claim is what some layer with a mistake does', () => {
  const further = claims.filter(({ question }) => question === undefined)

  test.each(further.map((claim) => [claim.name, claim] as const))('%s', async (name, claim) => {
    const device = await openDevice({ dtype: 'float64' })
    const { options = [] } = await judge(claim, { device })
    const taken = new Set<string>()
    for (const { build } of mutants.filter((mutant) => mutant.claim === name)) {
      const verdict = await judge(claim, { device, build })
      for (const { option, holds } of verdict.options ?? []) if (holds) taken.add(option)
    }
    expect(
      options
        .filter(({ right, option }) => !right && !taken.has(option))
        .map(({ option }) => option),
    ).toEqual([])
  })
})
