import type { QuizItem, Response } from '../../../doors/internal.ts'
import type { Phrases } from './phrases.ts'

/** What was typed: an answer (null takes it back), a move, or something else. */
export type Reply =
  | { readonly kind: 'answer'; readonly response: Response }
  | { readonly kind: 'next' | 'back' | 'why' | 'text' | 'help' | 'quit' | 'handIn' }
  /** To a question, counted from 1. */
  | { readonly kind: 'go'; readonly to: number }
  | { readonly kind: 'unknown'; readonly text: string }

type Move = Exclude<Reply['kind'], 'answer' | 'go' | 'unknown'>

/** Words for each move, in both languages at once. */
const MOVES: Readonly<Record<Move, readonly string[]>> = {
  next: ['', '>', 'n', 'next', 'suivant', 'suivante'],
  back: ['<', 'p', 'back', 'previous', 'retour', 'précédent', 'précédente'],
  why: ['?', 'w', 'why', 'pourquoi'],
  text: ['t', 'text', 'texte'],
  help: ['h', 'help', 'aide'],
  quit: ['q', 'quit', 'quitter'],
  handIn: ['!', 'end', 'finish', 'fin', 'rendre'],
}

/** The letter of the option at a position from 0; beyond z there are numbers alone. */
export const optionLabel = (position: number): string =>
  position < 26 ? String.fromCharCode(97 + position) : String(position + 1)

/** Reads what was typed to an item. */
export function replyTo(item: QuizItem, typed: string, say: Phrases): Reply {
  const text = typed.normalize('NFC').trim()
  if (text === '-' || text === '−') return { kind: 'answer', response: null }
  return (
    moveOf(item, text.toLowerCase()) ??
    (item.kind === 'numeric' ? numberOf(text, say) : choiceOf(item, text, say))
  )
}

/** A move; a letter that an option has is none. */
function moveOf(item: QuizItem, word: string): Reply | undefined {
  const go = /^[#:]\s*(\d{1,6})$/.exec(word)
  if (go) return { kind: 'go', to: Number(go[1]) }
  if (item.kind !== 'numeric' && positionOf(word, item.options.length) >= 0) return undefined
  const move = (Object.keys(MOVES) as Move[]).find((name) => MOVES[name].includes(word))
  return move && { kind: move }
}

/** Place from 0 of an option that was named by its letter or its number; -1 for none. */
const positionOf = (word: string, count: number) =>
  Array.from({ length: count }, (_, position) => [
    optionLabel(position),
    String(position + 1),
  ]).findIndex((names) => names.includes(word))

function numberOf(text: string, say: Phrases): Reply {
  const plain = text.replace(/^[−–]/, '-').replace(',', '.')
  const value = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(plain) ? Number(plain) : Number.NaN
  if (Number.isFinite(value)) return { kind: 'answer', response: value }
  return { kind: 'unknown', text: say.notUnderstood(text, say.aNumber) }
}

function choiceOf(
  { kind, options }: Exclude<QuizItem, { kind: 'numeric' }>,
  text: string,
  say: Phrases,
): Reply {
  const words = text.toLowerCase().match(/[^\s,;+]+/g) ?? []
  // abc where several may be right
  const apart = words.flatMap((word) => (/^[a-z]+$/.test(word) ? [...word] : [word]))
  const positions = apart.map((word) => positionOf(word, options.length))
  if (positions.includes(-1))
    return {
      kind: 'unknown',
      text: say.notUnderstood(text, say.letters(optionLabel(options.length - 1))),
    }
  const ids = [...new Set(positions)].map((position) => options[position].id).sort()
  if (kind === 'single' && ids.length > 1) return { kind: 'unknown', text: say.oneOnly }
  return { kind: 'answer', response: ids }
}
