/** An element of XML, as whatever parser gives it. */
export interface XmlElement {
  readonly name: string
  readonly attributes: Readonly<Record<string, string>>
  readonly children: readonly XmlElement[]
  /** The text of it, without that of its children. */
  readonly text: string
  /** Number of the line that it begins in, from 1. */
  readonly line: number
}

/** The first child of a name. */
export const childOf = (element: XmlElement | undefined, name: string): XmlElement | undefined =>
  element?.children.find((child) => child.name === name)

/** The text of the first child of a name, without blanks around it; empty without one. */
export const textOfChild = (element: XmlElement | undefined, name: string): string =>
  childOf(element, name)?.text.trim() ?? ''
