import { scaledDot } from '../mechanism/alignments.ts'
import { causal, type Mask } from '../mechanism/mask.ts'
import { map } from '../mechanism/matrix.ts'
import { Random } from '../random.ts'
import type { Tensor } from '../tensor.ts'
import { type AnyOptions, type ClaimSetup, claim, type Finding, SENTENCE } from './claim.ts'
import { finding, optionsOf } from './finding.ts'
import { embeddings, largestDifference } from './numbers.ts'
import { contextOf, flat, sumOf, weightsOf } from './scores.ts'

/**
 * How far each word's vector lies from the one that it had at its position before, under a causal
 * mask.
 */
async function movedBy(
  setup: ClaimSetup,
  sentence: readonly string[],
  positions: readonly number[],
): Promise<number[]> {
  const layer = setup.layer()
  const vectors = (words: readonly string[]) =>
    contextOf({ layer, X: embeddings({ ...setup, sentence: words }) }, { mask: causal() })
  const before = await vectors(SENTENCE)
  const after = await vectors(sentence)
  return after.map((vector, t) => largestDifference(vector, before[positions[t]]))
}

/** Whether the vector of a word changes; positions from 1. */
function changes(setup: ClaimSetup, word: string, position: number, moved: number): Finding {
  const holds = moved >= setup.tolerance
  return finding(
    holds,
    `«{word}» ({position}) ${holds ? 'changes, by' : 'does not change: the difference is'} {moved}`,
    `« {word} » ({position}) ${holds ? 'change, de' : 'ne change pas : la différence est'} {moved}`,
    { moved },
    { word, position },
  )
}

/** Under a causal mask another word changes its own vector and those of the words after it. */
export const causalChange = claim(
  'causal-change',
  'under a causal mask another word changes its own vector and those after it',
  'sous un masque causal, un autre mot change son propre vecteur et ceux d’après',
  async (setup) => {
    const replaced = SENTENCE.map((word, t) => (t === 3 ? 'puni' : word))
    const moved = await movedBy(setup, replaced, [0, 1, 2, 3, 4, 5])
    const past = Math.max(...moved.slice(0, 3))
    return {
      findings: [
        finding(
          past === 0 && moved.slice(3).every((change) => change >= setup.tolerance),
          '«puni» for «entarté»: the vectors of the six words change by {moved}',
          '« puni » au lieu de « entarté » : les vecteurs des six mots changent de {moved}',
          { moved },
        ),
      ],
      options: optionsOf(
        'bcd',
        [2, 3, 4, 5].map((t) => changes(setup, replaced[t], t + 1, moved[t])),
      ),
    }
  },
)

/** A causal mask takes account of order by what each word may see, and of nothing else. */
export const causalOrder = claim(
  'causal-order',
  'a causal mask tells which words came before, not in what order they came',
  'un masque causal dit quels mots sont venus avant, pas dans quel ordre',
  async (setup) => {
    const swapped = [SENTENCE[1], SENTENCE[0], ...SENTENCE.slice(2)]
    const moved = await movedBy(setup, swapped, [1, 0, 2, 3, 4, 5])
    const [a, Tom, ...later] = moved
    const still = Math.max(...later)
    return {
      findings: [
        finding(
          still < setup.tolerance && Math.min(a, Tom) >= setup.tolerance,
          '«a Tom été …» for «Tom a été …», without positions: «Tom» now sees «a», «a» no longer sees «Tom», and they change by {Tom} and {a}; the four words after them see the same words as before and change by {still}',
          '« a Tom été … » au lieu de « Tom a été … », sans positions : « Tom » voit désormais « a », « a » ne voit plus « Tom », et ils changent de {Tom} et {a} ; les quatre mots suivants voient les mêmes mots qu’avant et changent de {still}',
          { moved },
          { a, Tom, still },
        ),
      ],
      options: optionsOf(
        'ab',
        [1, 0, 3, 5].map((t) => changes(setup, swapped[t], t + 1, moved[t])),
      ),
    }
  },
)

/**
 * How many pairs of words T words have under a causal mask, and under one that looks two positions
 * back.
 */
