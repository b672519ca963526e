import { drawnEmbeddings, initialParameters, openDevice, SENTENCE, SelfAttention, type Tensor } from 'regard'
import { describe, expect, test } from 'vitest'
import { opened, stateOf } from './page.ts'

/** The weights that the library's own layer computes, on the reference device in float64. */
async function weightsOf(options: { position?: object } = {}): Promise<number[][]> {
  const device = await openDevice({ device: 'reference', dtype: 'float64' })
  const layer = new SelfAttention({ dModel: 8, dQuery: 4, dKey: 4, dValue: 4, ...options } as never, { device, seed: 7 })
  const X = drawnEmbeddings(SENTENCE, 8, { seed: 7 })
  const { weights } = await layer.forward(X, { want: { weights: true } }).read()
  await device.close()
  const rows = (weights as Tensor).slice(0).slice(0)
  return SENTENCE.map((_, i) => [...rows.slice(i).data])
}

const shown = (row: readonly number[]): string[] => row.map((weight) => weight.toFixed(2))

describe('look', () => {
  test('the amounts above the words are the weights of the library', async () => {
    const rows = await weightsOf()
    const amounts = await opened('', (page) => page.locator('.amounts').allInnerTexts())
    expect(amounts.map((text) => text.trim())).toEqual(shown(rows[2]))
  })

  test('without positions the two «été» are told to be the same', async () => {
    await opened('', async (page) => {
      await page.locator('.word-column').nth(5).click()
      expect(await page.locator('.says').innerText()).toContain('the difference is exactly 0')
      expect(stateOf(page)).toBe('word=3,6')
      await page.getByRole('switch').click()
      expect(await page.locator('.says').innerText()).toContain('do not look alike')
    })
  })
})

test('what a layer begins with is what it uploads to its device', async () => {
  const device = await openDevice({ device: 'reference', dtype: 'float64' })
  const options = { dModel: 5, dQuery: 3, dKey: 3, dValue: 2 }
  const layer = new SelfAttention(options, { device, seed: 11 })
  const W_K = await device.read(layer.parameters.W_K)
  expect(initialParameters(options, 11).W_K.data).toEqual(W_K.data)
  await device.close()
})
