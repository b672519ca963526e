import { extname } from 'node:path'
import type { Command } from 'commander'
import {
  type GradedItem,
  type GradedPerson,
  type Grades,
  grade,
  itemsOf,
  type Quiz,
} from '../../doors/internal.ts'
import { brief, plainJson } from '../terminal/decimals.ts'
import { commandOf, doing, type SpeechOptions, withOutput } from '../terminal/options.ts'
import {
  checkOutput,
  columnsOf,
  deliver,
  type Format,
  formatOf,
  type Layout,
  type OutputOptions,
  printed,
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
    .addHelpText(
      'after',
      `
Difficulty is the share who had an item right. Discrimination is the point-biserial correlation of having it
right with the points of the other items. People of equal names are kept apart: each sheet counts by itself.`,
    )
  return doing(withOutput(command, FORMATS), gradeQuiz)
}

async function gradeQuiz(
  file: string,
  paths: readonly string[],
  options: GradeOptions,
): Promise<undefined> {
  const json =
    options.json ||
    (options.format === undefined && extname(options.output ?? '').toLowerCase() === '.json')
  const format = formatOf({ ...options, json }, FORMATS, 'table')
  await checkOutput(options)
  const { quiz } = await openQuiz(file)
  const { sheets, unread } = await answersIn(quiz, paths)
  const grades = grade(quiz, sheets)
  const document = {
    quiz: quiz.id,
    of: grades.of,
    people: grades.people,
    items: grades.items,
    unread,
  }
  const layout = (options.items ? itemRows : peopleRows)(quiz, grades)
  const written = format === 'json' ? `${plainJson(document)}\n` : printed([grades], format, layout)
  await deliver(written, options)
  const { warn } = reporterOf('quiz grade', options)
  for (const one of unread) warn(`${whereOf(one)}: ${one.text}`)
}

const whereOf = ({ file, line }: { readonly file: string; readonly line?: number }) =>
  line === undefined ? file : `${file}: line ${line}`

/** People of equal names, or without one, by where they were read too. */
function peopleTable({ people, of }: Grades) {
  const alike = (name: string) =>
    name === '' || people.filter((other) => other.name === name).length > 1
  const shown = (person: GradedPerson) => [
    person.name || '–',
    `${rounded(person.points)} / ${rounded(of)}`,
    `${Math.round((100 * person.points) / of)} %`,
    alike(person.name) ? whereOf(person) : '',
  ]
  return columnsOf([['name', 'points', '', ''], ...people.map(shown)], [1, 2])
}

const rounded = (points: number) => String(Number(points.toFixed(4)))

function itemTable({ items, people }: Grades, quiz: Quiz) {
  const known = itemsOf(quiz)
  const shown = (item: GradedItem, n: number) => [
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

/** A row for each person, and both tables for people. */
const peopleRows = (quiz: Quiz, { items: all }: Grades): Layout<Grades> => ({
  table: (grades) => [...peopleTable(grades), '', ...itemTable(grades, quiz)],
  head: ['name', 'points', 'of', 'file', 'line', ...all.map(({ id }) => id)],
  rows: ({ of, people, items }) =>
    people.map(({ name, points, file, line = '', earned }) => [
      ...[harmless(name), rounded(points), rounded(of), file, line],
      ...items.map(({ id }) => earned[id]),
    ]),
})

/** A row for each item. */
const itemRows = (quiz: Quiz, grades: Grades): Layout<Grades> => ({
  ...peopleRows(quiz, grades),
  head: [
    'item',
    'people',
    'right',
    'blank',
    'difficulty',
    'discrimination',
    'wrong',
    'wrong_count',
  ],
  rows: ({ people, items }) =>
    items.map(({ id, right, blank, difficulty, discrimination, wrong }) => [
      ...[id, people.length, right, blank, difficulty ?? '', discrimination ?? ''],
      ...[wrong?.answer ?? '', wrong?.count ?? ''],
    ]),
})

/** A name that a spreadsheet does not take for a formula. */
const harmless = (name: string) => (/^[=+\-@\t]/.test(name) ? `'${name}` : name)
