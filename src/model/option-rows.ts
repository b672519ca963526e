import { BELOW_1, integersFrom, type Kind, oneOf, TEXT } from '../kinds.ts'

/** One option: its type, its default, and its texts in the command and the docs. */
export interface OptionRow<Value = unknown> {
  /** The check of the library. */
  readonly check: Kind
  /** The command's argument: a number, one of some words, or a name; absent for none. */
  readonly flag?: OptionFlag
  readonly default?: Value
  /** Default for a large text, if different. */
  readonly large?: Value
  /** Default with questions, if different. */
  readonly withQuestions?: Value
  /** The default in words, if it is not a single value. */
  readonly defaultHelp?: string
  readonly help: string
}

/**
 * How the command reads an option; the placeholder follows its name in the help. A list is given one
 * by one, by a flag of its own.
 */
export type OptionFlag =
  | { readonly kind: 'integer'; readonly placeholder: string; readonly from: number }
  | { readonly kind: 'share' | 'positive' | 'file'; readonly placeholder: string }
  | { readonly kind: 'list'; readonly placeholder: string; readonly flag: string }
  | { readonly kind: 'choice'; readonly placeholder: string; readonly choices: readonly string[] }
  | {
      readonly kind: 'name'
      readonly placeholder: string
      readonly named: (name: string) => { readonly name: string }
    }

/** Integers within bounds. */
export const integer = (from = 1, to = Infinity) => ({
  check: integersFrom(from, to),
  flag: { kind: 'integer', placeholder: 'number', from } as const,
})
export const size = () => integer(1, 2 ** 20)
export const count = () => integer(1)
export const share = () => ({
  check: BELOW_1,
  flag: { kind: 'share', placeholder: 'share' } as const,
})
export const choice = (placeholder: string, ...choices: readonly string[]) => ({
  check: oneOf(...choices),
  flag: { kind: 'choice', placeholder, choices } as const,
})
export const name = (named: (name: string) => { readonly name: string }) => ({
  check: TEXT,
  flag: { kind: 'name', placeholder: 'name', named } as const,
})
export const file = (placeholder: string) => ({ flag: { kind: 'file', placeholder } as const })

/** A table of options, by their names. */
export type OptionTable = Readonly<Record<string, OptionRow>>

/** A check for each option of a table. */
export const checksOf = <Table extends OptionTable>(
  table: Table,
): { readonly [Name in keyof Table]: Kind } =>
  Object.fromEntries(Object.entries(table).map(([name, { check }]) => [name, check])) as {
    [Name in keyof Table]: Kind
  }

/** The values of one column of a table, where present. */
export const defaultsOf = (
  table: OptionTable,
  column: 'default' | 'large' | 'withQuestions',
): object =>
  Object.fromEntries(
    Object.entries(table).flatMap(([name, row]) => (column in row ? [[name, row[column]]] : [])),
  )

/** The default of an option in help and docs; empty if there is none. */
export function defaultText({
  defaultHelp,
  default: value,
  large,
  withQuestions,
}: OptionRow): string {
  if (defaultHelp !== undefined) return `default ${defaultHelp}`
  if (value === undefined) return ''
  const others = [
    ...(large === undefined ? [] : [`${large} for a large text`]),
    ...(withQuestions === undefined ? [] : [`${withQuestions} with questions`]),
  ]
  return `default ${[value, ...others].join(', ')}`
}
