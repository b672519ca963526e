/** Lengths of letter n-grams. */
const LENGTHS = [3, 4, 5]

/** Shapes of words, regardless of their letters. */
export const SHAPES = ['lower', 'Capital', 'digit', 'other'] as const

/** Whether a token has a letter or a digit, unlike punctuation. */
export const isWord = (token: string): boolean => /[\p{L}\p{N}]/u.test(token)

/** Index of a word's shape in SHAPES. */
export function shapeOf(word: string): number {
  if (/^\p{Lu}/u.test(word)) return 1
  if (/^\p{L}/u.test(word)) return 0
  return /^\p{N}/u.test(word) ? 2 : 3
}

/**
 * Buckets of a word: one for its shape, and one for each run of 3, 4 and 5 letters of `<word>` in
 * lower case, by hash.
 *
 * So a word never seen has a vector too. Different n-grams may share a bucket; the number of
 * buckets is bounded.
 *
 * @param buckets for the n-grams; the shapes come after them
 * @see Bojanowski et al. 2017, §3.2
 */
export function bucketsOf(word: string, buckets: number): number[] {
  const letters = [...`<${word.toLowerCase()}>`]
  const found = new Set<number>()
  for (const length of LENGTHS) {
    for (let from = 0; from + length <= letters.length; from++)
      found.add(hash(letters.slice(from, from + length).join('')) % buckets)
  }
  return [...found, buckets + shapeOf(word)]
}

/** FNV-1a of the UTF-16 units, with a final multiplication that spreads the bits. */
function hash(text: string): number {
  let value = 0x811c9dc5
  for (let n = 0; n < text.length; n++) value = Math.imul(value ^ text.charCodeAt(n), 0x01000193)
  value ^= value >>> 15
  return Math.imul(value, 0x85ebca6b) >>> 0
}
