/** The version of ICU, whose dictionaries cut words in this engine; undefined where none is told. */
export const icuVersion = (): string | undefined => globalThis.process?.versions?.icu

/**
 * What to tell of words that another version of ICU cut; undefined if it is the same, or neither is
 * known.
 *
 * @param icu the version then, of a model whose rule is `dictionary`
 */
export function otherDictionaries({ icu }: { readonly icu?: string | undefined }) {
  const now = icuVersion()
  if (icu === undefined || now === icu) return undefined
  return `its words were cut by ICU ${icu}, and this engine has ${now ?? 'another, unknown one'}: some may be cut otherwise now`
}
