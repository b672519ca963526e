import { hasKey, type Quiz, type QuizResult, resultRows } from '../../../doors/internal.ts'
import { plainJson } from '../../terminal/decimals.ts'
import { checkOutput, deliver, rowOf, type Written } from '../../terminal/output.ts'
import type { TakeOptions } from './options.ts'
import { type Desk, review } from './play.ts'

/**
 * Writes the result, then shows the score and, on request, the runs. Returns false where it was
 * interrupted before it was written.
 */
export async function handIn(desk: Desk, options: TakeOptions): Promise<boolean> {
  const { sitting, asker, show } = desk
  const { quiz } = sitting.start
  const result = sitting.result(new Date().toISOString())
  const { output, json } = options
  desk.clear()
  if (json || output !== undefined) await deliver(written(result, quiz, options), options)
  else if (asker.interactive && !(await offerFile(desk, result, quiz))) return false
  await desk.forget()
  if (output !== undefined && output !== '-') show.prose(show.say.saved(output))
  show.score(result)
  if (asker.interactive && hasKey(quiz)) await review(desk)
  return true
}

/**
 * Asks for a file to write to, until one can be written or none is wanted. Returns false where it
 * was interrupted.
 */
async function offerFile({ asker, show }: Desk, result: QuizResult, quiz: Quiz) {
  for (;;) {
    const output = (await asker.ask(show.say.prompt(show.say.save)))?.trim()
    if (!output) return output !== undefined
    try {
      await checkOutput({ output })
      await deliver(written(result, quiz, { output }), { output })
      show.prose(show.say.saved(output))
      return true
    } catch (error) {
      show.prose((error as Error).message)
    }
  }
}

/** A result as JSON, or as a table of one row. */
async function* written(
  result: QuizResult,
  quiz: Quiz,
  { format, output = '', json }: Pick<TakeOptions, 'format' | 'output' | 'json'>,
): Written {
  const isTable = (format ?? (output.toLowerCase().endsWith('.csv') ? 'csv' : 'json')) === 'csv'
  if (isTable && !json) for (const row of resultRows(quiz, [result])) yield rowOf(row, 'csv')
  else yield `${plainJson(result, json ? 0 : 1)}\n`
}
