import { nearest, valueText } from '../kinds.ts'
import { expectModel, type Reader } from '../model/modules.ts'
import { pointsOf } from './clusters.ts'
import { described, type SenseLine, type Senses, split } from './senses.ts'

/** A group by its given name or one of its lines; or a line. */
export type SenseReference = string

/** One change by hand. */
export type SenseEdit = {
  /** Its name in errors, such as a line of a file. */
  readonly where?: string
} & (
  | { readonly edit: 'name'; readonly group: SenseReference; readonly as: string }
  | { readonly edit: 'merge'; readonly groups: readonly SenseReference[] }
  | { readonly edit: 'split'; readonly group: SenseReference; readonly into: number }
  | {
      readonly edit: 'move'
      readonly lines: readonly SenseReference[]
      readonly to: SenseReference
    }
  | { readonly edit: 'group'; readonly lines: readonly SenseReference[]; readonly as: string }
)

/**
 * Groups changed by hand, one change after the other: a group is named, groups are merged, one is
 * split, lines are moved.
 *
 * The same changes of the same senses give the same groups. Changes refer to groups by name or
 * line, never by number, so that they mean the same if groups are found in another order.
 *
 * @param labelOf the name of a line in the changes, different for each line; default `text:at`
 * @throws {RangeError} for an unknown group or line, with the number of the change
 */
export async function regroup(
  model: Reader,
  senses: Senses,
  edits: readonly SenseEdit[],
  labelOf: (line: SenseLine) => string = ({ text, at }) => `${text}:${at}`,
): Promise<Senses> {
  expectModel('regroup', model)
  const hand = new Hand(senses, labelOf)
  for (const edit of edits) hand.apply(edit)
  return described(model, { ...senses, lines: hand.lines }, hand.names)
}

/** The current lines and names. */
class Hand {
  lines: SenseLine[]
  readonly names: (string | undefined)[]
  readonly #numbers: ReadonlyMap<string, number>

  constructor({ lines, groups }: Senses, labelOf: (line: SenseLine) => string) {
    this.lines = [...lines]
    this.names = groups.map(({ name }) => name)
    this.#numbers = new Map(lines.map((line, n) => [labelOf(line), n]))
  }

  apply(edit: SenseEdit): void {
    const where = edit.where === undefined ? '' : `${edit.where}: `
    if (edit.edit === 'name') this.#name(this.#groupOf(edit.group, where), edit.as, where)
    else if (edit.edit === 'merge')
      this.#merge(edit.groups.map((group) => this.#groupOf(group, where)))
    else if (edit.edit === 'split') this.#split(this.#groupOf(edit.group, where), edit, where)
    else if (edit.edit === 'move')
      this.#move(this.#linesOf(edit.lines, where), this.#groupOf(edit.to, where))
    else this.#move(this.#linesOf(edit.lines, where), this.#newGroup(edit.as, where))
  }

  #name(group: number, name: string, where: string): void {
    if (!name.trim()) throw new RangeError(`${where}the name is empty; give one`)
    const other = this.names.indexOf(name)
    if (other >= 0 && other !== group)
      throw new RangeError(
        `${where}another group is called ${valueText(name)} already; merge them, or take another name`,
      )
    if (this.#numbers.has(name))
      throw new RangeError(`${where}${valueText(name)} is a line; take a name that is none`)
    this.names[group] = name
  }

  /** Merges groups: the first takes the lines of the others. */
  #merge([first, ...others]: readonly number[]): void {
    this.lines = this.lines.map((line) =>
      others.includes(line.group) ? { ...line, group: first } : line,
    )
    for (const group of others) if (group !== first) this.names[group] = undefined
  }

  /** Splits a group: the largest part keeps the name. */
  #split(group: number, { into }: { readonly into: number }, where: string): void {
    const members = this.lines.filter((line) => line.group === group)
    if (!(Number.isInteger(into) && into >= 2))
      throw new RangeError(`${where}a group is split into an integer ≥ 2, got ${valueText(into)}`)
    const { points, of } = pointsOf(members.map(({ vector }) => vector))
    const parts = split(points, into)
    if (parts.centres.length < into)
      throw new RangeError(
        `${where}the group has ${points.lengths.length} different lines, and parts into ${parts.centres.length} at most`,
      )
    const part = Array.from(of, (point) => parts.of[point])
    const sizes = parts.centres.map((_, k) => part.filter((one) => one === k).length)
    const largest = sizes.indexOf(Math.max(...sizes))
    const numbers = sizes.map((_, k) => (k === largest ? group : this.names.push(undefined) - 1))
    const groupOf = new Map(members.map((line, n) => [line, numbers[part[n]]]))
    this.lines = this.lines.map((line) => ({ ...line, group: groupOf.get(line) ?? line.group }))
  }

  #move(numbers: readonly number[], group: number): void {
    for (const n of numbers) this.lines[n] = { ...this.lines[n], group, moved: true }
  }

  #newGroup(name: string, where: string): number {
    const group = this.names.push(undefined) - 1
    this.#name(group, name, where)
    return group
  }

  #groupOf(reference: SenseReference, where: string): number {
    const group = this.names.indexOf(reference)
    if (group >= 0) return group
    const line = this.#numbers.get(reference)
    if (line !== undefined) return this.lines[line].group
    const known = this.names.filter((name) => name !== undefined)
    const near = nearest(reference, known)
    throw new RangeError(
      `${where}no group is called ${valueText(reference)} and no such line has the word${near ? `; did you mean ${valueText(near)}?` : ''}`,
    )
  }

  #linesOf(references: readonly SenseReference[], where: string): number[] {
    return references.map((reference) => {
      const line = this.#numbers.get(reference)
      if (line === undefined)
        throw new RangeError(`${where}no such line has the word: ${valueText(reference)}`)
      return line
    })
  }
}
