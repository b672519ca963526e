import { scaledDot } from '../mechanism/alignments.ts'
import { causal, type Mask } from '../mechanism/mask.ts'
import { map } from '../mechanism/matrix.ts'
import { Random } from '../random.ts'
import {
  type Claim,
  type ClaimSetup,
  type Evidence,
  found,
  type LocalizedText,
  type OptionFinding,
  plainLayer,
  SENTENCE,
} from './claim.ts'
import { contextOf, type Scored, weightsOf } from './scores.ts'
import { both, embeddings, largestDifference } from './words.ts'

/**
 * How far each word's vector lies from the one that it had at its place before, under a causal
 * mask.
 */
async function movedBy(
  setup: ClaimSetup,
  sentence: readonly string[],
  places: readonly number[],
): Promise<number[]> {
  const layer = setup.layer(plainLayer(setup))
  const vectors = (words: readonly string[]) =>
    contextOf({ layer, X: embeddings({ ...setup, sentence: words }) }, { mask: causal() })
  const [before, after] = [await vectors(SENTENCE), await vectors(sentence)]
  return after.map((vector, t) => largestDifference(vector, before[places[t]]))
}

/** An option that says that the vector of one word changes; places from 1. */
function changes(
  setup: ClaimSetup,
  option: string,
  right: boolean,
  [word, place]: readonly [string, number],
  moved: number,
): OptionFinding {
  const holds = moved >= setup.tolerance
  return found(
    option,
    right,
    holds,
    both(
      (n) =>
        holds
          ? `«${word}» (${place}) changes, by ${n(moved)}`
          : `«${word}» (${place}) does not change: the difference is ${n(moved)}`,
      (n) =>
        holds
          ? `« ${word} » (${place}) change, de ${n(moved)}`
          : `« ${word} » (${place}) ne change pas : la différence est ${n(moved)}`,
    ),
    { moved },
  )
}

/** Under a causal mask another word changes its own vector and those of the words after it. */
export const causalChange: Claim = {
  name: 'causal-change',
  statement: {
    en: 'under a causal mask another word changes its own vector and those after it',
    fr: 'sous un masque causal, un autre mot change son propre vecteur et ceux d’après',
  },
  async run(ground) {
    const replaced = SENTENCE.map((word, t) => (t === 3 ? 'puni' : word))
    const moved = await movedBy(ground, replaced, [0, 1, 2, 3, 4, 5])
    const past = Math.max(...moved.slice(0, 3))
    return {
      findings: [
        {
          holds: past === 0 && moved.slice(3).every((change) => change >= ground.tolerance),
          text: both(
            (n) =>
              `«puni» for «entarté»: the vectors of the six words change by ${moved.map(n).join(', ')}`,
            (n) =>
              `« puni » au lieu de « entarté » : les vecteurs des six mots changent de ${moved.map(n).join(' ; ')}`,
          ),
          numbers: { moved },
        },
      ],
      options: [
        changes(ground, 'a', false, ['été', 3], moved[2]),
        changes(ground, 'b', true, ['puni', 4], moved[3]),
        changes(ground, 'c', true, ['cet', 5], moved[4]),
        changes(ground, 'd', true, ['été', 6], moved[5]),
      ],
    }
  },
}

/** A causal mask takes account of order by what each word may see, and of nothing else. */
export const causalOrder: Claim = {
  name: 'causal-order',
  statement: {
    en: 'a causal mask tells which words came before, not in what order they came',
    fr: 'un masque causal dit quels mots sont venus avant, pas dans quel ordre',
  },
  async run(ground) {
    const swapped = [SENTENCE[1], SENTENCE[0], ...SENTENCE.slice(2)]
    const moved = await movedBy(ground, swapped, [1, 0, 2, 3, 4, 5])
    const [a, Tom, ...later] = moved
    const still = Math.max(...later)
    return {
      findings: [
        {
          holds: still < ground.tolerance && Math.min(a, Tom) >= ground.tolerance,
          text: both(
            (n) =>
              `«a Tom été …» for «Tom a été …», without positions: «Tom» now sees «a», «a» no longer sees «Tom», and they change by ${n(Tom)} and ${n(a)}; the four words after them see the same words as before and change by ${n(still)}`,
            (n) =>
              `« a Tom été … » au lieu de « Tom a été … », sans positions : « Tom » voit désormais « a », « a » ne voit plus « Tom », et ils changent de ${n(Tom)} et ${n(a)} ; les quatre mots suivants voient les mêmes mots qu’avant et changent de ${n(still)}`,
          ),
          numbers: { moved },
        },
      ],
      options: [
        changes(ground, 'a', true, ['Tom', 2], Tom),
        changes(ground, 'b', true, ['a', 1], a),
        changes(ground, 'c', false, ['entarté', 4], moved[3]),
        changes(ground, 'd', false, ['été', 6], moved[5]),
      ],
    }
  },
}

/**
 * How many pairs of words T words have under a causal mask, and under one that looks two places
 * back.
 */
