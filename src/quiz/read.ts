import { type Fault, faultOf, type Schema } from './json-schema.ts'
import { lineNumbersOf } from './line-numbers.ts'
import type { Quiz } from './quiz.ts'
import { schema } from './schema.generated.ts'
import { inconsistencyOf } from './validate.ts'

/** Longest text of a quiz or result, in signs. */
export const LONGEST_QUIZ = 16_000_000

const { $defs: definitions, ...quizSchema } = schema as Schema & {
  readonly $defs: Readonly<Record<string, Schema>>
}

/**
 * Why a value has not the form of a quiz; undefined where it has. What its parts say of each other
 * is not looked at.
 */
export const schemaFaultOf = (value: unknown): Fault | undefined =>
  faultOf(quizSchema, value, definitions)

/**
 * A quiz from the text of its file.
 *
 * @param name what the file is called in errors
 * @throws {RangeError} in one line with the place, by path and line, and how to mend it
 */
export function readQuiz(text: string, name = 'quiz'): Quiz {
  const value = readJson(text, name, schemaFaultOf)
  const fault = inconsistencyOf(value as Quiz)
  if (fault) throw faultError(fault, text, name)
  return value as Quiz
}

/**
 * A value from JSON that has a form.
 *
 * @throws {RangeError} in one line where it is not JSON, has a field twice, or has not the form
 */
function readJson(
  text: string,
  name: string,
  form: (value: unknown) => Fault | undefined,
): unknown {
  if (text.length > LONGEST_QUIZ)
    throw new RangeError(
      `${name}: has more than ${LONGEST_QUIZ / 1e6} million signs; is it the right file?`,
    )
  const plain = text.replace(/^\uFEFF/, '')
  if (!plain.trim())
    throw new RangeError(`${name}: is empty; give a quiz as JSON, see docs/quiz.md`)
  const value = parsed(plain, name)
  const { twice } = lineNumbersOf(plain)
  const fault =
    twice === undefined ? form(value) : { path: twice, text: 'this field stands twice; keep one' }
  if (fault) throw faultError(fault, plain, name)
  return value
}

function parsed(text: string, name: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    const { message } = error as Error
    const at = /position (\d+)/.exec(message)
    const line = at ? `line ${text.slice(0, Number(at[1])).split('\n').length}: ` : ''
    const what = message.replace(/ in JSON at position.*/s, '').replace(/\s+/g, ' ')
    throw new RangeError(
      `${name}: ${line}is not JSON (${what}); mend it there, or check that it is the right file`,
    )
  }
}

function faultError({ path, text }: Fault, source: string, name: string): RangeError {
  const line = lineNumbersOf(source).lines.get(path)
  return new RangeError(
    `${name}: ${line === undefined ? '' : `line ${line}: `}${path ? `${path}: ` : ''}${text}`,
  )
}

/**
 * A value from JSON that has one of the forms that the schema defines.
 *
 * @throws {RangeError} as `readQuiz`
 */
export const readDefined = (definition: string, text: string, name: string): unknown =>
  readJson(text, name, (value) => faultOf(definitions[definition], value, definitions))
