import { extname } from 'node:path'
import type { Command } from 'commander'
import {
  type GradedItem,
  type GradedPerson,
  type Grades,
  grade,
  itemsOf,
  type Quiz,
  type Unread,
} from '../../doors/internal.ts'
import { brief } from '../terminal/decimals.ts'
import { EXIT } from '../terminal/errors.ts'
import { commandOf, type SpeechOptions, withOutput } from '../terminal/options.ts'
import {
  checkOutput,
  columnsOf,
  deliver,
  type Format,
  formatOf,
  type OutputOptions,
  rowOf,
} from '../terminal/output.ts'
import { reporterOf } from '../terminal/progress.ts'
import { openQuiz } from './file.ts'
import { answersIn } from './responses.ts'

interface GradeOptions extends SpeechOptions, OutputOptions {
  readonly items?: boolean
}

const FORMATS: readonly Format[] = ['table', 'csv', 'tsv']

const EXAMPLES = `  regard quiz grade my.json responses.csv            what Google Forms collected
  regard quiz grade self-attention results/          a folder of result files of regard quiz take
  regard quiz grade my.json responses.csv -o grades.csv
  regard quiz grade my.json responses.csv --items -o items.csv
`

export function gradeCommand(): Command {
  const command = commandOf('grade', 'points of everybody, and how hard each item was', EXAMPLES)
    .argument('<quiz>', 'the quiz with its key, or one that ships by its name')
    .argument(
      '<responses...>',
      'answers: CSV of Google Forms, of regard quiz take or typed from paper, result files, folders of them; - is stdin',
    )
    .option('--items', 'in csv and tsv, a row for each item instead of each person')
  return withOutput(command, FORMATS)
    .addHelpText(
      'after',
      `
Difficulty is the share who had an item right. Discrimination is the point-biserial correlation of having it
right with the points of the other items. People of equal names are kept apart: each sheet counts by itself.`,
    )
    .action(async (quiz: string, responses: string[], options: GradeOptions) => {
      process.exitCode = await gradeQuiz(quiz, responses, options)
    })
}

async function gradeQuiz(
  file: string,
  paths: readonly string[],
  options: GradeOptions,
): Promise<number> {
  const json =
    options.json ||
    (options.format === undefined && extname(options.output ?? '').toLowerCase() === '.json')
  const format = formatOf({ ...options, json }, FORMATS, 'table')
  await checkOutput(options)
  const { quiz } = await openQuiz(file)
  const { sheets, unread } = await answersIn(quiz, paths)
  const grades = grade(quiz, sheets)
  await deliver(
    WRITERS[format as keyof typeof WRITERS](grades, {
      quiz,
      unread,
      items: options.items ?? false,
    }),
    options,
  )
  const { warn } = reporterOf('quiz grade', options, process.stderr)
  for (const one of unread) warn(`${placeOf(one)}: ${one.text}`)
  return EXIT.done
}

const placeOf = ({ file, line }: { readonly file: string; readonly line?: number }): string =>
  line === undefined ? file : `${file}: line ${line}`

interface Graded {
  readonly quiz: Quiz
  readonly unread: readonly Unread[]
  readonly items: boolean
}

type Writer = (grades: Grades, graded: Graded) => AsyncGenerator<string>

const WRITERS = {
  table: async function* (grades, { quiz }) {
    yield* linesOf(peopleTable(grades))
    yield '\n'
    yield* linesOf(itemTable(grades, quiz))
  },
  csv: (grades, graded) => rows(grades, graded, 'csv'),
  tsv: (grades, graded) => rows(grades, graded, 'tsv'),
  json: async function* ({ of, people, items }, { quiz, unread }) {
    yield `${JSON.stringify({ quiz: quiz.id, of, people, items, unread })}\n`
  },
} satisfies Readonly<Record<string, Writer>>

function* linesOf(lines: readonly string[]): Generator<string> {
  for (const line of lines) yield `${line}\n`
}

/**
 * People of equal names, or without one, by where they were read too; no name reaches the terminal
 * as a command to it.
 */
function peopleTable({ people, of }: Grades): string[] {
  const alike = (name: string): boolean =>
    name === '' || people.filter((other) => other.name === name).length > 1
  const shown = (person: GradedPerson): string[] => [
    person.name.replace(/\p{Cc}+/gu, ' ') || '–',
    `${rounded(person.points)} / ${rounded(of)}`,
    `${Math.round((100 * person.points) / of)} %`,
    alike(person.name) ? placeOf(person) : '',
  ]
  return columnsOf([['name', 'points', '', ''], ...people.map(shown)], [1, 2])
}

const rounded = (points: number): string => String(Number(points.toFixed(4)))

function itemTable({ items, people }: Grades, quiz: Quiz): string[] {
  const known = itemsOf(quiz)
  const shown = (item: GradedItem, n: number): string[] => [
    item.id,
    `${item.right} / ${people.length}`,
    item.difficulty === null ? '–' : brief(item.difficulty),
    item.discrimination === null ? '–' : brief(item.discrimination),
    String(item.blank),
    item.wrong
      ? `${known[n].kind === 'numeric' ? item.wrong.answer : `(${item.wrong.answer})`} × ${item.wrong.count}`
      : '–',
  ]
  return columnsOf(
    [
      ['item', 'right', 'difficulty', 'discrimination', 'blank', 'commonest wrong'],
      ...items.map(shown),
    ],
    [1, 2, 3, 4],
  )
}

async function* rows(
  { of, people, items }: Grades,
  { items: ofItems }: Graded,
  format: 'csv' | 'tsv',
): AsyncGenerator<string> {
  if (ofItems) {
    yield rowOf(
      ['item', 'people', 'right', 'blank', 'difficulty', 'discrimination', 'wrong', 'wrong_count'],
      format,
    )
    for (const { id, right, blank, difficulty, discrimination, wrong } of items)
      yield rowOf(
        [
          id,
          people.length,
          right,
          blank,
          difficulty ?? '',
          discrimination ?? '',
          wrong?.answer ?? '',
          wrong?.count ?? '',
        ],
        format,
      )
    return
  }
  yield rowOf(['name', 'points', 'of', 'file', 'line', ...items.map(({ id }) => id)], format)
  for (const { name, points, file, line, earned } of people)
    yield rowOf(
      [
        harmless(name),
        rounded(points),
        rounded(of),
        file,
        line ?? '',
        ...items.map(({ id }) => earned[id]),
      ],
      format,
    )
}

/** A name that a spreadsheet does not take for a formula. */
const harmless = (name: string): string => (/^[=+\-@\t]/.test(name) ? `'${name}` : name)
