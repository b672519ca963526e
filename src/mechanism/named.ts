import { nearest, valueText } from '../kinds.ts'
import type { Alignment } from './alignment.ts'
import { additive, cosine, dot, general, negativeDistance, scaledDot } from './alignments.ts'
import type { Distribution } from './distribution.ts'
import { entmax, entmax15, sigmoid, softmax, sparsemax, topK } from './distributions.ts'
import { and, causal, everything, lengths, type Mask, not, or, window } from './mask.ts'
import { type Activation, activations } from './operands.ts'
import {
  type Align,
  learned,
  none,
  type Position,
  relative,
  rotary,
  sinusoidal,
} from './position.ts'

/** The syntax of a name, and its value. */
interface Entry<Value> {
  /** Such as `entmax:α|learned`. */
  readonly syntax: string
  /** The value for the arguments; undefined if they are invalid. */
  readonly value: (words: readonly string[]) => Value | undefined
}

type Register<Value> = ReadonlyMap<string, Entry<Value>>

/** A name that takes no arguments. */
const alone = <Value>(name: string, value: Value): [string, Entry<Value>] => [
  name,
  { syntax: name, value: (words) => (words.length ? undefined : value) },
]

const INTEGER = /^\d+$/
const NUMBER = /^\d+(\.\d+)?(e\+?\d+)?$/

const ALIGNMENTS: Register<Alignment> = new Map([
  alone<Alignment>('dot', dot),
  alone<Alignment>('scaledDot', scaledDot),
  alone<Alignment>('cosine', cosine),
  alone<Alignment>('negativeDistance', negativeDistance),
  ['general', { syntax: `general[:bias,${Object.keys(activations).join('|')}]`, value: generalOf }],
  ['additive', { syntax: 'additive[:hidden]', value: additiveOf }],
])

const DISTRIBUTIONS: Register<Distribution> = new Map([
  alone<Distribution>('softmax', softmax),
  alone<Distribution>('sigmoid', sigmoid),
  alone<Distribution>('sparsemax', sparsemax),
  alone<Distribution>('entmax15', entmax15),
  ['entmax', { syntax: 'entmax:alpha|learned', value: entmaxOf }],
  [
    'topK',
    {
      syntax: 'topK:k',
      value: ([k = '', ...more]) => (INTEGER.test(k) && !more.length ? topK(Number(k)) : undefined),
    },
  ],
])

const POSITIONS: Register<Position> = new Map([
  alone<Position>('none', none),
  alone<Position>('sinusoidal', sinusoidal),
  [
    'learned',
    {
      syntax: 'learned:longest',
      value: ([n = '', ...more]) =>
        INTEGER.test(n) && !more.length ? learned(Number(n)) : undefined,
    },
  ],
  ['relative', { syntax: 'relative:clip[,end]', value: relativeOf }],
  ['rotary', { syntax: 'rotary[:base,end]', value: rotaryOf }],
])

const MASKS: Register<Mask> = new Map([
  alone<Mask>('everything', everything),
  ['causal', { syntax: 'causal[:end,window]', value: causalOf }],
  ['window', { syntax: 'window:left,right[,end]', value: windowOf }],
  ['lengths', { syntax: 'lengths:length,…', value: lengthsOf }],
])

function generalOf(words: readonly string[]): Alignment | undefined {
  const bias = words[0] === 'bias'
  const [activation, ...more] = bias ? words.slice(1) : words
  if (more.length || (activation !== undefined && !Object.hasOwn(activations, activation)))
    return undefined
  return general({
    bias,
    ...(activation === undefined ? {} : { activation: activation as Activation['name'] }),
  })
}

/** Default width of the hidden layer. */
const HIDDEN = '64'

function additiveOf([hidden = HIDDEN, ...more]: readonly string[]): Alignment | undefined {
  return INTEGER.test(hidden) && !more.length ? additive({ hidden: Number(hidden) }) : undefined
}

function entmaxOf([alpha = '', ...more]: readonly string[]): Distribution | undefined {
  if (more.length) return undefined
  if (alpha === 'learned') return entmax(alpha)
  return NUMBER.test(alpha) ? entmax(Number(alpha)) : undefined
}

/** The arguments without a final `end`, and the alignment. */
function aligned(words: readonly string[]): {
  readonly before: readonly string[]
  readonly align: Align
} {
  return words.at(-1) === 'end'
    ? { before: words.slice(0, -1), align: 'end' }
    : { before: words, align: 'start' }
}

function relativeOf(words: readonly string[]): Position | undefined {
  const { before, align } = aligned(words)
  const [clip = '', ...more] = before
  return INTEGER.test(clip) && !more.length ? relative(Number(clip), { align }) : undefined
}

