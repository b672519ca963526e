import {
  type ClaimSettings,
  judge,
  type LocalizedText,
  setupOf,
  type Verdict,
} from '../claims/claim.ts'
import { claims } from '../claims/claims.ts'
import { nearest } from '../kinds.ts'
import { findingOf, numberFound } from './findings.ts'
import {
  type ChoiceItem,
  type ItemClaim,
  itemsOf,
  type NumericItem,
  type Quiz,
  type QuizItem,
  type QuizOption,
} from './quiz.ts'
import { keyOf, withinTolerance } from './score.ts'

/** Runs claims, caching by settings. */
export class Prover {
  readonly #settings: ClaimSettings
  readonly #verdicts = new Map<string, Promise<Verdict>>()

  /** @param settings the device, and what claims run on where an item does not say it */
  constructor(settings: ClaimSettings) {
    setupOf(settings)
    this.#settings = settings
  }

  /** The verdict of an item's claim. @throws {RangeError} for an unknown claim */
  async verdictOf({ name, settings = {} }: ItemClaim): Promise<Verdict> {
    const claim = claims.find((known) => known.name === name)
    if (!claim) {
      const names = claims.map((known) => known.name)
      const near = nearest(name, names)
      throw new RangeError(
        `quiz: unknown claim ${JSON.stringify(name)}${near ? `; did you mean ${near}?` : ';'} regard prove --list shows them all`,
      )
    }
    const key = JSON.stringify([name, settings])
    const running = this.#verdicts.get(key) ?? judge(claim, { ...this.#settings, ...settings })
    this.#verdicts.set(key, running)
    return running
  }
}

/** A contradiction between a key and the layer. */
export interface KeyFault {
  /** The option that it is about; none where it is about the item. */
  readonly option?: string
  readonly text: LocalizedText
}

/** The verdict of the layer on an item. */
export interface ItemCheck {
  readonly item: string
  readonly claim?: string
  /** Unproven is an item without a claim, or without a key. */
  readonly status: 'proven' | 'unproven' | 'failed'
  readonly faults: readonly KeyFault[]
}

/**
 * Checks every item of a quiz against its claim, in order: the right options must be proven, the
 * wrong ones refuted.
 */
export async function* checkQuiz(quiz: Quiz, prover: Prover): AsyncGenerator<ItemCheck> {
  for (const item of itemsOf(quiz)) {
    const { id, claim } = item
    const named = claim ? { item: id, claim: claim.name } : { item: id }
    if (!claim || keyOf(item) === undefined) yield { ...named, status: 'unproven', faults: [] }
    else {
      const faults = await faultsOf(item, claim, prover)
      yield { ...named, status: faults.length ? 'failed' : 'proven', faults }
    }
  }
}

const keyFault = (en: string, fr: string, option?: string): KeyFault => ({
  ...(option === undefined ? {} : { option }),
  text: { en, fr },
})

async function faultsOf(item: QuizItem, claim: ItemClaim, prover: Prover): Promise<KeyFault[]> {
  const verdict = await prover
    .verdictOf(claim)
    .catch((error: Error) => error.message.replace(/^\w+: /, ''))
  if (typeof verdict === 'string') return [keyFault(verdict, verdict)]
  const { name } = claim
  const ofClaim = verdict.proven
    ? []
    : [keyFault(`its claim ${name} is not proven`, `son énoncé ${name} n’est pas prouvé`)]
  const ofAnswer =
    item.kind === 'numeric'
      ? numberFaults(item, claim, verdict)
      : item.options.flatMap((option) => optionFaults(item, option, verdict))
  return [...ofClaim, ...ofAnswer]
}

function numberFaults(
  item: NumericItem,
  { name, number }: ItemClaim,
  verdict: Verdict,
): KeyFault[] {
  const found = numberFound(item, verdict)
  if (found === undefined)
    return [
      keyFault(
        `its claim ${name} finds no number ${number}`,
        `son énoncé ${name} ne trouve aucun nombre ${number}`,
      ),
    ]
  if (withinTolerance(item.answer, found)) return []
  const { value, tolerance = 0 } = item.answer ?? { value: Number.NaN }
  return [
    keyFault(
      `its answer is ${value} ± ${tolerance}, and the layer gives ${number} = ${found}`,
      `sa réponse est ${value} ± ${tolerance}, et la couche donne ${number} = ${found}`,
    ),
  ]
}

function optionFaults(
  item: ChoiceItem,
  { id, right = false }: QuizOption,
  verdict: Verdict,
): KeyFault[] {
  const finding = findingOf(item, id, verdict)
  const { claim } = verdict
  if (!finding)
    return [
      keyFault(`its claim ${claim} says nothing of it`, `son énoncé ${claim} n’en dit rien`, id),
    ]
  if (finding.holds === right) return []
  const { en, fr } = finding.text
  return [
    right
      ? keyFault(
          `the key says right, and the layer refutes it: ${en}`,
          `le corrigé la dit juste, et la couche la réfute : ${fr}`,
          id,
        )
      : keyFault(
          `the key says wrong, and for the layer it holds: ${en}`,
          `le corrigé la dit fausse, et pour la couche elle est juste : ${fr}`,
          id,
        ),
  ]
}
