import { type Prover, plainName, Sitting, shuffled, visible } from '../../../doors/internal.ts'
import { EXIT, usageError } from '../../terminal/errors.ts'
import { type Sink, terminalOf, wrapped } from '../../terminal/terminal.ts'
import type { Asker } from './asker.ts'
import { handIn } from './hand-in.ts'
import type { TakeOptions } from './options.ts'
import { PHRASES } from './phrases.ts'
import { type Desk, play } from './play.ts'
import { type Progress, type ProgressFile, progressFile } from './progress.ts'
import { type Show, type Shown, showOn } from './show.ts'

/** Somebody about to take a quiz: which, how, and where. */
export interface Seating extends Shown {
  readonly options: TakeOptions
  readonly asker: Asker
  readonly prover: Prover
  readonly out: Sink
}

const now = () => new Date().toISOString()

/** Begins or goes on, plays, and hands in. Returns the exit code. */
export async function seated(seating: Seating): Promise<number> {
  const { quiz, options, asker, out } = seating
  const file = asker.interactive ? progressFile(quiz) : undefined
  const kept = await offered(file, seating)
  if (kept === 'stop') return EXIT.interrupted
  const { seed } = kept?.result ?? options
  const { shuffle = false } = kept ?? options
  const shown = { ...seating, quiz: shuffled(quiz, seed, { all: shuffle }) }
  const show = showOn(terminalOf(out), shown)
  const sitting = kept ? sittingOf(kept, shown) : await begun(shown, show)
  if (!sitting) return EXIT.interrupted
  const desk = deskOf(seating, { sitting, show, shuffle }, file)
  await desk.keep()
  const ready = kept || !asker.interactive || (await asker.ask(show.say.begin)) !== undefined
  if (ready && (await play(desk)) && (await handIn(desk, options))) return EXIT.done
  if (file) show.prose(show.say.kept)
  return EXIT.interrupted
}

/** What the quiz is taken with; what was answered is kept in the file, where there is one. */
function deskOf(
  { asker, prover, out }: Seating,
  { sitting, show, shuffle }: Pick<Desk, 'sitting' | 'show'> & Pick<Progress, 'shuffle'>,
  file: ProgressFile | undefined,
): Desk {
  const at = () => sitting.items[Math.min(sitting.at, sitting.items.length - 1)].id
  return {
    ...{ sitting, asker, show, prover },
    keep: async () => file?.write({ result: sitting.result(now()), at: at(), shuffle }),
    forget: async () => file?.remove(),
    clear: () => {
      if (asker.interactive && process.env.TERM !== 'dumb') out.write('\x1b[H\x1b[2J')
    },
  }
}

/**
 * What was kept, where there is something and it is wanted; 'stop' where the question was not
 * answered.
 */
async function offered(
  file: ProgressFile | undefined,
  seating: Seating,
): Promise<Progress | undefined | 'stop'> {
  const { speech, asker, out } = seating
  const say = PHRASES[speech]
  const kept = await file?.read().catch((error: Error) => {
    process.stderr.write(`regard quiz take: ${visible(error.message)}; it begins anew\n`)
  })
  if (!kept) return undefined
  const { name, finished, mode } = kept.result
  const { answeredCount, items } = sittingOf(kept, seating)
  const date = `${finished.slice(0, 16).replace('T', ' ')} UTC`
  const text = say.resume(name, date, answeredCount, items.length, say.modeNames[mode])
  const { columns, print } = terminalOf(out)
  print(wrapped('', text, columns))
  const typed = await asker.ask('> ')
  if (typed === undefined) return 'stop'
  return say.no.test(typed.trim()) ? undefined : kept
}

/** A sitting as it was kept, of the quiz in the order in which it is shown. */
function sittingOf({ result, at }: Progress, { quiz, language }: Seating) {
  const { name, mode, seed, started, answers } = result
  const sitting = new Sitting({ quiz, name, language, mode, seed, started, answers })
  const found = sitting.items.findIndex(({ id }) => id === at)
  sitting.at = Math.max(0, found)
  return sitting
}

/** A new sitting, once there is a name; undefined where none is given. */
async function begun(seating: Seating, show: Show) {
  const { quiz, options, language, asker } = seating
  show.title()
  const name = await nameOf(seating, show)
  if (name === undefined) return undefined
  show.blank()
  const { mode, seed } = options
  show.manual(mode, asker.interactive)
  return new Sitting({ quiz, name, language, mode, seed, started: now() })
}

/** The name that was given, or is asked for until there is one where one is needed. */
async function nameOf({ quiz, options, asker }: Seating, show: Show) {
  const required = quiz.name?.required ?? true
  if (options.name !== undefined && required && !plainName(options.name))
    throw usageError('--name needs a name')
  if (options.name !== undefined) return plainName(options.name)
  for (;;) {
    const typed = await asker.ask(show.say.prompt(show.nameLabel))
    if (typed === undefined && !asker.interactive)
      throw usageError('stdin ended before a name; give it on the first line, or as --name NAME')
    if (typed === undefined || plainName(typed) || !required) return typed && plainName(typed)
    show.prose(show.say.nameNeeded)
  }
}
