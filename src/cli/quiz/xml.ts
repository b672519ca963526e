import { XmlElement as ParsedElement, parseXml, XmlError, XmlText } from '@rgrove/parse-xml'
import type { XmlElement } from '../../doors/internal.ts'
import { inputError } from '../terminal/errors.ts'

/**
 * The root element of XML. What declares types or entities is refused before it is read.
 *
 * @throws {CommandError} with line and column
 */
export function xmlOf(text: string, name: string): XmlElement {
  const root = text.search(/<[\p{L}_]/u)
  if (text.slice(0, root < 0 ? undefined : root).includes('<!DOCTYPE'))
    throw inputError(
      `${name}: line ${lineCounter(text)(text.indexOf('<!DOCTYPE'))}: it declares a DOCTYPE, which may hold entities; remove it`,
    )
  try {
    const { root: parsed } = parseXml(text, { includeOffsets: true })
    if (!parsed) throw inputError(`${name}: it has no element; export questions as Moodle XML`)
    return elementOf(parsed, lineCounter(text))
  } catch (error) {
    if (isTooDeep(error))
      throw inputError(`${name}: its elements are nested too deep; is it the right file?`)
    if (!(error instanceof XmlError)) throw error
    const [reason] = error.message.split('\n')
    throw inputError(
      `${name}: ${reason.replace(/\s*\(line (\d+), column (\d+)\)$/, '')}, at line ${error.line}, column ${error.column}; ${/entity/i.test(reason) ? 'write the sign itself' : 'is the file whole?'}`,
    )
  }
}

/** What the engine says where a function calls itself too often. */
const isTooDeep = (error: unknown) =>
  error instanceof RangeError && /call stack/.test(error.message)

/** Numbers of lines, from 1, of offsets that never go back. */
function lineCounter(text: string): (offset: number) => number {
  let line = 1
  let next = text.indexOf('\n')
  return (offset) => {
    while (next >= 0 && next < offset) {
      line++
      next = text.indexOf('\n', next + 1)
    }
    return line
  }
}

function elementOf(
  { name, attributes, children, start }: ParsedElement,
  lineOf: (offset: number) => number,
): XmlElement {
  const line = lineOf(start)
  const text = children.map((child) => (child instanceof XmlText ? child.text : '')).join('')
  return {
    name,
    attributes,
    text,
    line,
    children: children
      .filter((child) => child instanceof ParsedElement)
      .map((child) => elementOf(child, lineOf)),
  }
}
