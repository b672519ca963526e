import { batch, computed, signal } from '@preact/signals'
import { shipped } from '../shipped/shipped.ts'
import { learned, tokens } from '../state/layer.ts'
import { model } from '../state/model.ts'
import { settings } from '../state/settings.ts'
import { t } from '../words/words.ts'
import type { Lesson, LessonEvent } from '../worker/learner.ts'
import type { Pace } from '../worker/pace.ts'
import { worker } from '../worker/page.ts'
import { own } from './own.ts'

type Told<Name extends LessonEvent['event']> = Extract<LessonEvent, { event: Name }>

/** What a learning has told so far. */
export interface Run {
  readonly begin: Told<'begin'> | undefined
  readonly steps: readonly Told<'step'>[]
  readonly heldOut: readonly Told<'heldOut'>[]
  readonly looks: readonly Told<'look'>[]
  readonly warnings: readonly string[]
}

const NOTHING: Run = { begin: undefined, steps: [], heldOut: [], looks: [], warnings: [] }

export const run = signal<Run>(NOTHING)

/** Whether a learning goes on, waits, or there is none. */
export const state = signal<'none' | 'going' | 'waiting'>('none')

/** Whether it waits for no other reason than that nobody sees the page. */
export const unseen = signal(false)

/** Why the last learning, or file, came to nothing. */
export const failure = signal('')

/** The step that was reported last. */
export const last = computed(() => run.value.steps.at(-1))

let stop: AbortController | undefined
let settled: Promise<void> = Promise.resolve()

/** The words that are looked at on the way. */
let watched: readonly string[] = []

async function lesson(pace: Pace): Promise<Lesson> {
  const seed = settings.seed.state.value
  const position = settings.positions.state.value
  watched = tokens.value
  const common = { sentence: watched, pace }
  if (settings.corpus.state.value === 'own') {
    if (!own.value) throw new RangeError(t().learn.noText)
    return { ...common, subject: own.value, options: { seed, position, sentences: 'auto' } }
  }
  return { ...common, subject: { shipped: await shipped('corpus') }, options: { seed, position, embedding: 'seen' } }
}

/** A report whose look is on the way: both are drawn at once. */
let reported: Told<'step'> | undefined

function told(event: LessonEvent): void {
  const before = run.value
  if (event.event === 'begin') run.value = { ...before, begin: event }
  else if (event.event === 'step') reported = event
  else if (event.event === 'heldOut') run.value = { ...before, heldOut: [...before.heldOut, event] }
  else if (event.event === 'warning') run.value = { ...before, warnings: [...before.warnings, event.message] }
  else looked(event)
}

function looked({ look: { seen, ...look }, ...event }: Told<'look'>): void {
  const { steps, looks } = run.value
  batch(() => {
    run.value = { ...run.value, steps: reported ? [...steps, reported] : steps, looks: [...looks, { ...event, look }] }
    reported = undefined
    // pictures of attention follow, unless the sentence is another by now
    if (seen && tokens.value === watched) learned.value = { tokens: watched, ...seen }
    if (waitsNext && event.step > 0) state.value = 'waiting'
  })
}

/** Whether it waits after the next report. */
let waitsNext = false

let watching = false

async function begin(pace: Pace): Promise<void> {
  if (!watching) watchVisibility()
  watching = true
  await reset()
  batch(() => {
    state.value = 'going'
    failure.value = ''
    settings.source.state.value = 'learned'
  })
  waitsNext = pace === 'step'
  const mine = new AbortController()
  stop = mine
  const work = lesson(pace).then((given) =>
    worker.call('learn', given, { signal: mine.signal, onEvent: (event) => !mine.signal.aborted && told(event) }),
  )
  settled = work.then(
    (card) => {
      if (mine.signal.aborted || !card) return
      batch(() => {
        model.value = card
        settings.source.state.value = 'learned'
        state.value = 'none'
      })
    },
    (error: Error) => {
      if (mine.signal.aborted) return
      batch(() => {
        run.value = NOTHING
        failure.value = error.message
        state.value = 'none'
        settings.source.state.value = 'drawn'
      })
    },
  )
}

/** Begins, or goes on. */
export function play(): void {
  if (state.value === 'none') void begin('go')
  else go('go')
}

/** Begins or goes on by one report, ten steps of learning. */
export function step(): void {
  if (state.value === 'none') void begin('step')
  else go('step')
}

function go(pace: 'go' | 'step'): void {
  waitsNext = pace === 'step'
  state.value = 'going'
  void worker.call('pace', pace)
}

export function pause(): void {
  state.value = 'waiting'
  void worker.call('pace', 'pause')
}

/** Ends here: what was learned so far is the model. */
export function endHere(): void {
  state.value = 'going'
  void worker.call('end', null)
}

/** Forgets what was learned. */
export async function reset(): Promise<void> {
  stop?.abort()
  await settled
  batch(() => {
    stop = undefined
    run.value = NOTHING
    state.value = 'none'
    unseen.value = false
    failure.value = ''
    model.value = undefined
    learned.value = undefined
    settings.source.state.value = 'drawn'
  })
}

/** Waits while nobody sees the page. */
function watchVisibility(): void {
  document.addEventListener('visibilitychange', () => {
    if (document.hidden && state.value === 'going') {
      pause()
      unseen.value = true
    } else if (!document.hidden && unseen.value) {
      unseen.value = false
      if (state.value === 'waiting') go('go')
    }
  })
}

/** Largest file of a model that the page takes, in bytes. */
export const LARGEST_MODEL = 200_000_000

/** Name of the file that was loaded; empty for the small model that ships. */
export const loadedName = signal('')

/** Takes a model from its file; what was there stays where it is none. */
export async function loadModel(bytes: Uint8Array, name = ''): Promise<void> {
  if (state.value !== 'none') return
  try {
    const card = await worker.call('load', bytes)
    batch(() => {
      run.value = NOTHING
      failure.value = ''
      model.value = card
      loadedName.value = name
      settings.source.state.value = 'learned'
    })
  } catch (error) {
    failure.value = (error as Error).message
  }
}

/** The model's file. */
export const savedModel = (): Promise<Uint8Array> => worker.call('save', null)
