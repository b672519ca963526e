import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { entmax, general } from '../../src/doors/internal.ts'
import { and, causal, everything, lengths, not, or, window } from '../../src/mechanism/mask.ts'
import { runsOf } from '../../src/mechanism/mask-runs.ts'
import {
  alignmentNamed,
  alignmentSyntaxes,
  distributionNamed,
  distributionSyntaxes,
  maskNamed,
  positionNamed,
  positionSyntaxes,
} from '../../src/mechanism/named.ts'
import { learned, none, relative, rotary, sinusoidal } from '../../src/mechanism/position.ts'
import { alignments, distributions } from '../every.ts'

const positions = [
  ...[none, sinusoidal, learned(512), relative(12), relative(0), relative(12, { align: 'end' })],
  ...[
    rotary(),
    rotary({ align: 'end' }),
    rotary({ base: 500000 }),
    rotary({ base: 1.5, align: 'end' }),
    rotary({ base: 1e30 }),
  ],
]

describe('every name leads back to what it names', () => {
  test.each(alignments.map((value) => [value.name, value] as const))(
    'alignment %s',
    (name, value) => {
      const again = alignmentNamed(name)
      expect([again.name, again.widths, again.rotates]).toEqual([name, value.widths, value.rotates])
      expect(again.parameters?.(5, 5)).toEqual(value.parameters?.(5, 5))
    },
  )

  test.each(distributions.map((value) => [value.name, value] as const))(
    'distribution %s',
    (name, value) => {
      const again = distributionNamed(name)
      const scores = Float64Array.of(0.3, -1.1, 0.7, 0.2)
      const parameters = { a: Float64Array.of(0.4) }
      expect([again.name, again.weights(scores, parameters)]).toEqual([
        name,
        value.weights(scores, parameters),
      ])
    },
  )

  test.each(positions.map((value) => [value.name, value] as const))(
    'position %s',
    (name, value) => {
      expect(positionNamed(name)).toEqual(value)
    },
  )

  test('any α of entmax', () => {
    fc.assert(
      fc.property(fc.double({ min: 1.01, max: 10, noNaN: true }), (alpha) => {
        expect(distributionNamed(entmax(alpha).name).name).toBe(entmax(alpha).name)
      }),
      { seed: 7 },
    )
  })

  test('any base of rotary', () => {
    fc.assert(
      fc.property(fc.double({ min: 1, minExcluded: true, max: 1e300, noNaN: true }), (base) => {
        expect(positionNamed(rotary({ base }).name)).toEqual(rotary({ base }))
      }),
      { seed: 7 },
    )
  })
})

describe('the name of a mask leads back to one that allows the same', () => {
  const masks = [
    ...[everything, causal(), causal({ align: 'end' }), causal({ window: 2 })],
    ...[causal({ align: 'end', window: 1 }), window(1, 2), window(0, Infinity)],
    ...[window(2, 0, { align: 'end' }), lengths([3, 1]), lengths([2])],
    ...[and(causal(), window(2, 3)), not(causal()), and(), or()],
    or(and(causal(), not(or(window(0, 1), lengths([3])))), and(lengths([1])), window(1, 0)),
  ]
  test.each(masks.map((value) => [value.name, value] as const))('%s', (name, value) => {
    const again = maskNamed(name)
    expect(again.name).toBe(name)
    for (let i = 0; i < 4; i++) {
      const sizes = { text: 0, head: 0, nQuery: 4, nKey: 6 }
      expect(runsOf(again, i, sizes)).toEqual(runsOf(value, i, sizes))
    }
  })

  test.each([
    ['causal:start', 'maskNamed: causal is written causal[:end,window], got "causal:start"'],
    ['causal:2,end', 'maskNamed: causal is written causal[:end,window], got "causal:2,end"'],
    ['window:1', 'maskNamed: window is written window:left,right[,end], got "window:1"'],
    ['window:1,-2', 'maskNamed: window is written window:left,right[,end], got "window:1,-2"'],
    ['and(causal;documents)', 'maskNamed: unknown mask "documents"; known: everything, '],
    ['and(causal', 'maskNamed: unknown mask "and(causal"; did you mean causal?'],
    ['not(causal;causal)', 'maskNamed: not is written not(mask), got "not(causal;causal)"'],
    ['lengths:x', 'maskNamed: lengths is written lengths:length,…, got "lengths:x"'],
    ['documents', 'maskNamed: unknown mask "documents"; known: everything, causal[:end,window], '],
  ])('and %s to none', (name, message) => {
    expect(() => maskNamed(name)).toThrow(message)
  })
})

