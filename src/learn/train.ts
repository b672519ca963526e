import type { Device, Handle, Handles } from '../device/device.ts'
import { ARRAY, expectKind } from '../kinds.ts'
import { startsOf } from '../layer/embeddings.ts'
import type { Encoder, EncoderPass } from '../layer/encoder.ts'
import { addPartials } from '../layer/rows.ts'
import { sizeOf, type Tensor } from '../tensor.ts'
import { Average } from './average.ts'
import { BEGINNING, checkFits, restore, stateOf } from './checkpoint.ts'
import { addGradients } from './gradients.ts'
import { moveParameters } from './move.ts'
import { parametersOf } from './names.ts'
import type { Batch, Loss, Objective, PartialGradients } from './objective.ts'
import { checkTrain, notFrozen, type TrainOptions } from './train-options.ts'
import { turn } from './turn.ts'
import { addLosses, type LossSum, Watch } from './watch.ts'

/** Report of a step: mean losses since the last report, in nats per prediction. */
export interface StepEvent {
  readonly event: 'step'
  readonly step: number
  readonly steps: number
  /** Words read so far. */
  readonly words: number
  /** Of the first objective that predicted something. */
  readonly loss: number
  /** Of each objective, by its name. */
  readonly losses: Readonly<Record<string, number>>
}

/**
 * Trains an encoder: in each step the batches of all objectives share one forward, their losses are
 * computed, and all parameters move.
 *
 * The loss is the sum over the objectives of their mean loss; gradients of one parameter, from the
 * encoder and from objectives, are added. Parameters are averaged over the last steps if `average`
 * says so, and left averaged. Each step runs in a scope of the device, which frees all but the
 * losses.
 *
 * @throws {TypeError} for wrong types and unknown options, {RangeError} for numbers out of range,
 *   for a rate that is NaN or below 0, and for two parameters or objectives of one name, all before
 *   a parameter moves
 * @throws {Divergence} if the loss becomes NaN or infinite, or stays far above its first value
 */
export async function* train(
  encoder: Encoder,
  objectives: readonly Objective[],
  options: TrainOptions,
): AsyncGenerator<StepEvent, void> {
  checkTrain(encoder, objectives, options)
  const { device } = encoder.host
  const { steps, optimizer, report = 10, average = 0, signal, keeper, resume } = options
  const parameters = parametersOf(encoder, objectives)
  const learning = notFrozen(parameters, options.frozen)
  if (resume) checkFits(resume, objectives)
  const mean = new Average(device, learning, resume?.progress.averaged)
  let { step, words, gathered } = resume?.progress ?? BEGINNING
  const watch = new Watch(resume?.progress.watch)
  const keep = async (): Promise<void> => {
    const progress = { step, words, averaged: mean.count, gathered, watch: watch.state }
    await keeper?.keep(progress, stateOf(parameters, optimizer, mean))
  }
  try {
    optimizer.begin(device, learning)
  } catch (error) {
    mean.free()
    throw error
  }
  try {
    if (resume) restore(device, resume, stateOf(parameters, optimizer, mean), optimizer)
    let kept = step
    while (step < steps && !signal?.aborted) {
      step++
      const done = device.scope(() => {
        const taken = takeStep(encoder, objectives, step, { parameters, count: options.accumulate })
        words += taken.words
        moveParameters(device, learning, taken, options, step)
        return {
          losses: taken.losses.map(({ name, loss }) => ({ name, losses: loss.losses })),
        }
      })
      if (average > 0 && step > steps * (1 - average)) mean.add(learning)
      const losses = await read(device, done.losses)
      gathered = addLosses(gathered, losses)
      await turn()
      const rate = (): number => options.pace(Object.keys(learning)[0], step).rate
      watch.step(losses, step, rate)
      const due =
        Object.keys(gathered).length > 0 &&
        (step % report === 0 || step === steps || signal?.aborted)
      const means = due ? summary(gathered) : undefined
      if (means) {
        watch.report(means.loss, step, rate)
        gathered = {}
      }
      if (keeper?.due(step) && watch.calm) {
        await keep()
        kept = step
      }
      if (means) yield { event: 'step', step, steps, words, ...means }
    }
    if (signal?.aborted && kept < step && watch.calm) await keep()
    mean.store(learning)
  } finally {
    mean.free()
    optimizer.free(device)
  }
}

/** A step's gradients, words and losses. */
interface StepGradients {
  readonly words: number
  readonly losses: readonly { readonly name: string; readonly loss: Loss }[]
  readonly dParameters: Handles
  readonly rows: Readonly<Record<string, readonly number[]>>
}

/**
 * The gradients of the sum of all objectives' mean losses, of one batch each or the mean over
 * `count`.
 *
 * @param step from 1
 */
export function takeStep(
  encoder: Encoder,
  objectives: readonly Objective[],
  step: number,
  {
    parameters = parametersOf(encoder, objectives),
    count = 1,
  }: { readonly parameters?: Handles; readonly count?: number | undefined } = {},
): StepGradients {
  const { device } = encoder.host
  const taken = Array.from({ length: count }, (_, n) =>
    device.scope(() =>
      takeBatches(encoder, objectives, (step - 1) * count + n + 1, { parameters, count }),
    ),
  )
  const sources = taken.map((one, n) => ({ owner: `batch ${n + 1}`, ...one }))
  return {
    words: taken.reduce((words, one) => words + one.words, 0),
    losses: taken.flatMap(({ losses }) => losses),
    ...addGradients(device, parameters, sources),
  }
}

