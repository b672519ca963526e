import type { QuizResult } from '../../../doors/internal.ts'
import type { SpeechOptions } from '../../terminal/options.ts'

/** What `regard quiz take` was asked. */
export interface TakeOptions extends SpeechOptions {
  readonly mode: QuizResult['mode']
  readonly name?: string
  readonly language?: string
  readonly seed: number
  readonly shuffle?: boolean
  readonly output?: string
  readonly format?: 'json' | 'csv'
  readonly force?: boolean
}
