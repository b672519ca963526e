import { checkOptions, FUNCTION, SEED, TEXT } from '../../kinds.ts'
import { partsOf } from '../formulas.ts'
import {
  type ChoiceItem,
  itemsOf,
  type NumericItem,
  type Quiz,
  type QuizItem,
  type QuizSection,
  type QuizText,
} from '../quiz.ts'
import { inLanguage } from '../texts.ts'
import { unicodeText } from '../unicode.ts'
import { hasKey } from '../without-key.ts'
import { nameLabel } from './apps-script.ts'
import { escapeHtml } from './html-text.ts'
import { letterOf, lossyFeatures } from './lossy.ts'
import type { Exported } from './remark.ts'
import { STYLE } from './sheet-style.ts'

export interface SheetOptions {
  /** One of the quiz; default its first one. */
  readonly language?: string
  /** The seed that its order was drawn from: it is printed, so that answers can be told apart. */
  readonly seed?: number | undefined
  /** A formula in TeX as MathML. */
  readonly math: (tex: string) => string
}

const PHRASES = {
  en: {
    points: (n: number) => (n === 1 ? '1 point' : `${n} points`),
    total: 'Points',
    several: 'Several may be right.',
    key: 'Key',
    sheet: 'Sheet',
    within: 'within',
    optional: 'Need not be answered.',
  },
  fr: {
    points: (n: number) => (n < 2 ? `${decimal(n)} point` : `${decimal(n)} points`),
    total: 'Points',
    several: 'Plusieurs réponses possibles.',
    key: 'Corrigé',
    sheet: 'Sujet',
    within: 'à',
    optional: 'Réponse facultative.',
  },
} as const

const decimal = (n: number): string => String(n).replace('.', ',')

/** A quiz on its way to paper. */
interface Sheet {
  readonly math: SheetOptions['math']
  readonly say: (typeof PHRASES)['en' | 'fr']
  /** Whether it shows what is right. */
  readonly key: boolean
  readonly seed: number | undefined
}

/**
 * The quiz as one HTML file to print, in one language: name line, boxes to tick, formulas in
 * MathML.
 *
 * Options are lettered by their places. A quiz with its key becomes the key: what is right is
 * ticked, with feedback and explanations, and the ids of items, and of options where they are not
 * their letters, tell which is which.
 */
export function writeSheet(quiz: Quiz, options: SheetOptions): Exported {
  checkOptions('writeSheet', options, { language: TEXT, seed: SEED, math: FUNCTION }, '{ math }')
  const { language = quiz.languages[0], seed, math } = options
  FUNCTION('writeSheet', 'math', math)
  const one = inLanguage(quiz, language)
  const sheet: Sheet = {
    math,
    say: /^fr\b/i.test(language) ? PHRASES.fr : PHRASES.en,
    key: hasKey(quiz),
    seed,
  }
  const text = `<!doctype html>
<html lang="${escapeHtml(language)}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(unicodeText(String(one.title)))}${sheet.key ? ` – ${sheet.say.key}` : ''}</title>
<style>${STYLE}</style>
</head>
<body>
${head(one, sheet)}
<main>
${sections(one.sections, sheet)}
</main>
</body>
</html>
`
  return { text, remarks: lossyFeatures(quiz, ['languages', 'sheetOrder', 'sheetLetters']) }
}

/** A text in HTML, its formulas in MathML, its lines parted. */
const textHtml = (text: QuizText, { math }: Sheet): string =>
  partsOf(String(text))
    .map(({ kind, text: part }) =>
      kind === 'formula' ? math(part) : escapeHtml(part).replaceAll('\n', '<br>'),
    )
    .join('')

function head(quiz: Quiz, sheet: Sheet): string {
  const label = quiz.name?.label ?? nameLabel(quiz.languages[0])
  const total = itemsOf(quiz).reduce((sum, { points = 1 }) => sum + points, 0)
  const lines = sheet.key
    ? `<p class="who">${sheet.say.key}</p>`
    : `<p class="who"><span>${textHtml(label, sheet)}</span><span class="line"></span><span>${sheet.say.total}</span><span class="score"></span><span>/ ${total}</span></p>`
  const which =
    sheet.seed === undefined ? '' : `\n<p class="which">${sheet.say.sheet} ${sheet.seed}</p>`
  const description =
    quiz.description === undefined ? '' : `\n<p dir="auto">${textHtml(quiz.description, sheet)}</p>`
  return `<header>\n<h1 dir="auto">${textHtml(quiz.title, sheet)}</h1>${which}\n${lines}${description}\n</header>`
}

function sections(all: readonly QuizSection[], sheet: Sheet): string {
  let number = 0
  const section = ({ title, text, items }: QuizSection): string => {
    const before = text === undefined ? '' : `<p dir="auto">${textHtml(text, sheet)}</p>\n`
    return `<section>\n<h2 dir="auto">${textHtml(title, sheet)}</h2>\n${before}${items.map((item) => itemHtml(item, ++number, sheet)).join('\n')}\n</section>`
  }
  return all.map(section).join('\n')
}

function itemHtml(item: QuizItem, number: number, sheet: Sheet): string {
  const { say } = sheet
  const notes = [
    say.points(item.points ?? 1),
    ...(item.kind === 'multiple' ? [say.several] : []),
    ...(item.required === false ? [say.optional] : []),
    ...(sheet.key ? [`· <code>${escapeHtml(item.id)}</code>`] : []),
  ]
  const answer = item.kind === 'numeric' ? numberHtml(item, sheet) : optionsHtml(item, sheet)
  const why =
    sheet.key && item.explanation !== undefined
      ? `\n<p class="why" dir="auto">${textHtml(item.explanation, sheet)}</p>`
      : ''
  return `<article>\n<p class="ask" dir="auto"><b>${number}.</b> ${textHtml(item.text, sheet)} <small>${notes.join(' ')}</small></p>\n${answer}${why}\n</article>`
}

function optionsHtml({ kind, options }: ChoiceItem, sheet: Sheet): string {
  const lines = options.map(({ id, text, right, feedback }, n) => {
    const letter = letterOf(n)
    const known = sheet.key && id !== letter ? ` = <code>${escapeHtml(id)}</code>` : ''
    const box = `<span class="box ${kind}${right ? ' right' : ''}">${right ? '✓' : ''}</span>`
    const said =
      sheet.key && feedback !== undefined
        ? `<span class="said">${textHtml(feedback, sheet)}</span>`
        : ''
    return `<li${right ? ' class="right"' : ''} dir="auto">${box}<span class="letter">(${letter})${known}</span> <span>${textHtml(text, sheet)}${said}</span></li>`
  })
  return `<ol>\n${lines.join('\n')}\n</ol>`
}

function numberHtml({ answer, feedback = {} }: NumericItem, sheet: Sheet): string {
  if (!sheet.key || !answer) return '<p class="number"><span class="line"></span></p>'
  const { value, tolerance = 0 } = answer
  const said = Object.values(feedback).map(
    (text) => `<br><span class="said">${textHtml(text, sheet)}</span>`,
  )
  return `<p class="number"><b>${value}</b>${tolerance > 0 ? ` ± ${tolerance}` : ''}${said.join('')}</p>`
}
