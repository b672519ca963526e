import { inner } from '../mechanism/matrix.ts'
import { relative, sinusoidal } from '../mechanism/position.ts'
import { Random } from '../random.ts'
import { Tensor } from '../tensor.ts'
import {
  type AnyLayer,
  type Claim,
  type ClaimSetup,
  type Evidence,
  type Finding,
  type LocalizedText,
  type OptionFinding,
  plainLayer,
  SENTENCE,
} from './claim.ts'
import { equalPlaces } from './order.ts'
import {
  both,
  embeddings,
  largestDifference,
  placeOfLargest,
  projected,
  subscript,
  superscript,
} from './words.ts'

/** Question 4: A(q³, …) belongs to the word that asks, the one in place 3. */
export const contextualEmbedding: Claim = {
  name: 'contextual-embedding',
  question: 4,
  statement: {
    en: 'A(q³, {k, v}) is the contextual embedding of the «été» in the first place',
    fr: 'A(q³, {k, v}) est le vecteur contextuel du premier « été »',
  },
  async run(ground) {
    const { sentence, device, seed, sizes } = ground
    const [first, second] = equalPlaces(sentence)[0] ?? [0, sentence.length - 1]
    const layer = ground.layer(plainLayer(ground))
    const X = embeddings(ground)
    const vectorAt = async (place: number, by: AnyLayer, asked?: number): Promise<Float64Array> => {
      const vectors = new Random(seed, 'another query').normals([1, sizes.dQuery], device.dtype)
      const { context } = await by
        .forward(X, asked === undefined ? {} : { queries: { at: [asked], vectors } })
        .read()
      return Float64Array.from(context.slice(place).data)
    }
    const before = await vectorAt(first, layer)
    const byOther = largestDifference(await vectorAt(first, layer, second), before)
    const byOwn = largestDifference(await vectorAt(first, layer, first), before)
    const equal = largestDifference(before, await vectorAt(second, layer))
    const positioned = ground.layer({ ...plainLayer(ground), position: sinusoidal }, 'positioned ')
    const parted = largestDifference(
      await vectorAt(first, positioned),
      await vectorAt(second, positioned),
    )
    const same = sentence[first] === sentence[second] && first !== second
    return placeEvidence({
      word: sentence[first],
      first,
      second,
      byOther,
      byOwn,
      equal,
      parted,
      same,
    })
  },
}

interface PlaceNumbers {
  readonly word: string
  readonly first: number
  readonly second: number
  /** How far A(q^first) moves when the query of `second`, or its own, is another. */
  readonly byOther: number
  readonly byOwn: number
  readonly equal: number
  readonly parted: number
  readonly same: boolean
}

function placeEvidence({
  word,
  first,
  second,
  byOther,
  byOwn,
  equal,
  parted,
  same,
}: PlaceNumbers): Evidence {
  const [i, j] = [first + 1, second + 1]
  const twins: Finding = {
    holds: equal === 0 && parted > 1e-3,
    text: both(
      (n) =>
        `«${word}» stands at ${i} and ${j} as the same row of X: the two vectors have equal numbers (difference ${n(equal)}), until positions part them (${n(parted)})`,
      (n) =>
        `« ${word} » est aux places ${i} et ${j}, même ligne de X : les deux vecteurs ont les mêmes nombres (différence ${n(equal)}), jusqu’à ce que des positions les séparent (${n(parted)})`,
    ),
    numbers: { withoutPositions: equal, withPositions: parted },
  }
  const option = (name: string, holds: boolean, text: LocalizedText): OptionFinding => ({
    option: name,
    right: name === 'a',
    holds,
    text,
    numbers: { byOther, byOwn },
  })
  const owned: LocalizedText = both(
    (n) =>
      `another query at place ${j} moves A(q${superscript(i)}) by ${n(byOther)}; at place ${i} by ${n(byOwn)}`,
    (n) =>
      `une autre requête à la place ${j} déplace A(q${superscript(i)}) de ${n(byOther)} ; à la place ${i}, de ${n(byOwn)}`,
  )
  return {
    findings: [
      { holds: byOther === 0 && byOwn > 0, text: owned, numbers: { byOther, byOwn } },
      ...(same ? [twins] : []),
    ],
    options: [
      option('a', byOther === 0 && byOwn > 0, {
        en: `place ${i}: only the query of place ${i} moves it`,
        fr: `place ${i} : seule la requête de la place ${i} le déplace`,
      }),
      option(
        'b',
        byOther > 0,
        both(
          (n) => `place ${j}: the query of place ${j} moves it by ${n(byOther)}`,
          (n) => `place ${j} : la requête de la place ${j} le déplace de ${n(byOther)}`,
        ),
      ),
      option('c', byOther > 0 && byOwn > 0, {
        en: `both: it would have to move with either query; where its numbers equal the other's, it is another vector all the same`,
        fr: `les deux : il devrait bouger avec chaque requête ; là où ses nombres égalent ceux de l’autre, c’est tout de même un autre vecteur`,
      }),
    ],
  }
}

