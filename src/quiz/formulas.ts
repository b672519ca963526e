/** A stretch of a text: prose, or a formula in TeX. */
export interface TextPart {
  readonly kind: 'prose' | 'formula'
  readonly text: string
}

/** A dollar that is meant, a formula between dollars, or any other sign. */
const PIECES = /\\\$|\$((?:\\.|[^$\\])*)\$|./gsu

/** Prose and formulas of a text, in turn. A dollar that is never closed is prose. */
export function partsOf(text: string): TextPart[] {
  const parts: { kind: TextPart['kind']; text: string }[] = []
  const last = text.lastIndexOf('$')
  const prose = (sign: string): void => {
    const open = parts.at(-1)
    if (open?.kind === 'prose') open.text += sign
    else parts.push({ kind: 'prose', text: sign })
  }
  for (const { 0: piece, 1: formula, index } of last < 0 ? [] : text.matchAll(PIECES)) {
    if (index > last) break
    if (formula !== undefined) parts.push({ kind: 'formula', text: formula })
    else prose(piece === '\\$' ? '$' : piece)
  }
  const rest = text.slice(last + 1)
  if (rest) prose(rest)
  return parts
}

/** The text of parts: the inverse of `partsOf`. */
export function textOfParts(parts: readonly TextPart[]): string {
  return parts.reduce((text, part) => {
    if (part.kind === 'prose') return text + part.text.replaceAll('$', '\\$')
    // a backslash at the end of the prose would make the dollar one that is meant
    return `${text}${text.endsWith('\\') ? ' ' : ''}$${part.text}$`
  }, '')
}
