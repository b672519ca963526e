import type { Line, TextStream } from '../../doors/internal.ts'

/** Takes what of a text is not read, such as «words of stage», and how much of it. */
export type LeaveOut = (what: string, count: number) => void

/** A format that texts come in. */
export interface TextFormat {
  /** As --input takes it. */
  readonly name: string
  /** As people call it. */
  readonly title: string
  /** Whether its lines are paragraphs, of which sentences are made. */
  readonly paragraphs?: boolean
  /**
   * Whether a text is in this format.
   *
   * @param lines the first of the text
   */
  recognises(lines: readonly Line[]): boolean
  /**
   * The sentences of a text, one after the other as they are read.
   *
   * @param stream UTF-8
   * @param name of the text in errors
   */
  read(stream: TextStream, name: string, leaveOut: LeaveOut): AsyncGenerator<Line>
}
