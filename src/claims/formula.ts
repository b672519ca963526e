import { exp } from '../elementary.ts'
import { addScaled, inner } from '../mechanism/matrix.ts'
import { type ClaimSetup, claim } from './claim.ts'
import { finding, optionsOf } from './finding.ts'
import { largestDifference, projected, scaleOf } from './numbers.ts'
import { extent, inTurn, sumOf, weightsOf } from './scores.ts'

/** Vectors of the words of one text. */
type Vectors = readonly Float64Array[]

/**
 * Σₜ wₜ vᵗ with wₜ = e^{qᵗ·kᵗ/scale} / Σⱼ e^{qᵗ·kʲ/scale}, as written, and Σₜ wₜ.
 *
 * @param q the query against which each key is scored
 */
function expression(q: Vectors, k: Vectors, v: Vectors, scale: number) {
  const weights = q.map((query, t) => {
    const powers = k.map((key) => exp(inner(query, key) / scale))
    return powers[t] / sumOf(powers)
  })
  const context = new Float64Array(v[0].length)
  weights.forEach((weight, t) => {
    addScaled(context, weight, v[t])
  })
  return { sum: sumOf(weights), context }
}

/** How far an expression lies from the layer, at most, and between what its weights sum. */
interface Spread {
  worst: number
  least: number
  most: number
}

/**
 * The distance of each expression of question 3 from the layer's vector at `place`, over random
 * layers and texts.
 */
async function compare(
  setup: ClaimSetup,
  position: number,
  [layers, texts]: readonly [number, number],
): Promise<Spread[]> {
  const { device, sizes, sentence, normals } = setup
  const found = [0, 1, 2].map(() => ({ worst: 0, least: Infinity, most: -Infinity }))
  for (let n = 0; n < layers; n++) {
    const layer = setup.layer({}, `${n} `)
    const X = normals(`X ${n}`, [texts, sentence.length, sizes.dModel])
    const { context } = await layer.forward(X).read()
    const W = await inTurn(['W_Q', 'W_K', 'W_V'], (name) => device.read(layer.parameters[name]))
    for (let text = 0; text < texts; text++) {
      const [q, k, v] = W.map((matrix) => projected(X.slice(text), matrix))
      const vector = context.slice(text).slice(position).data
      const root = Math.sqrt(q[0].length)
      const expressions = [
        expression(
          k.map(() => q[position]),
          k,
          v,
          root,
        ),
        expression(q, k, v, root),
        expression(q, k, v, 1),
      ]
      expressions.forEach(({ sum, context: expected }, option) => {
        const { worst, least, most } = found[option]
        const difference = largestDifference(expected, vector) / scaleOf(vector)
        found[option] = {
          worst: Math.max(worst, difference),
          least: Math.min(least, sum),
          most: Math.max(most, sum),
        }
      })
    }
  }
  return found
}

const byOwnQuery = (en: string, fr: string): readonly [string, string] => [
  `each key by its own query${en}: up to {worst} from the layer; its «weights» sum to anything from {leastSum} to {mostSum}`,
  `chaque clé par sa propre requête${fr} : jusqu’à {worst} de la couche ; ses « poids » ont une somme quelconque, de {leastSum} à {mostSum}`,
]

/** The expressions of question 3 in words. */
const EXPRESSIONS: readonly (readonly [string, string])[] = [
  [
    'the query q³ against every key: at most {worst} from the layer over {draws} draws; its weights sum to 1, to within {within}',
    'la requête q³ contre chaque clé : à {worst} au plus de la couche sur {draws} tirages ; ses poids ont pour somme 1, à {within} près',
  ],
  byOwnQuery('', ''),
  byOwnQuery(', unscaled', ', sans échelle'),
]

/**
 * Question 3: A(q^3, {k, v}) is what its definition says, and neither of the expressions that score
 * each key by its own query.
 */
export const attentionFormula = claim(
  'attention-formula',
  'A(q³, {k, v}) = Σₜ exp(q³·kᵗ/√d_k) / Σₜ′ exp(q³·kᵗ′/√d_k) · vᵗ',
  'A(q³, {k, v}) = Σₜ exp(q³·kᵗ/√d_k) / Σₜ′ exp(q³·kᵗ′/√d_k) · vᵗ',
  async (setup) => {
    const position = Math.min(2, setup.sentence.length - 1)
    const [layers, texts] = [setup.slow ? 200 : 20, 50]
    const spreads = await compare(setup, position, [layers, texts])
    const draws = layers * texts
    const { worst } = spreads[0]
    return {
      findings: [
        finding(
          worst < setup.tolerance,
          'over {draws} draws of {layers} layers the vector at position {position} is never further than {worst} from the definition, evaluated as it is written',
          'sur {draws} tirages de {layers} couches, le vecteur de la position {position} n’est jamais à plus de {worst} de la définition, calculée telle qu’elle est écrite',
          { worst, draws },
          { layers, position: position + 1 },
        ),
      ],
      options: optionsOf(
        'a',
        spreads.map(({ worst, least, most }, n) =>
          finding(
            worst < setup.tolerance,
            ...EXPRESSIONS[n],
            { worst, leastSum: least, mostSum: most, draws },
            { within: Math.max(most - 1, 1 - least) },
          ),
        ),
      ),
    }
  },
)

/** Softmax: every row of attention weights sums to one, and none is below zero. */
export const rowsSumToOne = claim(
  'rows-sum-to-one',
  'under softmax the weights of every query sum to one',
  'sous softmax, les poids de chaque requête ont pour somme un',
  async (setup) => {
    const { sizes, sentence } = setup
    const X = setup.normals('X', [setup.slow ? 500 : 50, sentence.length, sizes.dModel])
    const weights = await weightsOf({ layer: setup.layer(), X })
    const sums = weights.map(sumOf)
    const worst = largestDifference(sums, new Float64Array(sums.length).fill(1))
    const least = Math.min(...weights.map((row) => extent([...row])[0]))
    return {
      findings: [
        finding(
          sums.length > 0 && worst < setup.tolerance && least >= 0,
          '{rows} rows of weights: the furthest from one by {worst}, the smallest weight {least}',
          '{rows} lignes de poids : au plus à {worst} de un, le plus petit poids {least}',
          { rows: sums.length, worst, least },
        ),
      ],
    }
  },
)
