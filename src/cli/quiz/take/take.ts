import type { Command } from 'commander'
import {
  DEFAULT_QUIZ,
  hasKey,
  type Language,
  openDevice,
  Prover,
  type Quiz,
} from '../../../doors/internal.ts'
import { french } from '../../prove.ts'
import { usageError } from '../../terminal/errors.ts'
import { choice, commandOf, doing, integerFrom } from '../../terminal/options.ts'
import { checkOutput } from '../../terminal/output.ts'
import { openQuiz } from '../file.ts'
import { linesAsker, terminalAsker } from './asker.ts'
import type { TakeOptions } from './options.ts'
import { type Seating, seated } from './seat.ts'

const EXAMPLES = `  regard quiz take                                    the ten questions about the layer
  regard quiz take --mode test -o ada.json            the score at the end, the result in a file
  regard quiz take my.json --language fr --shuffle --seed 12
  regard quiz take --name Ada --json < answers.txt    a line for each answer, without a terminal
`

export function takeCommand(): Command {
  const command = commandOf('take', 'take a quiz; a wrong answer runs', EXAMPLES)
    .argument(
      '[file]',
      'a quiz as JSON, or the name of one that ships; without it, the one about the layer',
    )
    .addOption(
      choice(
        '--mode <mode>',
        'practice: each answer is judged at once, and the layer runs; test: the score comes at the end',
        ['practice', 'test'],
        'practice',
      ),
    )
    .option('--name <name>', 'your name; asked for without it')
    .option('--language <tag>', 'a language of the quiz')
    .option('--shuffle', 'shuffle items and options, whatever the quiz says')
    .option('--seed <number>', 'what the order is drawn from', integerFrom(0), 7)
    .addOption(
      choice('--format <format>', 'of the result; without it, as the end of FILE says', [
        'json',
        'csv',
      ]),
    )
    .option('-o, --output <file>', 'write the result to FILE, whole or not at all')
    .option('--force', 'overwrite FILE')
    .addHelpText('after', '\nWhat was answered is kept when it is interrupted, and offered again.')
  return doing(command, (file: string | undefined, options: TakeOptions) =>
    take(file ?? DEFAULT_QUIZ, options),
  )
}

async function take(file: string, options: TakeOptions) {
  if (file === '-') throw usageError('FILE cannot be -: the answers come from stdin')
  await checkOutput(options)
  const { quiz } = await openQuiz(file)
  if (options.mode === 'practice' && !hasKey(quiz))
    throw usageError('the quiz has no key, so nothing can be judged at once; add --mode test')
  const language = languageOf(quiz, options)
  const device = await openDevice({ device: 'reference', dtype: 'float64' })
  const seating = seatingOf(options)
  const seat = { quiz, options, language, speech: speechOf(language), ...seating }
  try {
    return await seated({ ...seat, prover: new Prover({ device }) })
  } finally {
    seating.asker.close()
    await device.close()
  }
}

/**
 * Where the questions go and the answers come from: the result alone goes to stdout where it is
 * asked for there.
 */
function seatingOf({ json, output, quiet }: TakeOptions): Pick<Seating, 'asker' | 'out'> {
  const sink = json || output === '-' ? process.stderr : process.stdout
  if (process.stdin.isTTY && sink.isTTY)
    return { asker: terminalAsker(process.stdin, sink), out: sink }
  return {
    asker: linesAsker(process.stdin, 'stdin'),
    out: quiet ? { write: () => true } : sink,
  }
}

/**
 * The language that was asked for, the user's own where the quiz has it, or the quiz's default.
 */
function languageOf({ languages }: Quiz, { language }: TakeOptions) {
  const wanted = language ?? (french() ? 'fr' : 'en')
  const found = languages.find((one) => one.toLowerCase() === wanted.toLowerCase())
  if (language !== undefined && found === undefined)
    throw usageError(
      `the quiz has no language ${JSON.stringify(language)}; it has ${languages.join(', ')}`,
    )
  return found ?? languages[0]
}

/** The language of what the command itself says. */
function speechOf(language: string): Language {
  const [speech] = language.toLowerCase().split('-')
  return speech === 'fr' || speech === 'en' ? speech : french() ? 'fr' : 'en'
}
