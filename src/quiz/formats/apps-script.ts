import { type ChoiceItem, itemsOf, type Quiz, type QuizItem, type QuizSection } from '../quiz.ts'
import { inLanguage } from '../texts.ts'
import { unicodeText } from '../unicode.ts'
import { hasKey } from '../without-key.ts'
import { formOptions, formTitle, titledOf } from './form-texts.ts'
import { lossyFeatures } from './lossy.ts'
import { type Exported, type Remark, Remarks } from './remark.ts'
import { SCRIPT } from './script.ts'

/** Where the quiz begins in the script, to be read again. */
export const MARK =
  '/* The quiz, for regard quiz import. What is changed here changes nothing in the form.'

/**
 * A Google Apps Script that makes a form of the quiz when it is pasted at script.google.com and
 * run: title, name, sections, items, points, feedback. It holds no credentials, and the quiz
 * itself, to be read again.
 *
 * A quiz without its key becomes a form without points and feedback.
 *
 * @param language one of the quiz's languages; default its first
 */
export function writeAppsScript(quiz: Quiz, language = quiz.languages[0]): Exported {
  const one = inLanguage(quiz, language)
  const form = formOf(one)
  const text = `${SCRIPT.trim()}\n\nconst FORM = ${safeJson(form)}\n\n${MARK}\n${safeJson(quiz)}\n*/\n`
  return { text, remarks: [...lossyFeatures(quiz, ['languages']), ...losses(one)] }
}

/** JSON that ends neither a comment, nor a script of a page, nor a line of older engines. */
const safeJson = (value: unknown): string =>
  JSON.stringify(value, null, 2)
    .replace(/[<\u2028\u2029]/g, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .replaceAll('*/', '*\\/')

/** Everything that the script tells Google, in the order in which it does. */
function formOf(quiz: Quiz) {
  const graded = hasKey(quiz)
  return {
    title: titledOf(unicodeText(String(quiz.title))).title,
    description: quiz.description === undefined ? '' : unicodeText(String(quiz.description)),
    graded,
    shuffle: quiz.shuffle ?? false,
    name: {
      title: titledOf(unicodeText(String(quiz.name?.label ?? nameLabel(quiz.languages[0])))).title,
      required: quiz.name?.required ?? true,
    },
    sections: quiz.sections.map((section) => sectionOf(section, graded)),
  }
}

/** What the field for the name is called where the quiz does not say. */
export const nameLabel = (language: string): string => (/^fr\b/i.test(language) ? 'Nom' : 'Name')

function sectionOf({ title, text, items }: QuizSection, graded: boolean) {
  const help = text === undefined ? '' : unicodeText(String(text))
  return {
    title: titledOf(unicodeText(String(title))).title,
    help,
    items: items.map((item) => itemOf(item, graded)),
  }
}

function itemOf(item: QuizItem, graded: boolean) {
  const common = {
    kind: item.kind,
    ...formTitle(item),
    required: item.required ?? true,
    ...(graded ? { points: wholePoints(item) } : {}),
  }
  if (item.kind !== 'numeric') return { ...common, ...choiceOf(item, graded) }
  return {
    ...common,
    ...(item.explanation === undefined ? {} : { general: unicodeText(String(item.explanation)) }),
  }
}

/** Google takes whole points alone. */
const wholePoints = ({ points = 1 }: QuizItem): number => Math.max(1, Math.round(points))

function choiceOf(item: ChoiceItem, graded: boolean) {
  const texts = formOptions(item)
  return {
    options: texts.map((text, n) => ({
      text,
      ...(graded ? { right: item.options[n].right ?? false } : {}),
    })),
    ...choiceFeedback(item, texts),
  }
}

/** What is said to a right and to a wrong answer; nothing where there is nothing to say. */
interface Said {
  readonly right?: string
  readonly wrong?: string
}

/**
 * Google knows one feedback for all wrong answers: each line begins with the option that it is of.
 */
function choiceFeedback({ options, explanation }: ChoiceItem, texts: readonly string[]): Said {
  const alone = options.filter(({ right }) => right).length === 1
  const why = explanation === undefined ? [] : [unicodeText(String(explanation))]
  const linesOf = (good: boolean): string[] =>
    options.flatMap(({ feedback, right = false }, n) => {
      if (feedback === undefined || right !== good) return []
      const text = unicodeText(String(feedback))
      return [right && alone ? text : `${texts[n]}: ${text}`]
    })
  const said = (key: keyof Said, lines: readonly string[]): Said =>
    lines.length > 0 ? { [key]: lines.join('\n') } : {}
  return {
    ...said('right', [...linesOf(true), ...why]),
    ...said('wrong', [...linesOf(false), ...why]),
  }
}

function losses(quiz: Quiz): readonly Remark[] {
  const remarks = new Remarks()
  const graded = hasKey(quiz)
  for (const item of itemsOf(quiz)) {
    const { id, points = 1 } = item
    const note = (field: string, holds: boolean, text: string): void => {
      if (holds) remarks.add(field, text, id)
    }
    note(
      'points',
      graded && points !== wholePoints(item),
      'Google takes whole points; they are rounded',
    )
    note(
      'claim',
      item.claim !== undefined,
      'nothing can run there; the answers stay, their proofs do not',
    )
    if (item.kind === 'numeric') {
      note(
        'answer',
        graded,
        'a script cannot tell Google which number is right; set the key in the form, or grade with regard quiz grade',
      )
      note(
        'feedback',
        item.feedback !== undefined,
        'what is said to a right or wrong number is left out',
      )
    } else {
      note(
        'shuffle',
        item.shuffle === true,
        'a script cannot have options shuffled; turn it on in the form, question by question',
      )
      note(
        'feedback',
        item.options.some(({ feedback }) => feedback !== undefined),
        'Google knows one for right and one for wrong: those of the options become lines of it',
      )
    }
  }
  return remarks.all
}
