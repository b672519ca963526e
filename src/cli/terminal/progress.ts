import { visible } from '../../doors/internal.ts'
import { grouped, plainJson, shortest } from './decimals.ts'
import type { Explanation } from './errors.ts'
import type { SpeechOptions } from './options.ts'
import type { Sink } from './terminal.ts'

/** Events of a long operation. */
export type Happening =
  | ({
      readonly event: 'begin'
      readonly floor?: number
      /** How words are cut, and for which languages. */
      readonly tokens?: string
      readonly languages?: readonly string[]
    } & Numbers<'sentences' | 'words' | 'questions' | 'vocabulary' | 'steps'>)
  | ({ readonly event: 'step' } & Numbers<'step' | 'steps' | 'words' | 'loss'>)
  | ({ readonly event: 'heldOut' } & Numbers<'step' | 'loss'>)
  | ({ readonly event: 'read'; readonly share?: number | undefined } & Numbers<
      'lines' | 'words' | 'occurrences'
    >)
  | { readonly event: 'readAll' }
  | ({ readonly event: 'done'; readonly heldOutLoss?: number | undefined } & Numbers<'words'>)

type Numbers<Name extends string> = Readonly<Record<Name, number>>

/** Reports progress on stderr. */
export interface Reporter {
  /** A note. */
  note(line: string): void
  /** A warning: one line. */
  warn(message: string): void
  happens(happening: Happening): void
}

/** Seconds, from anywhere. */
type Clock = () => number

/** Seconds between two lines, and between two drawings of the bar. */
const LINES = 5
const DRAWINGS = 0.1

/**
 * The reporter that the options and the sink ask for: JSON lines, nothing but warnings, a bar in
 * place on a terminal, or a line now and then.
 *
 * @param command what is said before a warning; empty for all commands
 */
export function reporterOf(
  command: string,
  options: SpeechOptions,
  sink: Sink = process.stderr,
  clock: Clock = () => performance.now() / 1000,
): Reporter {
  if (options.progress === 'jsonl') return jsonReporter(sink, clock)
  return textReporter(command, options.quiet ?? false, sink, clock)
}

/** An error as a line of JSON. */
export const errorLine = ({ exitCode, message }: Explanation, stack?: string): string =>
  `${plainJson({ event: 'error', exitCode, message, stack })}\n`

function jsonReporter(sink: Sink, clock: Clock): Reporter {
  const pace = paceBy(clock)
  let due = 0
  const write = (event: string, fields: object): void =>
    void sink.write(`${plainJson({ event, ...fields })}\n`)
  return {
    note: (message) => write('note', { message }),
    warn: (message) => write('warning', { message }),
    happens(happening) {
      if (happening.event === 'begin') pace.begin()
      const { event, ...numbers } = happening
      const seconds = Number(pace.seconds().toFixed(1))
      if (happening.event === 'step') {
        const { step, words, loss } = happening
        const wordsPerSecond = Math.round(pace.wordsPerSecond(words))
        write(event, { step, words, wordsPerSecond, loss: float32(loss) })
      } else if (happening.event === 'read') {
        // a line of a text takes no time
        if (seconds < due) return
        due = seconds + LINES
        write(event, { seconds, ...numbers })
      } else if (happening.event === 'heldOut') {
        write(event, { step: happening.step, seconds, loss: float32(happening.loss) })
      } else if (happening.event === 'done') {
        const { words, heldOutLoss } = happening
        write(event, { seconds, words, heldOutLoss: heldOutLoss && float32(heldOutLoss) })
      } else if (happening.event === 'begin') write(event, numbers)
    },
  }
}

const float32 = (x: number) => shortest(Math.fround(x))

