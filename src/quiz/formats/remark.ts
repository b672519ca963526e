import type { Quiz } from '../quiz.ts'

/** A feature lost on export or import, as one line for the user. */
export interface Remark {
  /** The field that is lost or changed, as `points`. */
  readonly field: string
  /** The items that it is of, by their names; none where it is of the whole quiz. */
  readonly items: readonly string[]
  readonly text: string
}

/** A quiz read from another format, and what of the file it does not hold. */
export interface Imported {
  readonly quiz: Quiz
  readonly remarks: readonly Remark[]
}

/** A quiz written in another format, and what of the quiz that does not hold. */
export interface Exported {
  readonly text: string
  readonly remarks: readonly Remark[]
}

const SHOWN = 6

/** A remark as a line: what is lost, why, and of which items. */
export function remarkLine({ field, items, text }: Remark): string {
  if (items.length === 0) return `${field}: ${text}`
  const more = items.length > SHOWN ? `, … ${items.length} in all` : ''
  return `${field}: ${text} (${items.length === 1 ? 'item' : 'items'} ${items.slice(0, SHOWN).join(', ')}${more})`
}

/** Remarks as they come: those with the same field and text become one. */
export class Remarks {
  readonly #found = new Map<string, { field: string; items: string[]; text: string }>()

  add(field: string, text: string, item?: string): void {
    const key = `${field}\n${text}`
    const remark = this.#found.get(key) ?? { field, items: [], text }
    this.#found.set(key, remark)
    if (item !== undefined && !remark.items.includes(item)) remark.items.push(item)
  }

  get all(): readonly Remark[] {
    return [...this.#found.values()]
  }
}
