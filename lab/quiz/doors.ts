import { batch } from '@preact/signals'
import { type QuizItem, SENTENCE } from 'regard/internal'
import type { Setting } from '../state/setting.ts'
import { type SettingName, settings } from '../state/settings.ts'
import { type ViewName, viewNames } from '../view.ts'

/** Values of settings, as an address has them. */
type State = Partial<Readonly<Record<SettingName, string>>>

/** The view that shows what an item asks, and what it shows once there is an answer. */
interface Door {
  readonly view: ViewName
  readonly asked: State
  /** By the option of the claim that was chosen; `any` for all others, and for numbers. */
  readonly answered: Readonly<Record<string, State>>
}

/** «When?», and «What?», in degrees of the needle; and a direction that is neither. */
const [WHEN, WHAT, NEITHER] = ['96', '24', '-70']
const HIDDEN: State = { mask: 'causal', as: 'grid' }

/**
 * A layer of D = 2 and d_q = d_k = 1 whose scores are those that are told, in every row: q = 1, and
 * k is the first number of X plus `more`.
 */
const scored = (scores: readonly number[], more = 0): State => ({
  text: SENTENCE.slice(0, scores.length).join(' '),
  ...{ width: '2', query: '1', key: '1', stage: 'weights' },
  edit: [
    ...scores.flatMap((score, row) => [`X.${row + 1}.1:${score}`, `X.${row + 1}.2:1`]),
    ...['W_Q.1.1:0', 'W_Q.2.1:1', 'W_K.1.1:1', `W_K.2.1:${more}`],
  ].join(';'),
})

/** Doors by the name of the claim, so that a teacher's items have them too. */
const DOORS: Readonly<Record<string, Door>> = {
  'projection-shape': {
    view: 'compute',
    asked: { stage: 'projections' },
    answered: { any: { width: '6', query: '2', key: '2' } },
  },
  'equal-widths': {
    view: 'compute',
    asked: {},
    answered: {
      a: { value: '7' },
      b: { query: '4', key: '5', value: '5' },
      c: { query: '4', key: '5', value: '4' },
    },
  },
  'attention-formula': {
    view: 'compute',
    asked: { stage: 'weights' },
    answered: { any: { stage: 'weights' } },
  },
  'contextual-embedding': {
    view: 'look',
    asked: {},
    answered: { a: {}, b: { word: '6' }, c: { word: '3,6', position: 'sinusoidal' } },
  },
  'question-what': {
    view: 'needle',
    asked: { needle: NEITHER },
    answered: { any: { needle: WHAT } },
  },
  'question-when': {
    view: 'needle',
    asked: { needle: NEITHER },
    answered: { any: { needle: WHEN } },
  },
  'batch-shape': {
    view: 'compute',
    asked: { stage: 'context' },
    answered: { any: { stage: 'context', value: '7' } },
  },
  parameters: {
    view: 'compute',
    asked: { stage: 'projections' },
    answered: { any: { stage: 'projections', text: 'Ada a été entartée cet hiver' } },
  },
  'parameter-count': {
    view: 'compute',
    asked: { stage: 'projections' },
    answered: { any: { stage: 'projections', width: '6', value: '3' } },
  },
  order: { view: 'order', asked: {}, answered: { any: { order: '6,4,3,1,5,2' } } },
  'causal-change': {
    view: 'look',
    asked: HIDDEN,
    answered: { any: { ...HIDDEN, text: 'Tom a été puni cet été' } },
  },
  'causal-count': { view: 'look', asked: HIDDEN, answered: { any: HIDDEN } },
  'causal-order': {
    view: 'order',
    asked: { mask: 'causal' },
    answered: { any: { mask: 'causal', order: '2,1,3,4,5,6' } },
  },
  'exact-zeros': {
    view: 'look',
    asked: { as: 'grid' },
    answered: { any: { as: 'grid', distribution: 'sparsemax' } },
  },
  'sigmoid-sum': {
    view: 'look',
    asked: { as: 'grid' },
    answered: { any: { as: 'grid', distribution: 'sigmoid' } },
  },
  'ties-kept': {
    view: 'compute',
    asked: { ...scored([1, 3, 2, 2]), stage: 'scores' },
    answered: { any: { ...scored([1, 3, 2, 2]), distribution: 'topK:2' } },
  },
  'sparsemax-by-hand': {
    view: 'compute',
    asked: { ...scored([-2, 0, 0.5]), stage: 'scores' },
    answered: { any: { ...scored([-2, 0, 0.5]), distribution: 'sparsemax' } },
  },
  // the score moves, and nothing else
  'off-support': {
    view: 'compute',
    asked: { ...scored([-2, 0, 0.5]), distribution: 'sparsemax' },
    answered: { any: { ...scored([-1.5, 0, 0.5]), distribution: 'sparsemax' } },
  },
  'shifted-scores': {
    view: 'compute',
    asked: scored([-2, 0, 0.5]),
    answered: { any: scored([-2, 0, 0.5], 100) },
  },
  'equal-scores': {
    view: 'compute',
    asked: { ...scored([1, 1, 1, 1, 1, 1]), stage: 'scores' },
    answered: { any: scored([1, 1, 1, 1, 1, 1]) },
  },
  'equal-rows': { view: 'look', asked: { word: '3' }, answered: { any: { word: '3,6' } } },
  'rotary-places': {
    view: 'compute',
    asked: { stage: 'projections' },
    answered: { any: { stage: 'projections', position: 'rotary' } },
  },
  'relative-count': {
    view: 'compute',
    asked: { stage: 'projections' },
    answered: { any: { stage: 'projections', position: 'relative:4', heads: '3' } },
  },
  'heads-count': {
    view: 'compute',
    asked: { stage: 'projections', width: '12', value: '5' },
    answered: { any: { stage: 'projections', width: '12', value: '5', heads: '3' } },
  },
  'weights-count': {
    view: 'compute',
    asked: { stage: 'scores' },
    answered: { any: { stage: 'weights', heads: '3' } },
  },
  'memory-growth': {
    view: 'compute',
    asked: { text: SENTENCE.slice(0, 3).join(' ') },
    answered: { any: {} },
  },
  'heads-width': {
    view: 'compute',
    asked: { stage: 'context' },
    answered: { any: { stage: 'context', heads: '2' } },
  },
  'heads-apart': { view: 'look', asked: {}, answered: { any: { heads: '2' } } },
  'score-spread': {
    view: 'compute',
    asked: { width: '32', query: '16', key: '16' },
    answered: { any: { width: '32', query: '16', key: '16', alignment: 'dot', stage: 'weights' } },
  },
}

