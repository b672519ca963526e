import type { Page } from 'playwright-core'
import {
  alignmentNamed,
  distributionNamed,
  drawnEmbeddings,
  largestDifference,
  masks,
  matrices,
  openDevice,
  positionNamed,
  SENTENCE,
  SelfAttention,
} from 'regard/internal'
import { describe, expect, test } from 'vitest'
import { type LayerConfig, passOf } from '../../lab/state/pass.ts'
import { settings } from '../../lab/state/settings.ts'
import { opened, stateOf } from './page.ts'

const FORM = { dModel: 7, dQuery: 3, dKey: 3, dValue: 5, heads: 2, seed: 13 }

const offered = (name: 'alignment' | 'distribution' | 'position') => {
  const { control } = settings[name]
  return control?.kind === 'choice' ? control.values : []
}

/** The layer of the library on the same words, on the reference device in float64. */
async function libraryOn({ seed, ...options }: LayerConfig) {
  const device = await openDevice({ device: 'reference', dtype: 'float64' })
  const layer = new SelfAttention(options, { device, seed })
  const X = drawnEmbeddings(SENTENCE, options.dModel, { seed })
  const { context, weights } = await layer.forward(X, { want: { weights: true } }).read()
  await device.close()
  return { context, weights, parameterCount: layer.parameterCount }
}

const cases = [
  ...offered('alignment').map((alignment) => ({
    alignment,
    distribution: 'softmax',
    position: 'none',
  })),
  ...offered('distribution').map((distribution) => ({
    alignment: 'scaledDot',
    distribution,
    position: 'none',
  })),
  ...offered('position').map((position) => ({
    alignment: 'scaledDot',
    distribution: 'softmax',
    position,
  })),
]

describe.each(cases)(
  'with $alignment, $distribution and positions $position',
  ({ alignment, distribution, position }) => {
    const form: LayerConfig = {
      ...FORM,
      alignment: alignmentNamed(alignment),
      distribution: distributionNamed(distribution),
      position: positionNamed(position),
      mask: masks.causal(),
    }
    const pass = passOf(form, SENTENCE)

    test('weights and context are those of the layer', async () => {
      const { context, weights } = await libraryOn(form)
      pass.weights.forEach((A, head) => {
        expect(largestDifference(A.data, weights?.slice(0).slice(head).data ?? [])).toBeLessThan(
          1e-15,
        )
      })
      const ours = SENTENCE.flatMap((_, i) => pass.context.flatMap((C) => [...matrices.row(C, i)]))
      expect(largestDifference(ours, context.data)).toBeLessThan(1e-14)
    })

    test('scores lead to the weights', () => {
      const row = matrices.row(pass.scores[1], 4).slice(0, 5)
      expect([...form.distribution.weights(row, {})]).toEqual([
        ...matrices.row(pass.weights[1], 4).slice(0, 5),
      ])
    })
  },
)

/** Numbers of a matrix as they stand on the page. */
async function shown(page: Page, name: string): Promise<number[]> {
  const texts = await page
    .getByRole('grid', { name: new RegExp(`^${name}, `) })
    .locator('td[data-cell]')
    .allInnerTexts()
  return texts.map((text) => Number(text.replace('−', '-')))
}

// −0.001 is shown as 0.00
const rounded = (values: ArrayLike<number>): number[] =>
  Array.from(values, (value) => Number(value.toFixed(2)) + 0)

