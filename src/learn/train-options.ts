import type { Handles } from '../device/device.ts'
import {
  COUNT,
  checkOptions,
  expectKind,
  expectNumber,
  expectOnly,
  expectOptions,
  expectValue,
  having,
  type Kind,
  NOT_NEGATIVE,
  type NumberRange,
  nearest,
  OBJECT,
  SHARE,
  SIGNAL,
  typed,
  valueText,
} from '../kinds.ts'
import type { Encoder } from '../layer/encoder.ts'
import type { Checkpointer, SavedState } from './checkpoint.ts'
import type { Objective } from './objective.ts'
import { type Optimizer, PACE, type Pace } from './optimizer.ts'

/** Options of training an encoder. */
export interface TrainOptions {
  /** An integer ≥ 0, or Infinity if a signal ends the loop. */
  readonly steps: number
  readonly optimizer: Optimizer
  /** Pace of a parameter at a step from 1; decay is 0 by default. */
  readonly pace: (name: string, step: number) => Pick<Pace, 'rate'> & Partial<Pace>
  /**
   * Largest norm of the gradients of all parameters that are not frozen, above 0; unlimited by
   * default.
   */
  readonly clip?: number
  /**
   * Frozen parameters, by their names or by a function of the name; none by default.
   *
   * They have no optimizer state, and no part in the clipped norm.
   */
  readonly frozen?: readonly string[] | ((name: string) => boolean)
  /**
   * Batches that each objective draws in a step, an integer n ≥ 1; 1 by default. Step s draws (s −
   * 1)n + 1 … sn, each has a forward and backward of its own, and the loss is the mean of theirs: n
   * batches in the memory of one.
   */
  readonly accumulate?: number
  /**
   * Share of the last steps over which parameters are averaged, in [0, 1]; 0, for none, by default.
   */
  readonly average?: number
  /** Ends the loop between two steps (an AbortSignal); what was learned stays. */
  readonly signal?: { readonly aborted: boolean }
  /** Steps between two reports, an integer ≥ 1; 10 by default. */
  readonly report?: number
  /** Writes checkpoints. */
  readonly keeper?: Checkpointer
  /** A checkpoint to resume, to the same bits: with the same encoder, objectives and options. */
  readonly resume?: SavedState
}

/** How all parameters move in one step. */
export type MoveOptions = Pick<TrainOptions, 'optimizer' | 'pace' | 'clip'>

const STEPS: NumberRange = {
  text: 'an integer ≥ 0, or Infinity',
  holds: (value) => value >= 0 && (Number.isInteger(value) || value === Infinity),
}
const CLIP: NumberRange = { text: 'a number above 0', holds: (value) => value > 0 }

const MOVING = {
  optimizer: having(['begin', 'move', 'free'], 'adamW()'),
  pace: typed('function', 'a function such as () => ({ rate: 0.01 })'),
} as const

const NEEDED = { steps: STEPS, ...MOVING } as const

const KINDS: { readonly [Name in keyof Required<TrainOptions>]: Kind } = {
  ...NEEDED,
  clip: CLIP,
  frozen(where, name, value) {
    const isNames = Array.isArray(value) && value.every((one) => typeof one === 'string')
    if (!isNames && typeof value !== 'function')
      throw new TypeError(
        `${where}: ${name} must be names such as ['words.E'], or a function of a name, got ${valueText(value)}`,
      )
  },
  accumulate: COUNT,
  average: SHARE,
  report: COUNT,
  signal: SIGNAL,
  keeper: having(['due', 'keep'], '{ due: () => true, keep: async () => {} }'),
  resume(where, name, value) {
    OBJECT(where, name, value)
    const { tensors } = value as SavedState
    expectKind(where, `${name}.tensors`, tensors, ['get', 'keys', 'clear'], 'new Map()')
  },
}

/**
 * @throws {TypeError} for wrong types and unknown options, {RangeError} for numbers out of range
 */
export function checkTrain(
  encoder: Encoder,
  objectives: readonly Objective[],
  options: TrainOptions,
): void {
  expectKind('train', 'encoder', encoder, ['forward'], 'new Encoder(…)')
  if (!Array.isArray(objectives))
    throw new TypeError(
      `train: objectives must be an array such as [classes(…)], got ${valueText(objectives)}`,
    )
  if (objectives.length === 0)
    throw new RangeError(
      'train: objectives must hold one or more, such as [classes(…)]; there is nothing to learn',
    )
  objectives.forEach((objective, n) => {
    expectKind('train', `objectives[${n}]`, objective, ['draw'], 'classes(…)')
    if (typeof objective.name !== 'string')
      throw new TypeError(
        `train: objectives[${n}].name must be a text, got ${valueText(objective.name)}`,
      )
    expectOptions(
      `train: objectives[${n}].parameters`,
      objective.parameters,
      '{}, where it has none',
    )
  })
  checkOptions(
    'train',
    options,
    KINDS,
    '{ steps: 100, optimizer: adamW(), pace: () => ({ rate: 0.01 }) }',
  )
  for (const [name, kind] of Object.entries(NEEDED))
    expectValue('train', name, options[name as keyof typeof NEEDED], kind)
}

/**
 * @throws {TypeError} for other kinds and unknown options, {RangeError} for numbers that cannot be
 */
export function checkMoving(where: string, options: MoveOptions, step: number): void {
  checkOptions(
    where,
    options,
    { ...MOVING, clip: CLIP },
    '{ optimizer, pace: () => ({ rate: 0.01 }) }',
  )
  for (const [name, kind] of Object.entries(MOVING))
    expectValue(where, name, options[name as keyof typeof MOVING], kind)
  expectNumber(where, 'step', step, COUNT)
}

/**
 * The parameters that learn: all but the frozen ones.
 *
 * @throws {RangeError} for an unknown name, and if all are frozen
 */
export function notFrozen(parameters: Handles, frozen: TrainOptions['frozen'] = []): Handles {
  const names = Object.keys(parameters)
  const other =
    typeof frozen === 'function' ? undefined : frozen.find((name) => !names.includes(name))
  if (other !== undefined) {
    const near = nearest(other, names)
    throw new RangeError(
      `train: frozen: there is no parameter ${other}${near ? `; did you mean ${near}?` : ';'} there are ${names.join(', ')}`,
    )
  }
  const isFrozen = typeof frozen === 'function' ? frozen : (name: string) => frozen.includes(name)
  const learning = Object.entries(parameters).filter(([name]) => !isFrozen(name))
  if (learning.length === 0)
    throw new RangeError('train: every parameter is frozen; there is nothing to learn')
  return Object.fromEntries(learning)
}

/**
 * The pace of a parameter at a step.
 *
 * @throws {RangeError} for a rate or decay that is NaN, ∞ or below 0, {TypeError} if a value is not
 *   a number, naming parameter and step
 */
export function paceAt(
  pace: TrainOptions['pace'],
  name: string,
  step: number,
  caller = 'train',
): Pace {
  const given = pace(name, step)
  const where = `${caller}: pace(${JSON.stringify(name)}, ${step})`
  expectOnly(where, given, PACE, '{ rate: 0.01 } from it')
  const { rate, decay = 0 } = given
  expectNumber(where, 'rate', rate, NOT_NEGATIVE)
  expectNumber(where, 'decay', decay, NOT_NEGATIVE)
  return { rate, decay }
}