export const causalCount: Claim = {
  name: 'causal-count',
  statement: {
    en: 'under a causal mask T(T + 1)/2 of the T² weights are open; a window leaves fewer',
    fr: 'un masque causal laisse T(T + 1)/2 des T² poids ; une fenêtre en laisse moins',
  },
  async run(ground) {
    const T = ground.sentence.length
    const X = new Random(ground.seed, 'X').normals([T, ground.sizes.dModel], ground.device.dtype)
    const open = async (mask: Mask): Promise<number> => {
      const weights = await weightsOf({ layer: ground.layer(plainLayer(ground)), X }, { mask })
      return weights.reduce((count, row) => count + row.filter((weight) => weight > 0).length, 0)
    }
    const [all, windowed] = [await open(causal()), await open(causal({ window: 2 }))]
    const expected = Array.from({ length: T }, (_, i) => Math.min(i + 1, 3)).reduce(
      (sum, keys) => sum + keys,
      0,
    )
    return {
      findings: [
        {
          holds: all === (T * (T + 1)) / 2 && windowed === expected,
          text: {
            en: `${T} words: ${all} weights above 0 under a causal mask, ${windowed} where a word sees itself and at most the two before it`,
            fr: `${T} mots : ${all} poids au-dessus de 0 sous un masque causal, ${windowed} si un mot voit lui-même et au plus les deux d’avant`,
          },
          numbers: { words: T, causal: all, windowed },
        },
      ],
    }
  },
}

/** Words that the text has, and words that only fill its row of the batch. */
const [SHOWN, HIDDEN] = [4, 2]

/** A mask by addition: −10⁹ joins the scores of the hidden words. */
const added: typeof scaledDot = {
  ...scaledDot,
  name: 'scaledDot less 10⁹',
  scores: (block) =>
    map(scaledDot.scores(block), (s, n) => (n % block.K.rows < SHOWN ? s : s - 1e9)),
}

/**
 * Words beyond a text's end are left out, whatever their rows hold: other numbers, or none at all.
 */
export const paddingHidden: Claim = {
  name: 'hidden-words',
  statement: {
    en: 'what stands beyond a text’s end changes no bit of its vectors, be it NaN',
    fr: 'ce qui suit la fin d’un texte ne change aucun bit de ses vecteurs, fût-ce NaN',
  },
  async run(ground) {
    const { device, seed, sizes } = ground
    const layer = ground.layer(plainLayer(ground))
    const adding = ground.layer({ ...plainLayer(ground), alignment: added })
    const X = new Random(seed, 'X').normals([1, SHOWN + HIDDEN, sizes.dModel], device.dtype)
    const filled = (by: (n: number) => number) => {
      const other = X.as(X.dtype)
      for (let n = SHOWN * sizes.dModel; n < other.size; n++) other.data[n] = by(n)
      return other
    }
    const shown = async (scored: Scored, options = {}) =>
      (await contextOf(scored, options)).slice(0, SHOWN).flatMap((row) => [...row])
    const masked = { lengths: [SHOWN] }
    const before = await shown({ layer, X }, masked)
    const random = new Random(seed, 'others')
    const others = largestDifference(
      await shown({ layer, X: filled(() => random.normal(0, 10)) }, masked),
      before,
    )
    const nan = filled(() => Number.NaN)
    const after = await shown({ layer, X: nan }, masked)
    return hiddenEvidence({
      others,
      apart: largestDifference(after, before),
      after,
      byAddition: await shown({ layer: adding, X: nan }),
    })
  },
}

interface HiddenNumbers {
  /** How far the shown vectors move with other hidden words, and with NaN in their place. */
  readonly others: number
  readonly apart: number
  readonly after: readonly number[]
  /** The same numbers where −10⁹ is added instead. */
  readonly byAddition: readonly number[]
}

function hiddenEvidence({ others, apart, after, byAddition }: HiddenNumbers): Evidence {
  const notNumbers = (values: readonly number[]): number => values.filter(Number.isNaN).length
  const [nan, nanByAddition] = [notNumbers(after), notNumbers(byAddition)]
  const still = others === 0 && apart === 0
  const moved: LocalizedText = both(
    (n) =>
      `${SHOWN} words and ${HIDDEN} rows beyond them: NaN in those rows changes the vectors of the words by ${n(apart)}, other numbers by ${n(others)}`,
    (n) =>
      `${SHOWN} mots et ${HIDDEN} lignes au-delà : NaN dans ces lignes change les vecteurs des mots de ${n(apart)}, d’autres nombres de ${n(others)}`,
  )
  return {
    findings: [{ holds: still, text: moved, numbers: { byNaN: apart, byOthers: others } }],
    options: [
      found('a', true, still, moved, { byNaN: apart, byOthers: others }),
      found(
        'b',
        false,
        nan === after.length,
        {
          en: `${nan} of ${after.length} numbers are NaN; in a layer that adds −10⁹ instead ${nanByAddition} are, for NaN − 10⁹ and 0 · NaN are NaN`,
          fr: `${nan} nombres sur ${after.length} sont NaN ; dans une couche qui ajoute −10⁹ il y en a ${nanByAddition}, car NaN − 10⁹ et 0 · NaN sont NaN`,
        },
        { notNumbers: nan, byAddition: nanByAddition },
      ),
      found(
        'c',
        false,
        others > 0,
        both(
          (n) =>
            `with a tiny weight other numbers in the rows beyond would move the words: they move by ${n(others)}`,
          (n) =>
            `avec un poids minuscule, d’autres nombres au-delà déplaceraient les mots : ils bougent de ${n(others)}`,
        ),
        { byOthers: others },
      ),
    ],
  }
}
