import { exp } from '../elementary.ts'
import { addScaled, inner } from '../mechanism/matrix.ts'
import { Random } from '../random.ts'
import type { Tensor } from '../tensor.ts'
import { type Claim, type ClaimSetup, type OptionFinding, plainLayer } from './claim.ts'
import { both, largestDifference, projected, scaleOf } from './words.ts'

/** One text's queries, keys and values, by the definition. */
interface Projections {
  readonly q: readonly Float64Array[]
  readonly k: readonly Float64Array[]
  readonly v: readonly Float64Array[]
}

/** Weights e^{s_t} / Σ e^{s_t} as written, and the sum of weight · v^t. */
function expression(
  scores: readonly number[],
  normalizers: readonly number[],
  v: readonly Float64Array[],
) {
  const weights = scores.map((s, t) => exp(s) / normalizers[t])
  const context = new Float64Array(v[0].length)
  weights.forEach((weight, t) => {
    addScaled(context, weight, v[t])
  })
  return { sum: weights.reduce((sum, weight) => sum + weight, 0), context }
}

const sumOfPowers = (scores: readonly number[]): number =>
  scores.reduce((sum, s) => sum + exp(s), 0)

/** The three expressions of question 3, for the query at `place`. */
function expressions({ q, k, v }: Projections, place: number) {
  const root = Math.sqrt(q[0].length)
  const asked = k.map((key) => inner(q[place], key) / root)
  // each key is scored by its own query, and normalised over all keys scored by that query
  const own = (scale: number) =>
    expression(
      k.map((key, t) => inner(q[t], key) / scale),
      q.map((query) => sumOfPowers(k.map((key) => inner(query, key) / scale))),
      v,
    )
  return {
    a: expression(asked, new Array<number>(k.length).fill(sumOfPowers(asked)), v),
    b: own(root),
    c: own(1),
  }
}

/** How far an expression lies from the layer, at most, and between what its weights sum. */
interface Spread {
  worst: number
  least: number
  most: number
}

/**
 * Runs random layers on random texts, `draws` together, and compares each expression with the
 * layer's vector at `place`.
 */
async function compare(
  setup: ClaimSetup,
  place: number,
  layers: number,
  texts: number,
): Promise<Record<'a' | 'b' | 'c', Spread>> {
  const { device, sizes, sentence, seed } = setup
  const spread = () => ({ worst: 0, least: Infinity, most: -Infinity })
  const found = { a: spread(), b: spread(), c: spread() }
  for (let n = 0; n < layers; n++) {
    const layer = setup.layer(plainLayer(setup), `${n} `)
    const X = new Random(seed, `X ${n}`).normals(
      [texts, sentence.length, sizes.dModel],
      device.dtype,
    )
    const { context } = await layer.forward(X).read()
    const W: Tensor[] = []
    for (const name of ['W_Q', 'W_K', 'W_V']) W.push(await device.read(layer.parameters[name]))
    for (let text = 0; text < texts; text++) {
      const [q, k, v] = W.map((matrix) => projected(X.slice(text), matrix))
      const vector = context.slice(text).slice(place).data
      const all = expressions({ q, k, v }, place)
      for (const option of ['a', 'b', 'c'] as const) {
        const { sum, context: expected } = all[option]
        const difference = largestDifference(expected, vector) / scaleOf(vector)
        const kept = found[option]
        kept.worst = Math.max(kept.worst, difference)
        kept.least = Math.min(kept.least, sum)
        kept.most = Math.max(kept.most, sum)
      }
    }
  }
  return found
}

/**
 * Question 3: A(q^3, {k, v}) is what its definition says, and neither of the expressions that score
 * each key by its own query.
 */
