import { stat } from 'node:fs/promises'
import type {
  Model,
  SearchOptions,
  TextInput,
  TextStream,
  TextsRead,
} from '../../doors/internal.ts'
import { sourceOf, type TextReader } from '../texts/reader.ts'
import { grouped } from './decimals.ts'
import { EXIT } from './errors.ts'
import { inputOf, type ModelOptions, type Source, sentencesIn, undividedBy } from './input.ts'
import { interrupted, until } from './interruption.ts'
import type { Reporter } from './progress.ts'
import { readText } from './searching.ts'

const STOPPING = 'stopping, and showing what was found; Ctrl-C once more stops at once'

/** The lines of some files as a model reads them, which Ctrl-C ends, with a report of how far. */
export class Reading {
  readonly #files: readonly string[]
  readonly #reader: TextReader
  readonly #reporter: Reporter
  readonly #interruption: ReturnType<typeof interrupted>
  /** The lines that are kept, by the numbers of their texts. */
  readonly #sources = new Map<number, Source>()
  #undivided: ReturnType<typeof undividedBy> | undefined
  #bytes = 0
  #all: number | undefined
  #last: Source | undefined
  #read: TextsRead = { texts: 0, words: 0, occurrences: 0 }

  constructor(files: readonly string[], reader: TextReader, reporter: Reporter) {
    this.#files = files
    this.#reader = reader
    this.#reporter = reporter
    this.#interruption = interrupted(reporter, STOPPING)
  }

  /** Every line, or sentence, that has words; of one that the text has cut, its words. */
  async *texts(model: Model, options: Pick<ModelOptions, 'sentences'>): AsyncGenerator<TextInput> {
    this.#all = await sizeOf(this.#files)
    this.#interruption.begin()
    const { signal } = this.#interruption
    this.#undivided = undividedBy(model)
    let number = 0
    try {
      for (const { name, stream } of this.#files.map(sourceOf)) {
        const lines = this.#reader.lines({ name, stream: this.#counted(stream) })
        for await (const line of until(signal, sentencesIn(lines, options, model))) {
          if (!line.text.trim()) continue
          this.#last = { file: name, line }
          this.#sources.set(number++, this.#last)
          const text = inputOf(line)
          this.#undivided.note(text)
          yield text
        }
        if (signal.aborted) break
      }
    } finally {
      this.end()
    }
  }

  async *#counted(stream: TextStream): AsyncGenerator<Uint8Array | string> {
    for await (const piece of stream) {
      this.#bytes += piece.length
      yield piece
    }
  }

  /** Options of a search that reads these lines. */
  get options(): Required<Pick<SearchOptions, 'signal' | 'progress'>> {
    const progress = (read: TextsRead) => {
      // a line without an occurrence is not shown
      if (read.occurrences === this.#read.occurrences) this.#sources.delete(read.texts - 1)
      this.#read = read
      const { texts: lines, words, occurrences } = read
      const share = this.#all ? Math.min(1, this.#bytes / this.#all) : undefined
      this.#reporter.happens({ event: 'read', lines, words, occurrences, share })
    }
    return { signal: this.#interruption.signal, progress }
  }

  /** The files that were read: without those of folders that are no plain text. */
  get files(): string[] {
    return this.#files.filter((file) => !this.#reader.leavesOut(file))
  }

  get read(): TextsRead {
    return this.#read
  }

  /** Where a text stands. */
  sourceOf(text: number): Source {
    return this.#sources.get(text) as Source
  }

  /** Says what is to be said once everything is read. Returns the exit code. */
  report(): number {
    this.#reporter.happens({ event: 'readAll' })
    this.#reader.report(this.#reporter)
    this.#undivided?.report(this.#reporter)
    if (!this.#interruption.signal.aborted) return EXIT.done
    if (this.#files.includes('-')) process.stdin.destroy()
    const share = this.#all ? `, ${Math.floor((100 * this.#bytes) / this.#all)} % of all` : ''
    const where = this.#last
      ? `${this.#last.file}: line ${grouped(this.#last.line.number)}`
      : 'start'
    this.#reporter.warn(`stopped at ${where} (${readText(this.#read)}${share})`)
    return EXIT.interrupted
  }

  /**
   * Lets Ctrl-C end the process again, as it does once all is read; takes the bar away where an error
   * ended the reading.
   */
  end(): void {
    this.#reporter.happens({ event: 'readAll' })
    this.#interruption.end()
  }
}

/** Bytes of some files; undefined where one of them is none, such as stdin. */
async function sizeOf(files: readonly string[]): Promise<number | undefined> {
  const found = await Promise.all(
    files.map((file) => (file === '-' ? undefined : stat(file).catch(() => undefined))),
  )
  if (!found.every((one) => one?.isFile())) return undefined
  return found.reduce((sum, one) => sum + (one?.size ?? 0), 0)
}
