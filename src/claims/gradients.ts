import type { ForwardOptions } from '../layer/forward-options.ts'
import type { Alignment } from '../mechanism/alignment.ts'
import { dot, scaledDot } from '../mechanism/alignments.ts'
import { sigmoid, softmax, sparsemax } from '../mechanism/distributions.ts'
import { type Matrix, matrix, product, transposedProduct } from '../mechanism/matrix.ts'
import { Random } from '../random.ts'
import {
  type Claim,
  type ClaimSetup,
  type Evidence,
  found,
  type LocalizedText,
  type OptionFinding,
  plainLayer,
} from './claim.ts'
import {
  everyQuery,
  identity,
  scored,
  scoreGradients,
  sumOf,
  unweighted,
  WORKED,
  weightsOf,
} from './scores.ts'
import { both, largestDifference, scaleOf } from './words.ts'

/** Random rows of scores, as many as there are words in each. */
function drawnScores(setup: ClaimSetup, T: number): number[][] {
  const random = new Random(setup.seed, 'S')
  return Array.from({ length: T }, () => Array.from({ length: T }, () => random.normal()))
}

/** Under softmax the gradients of a row of scores sum to zero, for the row may be shifted. */
export const scoreSum: Claim = {
  name: 'score-gradients',
  statement: {
    en: 'under softmax the gradients of a query’s scores sum to 0',
    fr: 'sous softmax, les gradients des scores d’une requête ont pour somme 0',
  },
  async run(ground) {
    const T = 5
    const S = drawnScores(ground, T)
    const dA = new Random(ground.seed, 'dA').normals([T, T], ground.device.dtype)
    const sums = (await scoreGradients(scored(ground, S, { distribution: softmax }), dA)).map(sumOf)
    const bySigmoid = (await scoreGradients(scored(ground, S, { distribution: sigmoid }), dA)).map(
      sumOf,
    )
    const ofWeights = Array.from({ length: T }, (_, i) => sumOf(dA.slice(i).data))
    return sumEvidence(ground, sums, bySigmoid, ofWeights)
  },
}

function sumEvidence(
  setup: ClaimSetup,
  sums: readonly number[],
  bySigmoid: readonly number[],
  ofWeights: readonly number[],
): Evidence {
  const from = (values: ArrayLike<number>): number => largestDifference(sums, values)
  const [fromZero, fromOne, fromWeights] = [
    from(sums.map(() => 0)),
    from(sums.map(() => 1)),
    from(ofWeights),
  ]
  const zero = fromZero < setup.tolerance
  const option = (name: string, furthest: number, en: string, fr: string): OptionFinding =>
    found(
      name,
      name === 'a',
      furthest < setup.tolerance,
      both(
        (n) => `${en}: the sums differ from it by up to ${n(furthest)}`,
        (n) => `${fr} : les sommes s’en écartent jusqu’à ${n(furthest)}`,
      ),
      { furthest },
    )
  return {
    findings: [
      {
        holds: zero && Math.min(...bySigmoid.map(Math.abs)) > 1e-6,
        text: both(
          (n) =>
            `${sums.length} rows: the furthest of these sums from 0 is ${n(fromZero)}; under sigmoid, which sees a shift, they are ${bySigmoid.map(n).join(', ')}`,
          (n) =>
            `${sums.length} lignes : la somme la plus éloignée de 0 l’est de ${n(fromZero)} ; sous sigmoid, qui voit un décalage, elles valent ${bySigmoid.map(n).join(' ; ')}`,
        ),
        numbers: { sums, bySigmoid },
      },
    ],
    options: [
      option('a', fromZero, '0', '0'),
      option('b', fromOne, '1, as the weights', '1, comme les poids'),
      option('c', fromWeights, 'the sum of ∂L/∂A of the row', 'la somme de ∂L/∂A de la ligne'),
    ],
  }
}

