/** Control characters, and those that turn the direction of what follows around. */
const ON_A_LINE = /[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu
/** The same but for tabs and line ends; a carriage return by itself is none. */
const IN_LINES = /[^\P{Cc}\t\n\r]|\r(?!\n)/gu

/**
 * Text that is safe on one line of a terminal: what would move the cursor, change colours or turn the
 * direction of reading around is seen instead of obeyed.
 *
 * U+0000 to U+001F and U+007F become their pictures (U+2400 to U+2421, such as ␛ and ␊), U+0080 to
 * U+009F, U+202A to U+202E and U+2066 to U+2069 become U+FFFD. Nothing is left out.
 */
export const visible = (text: string): string => text.replace(ON_A_LINE, pictureOf)

/**
 * The same for text in lines, in a table of cells or on a page: tabs, line ends (LF or CRLF) and
 * the direction of reading stay.
 */
export const visibleLines = (text: string): string => text.replace(IN_LINES, pictureOf)

function pictureOf(sign: string) {
  const code = sign.charCodeAt(0)
  if (code === 0x7f) return '\u2421'
  return code < 0x20 ? String.fromCharCode(0x2400 + code) : '\ufffd'
}
