/** Apostrophes, typed or typographic, and what is typed instead of one. */
const APOSTROPHES = /[’ʼ′´‘]/g

/** With one kind of apostrophe, `'`; offsets stay. */
export const plainApostrophes = (text: string): string => text.replace(APOSTROPHES, "'")

/**
 * Normal form of a word for a search: composed, with one kind of apostrophe; without case if it is
 * ignored.
 *
 * Without case, ß is ss, ſ is s, ligatures are their letters, and the Turkish İ and ı are i.
 */
export function normalized(word: string, ignoreCase = false): string {
  const plain = plainApostrophes(word.normalize('NFC'))
  if (!ignoreCase) return plain
  return plain
    .toLowerCase()
    .toUpperCase()
    .toLowerCase()
    .replaceAll('i\u0307', 'i')
    .replaceAll('ς', 'σ')
    .normalize('NFC')
}