/** Runs a batch of each objective in one forward. @param draw from 1 */
function takeBatches(
  encoder: Encoder,
  objectives: readonly Objective[],
  draw: number,
  { parameters, count }: { readonly parameters: Handles; readonly count: number },
): StepGradients {
  const { device } = encoder.host
  const batches = objectives.map((objective) => ({
    name: objective.name,
    batch: objective.draw(draw),
  }))
  const pass = forwardOf(
    encoder,
    batches.map(({ batch }) => batch),
    draw,
  )
  const losses: { name: string; loss: Loss }[] = []
  const partials: (PartialGradients & { readonly owner: string })[] = []
  let text = 0
  for (const { name, batch } of batches) {
    const loss = batchLoss(device, batch, pass, text, true)
    text += batch.texts.length
    const predictions = sizeOf(loss.losses.shape)
    losses.push({ name, loss })
    if (predictions > 0)
      partials.push({ owner: `the objective ${name}`, ...loss.backward(1 / (predictions * count)) })
  }
  const dC = device.allocate(pass.context.shape)
  for (const partial of partials) addPartials(device, partial.dC, dC)
  const gradients = pass.backward(dC, {
    dX: partials.flatMap(({ dX = [] }) => dX),
    dVectors: partials.flatMap(({ dVectors = [] }) => dVectors),
  })
  const sources = [{ owner: 'the encoder', ...gradients }, ...partials]
  return {
    words: pass.embeddings.rows.length,
    losses,
    ...addGradients(device, parameters, sources),
  }
}

/** All texts of some batches in one forward. */
export const forwardOf = (
  encoder: Encoder,
  batches: readonly Batch[],
  step?: number,
): EncoderPass =>
  encoder.forward(
    batches.flatMap(({ texts }) => texts),
    {
      words: batches.flatMap(({ words = [] }) => words),
      queryRows: queryRowsOf(batches),
      step,
    },
  )

/** The rows of all texts that some batch needs, rising; undefined if every batch needs all. */
function queryRowsOf(batches: readonly Batch[]): Int32Array | undefined {
  if (batches.every(({ positions }) => !positions)) return undefined
  const rows: number[] = []
  let first = 0
  for (const { texts, positions } of batches) {
    const starts = startsOf(texts, first)
    if (positions) for (const { text, position } of positions) rows.push(starts[text] + position)
    else for (let row = first; row < starts[texts.length]; row++) rows.push(row)
    first = starts[texts.length]
  }
  return Int32Array.from(new Set(rows)).sort()
}

/** The losses of a batch whose texts begin at text `first` of the pass. */
export function batchLoss(
  device: Device,
  batch: Batch,
  pass: EncoderPass,
  first: number,
  learning = false,
): Loss {
  return batch.loss({
    device,
    learning,
    C: pass.context,
    inContext: (row) => pass.inContext(row),
    get X() {
      return pass.embedded()
    },
    starts: pass.starts.slice(first, first + batch.texts.length + 1),
    vectors: pass.embeddings.vectors,
    rowOf: (word) => pass.embeddings.rowOf(word),
  })
}

/** The losses of a step, of each objective that predicted something. */
async function read(
  device: Device,
  named: readonly { readonly name: string; readonly losses: Handle }[],
): Promise<Readonly<Record<string, LossSum>>> {
  let found: Readonly<Record<string, LossSum>> = {}
  for (const { name, losses } of named) {
    const count = sizeOf(losses.shape)
    if (count > 0)
      found = addLosses(found, { [name]: { sum: totalOf(await device.read(losses)), count } })
    device.free(losses)
  }
  return found
}

/** Sum of a tensor's numbers. */
export const totalOf = ({ data }: Tensor): number => {
  let sum = 0
  for (let n = 0; n < data.length; n++) sum += data[n]
  return sum
}

function summary(gathered: Readonly<Record<string, LossSum>>): {
  loss: number
  losses: Record<string, number>
} {
  const losses: Record<string, number> = {}
  for (const [name, { sum, count }] of Object.entries(gathered))
    if (count > 0) losses[name] = sum / count
  return { loss: Object.values(losses)[0] ?? Number.NaN, losses }
}

/** The mean loss of held-out batches, in nats per prediction. */
export async function heldOutLoss(encoder: Encoder, batches: readonly Batch[]): Promise<number> {
  expectKind('heldOutLoss', 'encoder', encoder, ['forward'], 'new Encoder(…)')
  ARRAY('heldOutLoss', 'batches', batches)
  const { device } = encoder.host
  let sum = 0
  let count = 0
  for (const batch of batches) {
    const losses = device.scope(
      () => batchLoss(device, batch, forwardOf(encoder, [batch]), 0).losses,
    )
    sum += totalOf(await device.read(losses))
    count += sizeOf(losses.shape)
    device.free(losses)
    await turn()
  }
  return sum / count
}
