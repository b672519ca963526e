import type { Alignment } from '../mechanism/alignment.ts'
import { dot, scaledDot } from '../mechanism/alignments.ts'
import type { Distribution } from '../mechanism/distribution.ts'
import { sigmoid, softmax, sparsemax } from '../mechanism/distributions.ts'
import { type Matrix, matrix, product, transposedProduct } from '../mechanism/matrix.ts'
import { Random } from '../random.ts'
import { type ClaimSetup, claim } from './claim.ts'
import { finding, optionsOf, sentence } from './finding.ts'
import { largestDifference, scaleOf } from './numbers.ts'
import {
  everyQuery,
  flat,
  identity,
  scored,
  scoreGradients,
  sumOf,
  unweighted,
  WORKED,
  weightsOf,
} from './scores.ts'

/** Under softmax the gradients of a row of scores sum to zero, for the row may be shifted. */
export const scoreSum = claim(
  'score-gradients',
  'under softmax the gradients of a query’s scores sum to 0',
  'sous softmax, les gradients des scores d’une requête ont pour somme 0',
  async (setup) => {
    const T = 5
    const random = new Random(setup.seed, 'S')
    const S = Array.from({ length: T }, () => Array.from({ length: T }, () => random.normal()))
    const dA = setup.normals('dA', [T, T])
    const sumsUnder = async (distribution: Distribution) =>
      (await scoreGradients(scored(setup, S, { distribution }), dA)).map(sumOf)
    const sums = await sumsUnder(softmax)
    const bySigmoid = await sumsUnder(sigmoid)
    const option = (expected: readonly number[], en: string, fr: string) => {
      const furthest = largestDifference(sums, expected)
      return finding(
        furthest < setup.tolerance,
        `${en}: the sums differ from it by up to {furthest}`,
        `${fr} : les sommes s’en écartent jusqu’à {furthest}`,
        { furthest },
      )
    }
    const ofWeights = sums.map((_, i) => sumOf(dA.slice(i).data))
    const options = optionsOf('a', [
      option([0, 0, 0, 0, 0], '0', '0'),
      option([1, 1, 1, 1, 1], '1, as the weights', '1, comme les poids'),
      option(ofWeights, 'the sum of ∂L/∂A of the row', 'la somme de ∂L/∂A de la ligne'),
    ])
    return {
      findings: [
        finding(
          options[0].holds && Math.min(...bySigmoid.map(Math.abs)) > 1e-6,
          '{T} rows: the furthest of these sums from 0 is {furthest}; under sigmoid, which sees a shift, they are {bySigmoid}',
          '{T} lignes : la somme la plus éloignée de 0 l’est de {furthest} ; sous sigmoid, qui voit un décalage, elles valent {bySigmoid}',
          { sums, bySigmoid },
          { T, ...options[0].numbers },
        ),
      ],
      options,
    }
  },
)

/** Where sparsemax gives no weight, the score has no gradient. */
export const offSupport = claim(
  'off-support',
  'a word to which sparsemax gives weight 0 has a score whose gradient is exactly 0',
  'un mot auquel sparsemax donne le poids 0 a un score de gradient exactement nul',
  async (setup) => {
    const S = everyQuery(WORKED)
    const dA = setup.normals('dA', [S.length, S.length])
    const sparse = await scoreGradients(scored(setup, S, { distribution: sparsemax }), dA)
    const soft = await scoreGradients(scored(setup, S, { distribution: softmax }), dA)
    const off = sparse.map((row) => row[0])
    const bySoftmax = soft.map((row) => row[0])
    const on = Math.min(...sparse.map((row) => Math.abs(row[2])))
    const option = (holds: (d: number) => boolean, en: string, fr: string) =>
      finding(
        off.every(holds),
        `${en}: the three gradients are {off}`,
        `${fr} : les trois gradients sont {off}`,
        {},
        { off },
      )
    const options = optionsOf('a', [
      option((d) => d === 0, 'exactly 0', 'exactement 0'),
      option((d) => d !== 0, 'small but not 0', 'petit mais pas nul'),
      option((d) => d < 0, 'always below 0', 'toujours négatif'),
    ])
    return {
      findings: [
        finding(
          options[0].holds && on > 0 && bySoftmax.every((d) => d !== 0),
          'the scores −2, 0, ½ for three queries: the gradients of the first score, of weight 0, are {off}; under softmax they would be {bySoftmax}',
          'les scores −2, 0, ½ pour trois requêtes : les gradients du premier score, de poids 0, sont {off} ; sous softmax ils vaudraient {bySoftmax}',
          { off, bySoftmax },
        ),
      ],
      options,
    }
  },
)

