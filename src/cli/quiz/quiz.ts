import { Command } from 'commander'
import { quietly } from '../terminal/options.ts'
import { unknownCommand } from '../terminal/unknown.ts'
import { checkCommand } from './check.ts'
import { exportCommand } from './export.ts'
import { gradeCommand } from './grade.ts'
import { importCommand } from './import.ts'
import { takeCommand } from './take/take.ts'

/** What can be done with a quiz: a file each. */
const SUBCOMMANDS: readonly (() => Command)[] = [
  takeCommand,
  checkCommand,
  exportCommand,
  importCommand,
  gradeCommand,
]

const EXAMPLES = `Examples:
  regard quiz take                        the ten questions about the layer; a wrong answer runs
  regard quiz take my.json -o result.json --mode test
  regard quiz check my.json               whether the layer proves what the key says
  regard quiz export my.json --to html --without-key -o sheet.html
  regard quiz import moodle.xml -o my.json
  regard quiz grade my.json responses.csv
`

export function quizCommand(): Command {
  const quiz = quietly(new Command('quiz'))
    .description('a quiz to take, hand out, collect and grade')
    .addHelpText('before', EXAMPLES)
    .helpCommand('help [command]', 'the same as -h')
    .allowExcessArguments()
    .action((_options: unknown, command: Command) => {
      const [name] = command.args
      if (name !== undefined) throw unknownCommand(name, command)
      process.stdout.write(EXAMPLES)
    })
  for (const command of SUBCOMMANDS) quiz.addCommand(command())
  return quiz
}
