import fc from 'fast-check'
import { expect, test } from 'vitest'
import { agreement } from '../../src/doors/internal.ts'

const labels = fc.array(fc.tuple(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 3 })), {
  minLength: 2,
  maxLength: 30,
})

test('six members in two groups agree as on paper', () => {
  // a a a | a b b: H(label) = H(2/6), H(label | group) = ½ H(1/3)
  const found = agreement([1, 1, 1, 2, 2, 2], ['a', 'a', 'a', 'a', 'b', 'b'])
  const h = (p: number) => -p * Math.log(p) - (1 - p) * Math.log(1 - p)
  const [homogeneity, completeness] = [
    1 - (0.5 * h(1 / 3)) / h(1 / 3),
    (h(1 / 3) - 0.5 * h(1 / 3)) / Math.log(2),
  ]
  expect(found).toEqual({
    ...{
      labelled: 6,
      homogeneity: expect.closeTo(homogeneity, 12),
      completeness: expect.closeTo(completeness, 12),
    },
    vMeasure: expect.closeTo((2 * homogeneity * completeness) / (homogeneity + completeness), 12),
    // pairs: 4 in both, 6 in groups, 7 in labels, of 15
    adjustedRand: expect.closeTo((4 - 42 / 15) / (6.5 - 42 / 15), 12),
  })
})

test('names play no role, nor who is compared with whom in V and the Rand index', () => {
  fc.assert(
    fc.property(labels, (pairs) => {
      const [groups, senses] = [pairs.map(([group]) => group), pairs.map(([, sense]) => sense)]
      const found = agreement(groups, senses)
      const renamed = agreement(
        groups.map((group) => `g${9 - group}`),
        senses.map((sense) => `s${sense}`),
      )
      expect(renamed).toEqual(found)
      const turned = agreement(senses, groups)
      expect([turned.vMeasure, turned.adjustedRand]).toEqual([
        expect.closeTo(found.vMeasure, 10),
        expect.closeTo(found.adjustedRand, 10),
      ])
      expect(turned.homogeneity).toBeCloseTo(found.completeness, 10)
    }),
  )
})

test('lengths that differ are refused', () => {
  expect(() => agreement([1], [])).toThrow(
    'agreement: needs a label for each member, got 1 members and 0 labels',
  )
})
