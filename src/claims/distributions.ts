import { log } from '../elementary.ts'
import type { Distribution } from '../mechanism/distribution.ts'
import { entmax15, sigmoid, softmax, sparsemax, topK } from '../mechanism/distributions.ts'
import { Random } from '../random.ts'
import { asSaid, type Claim, type ClaimSetup, found, type OptionFinding } from './claim.ts'
import { everyQuery, extent, type Rows, scored, sumOf, WORKED, weightsOf } from './scores.ts'
import { both, largestDifference } from './words.ts'

/** The weights of rows of scores under a distribution. */
const weighted = (
  setup: ClaimSetup,
  S: Rows,
  distribution: Distribution,
): Promise<Float64Array[]> => weightsOf(scored(setup, S, { distribution }))

/** How many weights of a worked row and of drawn ones are 0 under a distribution. */
async function zerosUnder(
  setup: ClaimSetup,
  drawn: Rows,
  option: string,
  right: boolean,
  distribution: Distribution,
): Promise<OptionFinding> {
  const weights = [
    ...(await weighted(setup, everyQuery(WORKED), distribution)),
    ...(await weighted(setup, drawn, distribution)),
  ]
  const all = weights.flatMap((row) => [...row])
  const zeros = all.filter((weight) => weight === 0).length
  const worked = [...weights[0]]
  return found(
    option,
    right,
    zeros > 0,
    both(
      (n) =>
        `${distribution.name}: ${zeros} of ${all.length} weights are 0, the smallest is ${n(Math.min(...all))}; −2, 0, ½ give ${worked.map(n).join(', ')}`,
      (n) =>
        `${distribution.name} : ${zeros} poids sur ${all.length} sont nuls, le plus petit est ${n(Math.min(...all))} ; −2, 0, ½ donnent ${worked.map(n).join(' ; ')}`,
    ),
    { zeros, weights: all.length, smallest: Math.min(...all), worked },
  )
}

/** Which of five distributions give exact zeros to scores between −2 and 2. */
export const exactZeros: Claim = {
  name: 'exact-zeros',
  statement: {
    en: 'sparsemax, entmax and topK give weights of exactly 0; softmax and sigmoid do not',
    fr: 'sparsemax, entmax et topK donnent des poids exactement nuls ; softmax et sigmoid, non',
  },
  async run(ground) {
    const T = 12
    const random = new Random(ground.seed, 'S')
    const drawn = Array.from({ length: T }, () =>
      Array.from({ length: T }, () => random.uniform(-2, 2)),
    )
    const option = (name: string, right: boolean, distribution: Distribution) =>
      zerosUnder(ground, drawn, name, right, distribution)
    const options = [
      await option('a', false, softmax),
      await option('b', false, sigmoid),
      await option('c', true, sparsemax),
      await option('d', true, entmax15),
      await option('e', true, topK(2)),
    ]
    return {
      findings: [
        {
          holds: asSaid(options),
          text: {
            en: `the same ${T * T} scores between −2 and 2 under each, and the row −2, 0, ½`,
            fr: `les mêmes ${T * T} scores entre −2 et 2 sous chacune, et la ligne −2, 0, ½`,
          },
          numbers: { scores: T * T },
        },
      ],
      options,
    }
  },
}