export const causalCount = claim(
  'causal-count',
  'under a causal mask T(T + 1)/2 of the T² weights are open; a window leaves fewer',
  'un masque causal laisse T(T + 1)/2 des T² poids ; une fenêtre en laisse moins',
  async (setup) => {
    const T = setup.sentence.length
    const X = setup.normals('X', [T, setup.sizes.dModel])
    const open = async (mask: Mask): Promise<number> =>
      flat(await weightsOf({ layer: setup.layer(), X }, { mask })).filter((weight) => weight > 0)
        .length
    const all = await open(causal())
    const windowed = await open(causal({ window: 2 }))
    const expected = sumOf(Array.from({ length: T }, (_, i) => Math.min(i + 1, 3)))
    return {
      findings: [
        finding(
          all === (T * (T + 1)) / 2 && windowed === expected,
          '{words} words: {causal} weights above 0 under a causal mask, {windowed} where a word sees itself and at most the two before it',
          '{words} mots : {causal} poids au-dessus de 0 sous un masque causal, {windowed} si un mot voit lui-même et au plus les deux d’avant',
          { words: T, causal: all, windowed },
        ),
      ],
    }
  },
)

/** Words that the text has, and words that only fill its row of the batch. */
const [SHOWN, HIDDEN] = [4, 2]

/** A mask by addition: −10⁹ joins the scores of the hidden words. */
const added: typeof scaledDot = {
  ...scaledDot,
  name: 'scaledDot less 10⁹',
  scores: (block) =>
    map(scaledDot.scores(block), (s, n) => (n % block.K.rows < SHOWN ? s : s - 1e9)),
}

/** Words beyond a text's end are left out, whatever their rows hold: other numbers, or none. */
export const paddingHidden = claim(
  'hidden-words',
  'what stands beyond a text’s end changes no bit of its vectors, be it NaN',
  'ce qui suit la fin d’un texte ne change aucun bit de ses vecteurs, fût-ce NaN',
  async (setup) => {
    const { dModel } = setup.sizes
    const X = setup.normals('X', [1, SHOWN + HIDDEN, dModel])
    const filled = (by: () => number) => {
      const other = X.as(X.dtype)
      for (let n = SHOWN * dModel; n < other.size; n++) other.data[n] = by()
      return other
    }
    const shown = async (rows: Tensor, lengths?: number[], options: Partial<AnyOptions> = {}) => {
      const context = await contextOf(
        { layer: setup.layer(options), X: rows },
        lengths ? { lengths } : {},
      )
      return flat(context.slice(0, SHOWN))
    }
    const before = await shown(X, [SHOWN])
    const random = new Random(setup.seed, 'others')
    const other = await shown(
      filled(() => random.normal(0, 10)),
      [SHOWN],
    )
    const byOthers = largestDifference(other, before)
    const withNaN = filled(() => Number.NaN)
    const after = await shown(withNaN, [SHOWN])
    const byNaN = largestDifference(after, before)
    const countNaN = (values: readonly number[]): number => values.filter(Number.isNaN).length
    const notNumbers = countNaN(after)
    const byAddition = countNaN(await shown(withNaN, undefined, { alignment: added }))
    const still = finding(
      byOthers === 0 && byNaN === 0,
      '{SHOWN} words and {HIDDEN} rows beyond them: NaN in those rows changes the vectors of the words by {byNaN}, other numbers by {byOthers}',
      '{SHOWN} mots et {HIDDEN} lignes au-delà : NaN dans ces lignes change les vecteurs des mots de {byNaN}, d’autres nombres de {byOthers}',
      { byNaN, byOthers },
      { SHOWN, HIDDEN },
    )
    return {
      findings: [still],
      options: optionsOf('a', [
        still,
        finding(
          notNumbers === after.length,
          '{notNumbers} of {all} numbers are NaN; in a layer that adds −10⁹ instead {byAddition} are, for NaN − 10⁹ and 0 · NaN are NaN',
          '{notNumbers} nombres sur {all} sont NaN ; dans une couche qui ajoute −10⁹ il y en a {byAddition}, car NaN − 10⁹ et 0 · NaN sont NaN',
          { notNumbers, byAddition },
          { all: after.length },
        ),
        finding(
          byOthers > 0,
          'with a tiny weight other numbers in the rows beyond would move the words: they move by {byOthers}',
          'avec un poids minuscule, d’autres nombres au-delà déplaceraient les mots : ils bougent de {byOthers}',
          { byOthers },
        ),
      ]),
    }
  },
)
