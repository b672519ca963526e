import type { Device, Handles } from '../device/device.ts'
import { shapeText, type Tensor } from '../tensor.ts'
import type { Average, Optimizer } from './optimizer.ts'
import type { Gathered, WatchState } from './watch.ts'

/** Where a loop of learning is. Nothing random is part of it: what is drawn depends on seed and step alone. */
export interface Progress {
  readonly step: number
  /** Words read so far. */
  readonly words: number
  /** Steps that the mean of the parameters is of. */
  readonly averaged: number
  /** Of each objective, by its name. */
  readonly gathered: Readonly<Record<string, Gathered>>
  readonly watch: WatchState
}

export const BEGINNING: Progress = { step: 0, words: 0, averaged: 0, gathered: {}, watch: { above: 0 } }

/** A checkpoint: where learning was, and all numbers that it had then; whoever goes on takes them out. */
export interface Kept {
  readonly progress: Progress
  readonly tensors: Map<string, Tensor>
}

/** Keeps checkpoints. */
export interface Keeper {
  /** Whether to keep one after a step. */
  due(step: number): boolean
  /** Keeps one; learning waits for it. @param state as `stateOf` names it */
  keep(progress: Progress, state: Handles): Promise<void>
}

/** What comes before the names of an optimizer's numbers, and of the means of parameters. */
export const BESIDE = { optimizer: 'optimizer.', average: 'average.' } as const

/** Whether a checkpoint's tensor is a parameter. */
export const isParameter = (name: string): boolean => !Object.values(BESIDE).some((prefix) => name.startsWith(prefix))

/** All numbers of a loop of learning: parameters by their names, those of the optimizer and the means after a prefix. */
export const stateOf = (parameters: Handles, optimizer: Optimizer, mean: Average): Handles => ({
  ...parameters,
  ...prefixed(BESIDE.optimizer, optimizer.state?.() ?? {}),
  ...prefixed(BESIDE.average, mean.state()),
})

const prefixed = (prefix: string, handles: Handles): Handles =>
  Object.fromEntries(Object.entries(handles).map(([name, handle]) => [prefix + name, handle]))

/** Moves a checkpoint's numbers to the place of those that were drawn. @throws {RangeError} unless they are the same tensors, finite */
export function restore(device: Device, { tensors }: Kept, state: Handles): void {
  for (const name of tensors.keys()) if (!(name in state)) throw damaged(`it has the tensor ${name}, which this learning has not`)
  for (const [name, { shape, dtype }] of Object.entries(state)) {
    const tensor = tensors.get(name)
    if (!tensor) throw damaged(`the tensor ${name} is missing`)
    if (shapeText(tensor.shape) !== shapeText(shape) || tensor.dtype !== dtype)
      throw damaged(`the tensor ${name} is ${shapeText(tensor.shape)} of ${tensor.dtype}, not ${shapeText(shape)} of ${dtype}`)
    if (!allFinite(tensor)) throw damaged(`the tensor ${name} holds numbers that are not finite`)
  }
  for (const [name, handle] of Object.entries(state)) device.write(handle, tensors.get(name) as Tensor)
  // they are on the device now, and need not be kept twice while it learns
  tensors.clear()
}

const damaged = (why: string): RangeError => new RangeError(`learn: the checkpoint is damaged: ${why}; begin anew, or give another`)

/** Whether every number of a tensor is finite. */
export const allFinite = ({ data }: Tensor): boolean => data.every((x) => Number.isFinite(x))
