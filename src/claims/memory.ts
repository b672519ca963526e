import { sizeOf, type Tensor } from '../tensor.ts'
import { type AnyLayer, type ClaimSetup, claim } from './claim.ts'
import { finding, optionsOf } from './finding.ts'
import { largestDifference } from './numbers.ts'
import { inTurn, weightsOf } from './scores.ts'

/** Twice the words take twice the memory, though there are four times as many scores. */
export const memoryGrowth = claim(
  'memory-growth',
  'by blocks of query rows, memory is linear in T, forward and backward',
  'par blocs de lignes de requêtes, la mémoire est linéaire en T, à l’aller comme au retour',
  async (setup) => {
    const words = 4096
    const layer = setup.layer()
    const bytesOf = (T: number): number => layer.estimate({ N: 1, T }).forwardAndBackward
    const [bytes, bytesTwice] = [bytesOf(words), bytesOf(2 * words)]
    const growth = bytesTwice / bytes
    const weights = ((setup.device.dtype === 'float64' ? 8 : 4) * words * words) / 1e6
    const option = (expected: number, within: number, en: string, fr: string) =>
      finding(
        Math.abs(growth - expected) < within,
        `${en}: from {words} to {twice} words it grows {growth} times`,
        `${fr} : de {words} à {twice} mots, elle est multipliée par {growth}`,
        { growth },
        { words, twice: 2 * words },
      )
    const options = [
      option(2, 0.1, 'twice', 'double'),
      option(4, 0.4, 'four times, as T²', 'quadruple, comme T²'),
      option(1, 0.05, 'not at all, as the parameters', 'constante, comme les paramètres'),
    ]
    return {
      findings: [
        finding(
          options[0].holds,
          'a forward and its backward take {once} MB for {words} words and {again} MB for {twice}; all weights at once would take {weights} MB and {fourfold} MB',
          'un aller et retour prend {once} Mo pour {words} mots et {again} Mo pour {twice} ; tous les poids à la fois prendraient {weights} Mo et {fourfold} Mo',
          { words, bytes, bytesTwice, growth },
          {
            twice: 2 * words,
            once: bytes / 1e6,
            again: bytesTwice / 1e6,
            weights,
            fourfold: 4 * weights,
          },
        ),
      ],
      options: optionsOf('a', options),
    }
  },
)

/** There are N·h·T² attention weights: one for each head and each pair of words of a text. */
export const weightsCount = claim(
  'weights-count',
  'a batch has N·h·T² attention weights, and they depend on no width',
  'un lot a N·h·T² poids d’attention, quelles que soient les largeurs',
  async (setup) => {
    const [texts, heads, words] = [2, 3, setup.sentence.length]
    const X = setup.normals('X', [texts, words, setup.sizes.dModel])
    const pass = setup.layer({ heads }).forward(X, { want: { weights: true } })
    const { shape = [0] } = (await pass.read()).weights ?? {}
    const counted = sizeOf(shape)
    return {
      findings: [
        finding(
          counted === texts * heads * words * words,
          'N = {texts} texts of T = {words} words and h = {heads} heads: the weights are ({shape}), {counted} numbers; averaged over the heads {averaged} would be left',
          'N = {texts} textes de T = {words} mots et h = {heads} têtes : les poids sont de dimensions ({shape}), soit {counted} nombres ; moyennés sur les têtes, il en resterait {averaged}',
          { counted, texts, heads, words },
          { shape: shape.join(', '), averaged: texts * words * words },
        ),
      ],
    }
  },
)

/** Words of a text that is longer than a block of rows, and rows at the edges of its blocks. */
const [LONG, ROWS] = [70, [0, 31, 32, 69]]

/**
 * How far rows of weights that are computed one by one lie from those of a forward that gives them
 * all.
 */
async function weightsAgain(layer: AnyLayer, X: Tensor): Promise<number> {
  const all = await weightsOf({ layer, X })
  const apart = await inTurn(ROWS, async (row) => {
    const { weights } = await layer.forward(X, { want: { weights: { rows: [row] } } }).read()
    return largestDifference(weights?.data ?? [], all[row])
  })
  return Math.max(...apart)
}

/** How far the gradients of one pass lie from themselves, computed again after another pass. */
async function gradientsAgain(setup: ClaimSetup, layer: AnyLayer, X: Tensor): Promise<number> {
  const pass = layer.forward(X)
  const dC = setup.normals('dC', pass.context.shape)
  const gradients = async (): Promise<number[]> => {
    const { dX, dParameters } = await pass.backward(dC).read()
    return [dX, ...Object.values(dParameters)].flatMap(({ data }) => [...data])
  }
  const first = await gradients()
  await layer.forward(setup.normals('other', X.shape)).read()
  return largestDifference(first, await gradients())
}

/** Weights that are computed again are the same to the last bit, and so are the gradients. */
export const recomputed = claim(
  'recomputed',
  'weights that are computed again are the same to the last bit, and so are the gradients',
  'les poids recalculés sont les mêmes au bit près, et donc les gradients aussi',
  async (setup) => {
    const layer = setup.layer()
    const X = setup.normals('X', [LONG, setup.sizes.dModel])
    const weights = await weightsAgain(layer, X)
    const gradients = await gradientsAgain(setup, layer, X)
    const apart = Math.max(weights, gradients)
    const option = (holds: boolean, en: string, fr: string) =>
      finding(
        holds,
        `${en}: weights and gradients that are computed again differ by {apart}`,
        `${fr} : les poids et les gradients recalculés diffèrent de {apart}`,
        { weights, gradients },
        { apart },
      )
    return {
      findings: [
        finding(
          apart === 0,
          '{LONG} words: the weights of words {rows}, computed again each by itself, differ by {weights}; the gradients of one pass, computed again after another, by {gradients}',
          '{LONG} mots : les poids des mots {rows}, recalculés un à un, diffèrent de {weights} ; les gradients d’une passe, recalculés après une autre, de {gradients}',
          { weights, gradients },
          { LONG, rows: ROWS.map((row) => row + 1).join(', ') },
        ),
      ],
      options: optionsOf('a', [
        option(apart === 0, 'not at all', 'pas du tout'),
        option(apart > 0 && apart < 1e-3, 'by rounding', 'des arrondis'),
        option(apart >= 1e-3, 'clearly', 'nettement'),
      ]),
    }
  },
)
