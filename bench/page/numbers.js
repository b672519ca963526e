import { deepStrictEqual } from 'node:assert'
import {
  attend,
  drawnEmbeddings,
  openDevice,
  SelfAttention,
  Tensor,
  tokenize,
} from '../../dist/doors/internal.js'

// What the page must show, computed by the library alone.

/** A sentence of 64 words. */
export const TEXT =
  `the old clock in the hall had stopped on the night when the river rose and nobody had dared to touch it since then
  because the keeper of the house said that it would start again by itself on the day when the last of the children came home
  with one reason to hear it strike twelve in the dark and to stay there`.replace(/\s+/g, ' ')

const words = tokenize(TEXT, 'words').map(({ token }) => token)
if (words.length !== 64) throw new Error(`bench: the sentence has ${words.length} words, not 64`)

/**
 * In the page, at one moment: what stands in some elements, and the seed, the direction and the
 * word that asks.
 *
 * Those out of sight, which follow when the movement rests, are left out where `seen` is asked for.
 */
function read({ selector, seen }) {
  const amounts = [...document.querySelectorAll(selector)].map((one) => {
    const { top, bottom } = one.getBoundingClientRect()
    return seen && (bottom <= 0 || top >= innerHeight) ? '' : one.textContent.trim()
  })
  const numberOf = (name) => Number(document.querySelector(`input[name=${name}]`)?.value)
  const word = [...document.querySelectorAll('.word-column')].findIndex(
    (one) => one.dataset.asks === '0',
  )
  return { amounts, word, seed: numberOf('seed'), degrees: numberOf('needle') }
}

const shown = (row) => [...row].map((weight) => weight.toFixed(2))

/** Holds what was read to what it should be. */
function held(amounts, expected) {
  deepStrictEqual(
    amounts,
    expected.map((amount, n) => amounts[n] && amount),
  )
}

/**
 * Holds the amounts above the words to the weights of the layer, float64 on the reference device,
 * for the seed and word of the page.
 */
export async function amountsOf(page, seen) {
  const { amounts, seed, word } = await page.evaluate(read, { selector: '.amounts', seen })
  const device = await openDevice({ device: 'reference', dtype: 'float64' })
  const layer = new SelfAttention({ dModel: 8, dQuery: 4, dKey: 4, dValue: 4 }, { device, seed })
  const { weights } = await layer
    .forward(drawnEmbeddings(words, 8, { seed }), { want: { weights: true } })
    .read()
  await device.close()
  held(amounts, shown(weights.slice(0).slice(0).slice(word).data))
}

/**
 * Holds the needle's bars to the weights of its query among keys that are the words' own vectors.
 */
export async function needleOf(page, seen) {
  const { amounts, degrees } = await page.evaluate(read, { selector: '.flat-amount', seen })
  const K = drawnEmbeddings(words, 2, { seed: 7 })
  const [place, angle] = [2, (degrees * Math.PI) / 180]
  const Q = new Tensor([64, 2], Float64Array.from(K.data))
  Q.data.set([3 * Math.cos(angle), 3 * Math.sin(angle)], place * 2)
  const { weights } = attend(Q, K, K, { want: { weights: { rows: [place] } } })
  held(amounts, shown(weights.data))
}
