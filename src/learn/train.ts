import type { Device, Handle, Handles } from '../device/device.ts'
import { sizeOf, type Tensor } from '../tensor.ts'
import { Average } from './average.ts'
import { BEGINNING, checkFits, restore, stateOf } from './checkpoint.ts'
import { summed } from './gradients.ts'
import { parametersOf } from './names.ts'
import { type Network, type NetworkPass, startsOf } from './network.ts'
import type { Exercise, Judgement, Objective, Shares } from './objective.ts'
import { checkTrain, paceAt, type TrainOptions } from './train-options.ts'
import { turn } from './turn.ts'
import { type Gathered, gather, Watch } from './watch.ts'

/** What a step tells: losses in nats for each prediction, means since the last report. */
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
 * Learns: for each step the exercises of all objectives are read in one forward, judged, and all
 * parameters move.
 *
 * The loss is the sum over the objectives of their mean loss; gradients of one parameter, from the
 * network and from objectives, are added. Parameters are averaged over the last steps, and left so.
 *
 * @throws {TypeError} for other kinds and unknown options, {RangeError} for numbers that cannot be,
 *   for a rate that is NaN or below 0, and for two parameters or objectives of one name, all before
 *   a parameter moves
 * @throws {Divergence} where the loss is no number, or far above its beginning for long
 */
export async function* train(
  network: Network,
  objectives: readonly Objective[],
  options: TrainOptions,
): AsyncGenerator<StepEvent, void> {
  checkTrain(network, objectives, options)
  const { device } = network.setting
  const { steps, optimizer, report = 10, average = 0, signal, keeper, resume } = options
  const parameters = parametersOf(network, objectives)
  if (resume) checkFits(resume, objectives)
  const mean = new Average(device, parameters, resume?.progress.averaged)
  let { step, words, gathered } = resume?.progress ?? BEGINNING
  const watch = new Watch(resume?.progress.watch)
  const keep = async (): Promise<void> => {
    const progress = { step, words, averaged: mean.count, gathered, watch: watch.state }
    await keeper?.keep(progress, stateOf(parameters, optimizer, mean))
  }
  try {
    optimizer.begin(device, parameters)
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
        const taken = takeStep(network, objectives, step, parameters)
        words += taken.words
        move(device, parameters, taken, options, step)
        return {
          losses: taken.judged.map(({ name, judgement }) => ({ name, losses: judgement.losses })),
        }
      })
      if (average > 0 && step > steps * (1 - average)) mean.add(parameters)
      const losses = await read(device, done.losses)
      gathered = gather(gathered, losses)
      await turn()
      const rate = (): number => options.pace(Object.keys(parameters)[0], step).rate
      watch.step(losses, step, rate)
      const due =
        Object.keys(gathered).length > 0 &&
        (step % report === 0 || step === steps || signal?.aborted)
      const told = due ? summary(gathered) : undefined
      if (told) {
        watch.report(told.loss, step, rate)
        gathered = {}
      }
      if (keeper?.due(step) && watch.calm) {
        await keep()
        kept = step
      }
      if (told) yield { event: 'step', step, steps, words, ...told }
    }
    if (signal?.aborted && kept < step && watch.calm) await keep()
    mean.store(parameters)
  } finally {
    mean.free()
    optimizer.free(device)
  }
}

/** A step's gradients, with what came of its exercises. */
interface Taken {
  readonly words: number
  readonly judged: readonly { readonly name: string; readonly judgement: Judgement }[]
  readonly dParameters: Handles
  readonly touched: Handles
}

/**
 * Reads the exercises of all objectives in one forward and gives the gradients of the sum of their
 * mean losses.
 *
 * @param step from 1
 */