/** dV = Aᵀ dC: a value learns from every query that looked at it. */
export const valueGradient = claim(
  'value-gradient',
  '∂L/∂V = Aᵀ ∂L/∂C',
  '∂L/∂V = Aᵀ ∂L/∂C',
  async (setup) => {
    const { dValue } = setup.sizes
    const T = setup.sentence.length
    // with X = I the gradient of W_V is that of V
    const X = identity(T, setup.device.dtype)
    const layer = setup.layer({ dModel: T })
    const dC = setup.normals('dC', [T, dValue])
    const A = matrix(T, T, Float64Array.from(flat(await weightsOf({ layer, X }))))
    const dV = (await layer.forward(X).backward(dC).read()).dParameters.W_V.data
    const dY = matrix(T, dValue, Float64Array.from(dC.data))
    const option = (formula: string, expected: Matrix) => {
      const apart = largestDifference(dV, expected.data) / scaleOf(dV)
      return finding(
        apart < setup.tolerance,
        `${formula}: at most {apart} from what the layer's backward gives`,
        `${formula} : à {apart} au plus de ce que donne la rétropropagation de la couche`,
        { apart },
      )
    }
    const options = optionsOf('a', [
      option('Aᵀ ∂L/∂C', transposedProduct(A, dY)),
      option('A ∂L/∂C', product(A, dY)),
      option('∂L/∂C', dY),
    ])
    return {
      findings: [
        finding(
          options[0].holds,
          '{words} words, d_v = {dValue}: the weights A as the forward gave them, and a random ∂L/∂C',
          '{words} mots, d_v = {dValue} : les poids A tels que la couche les a donnés, et un ∂L/∂C tiré au sort',
          { words: T, dValue },
        ),
      ],
      options,
    }
  },
)

/** Width at which the spread of scores is measured, and how many keys each query has. */
const [WIDE, KEYS] = [64, 24]

const near = (value: number, expected: number): boolean => Math.abs(value / expected - 1) < 0.05

const meanOf = (values: readonly number[]): number => sumOf(values) / values.length

/**
 * Of independent queries and keys whose numbers have variance 1: the standard deviation of their
 * scores; the largest weight of a query and the slope A(1 − A), on average.
 */
async function spreadUnder(setup: ClaimSetup, alignment: Alignment) {
  const { device } = setup
  const N = setup.slow ? 200 : 20
  const X = setup.normals('queries', [N, KEYS, WIDE])
  const source = setup.normals('keys', [N, KEYS, WIDE])
  const rows = (distribution: Distribution) => {
    const sizes = { dModel: WIDE, dQuery: WIDE, dKey: WIDE, dValue: 1 }
    const layer = setup.layer({ ...sizes, alignment, distribution })
    for (const name of ['W_Q', 'W_K'])
      device.write(layer.parameters[name], identity(WIDE, device.dtype))
    return weightsOf({ layer, X }, { source })
  }
  const scores = flat(await rows(unweighted))
  const weights = await rows(softmax)
  return {
    spread: Math.sqrt(meanOf(scores.map((s) => s * s))),
    largest: meanOf(weights.map((row) => Math.max(...row))),
    slope: meanOf(flat(weights).map((weight) => weight * (1 - weight))),
  }
}

/** √d_k keeps the spread of scores at one; without it softmax saturates. */
export const scoreSpread = claim(
  'score-spread',
  'q·k spreads by √d_k, and q·k/√d_k by 1, so that softmax does not saturate',
  'q·k a l’écart type √d_k, et q·k/√d_k l’écart type 1, si bien que softmax ne sature pas',
  async (setup) => {
    const plain = await spreadUnder(setup, dot)
    const scaled = await spreadUnder(setup, scaledDot)
    const numbers = { largest: plain.largest, scaled: scaled.largest }
    const largest = sentence(
      'the largest of {KEYS} weights is {largest} on average, with √d_k {scaled}',
      'le plus grand de {KEYS} poids vaut {largest} en moyenne, avec √d_k {scaled}',
      { KEYS, ...numbers },
    )
    const options = optionsOf('a', [
      finding(
        plain.largest > 2 * scaled.largest && plain.slope < scaled.slope / 2,
        '{text}; the slope A(1 − A) is {slope} on average, with √d_k {scaledSlope}',
        '{text} ; la pente A(1 − A) vaut {slope} en moyenne, avec √d_k {scaledSlope}',
        { ...numbers, slope: plain.slope },
        { text: largest, scaledSlope: scaled.slope },
      ),
      finding(
        near(plain.largest, scaled.largest),
        'the same with any scale: {text}',
        'la même chose à toute échelle : {text}',
        numbers,
        { text: largest },
      ),
      finding(
        plain.largest < 1.5 / KEYS,
        '{KEYS} equal weights: {text}',
        '{KEYS} poids égaux : {text}',
        numbers,
        { KEYS, text: largest },
      ),
    ])
    return {
      findings: [
        finding(
          near(plain.spread, Math.sqrt(WIDE)) && near(scaled.spread, 1),
          'q and k of {WIDE} independent numbers of variance 1: the standard deviation of q·k is {unscaled}, that of q·k/√d_k {scaled}',
          'q et k de {WIDE} nombres indépendants de variance 1 : l’écart type de q·k est {unscaled}, celui de q·k/√d_k {scaled}',
          { unscaled: plain.spread, scaled: scaled.spread },
          { WIDE },
        ),
      ],
      options,
    }
  },
)
