import { log } from '../elementary.ts'
import type { Distribution } from '../mechanism/distribution.ts'
import { entmax15, sigmoid, softmax, sparsemax, topK } from '../mechanism/distributions.ts'
import { Random } from '../random.ts'
import { type ClaimSetup, claim, matchesKey } from './claim.ts'
import { finding, optionsOf } from './finding.ts'
import { largestDifference } from './numbers.ts'
import {
  everyQuery,
  extent,
  flat,
  inTurn,
  type Rows,
  scored,
  sumOf,
  WORKED,
  weightsOf,
} from './scores.ts'

/** The weights of rows of scores under a distribution. */
const weighted = (
  setup: ClaimSetup,
  S: Rows,
  distribution: Distribution,
): Promise<Float64Array[]> => weightsOf(scored(setup, S, { distribution }))

/** The weights of one row of scores under a distribution. */
const weightedRow = async (
  setup: ClaimSetup,
  row: readonly number[],
  distribution: Distribution,
): Promise<number[]> => [...(await weighted(setup, everyQuery(row), distribution))[0]]

/** Which of five distributions give exact zeros to scores between −2 and 2. */
export const exactZeros = claim(
  'exact-zeros',
  'sparsemax, entmax and topK give weights of exactly 0; softmax and sigmoid do not',
  'sparsemax, entmax et topK donnent des poids exactement nuls ; softmax et sigmoid, non',
  async (setup) => {
    const T = 12
    const random = new Random(setup.seed, 'S')
    const row = () => Array.from({ length: T }, () => random.uniform(-2, 2))
    const drawn = Array.from({ length: T }, row)
    const zerosUnder = async (distribution: Distribution) => {
      const weights = [
        ...(await weighted(setup, everyQuery(WORKED), distribution)),
        ...(await weighted(setup, drawn, distribution)),
      ]
      const all = flat(weights)
      const zeros = all.filter((weight) => weight === 0).length
      return finding(
        zeros > 0,
        '{name}: {zeros} of {weights} weights are 0, the smallest is {smallest}; −2, 0, ½ give {worked}',
        '{name} : {zeros} poids sur {weights} sont nuls, le plus petit est {smallest} ; −2, 0, ½ donnent {worked}',
        { zeros, weights: all.length, smallest: Math.min(...all), worked: [...weights[0]] },
        { name: distribution.name },
      )
    }
    const all = [softmax, sigmoid, sparsemax, entmax15, topK(2)]
    const options = optionsOf('cde', await inTurn(all, zerosUnder))
    return {
      findings: [
        finding(
          matchesKey(options),
          'the same {scores} scores between −2 and 2 under each, and the row −2, 0, ½',
          'les mêmes {scores} scores entre −2 et 2 sous chacune, et la ligne −2, 0, ½',
          { scores: T * T },
        ),
      ],
      options,
    }
  },
)

/** Sparsemax of a row that fits on paper. */
export const sparsemaxByHand = claim(
  'sparsemax-by-hand',
  'sparsemax of the scores −2, 0, ½ is 0, ¼, ¾',
  'sparsemax des scores −2, 0, ½ vaut 0, ¼, ¾',
  async (setup) => {
    const sparse = await weightedRow(setup, WORKED, sparsemax)
    const soft = await weightedRow(setup, WORKED, softmax)
    // the two scores of the support less τ sum to one
    const tau = (WORKED[1] + WORKED[2] - 1) / 2
    const expected = WORKED.map((score) => Math.max(score - tau, 0))
    const [first, second, third] = sparse
    return {
      findings: [
        finding(
          largestDifference(sparse, expected) < setup.tolerance,
          'with τ = {tau}, [s − τ]₊ is {expected} on paper, and the layer gives {sparse}; softmax would give {soft}',
          'avec τ = {tau}, [s − τ]₊ vaut {expected} à la main, et la couche donne {sparse} ; softmax donnerait {soft}',
          { tau, first, second, third },
          { expected, sparse, soft },
        ),
      ],
    }
  },
)

