import type { Device, Handle, Handles } from '../device/device.ts'
import { shapeText, type Tensor } from '../tensor.ts'
import type { Average } from './average.ts'
import type { Optimizer } from './optimizer.ts'
import type { LossSum, WatchState } from './watch.ts'

/** The progress of a training loop. It has no random state: draws depend on seed and step alone. */
export interface TrainingProgress {
  readonly step: number
  /** Words read so far. */
  readonly words: number
  /** Number of steps in the mean of the parameters. */
  readonly averaged: number
  /** Of each objective, by its name. */
  readonly gathered: Readonly<Record<string, LossSum>>
  readonly watch: WatchState
}

export const BEGINNING: TrainingProgress = {
  step: 0,
  words: 0,
  averaged: 0,
  gathered: {},
  watch: { above: 0 },
}

/** A checkpoint: the progress of a training loop, and all its numbers; resuming takes them out. */
export interface SavedState {
  readonly progress: TrainingProgress
  readonly tensors: Map<string, Tensor>
}

/** Writes checkpoints. */
export interface Checkpointer {
  /** Whether to write one after a step. */
  due(step: number): boolean
  /** Writes one; training waits for it. @param state by the names of `stateOf` */
  keep(progress: TrainingProgress, state: Handles): Promise<void>
}

/** Prefixes of the names of optimizer state, and of the means of parameters. */
const BESIDE = { optimizer: 'optimizer.', average: 'average.' } as const

/** Whether a checkpoint's tensor is a parameter. */
export const isParameter = (name: string): boolean =>
  !Object.values(BESIDE).some((prefix) => name.startsWith(prefix))

/**
 * All numbers of a training loop: parameters by their names, optimizer state and means after a
 * prefix.
 */
export const stateOf = (parameters: Handles, optimizer: Optimizer, mean: Average): Handles => ({
  ...parameters,
  ...prefixed(BESIDE.optimizer, optimizer.state?.() ?? {}),
  ...prefixed(BESIDE.average, mean.state()),
})

const prefixed = (prefix: string, handles: Handles): Handles =>
  Object.fromEntries(Object.entries(handles).map(([name, handle]) => [prefix + name, handle]))

/** @throws {RangeError} for a checkpoint with losses of other objectives */
export function checkFits(
  { progress }: SavedState,
  objectives: readonly { readonly name: string }[],
): void {
  const names = objectives.map(({ name }) => name)
  const other = Object.keys(progress.gathered).find((name) => !names.includes(name))
  if (other !== undefined) throw unlike('other objectives', other, names.join(', '))
}

/**
 * Overwrites the initial numbers with those of a checkpoint.
 *
 * @throws {RangeError} unless they are the same tensors, and finite. The error tells a checkpoint
 *   of another encoder, objective or optimizer from a damaged one, in which something is missing
 */
export function restore(
  device: Device,
  { tensors }: SavedState,
  state: Handles,
  optimizer: Optimizer,
): void {
  if (tensors.size === 0)
    throw new RangeError(
      'learn: the checkpoint has no tensors, for resuming takes them out; decode it again',
    )
  const kinds = kindsOf([...tensors.keys()])
  const names = [...new Set([...tensors.keys(), ...Object.keys(state)])].sort(
    (a, b) => Number(isParameter(b)) - Number(isParameter(a)),
  )
  for (const name of names) {
    const difference = differenceOf(name, tensors.get(name), state[name])
    if (difference === undefined) continue
    if (isParameter(name) && isWhole(name, tensors, kinds))
      throw new RangeError(
        `learn: the checkpoint is of another encoder or of other objectives: ${difference}; ${AGAIN}`,
      )
    const own = kindsOf(Object.keys(state))
    if (String(kinds) !== String(own))
      throw unlike('another optimizer', optimizerOf(kinds), nameOf(optimizer, own))
    const [then, now] = [frozenIn([...tensors.keys()], kinds), frozenIn(Object.keys(state), own)]
    if (then !== now)
      throw unlike('other frozen parameters', then, now, 'freeze those that were frozen then')
    throw damaged(difference)
  }
  for (const [name, tensor] of tensors)
    if (!allFinite(tensor)) throw damaged(`the tensor ${name} holds numbers that are not finite`)
  for (const [name, handle] of Object.entries(state))
    device.write(handle, tensors.get(name) as Tensor)
  // they are on the device now, and need not be held twice
  tensors.clear()
}