/** Where sparsemax gives no weight, the score has no gradient. */
export const offSupport: Claim = {
  name: 'off-support',
  statement: {
    en: 'a word to which sparsemax gives weight 0 has a score whose gradient is exactly 0',
    fr: 'un mot auquel sparsemax donne le poids 0 a un score de gradient exactement nul',
  },
  async run(ground) {
    const S = everyQuery(WORKED)
    const dA = new Random(ground.seed, 'dA').normals([S.length, S.length], ground.device.dtype)
    const sparse = await scoreGradients(scored(ground, S, { distribution: sparsemax }), dA)
    const soft = await scoreGradients(scored(ground, S, { distribution: softmax }), dA)
    const [off, bySoftmax] = [sparse.map((row) => row[0]), soft.map((row) => row[0])]
    const on = Math.min(...sparse.map((row) => Math.abs(row[2])))
    const zero = off.every((d) => d === 0)
    const list = (n: (value: number) => string) => off.map(n)
    return {
      findings: [
        {
          holds: zero && on > 0 && bySoftmax.every((d) => d !== 0),
          text: both(
            (n) =>
              `the scores −2, 0, ½ for three queries: the gradients of the first score, of weight 0, are ${list(n).join(', ')}; under softmax they would be ${bySoftmax.map(n).join(', ')}`,
            (n) =>
              `les scores −2, 0, ½ pour trois requêtes : les gradients du premier score, de poids 0, sont ${list(n).join(' ; ')} ; sous softmax ils vaudraient ${bySoftmax.map(n).join(' ; ')}`,
          ),
          numbers: { off, bySoftmax },
        },
      ],
      options: [
        offOption('a', true, zero, list, { en: 'exactly 0', fr: 'exactement 0' }),
        offOption(
          'b',
          false,
          off.every((d) => d !== 0),
          list,
          { en: 'small but not 0', fr: 'petit mais pas nul' },
        ),
        offOption(
          'c',
          false,
          off.every((d) => d < 0),
          list,
          { en: 'always below 0', fr: 'toujours négatif' },
        ),
      ],
    }
  },
}

type Listed = (n: (value: number) => string) => string[]

const offOption = (
  option: string,
  right: boolean,
  holds: boolean,
  list: Listed,
  says: LocalizedText,
): OptionFinding =>
  found(
    option,
    right,
    holds,
    both(
      (n) => `${says.en}: the three gradients are ${list(n).join(', ')}`,
      (n) => `${says.fr} : les trois gradients sont ${list(n).join(' ; ')}`,
    ),
    {},
  )

/** dV = Aᵀ dC: a value learns from every query that looked at it. */
export const valueGradient: Claim = {
  name: 'value-gradient',
  statement: { en: '∂L/∂V = Aᵀ ∂L/∂C', fr: '∂L/∂V = Aᵀ ∂L/∂C' },
  async run(ground) {
    const { device, sizes, seed } = ground
    const T = ground.sentence.length
    const dtype = device.dtype
    // with X = I the gradient of W_V is that of V
    const X = identity(T, dtype)
    const layer = ground.layer({ ...plainLayer(ground), dModel: T })
    const dC = new Random(seed, 'dC').normals([T, sizes.dValue], dtype)
    const A = matrix(
      T,
      T,
      Float64Array.from((await weightsOf({ layer, X })).flatMap((row) => [...row])),
    )
    const dV = (await layer.forward(X).backward(dC).read()).dParameters.W_V
    const dY = matrix(T, sizes.dValue, Float64Array.from(dC.data))
    const option = (name: string, formula: string, expected: Matrix): OptionFinding => {
      const apart = largestDifference(dV.data, expected.data) / scaleOf(dV.data)
      return found(
        name,
        name === 'a',
        apart < ground.tolerance,
        both(
          (n) => `${formula}: at most ${n(apart)} from what the layer's backward gives`,
          (n) =>
            `${formula} : à ${n(apart)} au plus de ce que donne la rétropropagation de la couche`,
        ),
        { apart },
      )
    }
    const options = [
      option('a', 'Aᵀ ∂L/∂C', transposedProduct(A, dY)),
      option('b', 'A ∂L/∂C', product(A, dY)),
      option('c', '∂L/∂C', dY),
    ]
    return {
      findings: [
        {
          holds: options[0].holds,
          text: {
            en: `${T} words, d_v = ${sizes.dValue}: the weights A as the forward gave them, and a random ∂L/∂C`,
            fr: `${T} mots, d_v = ${sizes.dValue} : les poids A tels que la couche les a donnés, et un ∂L/∂C tiré au sort`,
          },
          numbers: { words: T, dValue: sizes.dValue },
        },
      ],
      options,
    }
  },
}

/** Width at which the spread of scores is measured, and how many keys each query has. */
const [WIDE, KEYS] = [64, 24]

const near = (value: number, expected: number): boolean => Math.abs(value / expected - 1) < 0.05

/**
 * The standard deviation of scores; the largest weight of a query and the slope A(1 − A), on
 * average.
 */