/** Under sigmoid the weights of a query sum to any number between 0 and T. */
export const sigmoidSum = claim(
  'sigmoid-sum',
  'under sigmoid the weights of a query sum to anything between 0 and T',
  'sous sigmoid, les poids d’une requête ont pour somme un nombre quelconque entre 0 et T',
  async (setup) => {
    const { tolerance } = setup
    const levels = [-9, -2, 0, 0.5, 2, 9]
    const T = levels.length
    const rows = levels.map((score) => levels.map(() => score))
    const sums = (await weighted(setup, rows, sigmoid)).map(sumOf)
    const [least, most] = extent(sums)
    const fromOne = largestDifference(sums, new Float64Array(T).fill(1))
    const options = optionsOf('b', [
      finding(
        fromOne < tolerance,
        '1: the sums differ from it by up to {fromOne}',
        '1 : les sommes s’en écartent jusqu’à {fromOne}',
        { fromOne },
      ),
      finding(
        least > 0 && least < 0.01 && most < T && most > T - 0.01,
        'between 0 and T = {T}: from {least} to {most}',
        'entre 0 et T = {T} : de {least} à {most}',
        { least, most },
        { T },
      ),
      finding(
        most <= 1 + tolerance,
        'at most 1: one of them is {most}',
        'au plus 1 : l’une d’elles vaut {most}',
        { most },
      ),
    ])
    return {
      findings: [
        finding(
          matchesKey(options),
          '{T} queries whose scores are all {levels}: their weights sum to {sums}',
          '{T} requêtes dont tous les scores valent {levels} : leurs poids ont pour somme {sums}',
          { sums },
          { T, levels },
        ),
      ],
      options,
    }
  },
)

/** Scores that tie with the k-th best are all kept by topK. */
export const tiesKept = claim(
  'ties-kept',
  'topK(2) keeps every score that ties with the second best',
  'topK(2) garde tous les scores à égalité avec le deuxième',
  async (setup) => {
    const scores = [1, 3, 2, 2]
    const weights = await weightedRow(setup, scores, topK(2))
    const kept = weights.map((weight) => (weight > 0 ? 1 : 0)).join('')
    const option = ([pattern, count]: readonly [string, number]) =>
      finding(
        kept === pattern,
        '{count} above 0: the weights are {weights}',
        '{count} au-dessus de 0 : les poids sont {weights}',
        { weights },
        { count },
      )
    return {
      findings: [
        finding(
          kept === '0111' && weights[2] === weights[3],
          'the scores {scores} get the weights {weights}: equal scores, equal weights',
          'les scores {scores} reçoivent les poids {weights} : à scores égaux, poids égaux',
          { weights },
          { scores },
        ),
      ],
      options: optionsOf(
        'b',
        (
          [
            ['0110', 2],
            ['0111', 3],
            ['0100', 1],
          ] as const
        ).map(option),
      ),
    }
  },
)

/** One number more in every score of a row changes nothing, but under sigmoid. */
export const shiftedScores = claim(
  'shifted-scores',
  'adding one number to all scores of a row changes no weight, but under sigmoid',
  'ajouter un nombre à tous les scores d’une ligne ne change aucun poids, sauf sous sigmoid',
  async (setup) => {
    const shift = 100
    const higher = WORKED.map((score) => score + shift)
    const option = async (distribution: Distribution) => {
      const before = await weightedRow(setup, WORKED, distribution)
      const after = await weightedRow(setup, higher, distribution)
      const moved = largestDifference(before, after)
      return finding(
        moved < setup.tolerance,
        '{name}: {before} become {after}',
        '{name} : {before} deviennent {after}',
        { moved, before, after },
        { name: distribution.name },
      )
    }
    const options = optionsOf('abc', await inTurn([softmax, sparsemax, topK(2), sigmoid], option))
    return {
      findings: [
        finding(
          matchesKey(options),
          'the scores −2, 0, ½, and each of them {shift} higher',
          'les scores −2, 0, ½, et chacun {shift} plus haut',
          { shift },
        ),
      ],
      options,
    }
  },
)

/** Equal scores give every word the same weight, and the row the entropy ln T. */
export const equalScores = claim(
  'equal-scores',
  'T equal scores give T weights of 1/T, whose entropy is ln T',
  'T scores égaux donnent T poids de 1/T, dont l’entropie est ln T',
  async (setup) => {
    const words = setup.sentence.length
    const { layer, X } = scored(setup, everyQuery(new Array<number>(words).fill(1)))
    const { statistics } = await layer.forward(X, { want: { statistics: true } }).read()
    const entropy = statistics?.entropy.data[0] ?? Number.NaN
    const weight = statistics?.maximum.data[0] ?? Number.NaN
    return {
      findings: [
        finding(
          Math.abs(entropy - log(words)) < setup.tolerance * words &&
            Math.abs(weight - 1 / words) < setup.tolerance,
          '{words} equal scores: the highest weight is {weight}, the entropy {entropy} nats, where ln {words} = {expected}',
          '{words} scores égaux : le plus haut poids est {weight}, l’entropie {entropy} nats, et ln {words} = {expected}',
          { words, weight, entropy },
          { expected: log(words) },
        ),
      ],
    }
  },
)
