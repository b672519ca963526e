import fc from 'fast-check'
import { partsOf, textOfParts } from '../../src/quiz/formulas.ts'
import type { Quiz, QuizItem, QuizText } from '../../src/quiz/quiz.ts'
import { mapTexts } from '../../src/quiz/texts.ts'

const NASTY = [
  ...[
    '~',
    '=',
    '#',
    '{',
    '}',
    ':',
    '<',
    '>',
    '&',
    '"',
    "'",
    '’',
    '\\',
    '\\\\',
    '%',
    '%50%',
    '[',
    ']',
    '[html]',
    '//',
    '::',
    '->',
    '####',
    '$CATEGORY:',
  ],
  ...[
    ' ',
    '  ',
    '\n',
    '\n\n',
    '\t',
    '\r',
    '\u00a0',
    '\u2028',
    '\ufeff',
    ',',
    ';',
    '; ',
    ', ',
    '*/',
    '</script>',
    '<!--',
    ']]>',
    '&amp;',
    '&nbsp;',
    '<b>',
    '&#65;',
  ],
  ...[
    '$W_Q \\in \\mathbb{R}^{D \\times d_q}$',
    '$a < b & c$',
    "$\\alpha_{t'}$",
    '\\$',
    '\\(',
    '\\)',
    '\\[x\\]',
    '\\$\\$',
    '$',
    '$ $',
    '\\n',
    '\\:',
  ],
  ...[
    '«НМ»',
    'été',
    'e\u0301',
    '🎓',
    '👩‍🏫',
    'שלום',
    'مرحبا',
    '中文',
    '=1+1',
    '@',
    'T',
    'TRUE',
    '1..2',
    '_____',
    '-->',
    '`$'.concat('{x}`'),
  ],
]
const nasty = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...NASTY) },
  { weight: 1, arbitrary: fc.string({ unit: 'grapheme', maxLength: 4 }) },
)
// biome-ignore lint/suspicious/noControlCharactersInRegex: a text of a quiz has none
const CONTROLS = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\ufffe\uffff]|\p{Surrogate}/u

/** A text as a quiz may have it: made of what trips readers of other formats. */
export const nastyText = fc
  .array(nasty, { minLength: 1, maxLength: 8 })
  .map((pieces) => pieces.join(''))
  .filter((text) => text.trim() !== '' && !CONTROLS.test(text))

const LANGUAGES = ['fr', 'en']
const text: fc.Arbitrary<QuizText> = fc.oneof(
  nastyText,
  fc.record({ fr: nastyText, en: nastyText }),
)
const id = fc.constantFrom('1', '2', '3', 'q_1', 'α', 'été', 'НМ', 'x.y-z', 'W_Q')
const common = {
  text,
  points: fc.constantFrom(1, 2, 0.5, 2.25),
  required: fc.boolean(),
  explanation: text,
  claim: fc.constant({ name: 'order' }),
}
const optional = { requiredKeys: ['id', 'text', 'kind', 'options'] as never }

const option = fc.record(
  { id, text, pinned: fc.boolean(), feedback: text },
  { requiredKeys: ['id', 'text'] },
)
const choice = fc
  .record(
    {
      id,
      kind: fc.constantFrom('single', 'multiple'),
      shuffle: fc.boolean(),
      ...common,
      options: fc.uniqueArray(option, { minLength: 2, maxLength: 5, selector: (one) => one.id }),
    },
    optional,
  )
  .chain((item) =>
    fc
      .uniqueArray(fc.nat(item.options.length - 1), {
        minLength: 1,
        maxLength: item.kind === 'single' ? 1 : 5,
      })
      .map((right) => ({
        ...item,
        options: item.options.map((one, n) => ({ ...one, right: right.includes(n) })),
      })),
  )
const value = fc.oneof(
  fc.integer({ min: -1e6, max: 1e6 }),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((x) => x + 0),
)
const numeric = fc.record(
  {
    id,
    kind: fc.constant('numeric'),
    ...common,
    answer: fc.record({ value, tolerance: value.map(Math.abs) }, { requiredKeys: ['value'] }),
    feedback: fc.record({ right: text, wrong: text }, { requiredKeys: [] }),
  },
  { requiredKeys: ['id', 'kind', 'text', 'answer'] },
)

const items = fc.uniqueArray(
  fc.oneof({ weight: 3, arbitrary: choice }, { weight: 1, arbitrary: numeric }),
  {
    minLength: 1,
    maxLength: 4,
    selector: (item) => item.id,
  },
) as fc.Arbitrary<QuizItem[]>

/** Any quiz in French and English, with its key. */
export const anyQuiz: fc.Arbitrary<Quiz> = items.chain((all) =>
  fc
    .record(
      {
        regardQuiz: fc.constant(1 as const),
        id: fc.constant('any-quiz'),
        title: text,
        description: text,
        languages: fc.constant(LANGUAGES),
        name: fc.record({ label: text, required: fc.boolean() }, { requiredKeys: [] }),
        shuffle: fc.boolean(),
        cut: fc.integer({ min: 0, max: all.length - 1 }),
        heads: fc.array(fc.record({ title: text, text }, { requiredKeys: ['title'] }), {
          minLength: 2,
          maxLength: 2,
        }),
      },
      { requiredKeys: ['regardQuiz', 'id', 'title', 'languages', 'cut', 'heads'] },
    )
    .map(({ cut, heads, ...quiz }) => ({
      ...quiz,
      sections: [all.slice(0, cut), all.slice(cut)].flatMap((part, n) =>
        part.length > 0 ? [{ ...heads[n], items: part }] : [],
      ),
    })),
) as fc.Arbitrary<Quiz>

/**
 * A quiz with one way to say each thing: usual values left out, formulas on one line, dollars that
 * open none escaped.
 */
export function canonical(quiz: Quiz): unknown {
  const sameText = mapTexts(quiz, (given) =>
    typeof given === 'string'
      ? canonicalText(given)
      : Object.fromEntries(Object.entries(given).map(([tag, one]) => [tag, canonicalText(one)])),
  )
  return JSON.parse(JSON.stringify(sameText), (key, found) =>
    Object.hasOwn(USUAL, key) && USUAL[key](found) ? undefined : found,
  )
}

const USUAL: Readonly<Record<string, (found: unknown) => boolean>> = {
  required: (found) => found === true,
  shuffle: (found) => found === false,
  pinned: (found) => found === false,
  right: (found) => found === false,
  points: (found) => found === 1,
  tolerance: (found) => found === 0,
  feedback: (found) => typeof found === 'object' && Object.keys(found as object).length === 0,
}

const canonicalText = (given: string): string =>
  textOfParts(
    partsOf(given).map(({ kind, text: part }) => ({
      kind,
      text: kind === 'formula' ? part.replace(/\s+/g, ' ') : part,
    })),
  )
