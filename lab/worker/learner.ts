import {
  type Device,
  type LearnEvent,
  type LearnOptions,
  learning,
  load,
  type Model,
  openDevice,
  Sha256,
} from 'regard/internal'
import { Gate, type Pace } from './pace.ts'
import type { Plane } from './pca.ts'
import { shippedText } from './shipped.ts'
import { type Look, lookAt, type Watched, watchedOf } from './watched.ts'

/** A text of the reader's own. */
interface OwnSubject {
  readonly name: string
  readonly text: string | Uint8Array
}

/** What is learned from. */
interface Subject {
  readonly texts: readonly OwnSubject[]
  /** Questions with their answers, as a table. */
  readonly questions?: string
  /** Labelled occurrences, as a table; nothing is learned from them. */
  readonly senses?: string
}

/** What is learned from, and how. */
export interface Lesson {
  /** The text that ships, as a file of its own; or your own. */
  readonly subject: { readonly shipped: Uint8Array } | OwnSubject
  readonly options: Pick<LearnOptions, 'seed' | 'position' | 'embedding' | 'sentences' | 'tokens'>
  /** Words that are looked at on the way. */
  readonly sentence: readonly string[]
  readonly pace: Pace
}

/** What there is to know of the model in the worker. */
export interface ModelCard {
  readonly sha256: string
  readonly bytes: number
  readonly config: Model['config']
  readonly seed: number
  readonly arithmetic: string
  readonly vocabulary: number
  readonly knowsQuestions: boolean
  readonly learned: Model['learned']
}

/** What learning tells the page. */
export type LessonEvent =
  | (Omit<Extract<LearnEvent, { event: 'begin' }>, 'model'> & {
      readonly config: Model['config']
      readonly device: string
      readonly watched: Watched
    })
  | Exclude<LearnEvent, { event: 'begin' }>
  | { readonly event: 'look'; readonly step: number; readonly look: Look }

/** The model of the page: it learns, is loaded and asked here. */
export class Learner {
  #device: Device | undefined
  #model: Model | undefined
  #bytes: Uint8Array | undefined
  #gate: Gate | undefined
  #end: AbortController | undefined

  /** Learns a lesson; its abortion forgets it. Another one may only begin after it. */
  async *learn(
    lesson: Lesson,
    signal: AbortSignal,
  ): AsyncGenerator<LessonEvent, ModelCard | undefined> {
    await this.forget()
    // a second thread gains little here, and takes its core from the page
    const device = await openDevice({ threads: 1 })
    this.#device = device
    const end = new AbortController()
    this.#end = end
    signal.addEventListener('abort', () => end.abort())
    const gate = new Gate(lesson.pace, end.signal)
    this.#gate = gate
    try {
      const subject = subjectOf(lesson)
      const sources = subject.texts.map(({ name, text }) => ({ name, stream: [text] }))
      const questions =
        subject.questions === undefined
          ? {}
          : { questions: { name: 'questions.tsv', stream: [subject.questions] } }
      const events = learning(sources, {
        ...lesson.options,
        ...questions,
        device,
        signal: end.signal,
      })
      yield* this.#told(
        events,
        watchedOf(lesson.sentence, subject.texts.map(textOf), subject.senses),
        gate,
        signal,
      )
      return signal.aborted ? undefined : await this.#card()
    } finally {
      if (signal.aborted || !this.#bytes) await this.forget()
    }
  }

  /** Tells the events of a learning, with looks between them, as fast as the gate lets through. */
  async *#told(
    events: AsyncGenerator<LearnEvent, Model>,
    watched: Watched,
    gate: Gate,
    signal: AbortSignal,
  ): AsyncGenerator<LessonEvent, void> {
    let plane: Plane | undefined
    const look = async (step: number): Promise<LessonEvent> => {
      const seen = await lookAt(this.#model as Model, watched, plane)
      plane = seen.plane
      return { event: 'look', step, look: seen.look }
    }
    for (;;) {
      await gate.pass()
      const next = signal.aborted ? await events.return(this.#model as Model) : await events.next()
      if (next.done) {
        this.#model = next.value
        return
      }
      if (next.value.event === 'begin') {
        const { model, ...sizes } = next.value
        this.#model = model
        yield { ...sizes, config: model.config, device: model.device.name, watched }
        yield await look(0)
      } else {
        yield next.value
        if (next.value.event !== 'step') continue
        yield await look(next.value.step)
        gate.stepped()
      }
    }
  }

  /** Goes on, by a step, or waits. */
  pace(pace: Pace): void {
    this.#gate?.set(pace)
  }

  /** Ends the learning after this step: what was learned so far is the model. */
  end(): void {
    this.#end?.abort()
  }

  /** Loads a model from its file; an invalid file leaves the current one. */
  async load(bytes: Uint8Array): Promise<ModelCard> {
    const model = await load(bytes, { threads: 1 })
    await this.forget()
    this.#model = model
    this.#device = model.device
    return this.#card()
  }

  /** The model's file. */
  async bytes(): Promise<Uint8Array> {
    return this.#bytes ?? this.model.bytes()
  }

  /** @throws {Error} if there is no model */
  get model(): Model {
    if (!this.#model) throw new Error('there is no model yet: learn one, or load one')
    return this.#model
  }

  async forget(): Promise<void> {
    const device = this.#device
    this.#device = this.#model = this.#bytes = this.#gate = this.#end = undefined
    await device?.close()
  }

  async #card(): Promise<ModelCard> {
    const { model } = this
    this.#bytes = await model.bytes()
    const { config, knowsQuestions, learned, record, vocabulary } = model
    return {
      ...{
        sha256: new Sha256().update(this.#bytes).digest(),
        bytes: this.#bytes.length,
        config,
        knowsQuestions,
        learned,
      },
      ...{ seed: record.seed, arithmetic: record.arithmetic, vocabulary: vocabulary.size },
    }
  }
}

const subjectOf = ({ subject }: Lesson): Subject =>
  'shipped' in subject ? shippedText(subject.shipped) : { texts: [subject] }

const textOf = ({ text }: OwnSubject): string =>
  typeof text === 'string' ? text : new TextDecoder().decode(text)
