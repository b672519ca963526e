/** What a language cuts otherwise. */
export interface CuttingRules {
  /** Its elided forms, without the apostrophe. */
  readonly elided?: RegExp
  /** What begins like an elided form and is none, with a plain apostrophe. */
  readonly whole?: RegExp
  /** Whether a colon joins letters: `EU:s`. */
  readonly colon?: boolean
}

const FRENCH = {
  elided: /^(?:[ldjmtsncç]|qu|jusqu|lorsqu|puisqu|quoiqu)$/i,
  // N’Djamena, M’Bappé, m’sieur
  whole: /^(?:[MN]'[B-DF-GJ-NP-TV-XZ]|[Mm]'(?:sieu|dame))/,
}
const ITALIAN = {
  elided: new RegExp(
    `^(?:${[
      '[ldcmtsvn]|(?:a|da|de|ne|su|co|que|be)?gl|(?:a|da|de|ne|su|co|pe|que|be)ll|(?:qu|cod)?est|st|un',
      '(?:glie|ce|me|te|se|ve)l|dev|di|va|fa|sta|po|mo|be|de|ne|co|ch|perch|poich|finch|bench|anch|neanch|nemmen|ancor|allor|com|dov|cos|qualcos',
      'quand|quant|tant|ond',
      'nient|null|tutt|altr|mezz|(?:ness|alc|ciasc|qualc|ogn)un|qual|qualch|ogn|tal|fors|anz',
      'senz|contr|sopr|sott|oltr|buon|brav|grand|sant|pover|prim|terz',
      'cent|mill|vent|trent|(?:quar|cinqu|sess|sett|ott|nov)ant',
    ].join('|')})$`,
    'i',
  ),
}

/** By language: what is cut otherwise than everywhere. */
const LANGUAGES: Readonly<Record<string, CuttingRules>> = {
  fr: FRENCH,
  it: ITALIAN,
  ca: { elided: /^[ldmtsn]$/i },
  sv: { colon: true },
  fi: { colon: true },
}

const NONE: CuttingRules = {}

/** The rules of a language by its code, such as `fr` or `fr-CA`. */
export function cuttingRules(language = ''): CuttingRules {
  const code = language.toLowerCase().split(/[-_]/, 1)[0]
  return Object.hasOwn(LANGUAGES, code) ? LANGUAGES[code] : NONE
}
