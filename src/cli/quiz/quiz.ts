import { Command } from 'commander'
import { withCommands } from '../terminal/unknown.ts'
import { checkCommand } from './check.ts'
import { exportCommand } from './export.ts'
import { gradeCommand } from './grade.ts'
import { importCommand } from './import.ts'
import { takeCommand } from './take/take.ts'

const EXAMPLES = `Examples:
  regard quiz take                        the ten questions about the layer; a wrong answer runs
  regard quiz take my.json -o result.json --mode test
  regard quiz check my.json               whether the layer proves what the key says
  regard quiz export my.json --to html --without-key -o sheet.html
  regard quiz import moodle.xml -o my.json
  regard quiz grade my.json responses.csv
`

export const quizCommand = (): Command =>
  withCommands(
    new Command('quiz').description('a quiz to take, hand out, collect and grade'),
    EXAMPLES,
    [takeCommand, checkCommand, exportCommand, importCommand, gradeCommand],
  )
