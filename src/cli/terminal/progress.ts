import { grouped, shortest } from './decimals.ts'
import type { Explanation } from './errors.ts'
import type { SpeechOptions } from './options.ts'
import type { Sink } from './terminal.ts'

/** What happens while something takes long. */
export type Happening =
  | ({ readonly event: 'begin'; readonly floor?: number } & Readonly<
      Record<'sentences' | 'words' | 'questions' | 'vocabulary' | 'steps', number>
    >)
  | {
      readonly event: 'step'
      readonly step: number
      readonly steps: number
      readonly words: number
      readonly loss: number
    }
  | { readonly event: 'heldOut'; readonly step: number; readonly loss: number }
  | { readonly event: 'done'; readonly words: number; readonly heldOutLoss?: number | undefined }

/** Says on stderr what a command does. */
export interface Reporter {
  /** What is good to know. */
  note(line: string): void
  /** What the user should know: one line. */
  warn(message: string): void
  happens(happening: Happening): void
}

/** Seconds, from anywhere. */
export type Clock = () => number

/** Seconds between two lines, and between two drawings of the bar. */
const LINES = 5
const DRAWINGS = 0.1

/**
 * The reporter that the options and the sink ask for: JSON lines, nothing but warnings, a bar in
 * place on a terminal, or a line now and then.
 *
 * @param command what is said before a warning
 */
export function reporterOf(
  command: string,
  options: SpeechOptions,
  sink: Sink,
  clock: Clock = () => performance.now() / 1000,
): Reporter {
  if (options.progress === 'jsonl') return jsonReporter(sink, clock)
  const line = (text: string): void => void sink.write(`${text}\n`)
  const warn = (message: string): void => line(`regard ${command}: warning: ${message}`)
  if (options.quiet) return { note: () => {}, warn, happens: () => {} }
  const inPlace = Boolean(sink.isTTY) && process.env.TERM !== 'dumb'
  return inPlace ? barReporter(sink, warn, clock) : lineReporter(line, warn, clock)
}

/** An error as a line of JSON. */
export const errorLine = ({ exitCode, message }: Explanation, stack?: string): string =>
  `${JSON.stringify({ event: 'error', exitCode, message, stack })}\n`

function jsonReporter(sink: Sink, clock: Clock): Reporter {
  const pace = new Pace(clock)
  const write = (event: string, fields: object): void =>
    void sink.write(`${JSON.stringify({ event, ...fields })}\n`)
  return {
    note: (message) => write('note', { message }),
    warn: (message) => write('warning', { message }),
    happens(happening) {
      const seconds = Number(pace.seconds.toFixed(1))
      if (happening.event === 'begin') {
        pace.begin()
        const { event, ...numbers } = happening
        write(event, numbers)
      } else if (happening.event === 'step') {
        const { step, words, loss } = happening
        write('step', {
          step,
          words,
          wordsPerSecond: Math.round(pace.wordsPerSecond(words)),
          loss: float32(loss),
        })
      } else if (happening.event === 'heldOut')
        write('heldOut', { step: happening.step, seconds, loss: float32(happening.loss) })
      else
        write('done', {
          seconds,
          words: happening.words,
          heldOutLoss: float32(happening.heldOutLoss),
        })
    },
  }
}

const float32 = (x: number | undefined): number | undefined =>
  x === undefined ? undefined : shortest(Math.fround(x))

function lineReporter(
  line: (text: string) => void,
  warn: Reporter['warn'],
  clock: Clock,
): Reporter {
  const pace = new Pace(clock)
  let due = 0
  return {
    note: line,
    warn,
    happens(happening) {
      if (happening.event === 'begin') pace.begin()
      else if (happening.event === 'step') {
        const rate = pace.wordsPerSecond(happening.words)
        if (pace.seconds < due) return
        due = pace.seconds + LINES
        line(`step ${happening.step} of ${happening.steps} · ${stateOf(happening, rate, pace)}`)
      } else line(sentenceOf(happening, pace))
    },
  }
}

function barReporter(sink: Sink, warn: Reporter['warn'], clock: Clock): Reporter {
  const pace = new Pace(clock)
  let due = 0
  let drawn = false
  const clear = (): void => {
    if (drawn) sink.write('\r\x1b[2K')
    drawn = false
  }
  const line = (text: string): void => {
    clear()
    sink.write(`${text}\n`)
  }
  return {
    note: line,
    warn(message) {
      clear()
      warn(message)
    },
    happens(happening) {
      if (happening.event === 'begin') return pace.begin()
      if (happening.event !== 'step') return line(sentenceOf(happening, pace))
      const rate = pace.wordsPerSecond(happening.words)
      const last = happening.step === happening.steps
      if (pace.seconds < due && !last) return
      due = pace.seconds + DRAWINGS
      clear()
      const share = happening.step / happening.steps
      const text = `${barOf(share, 24)} ${String(Math.floor(100 * share)).padStart(3)} %  ${stateOf(happening, rate, pace)}`
      sink.write(text.slice(0, Math.max(1, (sink.columns || 80) - 1)) + (last ? '\n' : ''))
      drawn = !last
    },
  }
}

const barOf = (share: number, width: number): string =>
  '█'.repeat(Math.round(share * width)).padEnd(width, '░')

function stateOf(
  { step, steps, loss }: Happening & { event: 'step' },
  rate: number,
  pace: Pace,
): string {
  const left = (pace.seconds / step) * (steps - step)
  return `loss ${loss.toFixed(3)} · ${grouped(rate)} words/s · ${minutes(left)} left`
}

function sentenceOf(
  happening: Extract<Happening, { event: 'heldOut' | 'done' }>,
  pace: Pace,
): string {
  if (happening.event === 'heldOut')
    return `step ${happening.step}: held-out loss ${happening.loss.toFixed(3)} nats per predicted word`
  const heldOut =
    happening.heldOutLoss === undefined
      ? ''
      : ` · held-out loss ${happening.heldOutLoss.toFixed(3)} nats per predicted word`
  return `learned in ${minutes(pace.seconds)} · ${grouped(happening.words)} words read${heldOut}`
}

/** Such as 1:05, or 1:00:05. */
export function minutes(seconds: number): string {
  const whole = Math.ceil(seconds)
  const two = (n: number): string => String(n).padStart(2, '0')
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60]
  return h ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`
}

/** Seconds of a rate: the words of the last few tell how fast it goes now. */
const RECENT = 3

/** How fast words are read. */
class Pace {
  readonly #clock: Clock
  #start = 0
  #samples: { readonly seconds: number; readonly words: number }[] = []

  constructor(clock: Clock) {
    this.#clock = clock
    this.begin()
  }

  begin(): void {
    this.#start = this.#clock()
    this.#samples = [{ seconds: 0, words: 0 }]
  }

  get seconds(): number {
    return this.#clock() - this.#start
  }

  wordsPerSecond(words: number): number {
    const now = { seconds: this.seconds, words }
    const recent = this.#samples.findIndex(({ seconds }) => seconds > now.seconds - RECENT)
    if (recent > 1) this.#samples = this.#samples.slice(recent - 1)
    const [then] = this.#samples
    this.#samples.push(now)
    return now.seconds > then.seconds ? (now.words - then.words) / (now.seconds - then.seconds) : 0
  }
}
