import type { Handle } from '../../src/device/device.ts'
import { ReferenceDevice } from '../../src/device/reference.ts'
import { Encoder } from '../../src/layer/encoder.ts'
import type { SavedState } from '../../src/learn/checkpoint.ts'
import { Classes, type Labelled } from '../../src/learn/classes.ts'
import { Lexicon } from '../../src/learn/lexicon.ts'
import type { Objective } from '../../src/learn/objective.ts'
import { adamW } from '../../src/learn/optimizer.ts'
import { train } from '../../src/learn/train.ts'
import type { TrainOptions } from '../../src/learn/train-options.ts'
import { type general, scaledDot } from '../../src/mechanism/alignments.ts'
import { normal, Random } from '../../src/random.ts'
import type { Tensor } from '../../src/tensor.ts'
import { Vocabulary } from '../../src/text/vocabulary.ts'

export const D = 3
export const WIDTH = 5
export const WORDS = ['été', 'a', 'tom', 'cet', 'entarté', '?', 'quand']
export const lexicon = new Lexicon(new Vocabulary(WORDS), 11)
export const TEXTS = ['tom a été entarté cet été', 'quand ?'].map((text) => text.split(' '))
export const sample = () =>
  TEXTS.map((words) => ({ features: words.map((word) => lexicon.featuresOf(word)) }))

export function setting({
  prefix = '',
  alignment = scaledDot as typeof scaledDot | ReturnType<typeof general>,
} = {}) {
  const device = new ReferenceDevice({ dtype: 'float64' })
  const context = { device, seed: 7, prefix }
  const layers = [{ dQuery: 2, dKey: 2, dValue: WIDTH, alignment }]
  const encoder = new Encoder(
    {
      vocabulary: WORDS.length,
      letters: lexicon.letterRows,
      dModel: D,
      layers,
      embeddingInitializer: normal(Math.sqrt(0.5 / D)),
    },
    context,
  )
  return { device, context, encoder }
}

export const examples = (): Labelled[] => [
  { text: sample()[0].features, label: 1 },
  { text: new Random(3, 'rows').normals([4, D], 'float64'), label: 0 },
]
export const headOf = ({ device }: ReturnType<typeof setting>, prefix = ''): Classes =>
  new Classes({ width: WIDTH, count: 2 }, { device, seed: 3, prefix })

export const options = (own: Partial<TrainOptions> = {}): TrainOptions => ({
  ...{ steps: 3, optimizer: adamW(), pace: () => ({ rate: 0.02 }), report: 1 },
  ...own,
})

export async function trained(
  own: ReturnType<typeof setting>,
  objectives: readonly Objective[],
  given: TrainOptions = options(),
) {
  const events = []
  for await (const event of train(own.encoder, objectives, given)) events.push(event)
  return events
}

/** The numbers of a handle before and after. */
export async function moved(
  own: ReturnType<typeof setting>,
  handle: Handle,
  body: () => Promise<unknown>,
): Promise<number> {
  const before = await own.device.read(handle)
  await body()
  const { data } = await own.device.read(handle)
  return Math.max(...Array.from(before.data, (x, n) => Math.abs(x - data[n])))
}

/** Keeps in memory what a training is after its second step. */
export function keeperOf({ device }: ReturnType<typeof setting>) {
  const kept: SavedState[] = []
  const keeper: NonNullable<TrainOptions['keeper']> = {
    due: (step) => step === 2,
    async keep(progress, state) {
      const tensors = new Map<string, Tensor>()
      for (const [name, handle] of Object.entries(state))
        tensors.set(name, await device.read(handle))
      kept.push({ progress, tensors })
    },
  }
  return { kept, keeper }
}
