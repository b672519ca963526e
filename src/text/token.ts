/** A word or punctuation mark, and its offsets in the original text. */
export interface Token {
  /** In NFC. */
  readonly token: string
  /** Offset of its first UTF-16 unit in the original. */
  readonly start: number
  /** One past the last. */
  readonly end: number
}