/** Sparsemax of a row that fits on paper. */
export const sparsemaxByHand: Claim = {
  name: 'sparsemax-by-hand',
  statement: {
    en: 'sparsemax of the scores −2, 0, ½ is 0, ¼, ¾',
    fr: 'sparsemax des scores −2, 0, ½ vaut 0, ¼, ¾',
  },
  async run(ground) {
    const [sparse] = await weighted(ground, everyQuery(WORKED), sparsemax)
    const [soft] = await weighted(ground, everyQuery(WORKED), softmax)
    // the two scores of the support less τ sum to one
    const tau = (WORKED[1] + WORKED[2] - 1) / 2
    const expected = WORKED.map((score) => Math.max(score - tau, 0))
    const [first, second, third] = sparse
    return {
      findings: [
        {
          holds: largestDifference(sparse, expected) < ground.tolerance,
          text: both(
            (n) =>
              `with τ = ${n(tau)}, [s − τ]₊ is ${expected.map(n).join(', ')} on paper, and the layer gives ${[...sparse].map(n).join(', ')}; softmax would give ${[...soft].map(n).join(', ')}`,
            (n) =>
              `avec τ = ${n(tau)}, [s − τ]₊ vaut ${expected.map(n).join(' ; ')} à la main, et la couche donne ${[...sparse].map(n).join(' ; ')} ; softmax donnerait ${[...soft].map(n).join(' ; ')}`,
          ),
          numbers: { tau, first, second, third },
        },
      ],
    }
  },
}

/** Under sigmoid the weights of a query sum to any number between 0 and T. */
export const sigmoidSum: Claim = {
  name: 'sigmoid-sum',
  statement: {
    en: 'under sigmoid the weights of a query sum to anything between 0 and T',
    fr: 'sous sigmoid, les poids d’une requête ont pour somme un nombre quelconque entre 0 et T',
  },
  async run(ground) {
    const levels = [-9, -2, 0, 0.5, 2, 9]
    const T = levels.length
    const sums = (
      await weighted(
        ground,
        levels.map((score) => levels.map(() => score)),
        sigmoid,
      )
    ).map(sumOf)
    const options = sigmoidOptions(ground, sums)
    const text = both(
      (n) =>
        `${T} queries whose scores are all ${levels.map(n).join(', ')}: their weights sum to ${sums.map(n).join(', ')}`,
      (n) =>
        `${T} requêtes dont tous les scores valent ${levels.map(n).join(' ; ')} : leurs poids ont pour somme ${sums.map(n).join(' ; ')}`,
    )
    return { findings: [{ holds: asSaid(options), text, numbers: { sums } }], options }
  },
}

/**
 * What the sums of sigmoid weights may be thought to be: 1, anything up to the number of words, or
 * at most 1.
 */
function sigmoidOptions({ tolerance }: ClaimSetup, sums: readonly number[]): OptionFinding[] {
  const T = sums.length
  const [least, most] = extent(sums)
  const fromOne = largestDifference(sums, new Float64Array(T).fill(1))
  const one = both(
    (n) => `1: the sums differ from it by up to ${n(fromOne)}`,
    (n) => `1 : les sommes s’en écartent jusqu’à ${n(fromOne)}`,
  )
  const any = both(
    (n) => `between 0 and T = ${T}: from ${n(least)} to ${n(most)}`,
    (n) => `entre 0 et T = ${T} : de ${n(least)} à ${n(most)}`,
  )
  const atMostOne = both(
    (n) => `at most 1: one of them is ${n(most)}`,
    (n) => `au plus 1 : l’une d’elles vaut ${n(most)}`,
  )
  return [
    found('a', false, fromOne < tolerance, one, { fromOne }),
    found('b', true, least > 0 && least < 0.01 && most < T && most > T - 0.01, any, {
      least,
      most,
    }),
    found('c', false, most <= 1 + tolerance, atMostOne, { most }),
  ]
}