/** Place of q³. */
const ASKING = 2

/** Over random layers and queries: how often the highest weight stands where q·k is highest. */
async function pointing(
  setup: ClaimSetup,
): Promise<{ agree: number; draws: number; winners: Record<string, number> }> {
  const { device, seed, sizes } = setup
  const layers = setup.slow ? 1000 : 100
  const X = embeddings({ ...setup, sentence: SENTENCE })
  // by word, for equal words tie
  const winners = Object.fromEntries(SENTENCE.map((word) => [word, 0]))
  let agree = 0
  for (let n = 0; n < layers; n++) {
    const layer = setup.layer(plainLayer(setup), `${n} `)
    const vectors = new Random(seed, `question ${n}`).normals([1, sizes.dQuery], device.dtype, 3)
    const weights = await askedWeights(layer, X, vectors)
    const scores = projected(X, await device.read(layer.parameters.W_K)).map((key) =>
      inner(vectors.data, key),
    )
    const best = placeOfLargest(weights)
    if (Math.max(...scores) - scores[best] <= 1e-6 * Math.max(1, ...scores.map(Math.abs))) agree++
    winners[SENTENCE[best]]++
  }
  return { agree, draws: layers, winners }
}

/** The weights of q³ when a question stands in its place. */
async function askedWeights(layer: AnyLayer, X: Tensor, vectors: Tensor): Promise<Float64Array> {
  const { weights } = await layer
    .forward(X, { queries: { at: [ASKING], vectors }, want: { weights: { rows: [ASKING] } } })
    .read()
  if (!weights) throw new Error('it gave no weights, though they were wanted')
  return Float64Array.from(weights.data)
}

/**
 * Keys made by hand on two axes, what happens and when: «entarté» is (1, 0), «été» (0, 1), the
 * others (0, 0).
 */
const AXES: Readonly<Record<string, readonly [number, number]>> = { entarté: [1, 0], été: [0, 1] }

/** The weights of q³ over one-hot words and keys by hand, when it points along an axis. */
async function byHand(
  setup: ClaimSetup,
  question: readonly [number, number],
  laterBias = 0,
): Promise<Float64Array> {
  const { device } = setup
  const words = [...new Set(SENTENCE)]
  const X = Tensor.zeros([SENTENCE.length, words.length], device.dtype)
  SENTENCE.forEach((word, t) => {
    X.data[t * words.length + words.indexOf(word)] = 1
  })
  const clip = SENTENCE.length - 1
  const options = {
    dModel: words.length,
    dQuery: 2,
    dKey: 2,
    dValue: 2,
    ...(laterBias ? { position: relative(clip) } : {}),
  }
  const layer = setup.layer(options, 'by hand ')
  const keys = words.flatMap((word) => [...(AXES[word] ?? [0, 0])])
  device.write(layer.parameters.W_K, new Tensor([words.length, 2], Float64Array.from(keys)))
  if (laterBias) {
    const bias = Float64Array.from({ length: 2 * clip + 1 }, (_, n) => (n > clip ? laterBias : 0))
    device.write(layer.parameters['position.bias'], new Tensor([1, bias.length], bias))
  }
  return askedWeights(layer, X, new Tensor([1, 2], Float64Array.from(question)))
}

const listed = (weights: Float64Array): LocalizedText => {
  const list = (n: (value: number) => string): string =>
    [...weights]
      .map((weight, j) => `α${subscript(j + 1)}\u00a0${SENTENCE[j]}\u00a0${n(weight)}`)
      .join(' · ')
  return both(list, list)
}

/** One question about Tom: which of α_1, α_4 and α_T is highest when q³ stands for it. */
interface Asked {
  readonly axis: readonly [number, number]
  /** The place that is right, from 0. */
  readonly right: number
}

