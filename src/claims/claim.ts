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
import type { Tensor } from '../tensor.ts'

/** The languages of statements and findings. */
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
  /** A device in float64 gives the most exact figures; in float32 tolerances are wider. */
  readonly device: Device
  readonly seed?: number
  readonly sizes?: Partial<ClaimSizes>
  /** Words; default «Tom a été entarté cet été». */
  readonly sentence?: readonly string[]
  /** Whether to run more random draws. */
  readonly slow?: boolean
  /** Makes the layer under test; default: the library's. */
  readonly build?: (options: AnyOptions, host: LayerHost) => AnyLayer
}

/** One result of a run, as a sentence and in numbers. */
export interface Finding {
  readonly holds: boolean
  readonly text: LocalizedText
  readonly numbers: Readonly<Record<string, number | string | readonly number[]>>
}

/** The result for one option of a question: a right option must hold, a wrong one must not. */
export interface OptionFinding extends Finding {
  readonly option: string
  readonly right: boolean
}

/** Whether every right option holds, and no wrong one. */
export const matchesKey = (options: readonly OptionFinding[]): boolean =>
  options.every(({ holds, right }) => holds === right)

/** The results of one run of a claim. */
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

/** The settings of a run with defaults filled in, and helpers built from them. */
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
   * A layer on the device with W_Q, W_K and W_V alone, of the sizes above, except for `options`;
   * layers of different streams have different parameters.
   */
  layer(options?: Partial<AnyOptions>, stream?: string): AnyLayer
  /** Normal numbers in the device's precision; each stream has its own. */
  normals(stream: string, shape: readonly number[], deviation?: number): Tensor
}

/** A claim that the run of its name proves. */
export const claim = (
  name: string,
  en: string,
  fr: string,
  run: (setup: ClaimSetup) => Promise<Evidence>,
): Claim => ({ name, statement: { en, fr }, run })

export const SENTENCE: readonly string[] = ['Tom', 'a', 'été', 'entarté', 'cet', 'été']

const SIZES: ClaimSizes = { dModel: 11, dQuery: 3, dValue: 5, N: 7 }

const SIZE_KINDS = { dModel: COUNT, dQuery: COUNT, dValue: COUNT, N: COUNT }

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
  const { device, seed = 7, sizes: given = {}, sentence = SENTENCE, slow = false } = settings
  DEVICE('prove', 'device', device)
  new Random(seed)
  checkOptions('prove', given, SIZE_KINDS, '{ dModel: 11 }')
  if (!Array.isArray(sentence))
    throw new TypeError(`prove: the sentence must be an array of words, got ${valueText(sentence)}`)
  if (new Set(sentence).size < 2)
    throw new RangeError(
      `prove: the sentence must have at least two different words, got ${JSON.stringify(sentence)}`,
    )
  const { build = selfAttention } = settings
  const sizes = { ...SIZES, ...given }
  const { dModel, dQuery, dValue } = sizes
  return {
    device,
    seed,
    sizes,
    sentence,
    slow,
    tolerance: device.dtype === 'float64' ? 1e-12 : 1e-5,
    layer: (options, stream = '') =>
      build({ dModel, dQuery, dKey: dQuery, dValue, ...options }, { device, seed, stream }),
    normals: (stream, shape, deviation) =>
      new Random(seed, stream).normals(shape, device.dtype, deviation),
  }
}

const selfAttention = (options: AnyOptions, host: LayerHost): AnyLayer =>
  new SelfAttention<number, number, Alignment>(options, host)

/**
 * Runs one claim. It is proven if every finding holds, every right option holds, and no wrong one.
 *
 * @throws {TypeError} for anything but a claim, and for settings of wrong types
 * @throws {RangeError} for sizes that are not integers ≥ 1, or a sentence without two different
 *   words
 */
export async function judge(claim: Claim, settings: ClaimSettings): Promise<Verdict> {
  expectKind('prove', 'the claim', claim, ['run'], "claimNamed('order')")
  const setup = setupOf(settings)
  const { findings, options = [] } = await evidenceOf(claim, setup)
  const { name, question, statement } = claim
  return {
    claim: name,
    ...(question ? { question } : {}),
    statement,
    proven: findings.every(({ holds }) => holds) && matchesKey(options),
    findings,
    options,
    seed: setup.seed,
  }
}

const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error)

/** A layer that throws unexpectedly proves nothing: the error is the finding. */
async function evidenceOf(claim: Claim, setup: ClaimSetup): Promise<Evidence> {
  try {
    return await claim.run(setup)
  } catch (error) {
    const message = messageOf(error)
    const text = { en: `the layer threw: ${message}`, fr: `la couche a échoué : ${message}` }
    return { findings: [{ holds: false, text, numbers: {} }] }
  }
}

/** The message that a call throws, or undefined. */
export function thrownBy(call: () => unknown): string | undefined {
  try {
    call()
    return undefined
  } catch (error) {
    return messageOf(error)
  }
}
