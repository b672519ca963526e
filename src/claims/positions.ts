import { documents, window } from '../mechanism/mask.ts'
import { learned, type Position, relative, rotary, sinusoidal } from '../mechanism/position.ts'
import { Random } from '../random.ts'
import { Tensor } from '../tensor.ts'
import { type ClaimSetup, claim, matchesKey } from './claim.ts'
import { finding, optionsOf } from './finding.ts'
import { embeddings, largestDifference, scaleOf } from './numbers.ts'
import { contextOf, extent, flat, inTurn, unweighted, weightsOf } from './scores.ts'

/** Relative positions have 2L + 1 numbers for each head, whatever the text. */
export const relativeCount = claim(
  'relative-count',
  'relative positions clipped at L add h(2L + 1) parameters',
  'des positions relatives bornées à L ajoutent h(2L + 1) paramètres',
  async (setup) => {
    const added = (heads: number, clip: number): number =>
      setup.layer({ heads, position: relative(clip) }).parameterCount -
      setup.layer({ heads }).parameterCount
    const random = new Random(setup.seed, 'clips')
    const clips = Array.from({ length: 30 }, () => [1 + random.integer(4), random.integer(20)])
    const wrong = clips.filter(([heads, clip]) => added(heads, clip) !== heads * (2 * clip + 1))
    const counted = added(3, 4)
    return {
      findings: [
        finding(
          wrong.length === 0 && counted === 27,
          '3 heads and L = 4 add {counted} numbers, one for each offset from −4 to 4 and each head; of {draws} other sizes {right} have h(2L + 1)',
          '3 têtes et L = 4 ajoutent {counted} nombres, un par écart de −4 à 4 et par tête ; de {draws} autres tailles, {right} en ont h(2L + 1)',
          { counted, draws: clips.length, exceptions: wrong.length },
          { right: clips.length - wrong.length },
        ),
      ],
    }
  },
)

/** How many words are put before the text. */
const BEFORE = 5

/**
 * How far the vectors of a text move when it stands five positions further on, behind words that it
 * does not see.
 */
async function movedOn(setup: ClaimSetup, position: Position): Promise<number> {
  const { device } = setup
  const { dModel } = setup.sizes
  const layer = setup.layer({ position }, `${position.name} `)
  const bias = layer.parameters['position.bias']
  if (position.on === 'scores') device.write(bias, setup.normals('bias', bias.shape))
  const X = embeddings(setup)
  const T = X.shape[0]
  const others = setup.normals('before', [BEFORE, dModel])
  const whole = Float64Array.from([...others.data, ...X.data])
  const later = new Tensor([BEFORE + T, dModel], whole).as(device.dtype)
  const mask = documents([...new Array<number>(BEFORE).fill(0), ...new Array<number>(T).fill(1)])
  const before = flat(await contextOf({ layer, X }))
  const after = flat((await contextOf({ layer, X: later }, { mask })).slice(BEFORE))
  return largestDifference(before, after) / scaleOf(before)
}

/**
 * Rotary and relative positions see how far words stand apart; those added to the embeddings see
 * where they stand.
 */
export const movedText = claim(
  'moved-text',
  'under rotary and relative positions a text may move on as a whole; under sinusoidal and learned ones it may not',
  'sous des positions rotatives ou relatives, un texte peut se déplacer en bloc ; sous des positions sinusoïdales ou apprises, non',
  async (setup) => {
    const T = setup.sentence.length
    const all = [rotary(), relative(4), sinusoidal, learned(T + BEFORE)]
    const option = async (position: Position) => {
      const moved = await movedOn(setup, position)
      return finding(
        moved < setup.tolerance,
        '{name}: the vectors of the words move by {moved}',
        '{name} : les vecteurs des mots bougent de {moved}',
        { moved },
        { name: position.name },
      )
    }
    const options = optionsOf('ab', await inTurn(all, option))
    return {
      findings: [
        finding(
          matchesKey(options),
          '«{sentence}» at positions 1 to {T}, and {before} positions further on, behind words that a mask hides',
          '« {sentence} » aux positions 1 à {T}, puis {before} positions plus loin, derrière des mots qu’un masque cache',
          { before: BEFORE },
          { sentence: setup.sentence.join(' '), T },
        ),
      ],
      options,
    }
  },
)

/** Rotary positions turn queries and keys, and leave values as they are. */
export const rotaryPositions = claim(
  'rotary-places',
  'rotary positions turn queries and keys, never values',
  'les positions rotatives tournent les requêtes et les clés, jamais les valeurs',
  async (setup) => {
    const { dModel } = setup.sizes
    const T = setup.sentence.length
    const word = setup.normals('word', [dModel]).data
    const repeated = Float64Array.from({ length: T * dModel }, (_, n) => word[n % dModel])
    const X = new Tensor([T, dModel], repeated)
    const config = { dQuery: 4, dKey: 4, position: rotary() }
    const S = await weightsOf({ layer: setup.layer({ ...config, distribution: unweighted }), X })
    // a word that sees itself alone gets its own value
    const alone = await contextOf({ layer: setup.layer(config), X }, { mask: window(0, 0) })
    const spreadOf = (values: readonly number[]): number => {
      const [least, most] = extent(values)
      return most - least
    }
    const byQuery = spreadOf(S.map((row) => row[0]))
    const byKey = spreadOf([...S[0]])
    const byValue = Math.max(...alone.map((value) => largestDifference(value, alone[0])))
    const option = (symbol: string, spread: number) =>
      finding(
        spread > 1e-3,
        `${symbol}: from position to position what depends on it moves by {spread}`,
        `${symbol} : d’une position à l’autre, ce qui en dépend bouge de {spread}`,
        { spread },
      )
    return {
      findings: [
        finding(
          byQuery > 1e-3 && byKey > 1e-3 && byValue === 0,
          '{T} times the same word: its scores spread by {byQuery} over the positions of the query and by {byKey} over those of the key, its value by {byValue}',
          '{T} fois le même mot : ses scores s’étalent de {byQuery} selon la position de la requête et de {byKey} selon celle de la clé, sa valeur de {byValue}',
          { byQuery, byKey, byValue },
          { T },
        ),
      ],
      options: optionsOf('ab', [option('qᵗ', byQuery), option('kᵗ', byKey), option('vᵗ', byValue)]),
    }
  },
)
