import {
  alignmentNamed,
  builtInQuizzes,
  DEFAULT_QUIZ,
  distributionNamed,
  positionNamed,
  SENTENCE,
} from 'regard/internal'
import { type ViewName, viewNames } from '../view.ts'
import { maskNames } from './masks.ts'
import { choice, edits, flag, integer, line, named, places, real, words } from './setting.ts'

/** The language that the reader's browser asks for: French, or English for all others. */
const preferred = globalThis.navigator?.language?.toLowerCase().startsWith('fr') ? 'fr' : 'en'

/** Longest sentence that is looked at; longer texts are for learning. */
export const LONGEST_TEXT = 2000
/** Most words that a picture holds. */
export const MOST_WORDS = 64

/**
 * All of the page's state, in one table: it is what the controls change, what the menu shows and
 * what the address holds.
 *
 * A setting that is as it began does not stand in the address.
 */
export const settings = {
  view: choice<ViewName>('view', 'look', viewNames),
  lang: choice('lang', preferred, ['fr', 'en']),
  theme: choice('theme', 'auto', ['auto', 'light', 'dark']),
  text: line('text', SENTENCE.join(' '), LONGEST_TEXT),
  /** The words that ask: none, one, or two side by side. */
  word: places('word', [2], 2),
  /** Whose weights: those of a layer drawn by the seed, or of what was learned on the page. */
  source: choice('source', 'drawn', ['drawn', 'learned']),
  position: named(
    'position',
    'none',
    ['none', 'sinusoidal', 'rotary', 'relative:5'],
    positionNamed,
  ),
  alignment: named(
    'alignment',
    'scaledDot',
    ['scaledDot', 'dot', 'cosine', 'negativeDistance', 'general', 'additive:8'],
    alignmentNamed,
  ),
  distribution: named(
    'distribution',
    'softmax',
    ['softmax', 'sparsemax', 'entmax15', 'entmax:1.3', 'topK:2', 'sigmoid'],
    distributionNamed,
  ),
  mask: choice('mask', 'everything', maskNames),
  width: integer('width', 8, 1, 32),
  query: integer('query', 4, 1, 16),
  key: integer('key', 4, 1, 16),
  value: integer('value', 4, 1, 16),
  heads: integer('heads', 1, 1, 8),
  head: integer('head', 1, 1, 8),
  seed: integer('seed', 7, 0, 2 ** 31 - 1),
  edit: edits('edit'),
  /** How attention is drawn below the sentence. */
  as: choice('as', 'lines', ['lines', 'grid', 'table']),
  /** The needle's direction in degrees. */
  needle: real('needle', 24),
  /** The stage that is open. */
  stage: choice('stage', 'scores', ['projections', 'scores', 'weights', 'context']),
  /** Places of the words in a new order. */
  order: places('order', [], MOST_WORDS),
  /** Whether all orders are tried. */
  all: flag('all'),
  /** What is learned from. */
  corpus: choice('corpus', 'built-in', ['built-in', 'own']),
  /** Positions of what learns. */
  positions: named('positions', 'relative:12', ['relative:12', 'none'], positionNamed),
  /** What is asked of a model. */
  question: line('question', 'What happened to Tom ?', 300),
  /** The quiz that is offered: one that ships, or a teacher's. */
  quiz: choice<string>('quiz', DEFAULT_QUIZ, [...builtInQuizzes, 'own']),
  mode: choice('mode', 'practice', ['practice', 'test']),
  /** The question that is asked, from 1; 0 before and after. */
  item: integer('item', 0, 0, 9999),
  /** Names of settings, doors and parts that a teacher takes off the page. */
  hide: words('hide'),
  /** The picture alone, for slides. */
  bare: flag('bare'),
} as const

export type SettingName = keyof typeof settings
