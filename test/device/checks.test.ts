import { describe, expect, test } from 'vitest'
import type { Handle } from '../../src/device/device.ts'
import { ReferenceDevice } from '../../src/device/reference.ts'
import { Tensor } from '../../src/tensor.ts'

const places = (...numbers: number[]): Tensor => Tensor.from(numbers, 'int32')

describe('wrong sizes throw at once, with the name of the operation', () => {
  const device = new ReferenceDevice({ dtype: 'float64' })
  const F = (...shape: number[]): Handle => device.allocate(shape)
  const I = (...shape: number[]): Handle => device.allocate(shape, 'int32')
  const onto = (handle: Handle, operate: (handle: Handle) => void): void => operate(handle)
  const adam = { rate: 1, beta1: 0, beta2: 0, epsilon: 0, decay: 0, step: 1 }

  test.each<[string, () => void, Error]>([
    [
      'product of sizes that do not meet',
      () => device.product(F(2, 3), F(5, 7), F(2, 7)),
      new RangeError(
        'product: the columns of A must equal the rows of B, got A (2, 3) and B (5, 7)',
      ),
    ],
    [
      'product into another shape',
      () => device.product(F(2, 3), F(3, 7), F(7, 2)),
      new RangeError('product: C must have shape (2, 7), got (7, 2)'),
    ],
    [
      'product of places',
      () => device.product(I(2, 3), F(3, 7), F(2, 7)),
      new TypeError('product: A must hold floating numbers, got int32'),
    ],
    [
      'product of a vector',
      () => device.product(F(3), F(3, 7), F(1, 7)),
      new RangeError('product: A must be a matrix (rows, columns), got (3,)'),
    ],
    [
      'combine',
      () => device.combine(1, F(2, 3), 1, F(3, 2), F(2, 3)),
      new RangeError('combine: B must have shape (2, 3), got (3, 2)'),
    ],
    [
      'addBias',
      () => device.addBias(F(2, 3), F(2), F(2, 3)),
      new RangeError('addBias: b must have shape (3,), got (2,)'),
    ],
    [
      'normalize',
      () => device.normalize(F(2, 3), F(3), F(5), 0, F(2, 3)),
      new RangeError('normalize: bias must have shape (3,), got (5,)'),
    ],
    [
      'normalizeBackward',
      () =>
        device.normalizeBackward(F(2, 3), F(2, 3), F(3), 0, {
          dX: F(2, 3),
          dGain: F(5),
          dBias: F(3),
        }),
      new RangeError('normalizeBackward: dGain must have shape (3,), got (5,)'),
    ],
    [
      'activate',
      () => device.activate('relu', F(2, 3), F(3, 2)),
      new RangeError('activate: Y must have shape (2, 3), got (3, 2)'),
    ],
    [
      'activate of an unknown name',
      () => device.activate('swish' as 'silu', F(2), F(2)),
      new RangeError(
        'activate: name must be one of relu, tanh, sigmoid, silu, gelu, geluErf, log, got "swish"',
      ),
    ],
    [
      'activateBackward',
      () => device.activateBackward('relu', F(2), F(2), F(3)),
      new RangeError('activateBackward: dX must have shape (2,), got (3,)'),
    ],
    [
      'gather',
      () => device.gather(F(3, 2), I(5), F(7, 2)),
      new RangeError('gather: Y must have shape (5, 2), got (7, 2)'),
    ],
    [
      'gather of floating places',
      () => device.gather(F(3, 2), F(5), F(5, 2)),
      new TypeError('gather: indices must hold int32 numbers, got float64'),
    ],
    [
      'gather beyond the table',
      () => device.gather(F(3, 2), device.upload(places(0, 3)), F(2, 2)),
      new RangeError('gather: indices[1] must be from -1 to 2, got 3'),
    ],
    [
      'sumRows',
      () => device.sumRows(F(5, 2), { starts: I(3), occurrences: I(5) }, F(3, 2)),
      new RangeError('sumRows: starts must have shape (4,), got (3,)'),
    ],
    [
      'sumRows beyond the rows',
      () =>
        device.sumRows(F(5, 2), { starts: I(4), occurrences: device.upload(places(5)) }, F(3, 2)),
      new RangeError('sumRows: occurrences[0] must be from 0 to 4, got 5'),
    ],
    [
      'crossEntropy',
      () => device.crossEntropy(F(3, 2), F(5, 7), F(5), I(3), F(3)),
      new RangeError('crossEntropy: E must have shape (5, 2), got (5, 7)'),
    ],
    [
      'crossEntropy beyond the classes',
      () => device.crossEntropy(F(1, 2), F(5, 2), F(5), device.upload(places(5)), F(1)),
      new RangeError('crossEntropy: targets[0] must be from 0 to 4, got 5'),
    ],
    [
      'squaredNorm',
      () => device.squaredNorm([F(2)], F(2)),
      new RangeError('squaredNorm: out must have shape (1,), got (2,)'),
    ],
    [
      'clip to nothing',
      () => device.clip([F(2)], F(1), 0),
      new RangeError('clip: largest must be above 0, got 0'),
    ],
    [
      'adamW',
      () => device.adamW(F(2, 3), F(3, 2), [F(2, 3), F(2, 3)], adam),
      new RangeError('adamW: gradient must have shape (2, 3), got (3, 2)'),
    ],
    [
      'adamW before its first step',
      () => device.adamW(F(2), F(2), [F(2), F(2)], { ...adam, step: 0 }),
      new RangeError('adamW: step must be an integer ≥ 1, got 0'),
    ],
    [
      'adamW of rows',
      () => device.adamW(F(5, 3), F(5, 3), [F(5, 3), F(5, 3)], adam, I(2)),
      new RangeError('adamW: gradient must have shape (2, 3), got (5, 3)'),
    ],
    [
      'sgd without a velocity',
      () => device.sgd(F(2), F(2), undefined, { rate: 1, momentum: 0.5, decay: 0 }),
      new RangeError(
        'sgd: momentum other than 0 needs a velocity; allocate one like the parameter',
      ),
    ],
    [
      'product onto one of its sides',
      () => onto(F(3, 3), (A) => device.product(A, F(3, 3), A)),
      new RangeError('product: C must be another handle than A; allocate one for the result'),
    ],
    [
      'normalize onto its rows',
      () => onto(F(2, 3), (X) => device.normalize(X, F(3), F(3), 0, X)),
      new RangeError('normalize: Y must be another handle than X; allocate one for the result'),
    ],
    [
      'gather onto its table',
      () => onto(F(5, 2), (table) => device.gather(table, I(5), table)),
      new RangeError('gather: Y must be another handle than table; allocate one for the result'),
    ],
    [
      'squaredNorm onto one of its handles',
      () => onto(F(1), (X) => device.squaredNorm([F(2), X], X)),
      new RangeError(
        'squaredNorm: out must be another handle than handles; allocate one for the result',
      ),
    ],
    [
      'a loss onto its offsets',
      () => onto(F(3), (offsets) => device.crossEntropy(F(3, 2), F(3, 2), offsets, I(3), offsets)),
      new RangeError(
        'crossEntropy: losses must be another handle than offsets; allocate one for the result',
      ),
    ],
    [
      'squaredNorm of places',
      () => device.squaredNorm([I(2)], F(1)),
      new TypeError('squaredNorm: handles must hold floating numbers, got int32'),
    ],
  ])('%s', (_what, operate, error) => {
    expect(operate).toThrow(error)
  })
})