test('additive without a width has 64', () => {
  expect(alignmentNamed('additive').name).toBe('additive:64')
})

test('an alignment of a name aligns as the value does', () => {
  const matrixOf = (rows: number, columns: number) => ({
    rows,
    columns,
    data: Float64Array.from({ length: rows * columns }, (_, n) => Math.sin(n)),
  })
  const block = {
    Q: matrixOf(3, 2),
    K: matrixOf(5, 2),
    firstQuery: 0,
    firstKey: 0,
    parameters: { W: Float64Array.of(1, 2, 3, 4) },
  }
  expect(alignmentNamed('general:relu').scores(block)).toEqual(
    general({ activation: 'relu' }).scores(block),
  )
})

describe('what is no name is refused, with what is known', () => {
  const alignment = `known: ${alignmentSyntaxes.join(', ')}`
  const distribution = `known: ${distributionSyntaxes.join(', ')}`
  test.each<[() => unknown, string]>([
    [
      () => alignmentNamed('scaleddot'),
      `alignmentNamed: unknown alignment "scaleddot"; did you mean scaledDot? ${alignment}`,
    ],
    [() => alignmentNamed('xyzzy'), `alignmentNamed: unknown alignment "xyzzy"; ${alignment}`],
    [() => alignmentNamed(''), `alignmentNamed: unknown alignment ""; ${alignment}`],
    [() => alignmentNamed('dot:3'), 'alignmentNamed: dot is written dot, got "dot:3"'],
    [() => alignmentNamed('dot:'), 'alignmentNamed: dot is written dot, got "dot:"'],
    [
      () => alignmentNamed('general:tanh,bias'),
      'alignmentNamed: general is written general[:bias,tanh|sigmoid|relu], got "general:tanh,bias"',
    ],
    [
      () => alignmentNamed('general:constructor'),
      'alignmentNamed: general is written general[:bias,tanh|sigmoid|relu], got "general:constructor"',
    ],
    [
      () => alignmentNamed('additive:6.5'),
      'alignmentNamed: additive is written additive[:hidden], got "additive:6.5"',
    ],
    [() => alignmentNamed('additive:0'), 'additive: hidden must be an integer ≥ 1, got 0'],
    [
      () => distributionNamed('sofmax'),
      `distributionNamed: unknown distribution "sofmax"; did you mean softmax? ${distribution}`,
    ],
    [
      () => distributionNamed('entmax'),
      'distributionNamed: entmax is written entmax:alpha|learned, got "entmax"',
    ],
    [
      () => distributionNamed('entmax:1.3:2'),
      'distributionNamed: entmax is written entmax:alpha|learned, got "entmax:1.3:2"',
    ],
    [
      () => distributionNamed('entmax:0.5'),
      "entmax: alpha must lie from 1.01 to 10, got 0.5; softmax is the limit at 1, 'learned' lets it be learned",
    ],
    [() => distributionNamed('topK'), 'distributionNamed: topK is written topK:k, got "topK"'],
    [
      () => distributionNamed('topK:-1'),
      'distributionNamed: topK is written topK:k, got "topK:-1"',
    ],
    [
      () => positionNamed('relativ:12'),
      `positionNamed: unknown position "relativ:12"; did you mean relative? known: ${positionSyntaxes.join(', ')}`,
    ],
    [
      () => positionNamed('relative'),
      'positionNamed: relative is written relative:clip[,end], got "relative"',
    ],
    [
      () => positionNamed('relative:12,start'),
      'positionNamed: relative is written relative:clip[,end], got "relative:12,start"',
    ],
    [
      () => positionNamed('rotary:end,2'),
      'positionNamed: rotary is written rotary[:base,end], got "rotary:end,2"',
    ],
    [() => positionNamed('rotary:1'), 'rotary: base must be a number above 1, got 1'],
    [
      () => positionNamed('learned:'),
      'positionNamed: learned is written learned:longest, got "learned:"',
    ],
  ])('%s', (call, message) => {
    expect(call).toThrow(new RangeError(message))
  })

  test('a value in place of its name', () => {
    expect(() => distributionNamed(entmax(1.3) as never)).toThrow(
      new TypeError('distributionNamed: needs a name such as softmax, got an object'),
    )
  })
})