export const attentionFormula: Claim = {
  name: 'attention-formula',
  question: 3,
  statement: {
    en: 'A(q³, {k, v}) = Σₜ exp(q³·kᵗ/√d_k) / Σₜ′ exp(q³·kᵗ′/√d_k) · vᵗ',
    fr: 'A(q³, {k, v}) = Σₜ exp(q³·kᵗ/√d_k) / Σₜ′ exp(q³·kᵗ′/√d_k) · vᵗ',
  },
  async run(ground) {
    const place = Math.min(2, ground.sentence.length - 1)
    const [layers, texts] = [ground.slow ? 200 : 20, 50]
    const found = await compare(ground, place, layers, texts)
    const draws = layers * texts
    const option = (name: 'a' | 'b' | 'c'): OptionFinding => {
      const { worst, least, most } = found[name]
      return {
        option: name,
        right: name === 'a',
        holds: worst < ground.tolerance,
        text:
          name === 'a'
            ? both(
                (n) =>
                  `the query q³ against every key: at most ${n(worst)} from the layer over ${draws} draws; its weights sum to 1, to within ${n(Math.max(most - 1, 1 - least))}`,
                (n) =>
                  `la requête q³ contre chaque clé : à ${n(worst)} au plus de la couche sur ${draws} tirages ; ses poids ont pour somme 1, à ${n(Math.max(most - 1, 1 - least))} près`,
              )
            : both(
                (n) =>
                  `each key by its own query${name === 'c' ? ', unscaled' : ''}: up to ${n(worst)} from the layer; its «weights» sum to anything from ${n(least)} to ${n(most)}`,
                (n) =>
                  `chaque clé par sa propre requête${name === 'c' ? ', sans échelle' : ''} : jusqu’à ${n(worst)} de la couche ; ses « poids » ont une somme quelconque, de ${n(least)} à ${n(most)}`,
              ),
        numbers: { worst, leastSum: least, mostSum: most, draws },
      }
    }
    return {
      findings: [
        {
          holds: found.a.worst < ground.tolerance,
          text: both(
            (n) =>
              `over ${draws} draws of ${layers} layers the vector at place ${place + 1} is never further than ${n(found.a.worst)} from the definition, evaluated as it is written`,
            (n) =>
              `sur ${draws} tirages de ${layers} couches, le vecteur de la place ${place + 1} n’est jamais à plus de ${n(found.a.worst)} de la définition, calculée telle qu’elle est écrite`,
          ),
          numbers: { worst: found.a.worst, draws },
        },
      ],
      options: [option('a'), option('b'), option('c')],
    }
  },
}

/** Softmax: every row of attention weights sums to one, and none is below zero. */
export const rowsSumToOne: Claim = {
  name: 'rows-sum-to-one',
  statement: {
    en: 'under softmax the weights of every query sum to one',
    fr: 'sous softmax, les poids de chaque requête ont pour somme un',
  },
  async run(ground) {
    const { device, sizes, sentence, seed } = ground
    const layer = ground.layer(plainLayer(ground))
    const X = new Random(seed, 'X').normals(
      [ground.slow ? 500 : 50, sentence.length, sizes.dModel],
      device.dtype,
    )
    const { weights } = await layer.forward(X, { want: { weights: true } }).read()
    const all = Float64Array.from(weights?.data ?? [])
    const sums: number[] = []
    for (let n = 0; n < all.length; n += sentence.length)
      sums.push(all.slice(n, n + sentence.length).reduce((sum, weight) => sum + weight, 0))
    const worst = largestDifference(sums, new Float64Array(sums.length).fill(1))
    const least = all.reduce((m, weight) => Math.min(m, weight), Infinity)
    return {
      findings: [
        {
          holds: sums.length > 0 && worst < ground.tolerance && least >= 0,
          text: both(
            (n) =>
              `${sums.length} rows of weights: the furthest from one by ${n(worst)}, the smallest weight ${n(least)}`,
            (n) =>
              `${sums.length} lignes de poids : au plus à ${n(worst)} de un, le plus petit poids ${n(least)}`,
          ),
          numbers: { rows: sums.length, worst, least },
        },
      ],
    }
  },
}