async function questionEvidence(
  setup: ClaimSetup,
  { axis, right }: Asked,
  more: readonly Finding[],
): Promise<Evidence> {
  const { agree, draws, winners } = await pointing(setup)
  const won = Object.entries(winners)
    .map(([word, times]) => `${word}\u00a0${times}`)
    .join(' · ')
  const weights = await byHand(setup, axis)
  const places = [0, 3, SENTENCE.length - 1]
  const best = places[placeOfLargest(places.map((place) => weights[place]))]
  const list = listed(weights)
  const name = (place: number): string =>
    place === SENTENCE.length - 1 ? 'α_T' : `α${subscript(place + 1)}`
  const option = (place: number, n: number): OptionFinding => ({
    option: 'abc'[n],
    right: place === right,
    holds: place === best,
    text: both(
      (f) =>
        `${name(place)} = ${f(weights[place])}${place === best ? ', the highest of the three' : `, where ${name(best)} = ${f(weights[best])}`}`,
      (f) =>
        `${name(place)} = ${f(weights[place])}${place === best ? ', le plus haut des trois' : `, alors que ${name(best)} = ${f(weights[best])}`}`,
    ),
    numbers: { weight: weights[place], highest: weights[best] },
  })
  return {
    findings: [
      {
        holds: agree === draws,
        text: {
          en: `to represent a question is to point at a key: in ${agree} of ${draws} random layers and questions the highest weight stands where q³·kʲ is highest (${won}; the two «été» tie)`,
          fr: `représenter une question, c’est pointer une clé : dans ${agree} tirages sur ${draws}, le poids le plus haut est là où q³·kʲ est le plus haut (${won} ; les deux « été » sont à égalité)`,
        },
        numbers: { agree, draws, ...winners },
      },
      {
        holds: best === right,
        text: {
          en: `keys made by hand, «entarté» (1, 0), «été» (0, 1), q³ = (${axis.join(', ')}): ${list.en}`,
          fr: `des clés faites à la main, « entarté » (1, 0), « été » (0, 1), q³ = (${axis.join(', ')}) : ${list.fr}`,
        },
        numbers: { weights: [...weights], query: axis },
      },
      ...more,
    ],
    options: places.map(option),
  }
}

/** Question 5: «What happened to Tom?» points at «entarté». */
export const questionWhat: Claim = {
  name: 'question-what',
  question: 5,
  statement: {
    en: 'if q³ represents «What happened to Tom?», α₄ is the highest weight',
    fr: 'si q³ représente « Qu’est-il arrivé à Tom ? », α₄ est le poids le plus haut',
  },
  run: (ground) => questionEvidence(ground, { axis: [6, 0], right: 3 }, []),
}

/**
 * Question 6: «When does that happen to Tom?» points at the last «été», which only positions tell
 * from the first.
 */
export const questionWhen: Claim = {
  name: 'question-when',
  question: 6,
  statement: {
    en: 'if q³ represents «When does that happen to Tom?», α_T is the highest of α₁, α₄ and α_T',
    fr: 'si q³ représente « Quand cela arrive-t-il à Tom ? », α_T est le plus haut de α₁, α₄ et α_T',
  },
  async run(ground) {
    const last = SENTENCE.length - 1
    const tied = await byHand(ground, [0, 6])
    const parted = await byHand(ground, [0, 6], 2)
    const tie = Math.abs(tied[ASKING] - tied[last])
    return questionEvidence(ground, { axis: [0, 6], right: last }, [
      {
        holds: tie === 0,
        text: both(
          (n) =>
            `without positions k³ = k⁶, so α₃ and α_T tie: their difference is ${tie === 0 ? 'exactly ' : ''}${n(tie)}`,
          (n) =>
            `sans positions k³ = k⁶, donc α₃ et α_T sont à égalité : leur différence est ${tie === 0 ? 'exactement ' : ''}${n(tie)}`,
        ),
        numbers: { tie },
      },
      {
        holds: placeOfLargest(parted) === last && parted[last] > parted[ASKING],
        text: both(
          (n) =>
            `relative positions end the tie: with a bias of 2 for keys that come later, α_T\u00a0=\u00a0${n(parted[last])} and α₃\u00a0=\u00a0${n(parted[ASKING])}`,
          (n) =>
            `des positions relatives y mettent fin : avec un biais de 2 pour les clés qui suivent, α_T\u00a0=\u00a0${n(parted[last])} et α₃\u00a0=\u00a0${n(parted[ASKING])}`,
        ),
        numbers: { weights: [...parted] },
      },
    ])
  },
}