describe('on the page', () => {
  const plain: LayerConfig = {
    ...{ dModel: 8, dQuery: 4, dKey: 4, dValue: 4, heads: 1, seed: 7 },
    ...{
      alignment: alignmentNamed('scaledDot'),
      distribution: distributionNamed('softmax'),
      position: positionNamed('none'),
      mask: masks.everything,
    },
  }

  test('every stage shows the numbers of the layer', async () => {
    const pass = passOf(plain, SENTENCE)
    await opened('view=compute&stage=projections', async (page) => {
      expect(await shown(page, 'X')).toEqual(rounded(pass.X.data))
      expect(await shown(page, 'W_Q')).toEqual(rounded(pass.parameters.W_Q.data))
      expect(await shown(page, 'V')).toEqual(rounded(pass.V[0].data))
      await page.getByRole('radio', { name: 'Score' }).check()
      expect(await shown(page, 'S')).toEqual(rounded(pass.scores[0].data))
      await page.getByRole('radio', { name: 'Weigh' }).check()
      expect(await shown(page, 'A')).toEqual(rounded(pass.weights[0].data))
      await page.getByRole('radio', { name: 'Mix' }).check()
      expect(await shown(page, 'C')).toEqual(rounded(pass.context[0].data))
    })
  })

  test('a number of W that is edited changes everything after it, and can be taken back', async () => {
    await opened('view=compute&stage=projections', async (page) => {
      const [W, Q, K] = await Promise.all([shown(page, 'W_Q'), shown(page, 'Q'), shown(page, 'K')])
      await page.getByRole('grid', { name: /^W_Q/ }).locator('[data-cell="0.1"]').click()
      await page.locator('#cell-editor').fill('2.5')
      await page.keyboard.press('Tab')
      expect(await shown(page, 'W_Q')).toEqual(W.map((value, n) => (n === 1 ? 2.5 : value)))
      expect(await shown(page, 'Q')).not.toEqual(Q)
      expect(await shown(page, 'K')).toEqual(K)
      await expect.poll(() => stateOf(page)).toBe('view=compute&edit=W_Q.1.2:2.5&stage=projections')
      await page.getByRole('button', { name: 'Undo every change' }).click()
      expect(await shown(page, 'Q')).toEqual(Q)
    })
  })

  test('a number of X that is edited changes its word in Q, K and V, and through its key every weight', async () => {
    const edits = new Map([['X.3.1', -2]])
    const pass = passOf(plain, SENTENCE, edits)
    await opened('view=compute&stage=projections', async (page) => {
      const before = await shown(page, 'Q')
      await page.getByRole('grid', { name: /^X,/ }).locator('[data-cell="2.0"]').click()
      await page.locator('#cell-editor').fill('-2')
      await page.keyboard.press('Tab')
      const after = await shown(page, 'Q')
      expect(after.slice(8, 12)).not.toEqual(before.slice(8, 12))
      expect([...after.slice(0, 8), ...after.slice(12)]).toEqual([
        ...before.slice(0, 8),
        ...before.slice(12),
      ])
      for (const [name, matrix] of [
        ['Q', pass.Q],
        ['K', pass.K],
        ['V', pass.V],
      ] as const)
        expect(await shown(page, name)).toEqual(rounded(matrix[0].data))
      await page.getByRole('radio', { name: 'Weigh' }).check()
      expect(await shown(page, 'A')).toEqual(rounded(pass.weights[0].data))
      await page.getByRole('radio', { name: 'Mix' }).check()
      expect(await shown(page, 'C')).toEqual(rounded(pass.context[0].data))
    })
  })

  test('widths that do not meet collide with the message of the library', async () => {
    let message = ''
    try {
      passOf({ ...plain, dKey: 5 }, SENTENCE)
    } catch (error) {
      message = (error as Error).message
    }
    expect(message).toContain('needs dQuery = dKey')
    await opened('view=compute', async (page) => {
      await page.getByLabel('dk').fill('5')
      expect(await page.locator('.notice').innerText()).toBe(message)
      expect(await page.locator('.clash').count()).toBe(1)
      await page.locator('select[name=alignment]').selectOption('general')
      expect(await page.locator('.notice, .clash').count()).toBe(0)
    })
  })

  test('the count of parameters is that of the layer', async () => {
    for (const alignment of ['scaledDot', 'additive:8']) {
      const form = { ...plain, dValue: 6, heads: 3, alignment: alignmentNamed(alignment) }
      const { parameterCount } = await libraryOn(form)
      await opened(`view=compute&value=6&heads=3&alignment=${alignment}`, async (page) => {
        expect(await page.locator('.count h2').innerText()).toBe(`${parameterCount} parameters`)
      })
    }
  })

  test('the formula has the live numbers of the chosen cell', async () => {
    const pass = passOf(plain, SENTENCE)
    await opened('view=compute', async (page) => {
      await page.getByRole('grid', { name: /^S/ }).locator('[data-cell="4.3"]').click()
      expect(await page.locator('.numbers-line b').innerText()).toBe(
        pass.scores[0].data[4 * 6 + 3].toFixed(4),
      )
      expect(await page.locator('.live-formula [data-slot=row]').first().textContent()).toBe('5')
    })
  })
})
