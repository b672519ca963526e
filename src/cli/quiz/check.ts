import type { Command } from 'commander'
import {
  builtInQuizzes,
  checkQuiz,
  type ItemCheck,
  type Language,
  openDevice,
  Prover,
  visible,
} from '../../doors/internal.ts'
import { languageOption } from '../prove.ts'
import { plainJson } from '../terminal/decimals.ts'
import { EXIT } from '../terminal/errors.ts'
import { commandOf, doing, type SpeechOptions } from '../terminal/options.ts'
import { type Sink, type Terminal, terminalOf, wrapped } from '../terminal/terminal.ts'
import { type OpenedQuiz, openQuiz } from './file.ts'

export interface CheckOptions extends SpeechOptions {
  readonly language: Language
}

const EXAMPLES = `  regard quiz check                   the quizzes that ship with the package
  regard quiz check my.json           a quiz of yours: its form, its key, its claims
  regard quiz check my.json --json
`

export function checkCommand(): Command {
  const command = commandOf('check', 'hold a quiz to its form, and its key to the layer', EXAMPLES)
    .argument('[files...]', 'quizzes as JSON, - is stdin; without any, those that ship')
    .addOption(languageOption('language of what is found'))
    .addHelpText(
      'after',
      '\nEnds with 4 where the layer contradicts a key, and names the item and the option.',
    )
  return doing(command, (files: string[], options: CheckOptions) =>
    check(files, options, process.stdout),
  )
}

const PHRASES = {
  en: {
    item: 'item',
    option: 'option',
    proven: 'proven',
    unproven: (why: string) => `unproven: ${why}`,
    noClaim: 'it has no claim',
    noKey: 'the quiz has no key',
    summary: (counts: Counts) =>
      `${counts.all} items: ${counts.proven} proven, ${counts.unproven} unproven, ${counts.failed} failed.`,
  },
  fr: {
    item: 'question',
    option: 'choix',
    proven: 'prouvée',
    unproven: (why: string) => `non prouvée : ${why}`,
    noClaim: 'elle n’a pas d’énoncé',
    noKey: 'le quiz n’a pas de corrigé',
    summary: (counts: Counts) =>
      `${counts.all} questions : ${counts.proven} prouvées, ${counts.unproven} non prouvées, ${counts.failed} contredites.`,
  },
} as const

/** Items by what was found of them. */
type Counts = Readonly<Record<'all' | ItemCheck['status'], number>>

/** Checks quizzes and prints what was found. Returns the exit code. */
export async function check(
  files: readonly string[],
  options: CheckOptions,
  out: Sink,
): Promise<number> {
  const opened: OpenedQuiz[] = []
  for (const file of files.length > 0 ? files : builtInQuizzes) opened.push(await openQuiz(file))
  const device = await openDevice({ device: 'reference', dtype: 'float64' })
  try {
    return await checkAll(opened, new Prover({ device }), options, out)
  } finally {
    await device.close()
  }
}

/** Holds quizzes that are open to a prover, which keeps what it ran. Returns the exit code. */
export async function checkAll(
  opened: readonly OpenedQuiz[],
  prover: Prover,
  options: CheckOptions,
  out: Sink,
): Promise<number> {
  const terminal = terminalOf(out)
  const quizzes: { file: string; id: string; items: ItemCheck[] }[] = []
  for (const { name, quiz } of opened) {
    const items: ItemCheck[] = []
    if (!options.json) terminal.print(terminal.style('bold', visible(name)))
    for await (const found of checkQuiz(quiz, prover)) {
      items.push(found)
      if (!options.json && !(options.quiet && found.status !== 'failed'))
        printItem(found, options.language, terminal)
    }
    if (!options.json) printSummary(items, options.language, terminal)
    quizzes.push({ file: name, id: quiz.id, items })
  }
  const failed = quizzes.some(({ items }) => items.some(({ status }) => status === 'failed'))
  if (options.json) terminal.print(plainJson({ passed: !failed, quizzes }))
  return failed ? EXIT.failed : EXIT.done
}

function printItem(
  { item, claim, status, faults }: ItemCheck,
  language: Language,
  { columns, print, style }: Terminal,
) {
  const say = PHRASES[language]
  const label = `${say.item} ${item}`
  if (status === 'proven')
    print(
      style('green', '✓') + wrapped('✓ ', `${label} · ${say.proven} · ${claim}`, columns).slice(1),
    )
  if (status === 'unproven') {
    const why = say.unproven(claim === undefined ? say.noClaim : say.noKey)
    print(wrapped('– ', `${label} · ${why}`, columns))
  }
  for (const { option, text } of faults) {
    const where = option === undefined ? label : `${label}, ${say.option} ${option}`
    print(style('red', wrapped('✗ ', `${where}: ${text[language]}`, columns)))
  }
}

function printSummary(items: readonly ItemCheck[], language: Language, terminal: Terminal) {
  const counts = { all: items.length, proven: 0, unproven: 0, failed: 0 }
  for (const { status } of items) counts[status]++
  terminal.print(terminal.style(counts.failed ? 'red' : 'green', PHRASES[language].summary(counts)))
}
