import { inner } from '../mechanism/matrix.ts'
import { relative, sinusoidal } from '../mechanism/position.ts'
import { Tensor } from '../tensor.ts'
import { type AnyLayer, type ClaimSetup, claim, type Evidence, SENTENCE } from './claim.ts'
import { finding, optionsOf, sentence, subscript, superscript } from './finding.ts'
import { embeddings, indexOfLargest, largestDifference, projected } from './numbers.ts'
import { equalPositions } from './order.ts'

/** Question 4: A(q³, …) belongs to the word that asks, the one at position 3. */
export const contextualEmbedding = claim(
  'contextual-embedding',
  'A(q³, {k, v}) is the contextual embedding of the «été» at the first position',
  'A(q³, {k, v}) est le vecteur contextuel du premier « été »',
  async (setup) => {
    const [first, second] = equalPositions(setup.sentence)[0] ?? [0, setup.sentence.length - 1]
    const layer = setup.layer()
    const X = embeddings(setup)
    const vectors = setup.normals('another query', [1, setup.sizes.dQuery])
    const vectorAt = async (t: number, by: AnyLayer, replaced?: number): Promise<Float64Array> => {
      const options = replaced === undefined ? {} : { queries: { at: [replaced], vectors } }
      const { context } = await by.forward(X, options).read()
      return Float64Array.from(context.slice(t).data)
    }
    const before = await vectorAt(first, layer)
    const byOther = largestDifference(await vectorAt(first, layer, second), before)
    const byOwn = largestDifference(await vectorAt(first, layer, first), before)
    const withoutPositions = largestDifference(before, await vectorAt(second, layer))
    const positioned = setup.layer({ position: sinusoidal }, 'positioned ')
    const withPositions = largestDifference(
      await vectorAt(first, positioned),
      await vectorAt(second, positioned),
    )
    const word = setup.sentence[first]
    const words = { word, i: first + 1, j: second + 1, q: `q${superscript(first + 1)}` }
    const measured = (holds: boolean, en: string, fr: string) =>
      finding(holds, en, fr, { byOther, byOwn }, words)
    const own = byOther === 0 && byOwn > 0
    const twins = () =>
      finding(
        withoutPositions === 0 && withPositions > 1e-3,
        '«{word}» stands at {i} and {j} as the same row of X: the two vectors have equal numbers (difference {withoutPositions}), until positions part them ({withPositions})',
        '« {word} » est aux positions {i} et {j}, même ligne de X : les deux vecteurs ont les mêmes nombres (différence {withoutPositions}), jusqu’à ce que des positions les séparent ({withPositions})',
        { withoutPositions, withPositions },
        words,
      )
    return {
      findings: [
        measured(
          own,
          'another query at position {j} moves A({q}) by {byOther}; at position {i} by {byOwn}',
          'une autre requête à la position {j} déplace A({q}) de {byOther} ; à la position {i}, de {byOwn}',
        ),
        ...(word === setup.sentence[second] && first !== second ? [twins()] : []),
      ],
      options: optionsOf('a', [
        measured(
          own,
          'position {i}: only the query of position {i} moves it',
          'position {i} : seule la requête de la position {i} le déplace',
        ),
        measured(
          byOther > 0,
          'position {j}: the query of position {j} moves it by {byOther}',
          'position {j} : la requête de la position {j} le déplace de {byOther}',
        ),
        measured(
          byOther > 0 && byOwn > 0,
          "both: it would have to move with either query; where its numbers equal the other's, it is another vector all the same",
          'les deux : il devrait bouger avec chaque requête ; là où ses nombres égalent ceux de l’autre, c’est tout de même un autre vecteur',
        ),
      ]),
    }
  },
)

/** Index of the word whose query is replaced, q³, and of the last word. */
const [ASKING, LAST] = [2, SENTENCE.length - 1]

/** Over random layers and queries: how often the highest weight stands where q·k is highest. */
async function pointing(
  setup: ClaimSetup,
): Promise<{ agree: number; draws: number; winners: Record<string, number> }> {
  const draws = setup.slow ? 1000 : 100
  const X = embeddings({ ...setup, sentence: SENTENCE })
  // by word, for equal words tie
  const winners = Object.fromEntries(SENTENCE.map((word) => [word, 0]))
  let agree = 0
  for (let n = 0; n < draws; n++) {
    const layer = setup.layer({}, `${n} `)
    const vectors = setup.normals(`question ${n}`, [1, setup.sizes.dQuery], 3)
    const weights = await queryWeights(layer, X, vectors)
    const scores = projected(X, await setup.device.read(layer.parameters.W_K)).map((key) =>
      inner(vectors.data, key),
    )
    const best = indexOfLargest(weights)
    if (Math.max(...scores) - scores[best] <= 1e-6 * Math.max(1, ...scores.map(Math.abs))) agree++
    winners[SENTENCE[best]]++
  }
  return { agree, draws, winners }
}

/** The weights of q³ when a question's query replaces it. */
async function queryWeights(layer: AnyLayer, X: Tensor, vectors: Tensor): Promise<number[]> {
  const { weights } = await layer
    .forward(X, { queries: { at: [ASKING], vectors }, want: { weights: { rows: [ASKING] } } })
    .read()
  if (!weights) throw new Error('it gave no weights, though they were wanted')
  return [...weights.data]
}

/**
 * Keys made by hand on two axes, what happens and when: «entarté» is (1, 0), «été» (0, 1), the
 * others (0, 0).
 */
const AXES: Readonly<Record<string, readonly number[]>> = { entarté: [1, 0], été: [0, 1] }

