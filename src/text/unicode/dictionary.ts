import type { Segmenter } from './words.ts'

/** Languages whose words a dictionary finds. */
const UNSPACED = /^(?:zh|ja|th|lo|km|my)(?![a-z])/i

const segmenters = new Map<string, Segmenter>()

/**
 * What finds words in a run of letters without spaces: the engine's dictionaries (ICU).
 *
 * @param language its code, such as `th`; without effect for languages with spaces
 * @throws {Error} where the engine has no Intl.Segmenter
 */
export function dictionary(language = ''): Segmenter {
  if (typeof Intl === 'undefined' || !('Segmenter' in Intl))
    throw new Error(
      "tokenize: 'dictionary' needs Intl.Segmenter, which this engine lacks; use 'unicode'",
    )
  const locale = UNSPACED.exec(language)?.[0] ?? 'und'
  const known = segmenters.get(locale)
  if (known) return known
  const words = new Intl.Segmenter(locale, { granularity: 'word' })
  const segmenter = (run: string): number[] =>
    Array.from(words.segment(run), ({ index, segment }) => index + segment.length)
  segmenters.set(locale, segmenter)
  return segmenter
}

/**
 * Version of the engine's dictionaries (ICU) by which `dictionary` cuts; undefined where the engine
 * does not say it, as browsers do not.
 */
export function icuVersion(): string | undefined {
  const { process } = globalThis as { process?: { versions?: { icu?: string } } }
  return process?.versions?.icu
}