/** Scores that tie with the k-th best are all kept by topK. */
export const tiesKept: Claim = {
  name: 'ties-kept',
  statement: {
    en: 'topK(2) keeps every score that ties with the second best',
    fr: 'topK(2) garde tous les scores à égalité avec le deuxième',
  },
  async run(ground) {
    const row = [1, 3, 2, 2]
    const [weights] = await weighted(ground, everyQuery(row), topK(2))
    const kept = [...weights].map((weight) => (weight > 0 ? 1 : 0)).join('')
    const list = (n: (value: number) => string) => [...weights].map(n)
    const option = (name: string, pattern: string, count: number): OptionFinding =>
      found(
        name,
        name === 'b',
        kept === pattern,
        both(
          (n) => `${count} above 0: the weights are ${list(n).join(', ')}`,
          (n) => `${count} au-dessus de 0 : les poids sont ${list(n).join(' ; ')}`,
        ),
        { weights: [...weights] },
      )
    return {
      findings: [
        {
          holds: kept === '0111' && weights[2] === weights[3],
          text: both(
            (n) =>
              `the scores ${row.join(', ')} get the weights ${list(n).join(', ')}: equal scores, equal weights`,
            (n) =>
              `les scores ${row.join(' ; ')} reçoivent les poids ${list(n).join(' ; ')} : à scores égaux, poids égaux`,
          ),
          numbers: { weights: [...weights] },
        },
      ],
      options: [option('a', '0110', 2), option('b', '0111', 3), option('c', '0100', 1)],
    }
  },
}

/** One number more in every score of a row changes nothing, but under sigmoid. */
export const shiftedScores: Claim = {
  name: 'shifted-scores',
  statement: {
    en: 'adding one number to all scores of a row changes no weight, but under sigmoid',
    fr: 'ajouter un nombre à tous les scores d’une ligne ne change aucun poids, sauf sous sigmoid',
  },
  async run(ground) {
    const shift = 100
    const option = async (
      name: string,
      right: boolean,
      distribution: Distribution,
    ): Promise<OptionFinding> => {
      const [before] = await weighted(ground, everyQuery(WORKED), distribution)
      const [after] = await weighted(
        ground,
        everyQuery(WORKED.map((score) => score + shift)),
        distribution,
      )
      const moved = largestDifference(before, after)
      return found(
        name,
        right,
        moved < ground.tolerance,
        both(
          (n) =>
            `${distribution.name}: ${[...before].map(n).join(', ')} become ${[...after].map(n).join(', ')}`,
          (n) =>
            `${distribution.name} : ${[...before].map(n).join(' ; ')} deviennent ${[...after].map(n).join(' ; ')}`,
        ),
        { moved, before: [...before], after: [...after] },
      )
    }
    const options = [
      await option('a', true, softmax),
      await option('b', true, sparsemax),
      await option('c', true, topK(2)),
      await option('d', false, sigmoid),
    ]
    return {
      findings: [
        {
          holds: asSaid(options),
          text: {
            en: `the scores −2, 0, ½, and each of them ${shift} higher`,
            fr: `les scores −2, 0, ½, et chacun ${shift} plus haut`,
          },
          numbers: { shift },
        },
      ],
      options,
    }
  },
}

/** Equal scores give every word the same weight, and the row the entropy ln T. */
export const equalScores: Claim = {
  name: 'equal-scores',
  statement: {
    en: 'T equal scores give T weights of 1/T, whose entropy is ln T',
    fr: 'T scores égaux donnent T poids de 1/T, dont l’entropie est ln T',
  },
  async run(ground) {
    const T = ground.sentence.length
    const { layer, X } = scored(ground, everyQuery(new Array<number>(T).fill(1)))
    const { statistics } = await layer.forward(X, { want: { statistics: true } }).read()
    const [entropy, weight] = [
      statistics?.entropy.data[0] ?? Number.NaN,
      statistics?.maximum.data[0] ?? Number.NaN,
    ]
    return {
      findings: [
        {
          holds:
            Math.abs(entropy - log(T)) < ground.tolerance * T &&
            Math.abs(weight - 1 / T) < ground.tolerance,
          text: both(
            (n) =>
              `${T} equal scores: the highest weight is ${n(weight)}, the entropy ${n(entropy)} nats, where ln ${T} = ${n(log(T))}`,
            (n) =>
              `${T} scores égaux : le plus haut poids est ${n(weight)}, l’entropie ${n(entropy)} nats, et ln ${T} = ${n(log(T))}`,
          ),
          numbers: { words: T, weight, entropy },
        },
      ],
    }
  },
}
