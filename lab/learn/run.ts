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

type EventOf<Name extends LessonEvent['event']> = Extract<LessonEvent, { event: Name }>

/** The events of a training run so far. */
export interface RunEvents {
  readonly begin: EventOf<'begin'> | undefined
  readonly steps: readonly EventOf<'step'>[]
  readonly heldOut: readonly EventOf<'heldOut'>[]
  readonly looks: readonly EventOf<'look'>[]
  readonly warnings: readonly string[]
}

const NOTHING: RunEvents = { begin: undefined, steps: [], heldOut: [], looks: [], warnings: [] }

/** Largest model file that the page takes, in bytes. */
export const LARGEST_MODEL = 200_000_000

/**
 * The training run of the page: what it reported, its state, and how it is begun, paused, stepped,
 * ended and reset.
 */
class TrainingRun {
  readonly events = signal<RunEvents>(NOTHING)
  /** `none` before a run and after it. */
  readonly state = signal<'none' | 'going' | 'waiting'>('none')
  /** Whether it waits only because nobody sees the page. */
  readonly unseen = signal(false)
  /** Why the last run, or file, came to nothing. */
  readonly failure = signal('')
  /** The last step that was reported. */
  readonly last = computed(() => this.events.value.steps.at(-1))
  /** Name of the file that was loaded; empty for the small model that ships. */
  readonly loadedName = signal('')

  #abort: AbortController | undefined
  #settled: Promise<void> = Promise.resolve()
  /** The words whose attention is reported on the way. */
  #watched: readonly string[] = []
  /** A step whose look is on the way: both are drawn at once. */
  #reported: EventOf<'step'> | undefined
  /** Whether it waits after the next report. */
  #pausesNext = false
  #watchesVisibility = false

  /** Begins, or goes on. */
  play(): void {
    this.#go('go')
  }

  /** Begins or goes on by one report, ten steps of learning. */
  step(): void {
    this.#go('step')
  }

  pause(): void {
    this.state.value = 'waiting'
    void worker.call('pace', 'pause')
  }

  /** Ends here: what was learned so far is the model. */
  end(): void {
    this.state.value = 'going'
    void worker.call('end', null)
  }

  /** Forgets what was learned. */
  async reset(): Promise<void> {
    this.#abort?.abort()
    await this.#settled
    batch(() => {
      this.#abort = undefined
      this.events.value = NOTHING
      this.state.value = 'none'
      this.unseen.value = false
      this.failure.value = ''
      model.value = undefined
      learned.value = undefined
      settings.source.state.value = 'drawn'
    })
  }

  /** Loads a model from its file; an invalid file leaves the current one. */
  async load(bytes: Uint8Array, name = ''): Promise<void> {
    if (this.state.value !== 'none') return
    try {
      const card = await worker.call('load', bytes)
      batch(() => {
        this.events.value = NOTHING
        this.failure.value = ''
        model.value = card
        this.loadedName.value = name
        settings.source.state.value = 'learned'
      })
    } catch (error) {
      this.failure.value = (error as Error).message
    }
  }

  /** The model's file. */
  saved(): Promise<Uint8Array> {
    return worker.call('save', null)
  }

  #go(pace: 'go' | 'step'): void {
    if (this.state.value === 'none') void this.#begin(pace)
    else this.#resume(pace)
  }

  #resume(pace: 'go' | 'step'): void {
    this.#pausesNext = pace === 'step'
    this.state.value = 'going'
    void worker.call('pace', pace)
  }

  async #begin(pace: Pace): Promise<void> {
    this.#watchVisibility()
    await this.reset()
    batch(() => {
      this.state.value = 'going'
      this.failure.value = ''
      settings.source.state.value = 'learned'
    })
    this.#pausesNext = pace === 'step'
    const abort = new AbortController()
    this.#abort = abort
    const { signal } = abort
    const work = this.#lesson(pace).then((lesson) =>
      worker.call('learn', lesson, {
        signal,
        onEvent: (event) => !signal.aborted && this.#take(event),
      }),
    )
    this.#settled = work.then(
      (card) => {
        if (signal.aborted || !card) return
        batch(() => {
          model.value = card
          settings.source.state.value = 'learned'
          this.state.value = 'none'
        })
      },
      (error: Error) => {
        if (signal.aborted) return
        batch(() => {
          this.events.value = NOTHING
          this.failure.value = error.message
          this.state.value = 'none'
          settings.source.state.value = 'drawn'
        })
      },
    )
  }

  async #lesson(pace: Pace): Promise<Lesson> {
    const seed = settings.seed.state.value
    const position = settings.positions.state.value
    this.#watched = tokens.value
    const common = { sentence: this.#watched, pace }
    if (settings.corpus.state.value === 'own') {
      if (!own.value) throw new RangeError(t().learn.noText)
      return { ...common, subject: own.value, options: { seed, position, sentences: 'auto' } }
    }
    return {
      ...common,
      subject: { shipped: await shipped('corpus') },
      options: { seed, position, embedding: 'seen', tokens: 'words' },
    }
  }

  #take(event: LessonEvent): void {
    const before = this.events.value
    if (event.event === 'begin') this.events.value = { ...before, begin: event }
    else if (event.event === 'step') this.#reported = event
    else if (event.event === 'heldOut')
      this.events.value = { ...before, heldOut: [...before.heldOut, event] }
    else if (event.event === 'warning')
      this.events.value = { ...before, warnings: [...before.warnings, event.message] }
    else this.#takeLook(event)
  }

  #takeLook({ look: { seen, ...look }, ...event }: EventOf<'look'>): void {
    const { steps, looks } = this.events.value
    batch(() => {
      this.events.value = {
        ...this.events.value,
        steps: this.#reported ? [...steps, this.#reported] : steps,
        looks: [...looks, { ...event, look }],
      }
      this.#reported = undefined
      // pictures of attention follow, unless the sentence is another by now
      if (seen && tokens.value === this.#watched) learned.value = { tokens: this.#watched, ...seen }
      if (this.#pausesNext && event.step > 0) this.state.value = 'waiting'
    })
  }

  /** Waits while nobody sees the page. */
  #watchVisibility(): void {
    if (this.#watchesVisibility) return
    this.#watchesVisibility = true
    document.addEventListener('visibilitychange', () => {
      if (document.hidden && this.state.value === 'going') {
        this.pause()
        this.unseen.value = true
      } else if (!document.hidden && this.unseen.value) {
        this.unseen.value = false
        if (this.state.value === 'waiting') this.#resume('go')
      }
    })
  }
}

export const run = new TrainingRun()