/**
 * The difference between a checkpoint's tensor and the one that it replaces; undefined if there is
 * none.
 */
function differenceOf(
  name: string,
  tensor: Tensor | undefined,
  handle: Handle | undefined,
): string | undefined {
  if (!tensor) return `the tensor ${name} is missing`
  if (!handle) return `it has the tensor ${name}, which this learning has not`
  const [there, here] = [tensor, handle].map(
    ({ shape, dtype }) => `${shapeText(shape)} of ${dtype}`,
  )
  return there === here ? undefined : `the tensor ${name} is ${there}, not ${here}`
}

/** Optimizer state by names of tensors: `first` and `second` of each parameter, or `velocity`. */
function kindsOf(names: readonly string[]): string[] {
  const kinds = names.flatMap((name) => {
    if (!name.startsWith(BESIDE.optimizer)) return []
    const [kind, ...parameter] = name.slice(BESIDE.optimizer.length).split('.')
    return parameter.length === 0 || names.includes(parameter.join('.')) ? [kind] : []
  })
  return [...new Set(kinds)].sort()
}

/**
 * Whether a checkpoint has all the state of a parameter that it has of others, or none: then
 * nothing was lost.
 */
function isWhole(name: string, tensors: SavedState['tensors'], kinds: readonly string[]): boolean {
  const beside = [...kinds.map((kind) => `${BESIDE.optimizer}${kind}.`), BESIDE.average]
  const own = tensors.get(name)
  // a frozen parameter has none
  if (beside.every((prefix) => !tensors.has(prefix + name))) return true
  return beside.every((prefix) => {
    const like = tensors.get(prefix + name)
    if (own && like) return shapeText(own.shape) === shapeText(like.shape)
    return own !== undefined && ![...tensors.keys()].some((other) => other.startsWith(prefix))
  })
}

/** The parameters without optimizer state, if others have some. */
function frozenIn(names: readonly string[], kinds: readonly string[]): string {
  const known = new Set(names)
  const beside = [...kinds.map((kind) => `${BESIDE.optimizer}${kind}.`), BESIDE.average].filter(
    (prefix) => names.some((name) => name.startsWith(prefix)),
  )
  const frozen = names.filter(
    (name) => isParameter(name) && !beside.some((prefix) => known.has(prefix + name)),
  )
  return (beside.length > 0 && frozen.sort().join(', ')) || 'none'
}

/** Optimizers by their state. */
const REMEMBERED: Readonly<Record<string, string>> = {
  'first,second': 'adamW',
  velocity: 'sgd with momentum',
  '': 'sgd without momentum',
}

const optimizerOf = (kinds: readonly string[]): string =>
  REMEMBERED[String(kinds)] ?? `one that remembers ${kinds.join(', ')}`

const nameOf = ({ name }: Optimizer, kinds: readonly string[]): string =>
  optimizerOf(kinds).startsWith(name) ? optimizerOf(kinds) : name

const AGAIN = 'give the encoder, the objectives and the optimizer that it was begun with'

const unlike = (what: string, then: string, now: string, again = AGAIN): RangeError =>
  new RangeError(`learn: the checkpoint has ${what}: ${then}, got ${now}; ${again}`)

const damaged = (why: string): RangeError =>
  new RangeError(`learn: the checkpoint is damaged: ${why}; start again, or give another`)

/** Whether every number of a tensor is finite. */
export const allFinite = ({ data }: Tensor): boolean => data.every((x) => Number.isFinite(x))