interface Spread {
  readonly spread: number
  readonly largest: number
  readonly slope: number
}

/** Scores and weights of independent queries and keys whose numbers have variance 1. */
async function spreadUnder(setup: ClaimSetup, alignment: Alignment): Promise<Spread> {
  const { device, seed } = setup
  const N = setup.slow ? 200 : 20
  const X = new Random(seed, 'queries').normals([N, KEYS, WIDE], device.dtype)
  const source = new Random(seed, 'keys').normals([N, KEYS, WIDE], device.dtype)
  const rows = (options: ForwardOptions, distribution = unweighted) => {
    const layer = setup.layer({
      dModel: WIDE,
      dQuery: WIDE,
      dKey: WIDE,
      dValue: 1,
      alignment,
      distribution,
    })
    for (const name of ['W_Q', 'W_K'])
      device.write(layer.parameters[name], identity(WIDE, device.dtype))
    return weightsOf({ layer, X }, options)
  }
  const scores = (await rows({ source })).flatMap((row) => [...row])
  const weights = await rows({ source }, softmax)
  const mean = (values: readonly number[]): number => sumOf(values) / values.length
  return {
    spread: Math.sqrt(mean(scores.map((s) => s * s))),
    largest: mean(weights.map((row) => Math.max(...row))),
    slope: mean(weights.flatMap((row) => [...row].map((weight) => weight * (1 - weight)))),
  }
}

/** A sentence after what an option says. */
const prefixed = (en: string, fr: string, text: LocalizedText): LocalizedText => ({
  en: `${en}: ${text.en}`,
  fr: `${fr} : ${text.fr}`,
})

/** √d_k keeps the spread of scores at one; without it softmax saturates. */
export const scoreSpread: Claim = {
  name: 'score-spread',
  statement: {
    en: 'q·k spreads by √d_k, and q·k/√d_k by 1, so that softmax does not saturate',
    fr: 'q·k a l’écart type √d_k, et q·k/√d_k l’écart type 1, si bien que softmax ne sature pas',
  },
  async run(ground) {
    const plain = await spreadUnder(ground, dot)
    const scaled = await spreadUnder(ground, scaledDot)
    return {
      findings: [
        {
          holds: near(plain.spread, Math.sqrt(WIDE)) && near(scaled.spread, 1),
          text: both(
            (n) =>
              `q and k of ${WIDE} independent numbers of variance 1: the standard deviation of q·k is ${n(plain.spread)}, that of q·k/√d_k ${n(scaled.spread)}`,
            (n) =>
              `q et k de ${WIDE} nombres indépendants de variance 1 : l’écart type de q·k est ${n(plain.spread)}, celui de q·k/√d_k ${n(scaled.spread)}`,
          ),
          numbers: { unscaled: plain.spread, scaled: scaled.spread },
        },
      ],
      options: spreadOptions(plain, scaled),
    }
  },
}

/**
 * What softmax may be thought to do with scores that are not scaled: saturate, not notice, or level
 * all words.
 */
function spreadOptions(plain: Spread, scaled: Spread): OptionFinding[] {
  const largest = both(
    (n) =>
      `the largest of ${KEYS} weights is ${n(plain.largest)} on average, with √d_k ${n(scaled.largest)}`,
    (n) =>
      `le plus grand de ${KEYS} poids vaut ${n(plain.largest)} en moyenne, avec √d_k ${n(scaled.largest)}`,
  )
  const slopes = both(
    (n) => `the slope A(1 − A) is ${n(plain.slope)} on average, with √d_k ${n(scaled.slope)}`,
    (n) => `la pente A(1 − A) vaut ${n(plain.slope)} en moyenne, avec √d_k ${n(scaled.slope)}`,
  )
  const piles = { en: `${largest.en}; ${slopes.en}`, fr: `${largest.fr} ; ${slopes.fr}` }
  const numbers = { largest: plain.largest, scaled: scaled.largest }
  return [
    found('a', true, plain.largest > 2 * scaled.largest && plain.slope < scaled.slope / 2, piles, {
      ...numbers,
      slope: plain.slope,
    }),
    found(
      'b',
      false,
      near(plain.largest, scaled.largest),
      prefixed('the same with any scale', 'la même chose à toute échelle', largest),
      numbers,
    ),
    found(
      'c',
      false,
      plain.largest < 1.5 / KEYS,
      prefixed(`${KEYS} equal weights`, `${KEYS} poids égaux`, largest),
      numbers,
    ),
  ]
}