/** The weights of q³ over one-hot words and keys by hand, when it points along an axis. */
async function byHand(
  setup: ClaimSetup,
  question: readonly number[],
  laterBias = 0,
): Promise<number[]> {
  const { device } = setup
  const words = [...new Set(SENTENCE)]
  const D = words.length
  const X = Tensor.zeros([SENTENCE.length, D], device.dtype)
  SENTENCE.forEach((word, t) => {
    X.data[t * D + words.indexOf(word)] = 1
  })
  const sizes = { dModel: D, dQuery: 2, dKey: 2, dValue: 2 }
  const layer = setup.layer(
    { ...sizes, ...(laterBias ? { position: relative(LAST) } : {}) },
    'by hand ',
  )
  const keys = words.flatMap((word) => AXES[word] ?? [0, 0])
  device.write(layer.parameters.W_K, new Tensor([D, 2], Float64Array.from(keys)))
  if (laterBias) {
    const bias = Float64Array.from({ length: 2 * LAST + 1 }, (_, n) => (n > LAST ? laterBias : 0))
    device.write(layer.parameters['position.bias'], new Tensor([1, bias.length], bias))
  }
  return queryWeights(layer, X, new Tensor([1, 2], Float64Array.from(question)))
}

/**
 * One question about Tom, along an axis: which of α_1, α_4 and α_T is highest when q³ represents
 * it?
 *
 * @param right the index of the word that answers
 */
async function questionEvidence(
  setup: ClaimSetup,
  axis: readonly number[],
  right: number,
): Promise<Evidence> {
  const { agree, draws, winners } = await pointing(setup)
  const won = Object.entries(winners).map(([word, times]) => `${word}\u00a0${times}`)
  const weights = await byHand(setup, axis)
  const indices = [0, 3, LAST]
  const best = indices[indexOfLargest(indices.map((t) => weights[t]))]
  const listed = weights
    .map((_, t) => `α${subscript(t + 1)}\u00a0${SENTENCE[t]}\u00a0{${t}}`)
    .join(' · ')
  const nameOf = (t: number): string => (t === LAST ? 'α_T' : `α${subscript(t + 1)}`)
  const option = (t: number) => {
    const [en, fr] =
      t === best
        ? [', the highest of the three', ', le plus haut des trois']
        : [', where {top} = {highest}', ', alors que {top} = {highest}']
    const numbers = { weight: weights[t], highest: weights[best] }
    const names = { name: nameOf(t), top: nameOf(best) }
    return finding(t === best, `{name} = {weight}${en}`, `{name} = {weight}${fr}`, numbers, names)
  }
  return {
    findings: [
      finding(
        agree === draws,
        'to represent a question is to point at a key: in {agree} of {draws} random layers and questions the highest weight stands where q³·kʲ is highest ({won}; the two «été» tie)',
        'représenter une question, c’est pointer une clé : dans {agree} tirages sur {draws}, le poids le plus haut est là où q³·kʲ est le plus haut ({won} ; les deux « été » sont à égalité)',
        { agree, draws, ...winners },
        { won: won.join(' · ') },
      ),
      finding(
        best === right,
        'keys made by hand, «entarté» (1, 0), «été» (0, 1), q³ = ({axis}): {list}',
        'des clés faites à la main, « entarté » (1, 0), « été » (0, 1), q³ = ({axis}) : {list}',
        { weights, query: axis },
        {
          axis: axis.join(', '),
          list: sentence(listed, listed, Object.fromEntries(weights.entries())),
        },
      ),
    ],
    options: optionsOf('abc'[indices.indexOf(right)], indices.map(option)),
  }
}

/** Question 5: «What happened to Tom?» points at «entarté». */
export const questionWhat = claim(
  'question-what',
  'if q³ represents «What happened to Tom?», α₄ is the highest weight',
  'si q³ représente « Qu’est-il arrivé à Tom ? », α₄ est le poids le plus haut',
  (setup) => questionEvidence(setup, [6, 0], 3),
)

/**
 * Question 6: «When does that happen to Tom?» points at the last «été», which only positions tell
 * from the first.
 */
export const questionWhen = claim(
  'question-when',
  'if q³ represents «When does that happen to Tom?», α_T is the highest of α₁, α₄ and α_T',
  'si q³ représente « Quand cela arrive-t-il à Tom ? », α_T est le plus haut de α₁, α₄ et α_T',
  async (setup) => {
    const tied = await byHand(setup, [0, 6])
    const weights = await byHand(setup, [0, 6], 2)
    const tie = Math.abs(tied[ASKING] - tied[LAST])
    const { findings, options = [] } = await questionEvidence(setup, [0, 6], LAST)
    return {
      findings: [
        ...findings,
        finding(
          tie === 0,
          `without positions k³ = k⁶, so α₃ and α_T tie: their difference is ${tie === 0 ? 'exactly ' : ''}{tie}`,
          `sans positions k³ = k⁶, donc α₃ et α_T sont à égalité : leur différence est ${tie === 0 ? 'exactement ' : ''}{tie}`,
          { tie },
        ),
        finding(
          indexOfLargest(weights) === LAST && weights[LAST] > weights[ASKING],
          'relative positions end the tie: with a bias of 2 for keys that come later, α_T\u00a0=\u00a0{later} and α₃\u00a0=\u00a0{earlier}',
          'des positions relatives y mettent fin : avec un biais de 2 pour les clés qui suivent, α_T\u00a0=\u00a0{later} et α₃\u00a0=\u00a0{earlier}',
          { weights },
          { later: weights[LAST], earlier: weights[ASKING] },
        ),
      ],
      options,
    }
  },
)
