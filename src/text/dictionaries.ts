import type { Tokenization } from './tokens.ts'
import { icuVersion } from './unicode/dictionary.ts'
import { needsDictionary } from './unicode/words.ts'

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

/** Whether a rule leaves words of a text, or a word, as whole runs of letters for want of a dictionary. */
export const isUndivided = (text: string, rule: Tokenization): boolean =>
  (rule === 'unicode' || rule === 'words') && needsDictionary(text)

/** What to tell of such a text. */
export const UNDIVIDED =
  'the text has Thai, Lao, Khmer or Burmese, which are written without spaces: each run of letters is one word; learn with the tokens dictionary (--tokens dictionary), which finds words by the dictionaries of the engine'
