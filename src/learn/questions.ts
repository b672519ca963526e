import type { Device, Handle } from '../device/device.ts'
import { streamOf, uniformAt } from '../random.ts'
import { Tensor } from '../tensor.ts'
import type { Asking } from './asking.ts'
import type { Form, Lexicon } from './forms.ts'
import type { Objective, Share, Shares } from './objective.ts'
import type { Rows } from './row-map.ts'
import { uploadPlaces } from './word-vectors.ts'

/** A question about a text: the words at places start … end − 1 answer it. */
export interface Question {
  readonly words: readonly string[]
  readonly question: readonly string[]
  readonly start: number
  readonly end: number
}

/** How questions are learned. */
export interface QuestionsOptions {
  /** Questions of a step, those of one sentence together: it is read once. */
  readonly sample: (step: number) => readonly (readonly Question[])[]
  /** Share of the sentence's rare words of which the shape alone is told, so that no answer is learned by heart; .7 unless told. */
  readonly identityDrop?: number
  /** How often each word of the vocabulary occurs. */
  readonly counts: readonly number[]
}

/** Words that occur more often are dropped a seventh as often: what stands around an answer is told by them. */
const RARE = 20

/** The attention of a question over a sentence shall fall on its answer: the loss is −log Σ α over the answer's words. */
export function questions(asking: Asking, lexicon: Lexicon, { sample, counts, identityDrop = 0.7 }: QuestionsOptions): Objective {
  const { seed } = asking.setting
  const stream = streamOf('identity')
  return {
    name: 'question',
    parameters: asking.parameters,
    draw(step) {
      const groups = sample(step)
      const drawn = groups.flat()
      const of = groups.flatMap((group, sentence) => group.map(() => sentence))
      let counter = 0
      const dropped = (word: string): Form => {
        const form = lexicon.askedFormOf(word)
        const rate = form.word >= 0 && counts[form.word] > RARE ? identityDrop / 7 : identityDrop
        return uniformAt(seed, stream, step, counter++) < rate ? lexicon.shapeOf(word) : form
      }
      const sentences = groups.map(([{ words }]) => words.map(dropped))
      const asked = drawn.map(({ question }) => question.map((word) => lexicon.formOf(word)))
      const N = drawn.length
      const inAnswer = drawn.flatMap(({ words, start, end }) => words.map((_, place) => (place >= start && place < end ? 1 : 0)))
      return {
        texts: [...sentences, ...asked],
        judge: ({ device, C, X, starts }) => {
          const sentence = rowsOf(device, C, X, starts.slice(0, groups.length + 1))
          const question = rowsOf(device, C, X, starts.slice(groups.length))
          const V = device.upload(new Tensor([inAnswer.length, 1], Float64Array.from(inAnswer)))
          const pass = asking.forward(question, sentence, of, V)
          const logs = device.allocate([N, 1])
          device.activate('log', pass.answer, logs)
          const losses = device.allocate([N, 1])
          device.combine(-1, logs, 0, logs, losses)
          return {
            losses,
            backward(factor): Shares {
              // forward was: losses = −log of the answer's weight
              const dLogs = device.upload(new Tensor([N, 1], new Float64Array(N).fill(-factor)))
              const dAnswer = device.allocate([N, 1])
              device.activateBackward('log', dLogs, pass.answer, dAnswer)
              const back = pass.backward(dAnswer)
              const shares = (which: 'dC' | 'dX'): Share[] => [
                { rows: sentence.rows, gradient: back.sentence[which] },
                { rows: question.rows, gradient: back.question[which] },
              ]
              return { dC: shares('dC'), dX: shares('dX'), dVectors: [], dParameters: back.dParameters }
            },
          }
        },
      }
    },
  }
}

/** The rows of consecutive texts. */
function rowsOf(device: Device, C: Handle, X: Handle, starts: readonly number[]): Rows & { readonly rows: readonly number[] } {
  const [first] = starts
  const rows = Array.from({ length: starts[starts.length - 1] - first }, (_, n) => first + n)
  const places = uploadPlaces(device, rows)
  const taken = (from: Handle): Handle => {
    const Y = device.allocate([rows.length, from.shape[1]])
    device.gather(from, places, Y)
    return Y
  }
  return { C: taken(C), X: taken(X), starts: Int32Array.from(starts, (start) => start - first), rows }
}
