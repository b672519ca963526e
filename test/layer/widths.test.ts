import { expect, test } from 'vitest'
import {
  additive,
  cosine,
  dot,
  general,
  negativeDistance,
  openDevice,
  SelfAttention,
  scaledDot,
} from '../../src/doors/internal.ts'

// Each `@ts-expect-error` is a test of its own: `tsc` fails where the line below it has no error of types.

const context = { device: await openDevice({ device: 'reference' }), seed: 7 }
const unequal = (name: string): RangeError =>
  new RangeError(
    `SelfAttention: ${name} needs dQuery = dKey, got dQuery 3 and dKey 5; make them equal, or use an alignment that allows it, such as general() or additive({ hidden })`,
  )

test('unequal literal widths under scaledDot are refused by the compiler, and at run time', () => {
  expect(() => {
    // @ts-expect-error dKey must equal dQuery = 3
    new SelfAttention({ dModel: 7, dQuery: 3, dKey: 5, dValue: 2 }, context)
  }).toThrow(unequal('scaledDot'))
})

test('unequal literal widths are refused when scaledDot is named', () => {
  expect(() => {
    // @ts-expect-error dKey must equal dQuery = 3
    new SelfAttention({ dModel: 7, dQuery: 3, dKey: 5, dValue: 2, alignment: scaledDot }, context)
  }).toThrow(unequal('scaledDot'))
})

test('unequal literal widths under dot are refused by the compiler, and at run time', () => {
  expect(() => {
    // @ts-expect-error dKey must equal dQuery = 3
    new SelfAttention({ dModel: 7, dQuery: 3, dKey: 5, dValue: 2, alignment: dot }, context)
  }).toThrow(unequal('dot'))
})

test('unequal literal widths under cosine are refused by the compiler, and at run time', () => {
  expect(() => {
    // @ts-expect-error dKey must equal dQuery = 3
    new SelfAttention({ dModel: 7, dQuery: 3, dKey: 5, dValue: 2, alignment: cosine }, context)
  }).toThrow(unequal('cosine'))
})

test('unequal literal widths under negativeDistance are refused by the compiler, and at run time', () => {
  expect(() => {
    const sizes = { dModel: 7, dQuery: 3, dKey: 5, dValue: 2 } as const
    // @ts-expect-error dKey must equal dQuery = 3
    new SelfAttention({ ...sizes, alignment: negativeDistance }, context)
  }).toThrow(unequal('negativeDistance'))
})

test('equal literal widths pass the compiler under each of them', () => {
  const sizes = { dModel: 7, dQuery: 3, dKey: 3, dValue: 2 } as const
  const layers = [
    new SelfAttention(sizes, context),
    new SelfAttention({ ...sizes, alignment: dot }, context),
    new SelfAttention({ ...sizes, alignment: cosine }, context),
    new SelfAttention({ ...sizes, alignment: negativeDistance }, context),
  ]
  expect(layers.map(({ config }) => config.alignment.name)).toEqual([
    'scaledDot',
    'dot',
    'cosine',
    'negativeDistance',
  ])
})

test('unequal literal widths pass under general', () => {
  const layer = new SelfAttention(
    { dModel: 7, dQuery: 3, dKey: 5, dValue: 2, alignment: general() },
    context,
  )
  expect(layer.parameters['alignment.W'].shape).toEqual([1, 3, 5])
})

test('unequal literal widths pass under additive', () => {
  const layer = new SelfAttention(
    { dModel: 7, dQuery: 3, dKey: 5, dValue: 2, alignment: additive({ hidden: 11 }) },
    context,
  )
  expect([
    layer.parameters['alignment.W_1'].shape,
    layer.parameters['alignment.W_2'].shape,
  ]).toEqual([
    [1, 3, 11],
    [1, 5, 11],
  ])
})

test('widths that are no literals pass the compiler, and are refused at run time', () => {
  const widths: { dQuery: number; dKey: number } = { dQuery: 3, dKey: 5 }
  expect(() => new SelfAttention({ dModel: 7, ...widths, dValue: 2 }, context)).toThrow(
    unequal('scaledDot'),
  )
})

test('one literal beside a width that is none passes the compiler, and is refused at run time', () => {
  const dKey: number = 5
  expect(() => new SelfAttention({ dModel: 7, dQuery: 3, dKey, dValue: 2 }, context)).toThrow(
    unequal('scaledDot'),
  )
})

test('a width is a number to the compiler', () => {
  expect(() => {
    // @ts-expect-error dValue is no number
    new SelfAttention({ dModel: 7, dQuery: 3, dKey: 3, dValue: '2' }, context)
  }).toThrow(new TypeError('SelfAttention: dValue must be an integer ≥ 1, got "2"'))
})
