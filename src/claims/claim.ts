import type { Device } from '../device/device.ts'
import {
  ANY,
  BOOLEAN,
  COUNT,
  checkOptions,
  DEVICE,
  expectKind,
  FUNCTION,
  valueText,
} from '../kinds.ts'
import type { SelfAttentionOptions } from '../layer/options.ts'
import type { LayerHost } from '../layer/parameters.ts'
import { SelfAttention } from '../layer/self-attention.ts'
import type { Alignment } from '../mechanism/alignment.ts'
import { Random } from '../random.ts'

/** The languages that claims speak. */
export type Language = 'en' | 'fr'

/** One sentence in every language. */
export type LocalizedText = Readonly<Record<Language, string>>

/** A layer of any kind. */
export type AnyLayer = SelfAttention<number, number, Alignment>

/** Options of a layer of any kind. */
export type AnyOptions = SelfAttentionOptions<number, number, Alignment>

/** Widths of the layers that a claim builds; all different by default. */
export interface ClaimSizes {
  readonly dModel: number
  readonly dQuery: number
  readonly dValue: number
  /** Texts of a batch. */
  readonly N: number
}

/** What a claim runs on. */
export interface ClaimSettings {
  /**
   * A device in float64 gives the sharpest figures; one in float32 is held to what float32 can say.
   */
  readonly device: Device
  readonly seed?: number
  readonly sizes?: Partial<ClaimSizes>
  /** Words; default «Tom a été entarté cet été». */
  readonly sentence?: readonly string[]
  /** More draws. */
  readonly slow?: boolean
  /** Makes the layer under test; a layer with a mistake must be caught. */
  readonly build?: (options: AnyOptions, host: LayerHost) => AnyLayer
}

/** One thing that was found, in words and in numbers. */
export interface Finding {
  readonly holds: boolean
  readonly text: LocalizedText
  readonly numbers: Readonly<Record<string, number | string | readonly number[]>>
}

/**
 * What was found about one option of the quiz: a right one must hold, a wrong one must be refuted.
 */
export interface OptionFinding extends Finding {
  readonly option: string
  readonly right: boolean
}

/** What was found about an option. */
export const found = (
  option: string,
  right: boolean,
  holds: boolean,
  text: LocalizedText,
  numbers: Finding['numbers'],
): OptionFinding => ({
  option,
  right,
  holds,
  text,
  numbers,
})

/** Whether every right option holds, and no wrong one. */
export const asSaid = (options: readonly OptionFinding[]): boolean =>
  options.every(({ holds, right }) => holds === right)

/** What a claim's run gives. */
export interface Evidence {
  readonly findings: readonly Finding[]
  readonly options?: readonly OptionFinding[]
}

/** A statement about the layer, proven by running it. */
export interface Claim {
  readonly name: string
  /** The question of the quiz that it answers. */
  readonly question?: number
  readonly statement: LocalizedText
  run(setup: ClaimSetup): Promise<Evidence>
}

/** A claim's verdict with its evidence and counter-examples. */
export interface Verdict extends Evidence {
  readonly claim: string
  readonly question?: number
  readonly statement: LocalizedText
  readonly proven: boolean
  readonly seed: number
}

/** What a claim stands on while it runs. */
export interface ClaimSetup {
  readonly device: Device
  readonly seed: number
  readonly sizes: ClaimSizes
  readonly sentence: readonly string[]
  readonly slow: boolean
  /**
   * Numbers closer than this, relative to the largest, count as equal: 10⁻¹² in float64, 10⁻⁵ in
   * float32.
   */
  readonly tolerance: number
  /**
   * A layer on the device; `stream` sets its parameters apart from those of other layers of the
   * claim.
   */
  layer(options: AnyOptions, stream?: string): AnyLayer
}

export const SENTENCE: readonly string[] = ['Tom', 'a', 'été', 'entarté', 'cet', 'été']

const SIZES: ClaimSizes = { dModel: 11, dQuery: 3, dValue: 5, N: 7 }

const SETTINGS = {
  device: DEVICE,
  seed: ANY,
  sizes: ANY,
  sentence: ANY,
  slow: BOOLEAN,
  build: FUNCTION,
}

/**
 * Fills in the defaults.
 *
 * @throws {RangeError} for sizes that are not integers ≥ 1, or a sentence without two different
 *   words
 */
export function setupOf(settings: ClaimSettings): ClaimSetup {
  checkOptions('prove', settings, SETTINGS, '{ device: await openDevice() }')
  const { device, seed = 7, sizes = {}, sentence = SENTENCE, slow = false, build } = settings
  DEVICE('prove', 'device', device)
  new Random(seed)
  const kinds = { dModel: COUNT, dQuery: COUNT, dValue: COUNT, N: COUNT }
  checkOptions('prove', sizes, kinds, '{ dModel: 11 }')
  if (!Array.isArray(sentence))
    throw new TypeError(`prove: the sentence must be an array of words, got ${valueText(sentence)}`)
  if (new Set(sentence).size < 2)
    throw new RangeError(
      `prove: the sentence must have at least two different words, got ${JSON.stringify(sentence)}`,
    )
  const make =
    build ??
    ((options: AnyOptions, host: LayerHost): AnyLayer =>
      new SelfAttention<number, number, Alignment>(options, host))
  return {
    device,
    seed,
    sizes: { ...SIZES, ...sizes },
    sentence,
    slow,
    tolerance: device.dtype === 'float64' ? 1e-12 : 1e-5,
    layer: (options, stream = '') => make(options, { device, seed, stream }),
  }
}

/** The layer of the origin: W_Q, W_K and W_V alone. */
export const plainLayer = ({ sizes: { dModel, dQuery, dValue } }: ClaimSetup): AnyOptions => ({
  dModel,
  dQuery,
  dKey: dQuery,
  dValue,
})

/**
 * Runs one claim and judges it: every finding must hold, right options must hold, wrong ones must
 * not.
 */
export async function judge(claim: Claim, settings: ClaimSettings): Promise<Verdict> {
  expectKind('prove', 'the claim', claim, ['run'], "claimNamed('order')")
  const ground = setupOf(settings)
  const { findings, options = [] } = await evidenceOf(claim, ground)
  const proven = findings.every(({ holds }) => holds) && asSaid(options)
  const { name, question, statement } = claim
  return {
    claim: name,
    ...(question ? { question } : {}),
    statement,
    proven,
    findings,
    options,
    seed: ground.seed,
  }
}

/** A layer that throws where it must not proves nothing: the error is the finding. */
async function evidenceOf(claim: Claim, setup: ClaimSetup): Promise<Evidence> {
  try {
    return await claim.run(setup)
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    return {
      findings: [
        {
          holds: false,
          text: { en: `the layer threw: ${message}`, fr: `la couche a échoué : ${message}` },
          numbers: {},
        },
      ],
    }
  }
}

/** The message that a call throws, or undefined. */
export function thrownBy(call: () => unknown): string | undefined {
  try {
    call()
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}
