import {
  COUNT,
  expectKind,
  expectKnown,
  expectNumber,
  expectOptions,
  NOT_NEGATIVE,
  type NumberRange,
  OBJECT,
  SHARE,
  valueText,
} from '../kinds.ts'
import type { Encoder } from '../layer/encoder.ts'
import type { Checkpointer, SavedState } from './checkpoint.ts'
import type { Objective } from './objective.ts'
import type { Optimizer, Pace } from './optimizer.ts'

/** How an encoder learns. */
export interface TrainOptions {
  /** An integer ≥ 0, or Infinity where a signal ends the loop. */
  readonly steps: number
  readonly optimizer: Optimizer
  /** Pace of a parameter at a step from 1; decay is 0 by default. */
  readonly pace: (name: string, step: number) => Pick<Pace, 'rate'> & Partial<Pace>
  /** Longest norm of all gradients together, above 0; unlimited by default. */
  readonly clip?: number
  /**
   * Share of the last steps over which parameters are averaged, in [0, 1]; 0, for none, by default.
   */
  readonly average?: number
  /** Ends the loop between two steps (an AbortSignal); what was learned stays. */
  readonly signal?: { readonly aborted: boolean }
  /** Steps between two reports, an integer ≥ 1; 10 by default. */
  readonly report?: number
  /** Keeps checkpoints on the way. */
  readonly keeper?: Checkpointer
  /**
   * A checkpoint to go on from, to the same bits: with the same encoder, objectives and options.
   */
  readonly resume?: SavedState
}

const KNOWN: readonly (keyof TrainOptions)[] = [
  ...([
    'steps',
    'optimizer',
    'pace',
    'clip',
    'average',
    'signal',
    'report',
    'keeper',
    'resume',
  ] as const),
]

const STEPS: NumberRange = {
  text: 'an integer ≥ 0, or Infinity',
  holds: (value) => value >= 0 && (Number.isInteger(value) || value === Infinity),
}
const CLIP: NumberRange = { text: 'a number above 0', holds: (value) => value > 0 }

/**
 * @throws {TypeError} for other kinds and unknown options, {RangeError} for numbers that cannot be
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
  expectOptions(
    'train',
    options,
    '{ steps: 100, optimizer: adamW(), pace: () => ({ rate: 0.01 }) }',
  )
  expectKnown('train', options, KNOWN)
  checkValues(options)
}

function checkValues({
  steps,
  optimizer,
  pace,
  clip,
  average = 0,
  signal,
  report = 10,
  keeper,
  resume,
}: TrainOptions): void {
  expectNumber('train', 'steps', steps, STEPS)
  expectKind('train', 'optimizer', optimizer, ['begin', 'move', 'free'], 'adamW()')
  if (typeof pace !== 'function')
    throw new TypeError(
      `train: pace must be a function such as () => ({ rate: 0.01 }), got ${valueText(pace)}`,
    )
  if (clip !== undefined) expectNumber('train', 'clip', clip, CLIP)
  expectNumber('train', 'average', average, SHARE)
  expectNumber('train', 'report', report, COUNT)
  if (signal !== undefined && typeof signal.aborted !== 'boolean')
    throw new TypeError(
      `train: signal must be a value such as new AbortController().signal, got ${valueText(signal)}`,
    )
  if (keeper !== undefined)
    expectKind(
      'train',
      'keeper',
      keeper,
      ['due', 'keep'],
      '{ due: () => true, keep: async () => {} }',
    )
  if (resume !== undefined) {
    OBJECT('train', 'resume', resume)
    expectKind('train', 'resume.tensors', resume.tensors, ['get', 'keys', 'clear'], 'new Map()')
  }
}

/**
 * The pace of a parameter at a step.
 *
 * @throws {RangeError} for a rate or decay that is NaN, ∞ or below 0, {TypeError} for what is no
 *   number, naming parameter and step
 */
export function paceAt(pace: TrainOptions['pace'], name: string, step: number): Pace {
  const given = pace(name, step)
  const where = `train: pace(${JSON.stringify(name)}, ${step})`
  expectOptions(where, given, '{ rate: 0.01 } from it')
  const { rate, decay = 0 } = given
  expectNumber(where, 'rate', rate, NOT_NEGATIVE)
  expectNumber(where, 'decay', decay, NOT_NEGATIVE)
  return { rate, decay }
}