function rotaryOf(words: readonly string[]): Position | undefined {
  const { before, align } = aligned(words)
  const [base, ...more] = before
  if (more.length || (base !== undefined && !NUMBER.test(base))) return undefined
  return rotary({ align, ...(base === undefined ? {} : { base: Number(base) }) })
}

const REACH = /^(\d+|Infinity)$/

function causalOf(words: readonly string[]): Mask | undefined {
  const align = words[0] === 'end' ? 'end' : 'start'
  const [back = 'Infinity', ...more] = align === 'end' ? words.slice(1) : words
  return REACH.test(back) && !more.length ? causal({ align, window: Number(back) }) : undefined
}

function windowOf(words: readonly string[]): Mask | undefined {
  const { before, align } = aligned(words)
  const [left, right] = before.map(Number)
  return before.length === 2 && before.every((word) => REACH.test(word))
    ? window(left, right, { align })
    : undefined
}

function lengthsOf(words: readonly string[]): Mask | undefined {
  return words.every((word) => INTEGER.test(word)) ? lengths(words.map(Number)) : undefined
}

const syntaxesOf = <Value>(register: Register<Value>): readonly string[] =>
  [...register.values()].map(({ syntax }) => syntax)

/** Syntax of the names of alignments: `[…]` is optional, `|` is or. */
export const alignmentSyntaxes = syntaxesOf(ALIGNMENTS)

/** Syntax of the names of distributions. */
export const distributionSyntaxes = syntaxesOf(DISTRIBUTIONS)

/** Syntax of the names of positions. */
export const positionSyntaxes = syntaxesOf(POSITIONS)

/**
 * The alignment of a name, such as `general:bias,tanh`; its own `name` leads back to it.
 *
 * @throws {RangeError} for an unknown name or invalid arguments
 */
export const alignmentNamed = (name: string): Alignment => valueNamed('alignment', name, ALIGNMENTS)

/**
 * The distribution of a name, such as `entmax:1.3` or `entmax:learned`; its own `name` leads back
 * to it.
 *
 * @throws {RangeError} for an unknown name or invalid arguments
 */
export const distributionNamed = (name: string): Distribution =>
  valueNamed('distribution', name, DISTRIBUTIONS)

/**
 * The position of a name, such as `relative:12,end`; its own `name` leads back to it.
 *
 * @throws {RangeError} for an unknown name or invalid arguments
 */
export const positionNamed = (name: string): Position => valueNamed('position', name, POSITIONS)

/**
 * The mask of a name, such as `causal:end`; masks with arrays of their own, such as `documents`,
 * have no such name.
 *
 * @throws {RangeError} for an unknown name or invalid arguments
 */
export function maskNamed(name: string): Mask {
  const [, rule, inner] = /^(and|or|not)\((.*)\)$/.exec(name) ?? []
  if (rule === undefined) return valueNamed('mask', name, MASKS)
  const masks = partsOf(inner).map(maskNamed)
  if (rule !== 'not') return rule === 'and' ? and(...masks) : or(...masks)
  if (masks.length !== 1)
    throw new RangeError(`maskNamed: not is written not(mask), got ${JSON.stringify(name)}`)
  return not(masks[0])
}

/** What stands between the `;` that are in no parentheses. */
function partsOf(text: string): string[] {
  const parts: string[] = []
  let open = 0
  for (const piece of text ? text.split(';') : []) {
    if (open > 0) parts[parts.length - 1] += `;${piece}`
    else parts.push(piece)
    open += piece.split('(').length - piece.split(')').length
  }
  return parts
}

/** Reads `name[:argument[,argument]]`. */
function valueNamed<Value>(kind: string, text: string, register: Register<Value>): Value {
  if (typeof text !== 'string')
    throw new TypeError(
      `${kind}Named: needs a name such as ${syntaxesOf(register)[0]}, got ${valueText(text)}`,
    )
  const [name, ...rest] = text.split(':')
  const entry = register.get(name)
  if (!entry) {
    const near = nearest(name, [...register.keys()])
    throw new RangeError(
      `${kind}Named: unknown ${kind} ${JSON.stringify(text)}${near ? `; did you mean ${near}?` : ';'} known: ${syntaxesOf(register).join(', ')}`,
    )
  }
  const value = entry.value(rest.length ? rest.join(':').split(',') : [])
  if (!value)
    throw new RangeError(
      `${kind}Named: ${name} is written ${entry.syntax}, got ${JSON.stringify(text)}`,
    )
  return value
}
