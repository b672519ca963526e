import { readFileSync } from 'node:fs'
import type { Plugin } from 'vite'
import { partsOf } from '../../src/quiz/formulas.ts'
import { type MathNode, mathOf } from './formulas.ts'

/**
 * An import of `.formulas`, names of quizzes that ship, becomes every formula of theirs as MathML,
 * by its TeX.
 */
export const quizFormulas = (): Plugin => ({
  name: 'quiz-formulas',
  enforce: 'pre',
  transform(source, path) {
    if (!path.endsWith('.formulas')) return null
    const found: Record<string, MathNode> = {}
    for (const name of source.trim().split(/\s+/)) {
      const quiz: unknown = JSON.parse(
        readFileSync(new URL(`../../quiz/${name}.json`, import.meta.url), 'utf8'),
      )
      for (const tex of formulasIn(quiz)) found[tex] = mathOf(tex)
    }
    return { code: `export default ${JSON.stringify(found)}`, map: null }
  },
})

/** Formulas of all texts of a value. */
function formulasIn(value: unknown): string[] {
  if (typeof value === 'string')
    return partsOf(value).flatMap(({ kind, text }) => (kind === 'formula' ? [text] : []))
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(formulasIn) : []
}