export function takeStep(
  network: Network,
  objectives: readonly Objective[],
  step: number,
  parameters: Handles = parametersOf(network, objectives),
): Taken {
  const exercises = objectives.map((objective) => ({
    name: objective.name,
    exercise: objective.draw(step),
  }))
  const pass = forwardOf(
    network,
    exercises.map(({ exercise }) => exercise),
    step,
  )
  const judged: { name: string; judgement: Judgement }[] = []
  const shares: (Shares & { readonly owner: string })[] = []
  let text = 0
  for (const { name, exercise } of exercises) {
    const judgement = judge(network.setting.device, exercise, pass, text, true)
    text += exercise.texts.length
    const predictions = sizeOf(judgement.losses.shape)
    judged.push({ name, judgement })
    if (predictions > 0)
      shares.push({ owner: `the objective ${name}`, ...judgement.backward(1 / predictions) })
  }
  const gradients = pass.backward({
    dC: shares.flatMap(({ dC }) => dC),
    dX: shares.flatMap(({ dX }) => dX),
    dVectors: shares.flatMap(({ dVectors }) => dVectors),
  })
  const sources = [{ owner: 'the network', ...gradients }, ...shares]
  return { words: pass.rows.length, judged, ...summed(network.setting.device, parameters, sources) }
}

/** All texts of some exercises in one forward. */
export const forwardOf = (
  network: Network,
  exercises: readonly Exercise[],
  step?: number,
): NetworkPass =>
  network.forward(
    exercises.flatMap(({ texts }) => texts),
    {
      forms: exercises.flatMap(({ forms = [] }) => forms),
      queryRows: askedRows(exercises),
      ...(step === undefined ? {} : { step }),
    },
  )

/**
 * The rows of all texts that some exercise asks about, rising; undefined where every exercise asks
 * about all.
 */
function askedRows(exercises: readonly Exercise[]): Int32Array | undefined {
  if (exercises.every(({ asked }) => !asked)) return undefined
  const rows: number[] = []
  let first = 0
  for (const { texts, asked } of exercises) {
    const starts = startsOf(texts, first)
    if (asked) for (const { text, place } of asked) rows.push(starts[text] + place)
    else for (let row = first; row < starts[texts.length]; row++) rows.push(row)
    first = starts[texts.length]
  }
  return Int32Array.from(new Set(rows)).sort()
}

/** The losses of an exercise whose texts begin at text `first` of the pass. */
export function judge(
  device: Device,
  exercise: Exercise,
  pass: NetworkPass,
  first: number,
  learning = false,
): Judgement {
  return exercise.judge({
    device,
    learning,
    C: pass.context,
    inContext: (row) => pass.inContext(row),
    get X() {
      return pass.placed()
    },
    starts: pass.starts.slice(first, first + exercise.texts.length + 1),
    vectors: pass.words.X,
    rowOf: (form) => pass.rowOf(form),
  })
}

function move(
  device: Device,
  parameters: Handles,
  { dParameters, touched }: Taken,
  { optimizer, pace, clip }: TrainOptions,
  step: number,
): void {
  const gradients = Object.entries(dParameters)
  const paces = gradients.map(([name]) => paceAt(pace, name, step))
  if (clip !== undefined) {
    const squares = device.allocate([1])
    const handles = gradients.map(([, gradient]) => gradient)
    device.squaredNorm(handles, squares)
    device.clip(handles, squares, clip)
  }
  gradients.forEach(([name, gradient], n) => {
    optimizer.move(device, name, parameters[name], gradient, paces[n], step, touched[name])
  })
}

/** The losses of a step, of each objective that predicted something. */
async function read(
  device: Device,
  judged: readonly { readonly name: string; readonly losses: Handle }[],
): Promise<Record<string, Gathered>> {
  const found: Record<string, Gathered> = {}
  for (const { name, losses } of judged) {
    const count = sizeOf(losses.shape)
    if (count > 0) found[name] = { sum: totalOf(await device.read(losses)), count }
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

function summary(gathered: Readonly<Record<string, Gathered>>): {
  loss: number
  losses: Record<string, number>
} {
  const losses: Record<string, number> = {}
  for (const [name, { sum, count }] of Object.entries(gathered))
    if (count > 0) losses[name] = sum / count
  return { loss: Object.values(losses)[0] ?? Number.NaN, losses }
}

/** The mean loss, in nats for each prediction, of exercises that nothing is learned from. */
export async function heldOutLoss(
  network: Network,
  exercises: readonly Exercise[],
): Promise<number> {
  const { device } = network.setting
  let sum = 0
  let count = 0
  for (const exercise of exercises) {
    const losses = device.scope(
      () => judge(device, exercise, forwardOf(network, [exercise]), 0).losses,
    )
    sum += totalOf(await device.read(losses))
    count += sizeOf(losses.shape)
    device.free(losses)
    await turn()
  }
  return sum / count
}
