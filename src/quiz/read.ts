import { type Fault, type Schema, Validator } from './json-schema.ts'
import { lineNumbersOf } from './line-numbers.ts'
import type { Quiz } from './quiz.ts'
import { schema } from './schema.generated.ts'
import { inconsistencyOf } from './validate.ts'

/** Largest file of a quiz or result, in characters. */
export const LONGEST_QUIZ = 16_000_000

const { $defs: definitions, ...quizSchema } = schema as Schema & {
  readonly $defs: Readonly<Record<string, Schema>>
}
const validator = new Validator(definitions)

/**
 * The first fault of a value against the schema of quizzes; undefined where there is none. Whether
 * its parts agree with each other is not checked.
 */
export const schemaFaultOf = (value: unknown): Fault | undefined =>
  validator.faultOf(quizSchema, value)

/**
 * A quiz from the text of its file.
 *
 * @param name name of the file in errors
 * @throws {RangeError} in one line: path and line of the fault, and the remedy
 */
export const readQuiz = (text: string, name = 'quiz'): Quiz =>
  readJson(text, name, (value) => schemaFaultOf(value) ?? inconsistencyOf(value as Quiz)) as Quiz

/**
 * A value from JSON that fits a definition of the schema.
 *
 * @throws {RangeError} as `readQuiz`
 */
export const readDefined = (definition: string, text: string, name: string): unknown =>
  readJson(text, name, (value) => validator.faultOf(definitions[definition], value))

/**
 * A value from JSON without a fault.
 *
 * @throws {RangeError} in one line where it is not JSON, repeats a field, or has a fault
 */
function readJson(
  text: string,
  name: string,
  faultOf: (value: unknown) => Fault | undefined,
): unknown {
  const fail = (what: string): never => {
    throw new RangeError(`${name}: ${what}`)
  }
  if (text.length > LONGEST_QUIZ)
    fail(`has more than ${LONGEST_QUIZ / 1e6} million signs; is it the right file?`)
  const plain = text.replace(/^\uFEFF/, '')
  if (!plain.trim()) fail('is empty; give a quiz as JSON, see docs/quiz.md')
  const value = parsed(plain, fail)
  const { lines, twice } = lineNumbersOf(plain)
  const fault =
    twice === undefined
      ? faultOf(value)
      : { path: twice, text: 'this field stands twice; keep one' }
  if (fault) {
    const line = lines.get(fault.path)
    fail(
      `${line === undefined ? '' : `line ${line}: `}${fault.path ? `${fault.path}: ` : ''}${fault.text}`,
    )
  }
  return value
}

function parsed(text: string, fail: (what: string) => never): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    const { message } = error as Error
    const at = /position (\d+)/.exec(message)
    const line = at ? `line ${text.slice(0, Number(at[1])).split('\n').length}: ` : ''
    const what = message.replace(/ in JSON at position.*/s, '').replace(/\s+/g, ' ')
    return fail(`${line}is not JSON (${what}); mend it there, or check that it is the right file`)
  }
}
