import { documents, window } from '../mechanism/mask.ts'
import { learned, type Position, relative, rotary, sinusoidal } from '../mechanism/position.ts'
import { Random } from '../random.ts'
import { Tensor } from '../tensor.ts'
import {
  asSaid,
  type Claim,
  type ClaimSetup,
  found,
  type OptionFinding,
  plainLayer,
} from './claim.ts'
import { contextOf, extent, unweighted, weightsOf } from './scores.ts'
import { both, embeddings, largestDifference, scaleOf } from './words.ts'

/** Relative positions have 2L + 1 numbers for each head, whatever the text. */
export const relativeCount: Claim = {
  name: 'relative-count',
  statement: {
    en: 'relative positions clipped at L add h(2L + 1) parameters',
    fr: 'des positions relatives bornées à L ajoutent h(2L + 1) paramètres',
  },
  async run(ground) {
    const added = (heads: number, clip: number): number => {
      const options = { ...plainLayer(ground), heads }
      return (
        ground.layer({ ...options, position: relative(clip) }).parameterCount -
        ground.layer(options).parameterCount
      )
    }
    const random = new Random(ground.seed, 'clips')
    const draws = Array.from(
      { length: 30 },
      () => [1 + random.integer(4), random.integer(20)] as const,
    )
    const wrong = draws.filter(([heads, clip]) => added(heads, clip) !== heads * (2 * clip + 1))
    const counted = added(3, 4)
    return {
      findings: [
        {
          holds: wrong.length === 0 && counted === 27,
          text: {
            en: `3 heads and L = 4 add ${counted} numbers, one for each offset from −4 to 4 and each head; of ${draws.length} other sizes ${draws.length - wrong.length} have h(2L + 1)`,
            fr: `3 têtes et L = 4 ajoutent ${counted} nombres, un par écart de −4 à 4 et par tête ; de ${draws.length} autres tailles, ${draws.length - wrong.length} en ont h(2L + 1)`,
          },
          numbers: { counted, draws: draws.length, exceptions: wrong.length },
        },
      ],
    }
  },
}

/** How many words are put before the text. */
const BEFORE = 5

/**
 * How far the vectors of a text move when it stands five places further on, behind words that it
 * does not see.
 */
async function movedOn(setup: ClaimSetup, position: Position): Promise<number> {
  const { device, seed, sizes } = setup
  const layer = setup.layer({ ...plainLayer(setup), position }, `${position.name} `)
  const bias = layer.parameters['position.bias']
  if (position.on === 'scores')
    device.write(bias, new Random(seed, 'bias').normals(bias.shape, device.dtype))
  const X = embeddings(setup)
  const T = X.shape[0]
  const others = new Random(seed, 'before').normals([BEFORE, sizes.dModel], device.dtype)
  const both = new Tensor(
    [BEFORE + T, sizes.dModel],
    Float64Array.from([...others.data, ...X.data]),
  ).as(device.dtype)
  const mask = documents([...new Array<number>(BEFORE).fill(0), ...new Array<number>(T).fill(1)])
  const before = (await contextOf({ layer, X })).flatMap((row) => [...row])
  const after = (await contextOf({ layer, X: both }, { mask }))
    .slice(BEFORE)
    .flatMap((row) => [...row])
  return largestDifference(before, after) / scaleOf(before)
}

/**
 * Rotary and relative positions see how far words stand apart; those added to the embeddings see
 * where they stand.
 */
export const movedText: Claim = {
  name: 'moved-text',
  statement: {
    en: 'under rotary and relative positions a text may move on as a whole; under sinusoidal and learned ones it may not',
    fr: 'sous des positions rotatives ou relatives, un texte peut se déplacer en bloc ; sous des positions sinusoïdales ou apprises, non',
  },
  async run(ground) {
    const option = async (
      name: string,
      right: boolean,
      position: Position,
    ): Promise<OptionFinding> => {
      const moved = await movedOn(ground, position)
      return found(
        name,
        right,
        moved < ground.tolerance,
        both(
          (n) => `${position.name}: the vectors of the words move by ${n(moved)}`,
          (n) => `${position.name} : les vecteurs des mots bougent de ${n(moved)}`,
        ),
        { moved },
      )
    }
    const options = [
      await option('a', true, rotary()),
      await option('b', true, relative(4)),
      await option('c', false, sinusoidal),
      await option('d', false, learned(ground.sentence.length + BEFORE)),
    ]
    return {
      findings: [
        {
          holds: asSaid(options),
          text: {
            en: `«${ground.sentence.join(' ')}» at places 1 to ${ground.sentence.length}, and ${BEFORE} places further on, behind words that a mask hides`,
            fr: `« ${ground.sentence.join(' ')} » aux places 1 à ${ground.sentence.length}, puis ${BEFORE} places plus loin, derrière des mots qu’un masque cache`,
          },
          numbers: { before: BEFORE },
        },
      ],
      options,
    }
  },
}

/** Rotary positions turn queries and keys, and leave values as they are. */
export const rotaryPlaces: Claim = {
  name: 'rotary-places',
  statement: {
    en: 'rotary positions turn queries and keys, never values',
    fr: 'les positions rotatives tournent les requêtes et les clés, jamais les valeurs',
  },
  async run(ground) {
    const { device, seed, sizes } = ground
    const T = ground.sentence.length
    const word = new Random(seed, 'word').normals([sizes.dModel], device.dtype)
    const X = new Tensor(
      [T, sizes.dModel],
      Float64Array.from({ length: T * sizes.dModel }, (_, n) => word.data[n % sizes.dModel]),
    )
    const form = { ...plainLayer(ground), dQuery: 4, dKey: 4, position: rotary() }
    const S = await weightsOf({ layer: ground.layer({ ...form, distribution: unweighted }), X })
    // a word that sees itself alone gets its own value
    const alone = await contextOf({ layer: ground.layer(form), X }, { mask: window(0, 0) })
    const spread = (values: readonly number[]): number => {
      const [least, most] = extent(values)
      return most - least
    }
    const byQuery = spread(S.map((row) => row[0]))
    const byKey = spread([...S[0]])
    const byValue = Math.max(...alone.map((value) => largestDifference(value, alone[0])))
    return {
      findings: [
        {
          holds: byQuery > 1e-3 && byKey > 1e-3 && byValue === 0,
          text: both(
            (n) =>
              `${T} times the same word: its scores spread by ${n(byQuery)} over the places of the query and by ${n(byKey)} over those of the key, its value by ${n(byValue)}`,
            (n) =>
              `${T} fois le même mot : ses scores s’étalent de ${n(byQuery)} selon la place de la requête et de ${n(byKey)} selon celle de la clé, sa valeur de ${n(byValue)}`,
          ),
          numbers: { byQuery, byKey, byValue },
        },
      ],
      options: [
        spreadOption('a', true, byQuery, 'qᵗ'),
        spreadOption('b', true, byKey, 'kᵗ'),
        spreadOption('c', false, byValue, 'vᵗ'),
      ],
    }
  },
}

const spreadOption = (
  option: string,
  right: boolean,
  spread: number,
  symbol: string,
): OptionFinding =>
  found(
    option,
    right,
    spread > 1e-3,
    both(
      (n) => `${symbol}: from place to place what depends on it moves by ${n(spread)}`,
      (n) => `${symbol} : d’une place à l’autre, ce qui en dépend bouge de ${n(spread)}`,
    ),
    { spread },
  )
