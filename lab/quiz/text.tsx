import { partsOf, type QuizText, textIn, unicodeOf } from 'regard/internal'
import { Formula } from '../parts/formula.tsx'
import formulas from './built-in.formulas'
import { language, quiz } from './sitting.ts'

/** A text of the quiz with its formulas: as MathML where they ship, else in Unicode. */
export function Rich({ text }: { text: string }) {
  return (
    <>
      {partsOf(text).map((part, n) => {
        if (part.kind === 'prose') return part.text
        return Object.hasOwn(formulas, part.text) ? (
          <Formula key={n} of={formulas[part.text]} />
        ) : (
          <span key={n} class="formula">
            {unicodeOf(part.text)}
          </span>
        )
      })}
    </>
  )
}

/** The text in the language in which the quiz is read. */
export const told = (text: QuizText): string =>
  quiz.value ? textIn(text, language.value, quiz.value) : ''

/** A text of the quiz, a paragraph for each of its lines. */
export const Paragraphs = ({ of }: { of: QuizText }) => (
  <>
    {told(of)
      .split(/\r?\n/)
      .map((line, n) => (
        <span key={n} class="paragraph">
          <Rich text={line} />
        </span>
      ))}
  </>
)
