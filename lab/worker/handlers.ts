import {
  type Answer,
  claimNamed,
  type Device,
  type ItemClaim,
  judge,
  openDevice,
  Prover,
  type Verdict,
} from 'regard/internal'
import { Learner, type Lesson, type LessonEvent, type ModelCard } from './learner.ts'
import type { Pace } from './pace.ts'
import { type Seen, seenBy } from './watched.ts'

let opened: Promise<Device> | undefined

/** The worker's device, opened by the first call that needs it: WebAssembly where there is any. */
export function deviceOf(): Promise<Device> {
  opened ??= openDevice()
  return opened
}

const learner = new Learner()
const provers = new Map<number, Promise<Prover>>()

/** Proves items of quizzes in float64, each claim once for the same seed. */
function proverOf(seed: number): Promise<Prover> {
  const found =
    provers.get(seed) ??
    openDevice({ device: 'reference', dtype: 'float64' }).then(
      (device) => new Prover({ device, seed }),
    )
  provers.set(seed, found)
  return found
}

/** What the page can ask its worker. */
export const handlers = {
  /** Which device computes, and why. */
  async device(_argument: null): Promise<{ name: string; why: readonly string[] }> {
    const { name, why } = await deviceOf()
    return { name, why }
  },
  /** Runs a claim in float64: its verdict, evidence and counter-examples. */
  async prove({
    claim,
    seed,
    sentence,
  }: {
    claim: string
    seed: number
    sentence: readonly string[]
  }): Promise<Verdict> {
    const device = await openDevice({ device: 'reference', dtype: 'float64' })
    try {
      return await judge(claimNamed(claim), { device, seed, sentence })
    } finally {
      await device.close()
    }
  },
  /** Runs the claim of an item of a quiz. */
  async verdict({ claim, seed }: { claim: ItemClaim; seed: number }): Promise<Verdict> {
    return (await proverOf(seed)).verdictOf(claim)
  },
  /** Learns; what it was is gone once it begins. */
  learn(lesson: Lesson, signal: AbortSignal): AsyncGenerator<LessonEvent, ModelCard | undefined> {
    return learner.learn(lesson, signal)
  },
  /** Lets a learning go on, or wait. */
  async pace(pace: Pace): Promise<void> {
    learner.pace(pace)
  },
  /** Ends a learning here: what was learned so far is the model. */
  async end(_argument: null): Promise<void> {
    learner.end()
  },
  /** Loads a model from its file; an invalid file leaves the current one. */
  async load(bytes: Uint8Array): Promise<ModelCard> {
    return learner.load(bytes)
  },
  /** The file of the model. */
  async save(_argument: null): Promise<Uint8Array> {
    return learner.bytes()
  },
  /** Who looks at whom in the model's last layer, with the words' contextual embeddings. */
  async attend(words: readonly string[]): Promise<Seen> {
    return seenBy(learner.model, words)
  },
  /** Which word answers a question. */
  async ask({
    words,
    question,
    at,
  }: {
    words: readonly string[]
    question: string
    at?: number
  }): Promise<Answer> {
    return learner.model.ask(words, question, at === undefined ? {} : { at })
  },
}