/**
 * What a door sets, and puts back where it does not name it; the reader's language, colours and
 * seed stay.
 */
const SET: readonly SettingName[] = [
  ...([
    'text',
    'word',
    'source',
    'position',
    'alignment',
    'distribution',
    'mask',
    'width',
    'query',
    'key',
    'value',
  ] as const),
  ...(['heads', 'head', 'edit', 'as', 'needle', 'stage', 'order', 'all'] as const),
]

export function doorOf({ claim }: QuizItem): Door | undefined {
  const door = claim && Object.hasOwn(DOORS, claim.name) ? DOORS[claim.name] : undefined
  return door && viewNames.includes(door.view) ? door : undefined
}

function put(state: State): void {
  for (const name of SET) {
    const setting = settings[name] as unknown as Setting<unknown>
    const text = state[name]
    setting.state.value = text === undefined ? setting.initial : setting.read(text)
  }
}

/**
 * Opens an item's door with what it asks on screen; an item without one is asked in the quiz
 * itself.
 */
export function openDoor(item: QuizItem): void {
  const door = doorOf(item)
  batch(() => {
    if (door) put(door.asked)
    settings.view.state.value = door?.view ?? 'quiz'
  })
}

/** Shows what an answer says, run by the layer. */
export function showAnswer(item: QuizItem, chosen: readonly string[]): void {
  const door = doorOf(item)
  if (!door) return
  const option = chosen.length === 1 ? (item.claim?.options?.[chosen[0]] ?? chosen[0]) : 'any'
  batch(() => put(door.answered[option] ?? door.answered.any ?? door.asked))
}