function textReporter(command: string, quiet: boolean, sink: Sink, clock: Clock): Reporter {
  const inPlace = Boolean(sink.isTTY) && process.env.TERM !== 'dumb'
  const pace = paceBy(clock)
  let due = 0
  let drawn = false
  const write = (text: string) => {
    sink.write(drawn ? `\r\x1b[2K${text}` : text)
    drawn = false
  }
  const line = (text: string) => write(`${visible(text)}\n`)
  const warn = (message: string) => line(`${`regard ${command}`.trim()}: warning: ${message}`)
  if (quiet) return { note: () => {}, warn, happens: () => {} }
  return {
    ...{ note: line, warn },
    happens(happening) {
      if (happening.event === 'begin') return pace.begin()
      if (happening.event === 'readAll') return drawn ? write('') : undefined
      if (happening.event === 'heldOut' || happening.event === 'done')
        return line(sentenceOf(happening, pace.seconds()))
      const seconds = pace.seconds()
      const { done, all } = progressOf(happening)
      const last = inPlace && happening.event === 'step' && done === all
      if (seconds < due && !last) return
      // what is read within the first moments needs no word
      const first = due === 0 && happening.event === 'read'
      due = seconds + (inPlace ? DRAWINGS : LINES)
      if (first) return
      const state = stateOf(happening, pace)
      if (!inPlace) return line(`${leadOf(happening)} · ${state}`)
      const text = all ? `${barOf(done / all)}  ${state}` : `${leadOf(happening)} · ${state}`
      write(text.slice(0, Math.max(1, (sink.columns || 80) - 1)) + (last ? '\n' : ''))
      drawn = !last
    },
  }
}

type Progress = Extract<Happening, { event: 'step' | 'read' }>

/** How far it is; of all nothing where that is unknown. */
const progressOf = (happening: Progress) =>
  happening.event === 'step'
    ? { done: happening.step, all: happening.steps }
    : { done: happening.share ?? 0, all: happening.share === undefined ? 0 : 1 }

const leadOf = (happening: Progress) =>
  happening.event === 'step'
    ? `step ${happening.step} of ${happening.steps}`
    : `${grouped(happening.lines)} lines`

/** What stands beside a bar: how fast it goes, and how much time is left. */
function stateOf(happening: Progress, pace: ReturnType<typeof paceBy>) {
  const { done, all } = progressOf(happening)
  const rate = `${grouped(pace.wordsPerSecond(happening.words))} words/s`
  const left = done ? ` · ${minutes((pace.seconds() / done) * (all - done))} left` : ''
  const found =
    happening.event === 'step'
      ? `loss ${happening.loss.toFixed(3)}`
      : `${grouped(happening.occurrences)} occurrences`
  return `${found} · ${rate}${left}`
}

const barOf = (share: number) =>
  `${'█'.repeat(Math.round(BAR * share)).padEnd(BAR, '░')} ${String(Math.floor(100 * share)).padStart(3)} %`

/** Signs of a bar. */
const BAR = 24

function sentenceOf(happening: Extract<Happening, { event: 'heldOut' | 'done' }>, seconds: number) {
  const heldOut = (loss: number) => `held-out loss ${loss.toFixed(3)} nats per predicted word`
  if (happening.event === 'heldOut') return `step ${happening.step}: ${heldOut(happening.loss)}`
  const { words, heldOutLoss } = happening
  const learned = `learned in ${minutes(seconds)} · ${grouped(words)} words read`
  return heldOutLoss === undefined ? learned : `${learned} · ${heldOut(heldOutLoss)}`
}

/** Such as 1:05, or 1:00:05. */
export function minutes(seconds: number): string {
  const whole = Math.ceil(seconds)
  const two = (n: number) => String(n).padStart(2, '0')
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60]
  return h ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`
}

/** Seconds of a rate: the words of the last few tell how fast it goes now. */
const RECENT = 3

/** How fast words are read. */
function paceBy(clock: Clock) {
  let start = clock()
  let samples = [{ seconds: 0, words: 0 }]
  const seconds = () => clock() - start
  return {
    seconds,
    begin() {
      start = clock()
      samples = [{ seconds: 0, words: 0 }]
    },
    wordsPerSecond(words: number): number {
      const now = { seconds: seconds(), words }
      const recent = samples.findIndex((sample) => sample.seconds > now.seconds - RECENT)
      if (recent > 1) samples = samples.slice(recent - 1)
      const [then] = samples
      samples.push(now)
      return now.seconds > then.seconds ? (words - then.words) / (now.seconds - then.seconds) : 0
    },
  }
}
