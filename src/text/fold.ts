/** Apostrophes, typed or typographic, and what is typed instead of one; full width and oxia too. */
const APOSTROPHES = /['’ʼ′´‘＇\u1FFD]/g
/** Those that are not plain. */
const OTHERS = /[’ʼ′´‘＇\u1FFD]/g

/** With this kind of apostrophe for all; offsets stay. */
export const withApostrophe = (text: string, apostrophe: string): string =>
  text.replace(APOSTROPHES, apostrophe)

/** With one kind of apostrophe, `'`; offsets stay. */
export const plainApostrophes = (text: string): string => text.replace(OTHERS, "'")

/** The commonest kind of apostrophe of some words, the first of equals; `'` if they have none. */
export function apostropheOf(words: readonly string[]): string {
  const counts = new Map<string, number>()
  for (const [one] of words.join(' ').matchAll(APOSTROPHES))
    counts.set(one, (counts.get(one) ?? 0) + 1)
  let found = "'"
  for (const [one, count] of counts) if (count > (counts.get(found) ?? 0)) found = one
  return found
}

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
