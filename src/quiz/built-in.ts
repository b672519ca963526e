import { imported, nearest } from '../kinds.ts'
import type { Quiz } from './quiz.ts'
import { type BuiltInQuiz, quizzes } from './quizzes.generated.ts'

export type { BuiltInQuiz } from './quizzes.generated.ts'

/** The quiz that the project comes from, which is the default. */
export const DEFAULT_QUIZ: BuiltInQuiz = 'self-attention'

/** Names of the quizzes that ship with the package, the default first. */
export const builtInQuizzes: readonly BuiltInQuiz[] = [
  DEFAULT_QUIZ,
  ...(Object.keys(quizzes) as BuiltInQuiz[]).filter((name) => name !== DEFAULT_QUIZ),
]

/**
 * A quiz that ships with the package, loaded on demand.
 *
 * @throws {RangeError} for an unknown name
 */
export async function builtInQuiz(name: string = DEFAULT_QUIZ): Promise<Quiz> {
  const known = builtInQuizzes.find((one) => one === name)
  if (known)
    return (
      await imported(
        'builtInQuiz',
        quizzes[known],
        `give readQuiz the file regard/quiz/${known}.json`,
      )
    ).quiz
  const near = nearest(name, builtInQuizzes)
  throw new RangeError(
    `quiz: unknown quiz ${JSON.stringify(name)}${near ? `; did you mean ${near}?` : ';'} those that ship: ${builtInQuizzes.join(', ')}`,
  )
}
