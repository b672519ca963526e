import { readFileSync } from 'node:fs'
import { Command } from 'commander'
import { askCommand } from './ask.ts'
import { attendCommand } from './attend.ts'
import { benchCommand } from './bench/bench.ts'
import { embedCommand } from './embed.ts'
import { inspectCommand } from './inspect.ts'
import { labCommand } from './lab/lab.ts'
import { learnCommand } from './learn/learn.ts'
import { nearCommand } from './near.ts'
import { proveCommand } from './prove.ts'
import { quizCommand } from './quiz/quiz.ts'
import { sensesCommand } from './senses/senses.ts'
import { withCommands } from './terminal/unknown.ts'

const { version } = JSON.parse(
  readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
) as { version: string }

const WELCOME = `regard ${version}: contextual embeddings by self-attention, learned from plain text, and a layer proven by running it.

Try:
  regard learn my.txt -o my.safetensors     learn from a text of yours, a sentence on each line
  regard ask my.safetensors "a sentence" "a question ?"   which word answers, by attention weight
  regard quiz take                          ten questions about the layer; a wrong answer runs

The page, to see the layer, train it and take the quiz: regard lab
`

/** The command line: every command with its options. */
export const program = (): Command =>
  withCommands(new Command('regard').version(version), WELCOME, [
    ...[learnCommand, embedCommand, attendCommand, askCommand, nearCommand, sensesCommand],
    ...[proveCommand, quizCommand, labCommand, inspectCommand, benchCommand],
  ])
