import { describe, expect, test } from 'vitest'
import { ReferenceDevice } from '../../src/device/reference.ts'
import { erf, erfc } from '../../src/elementary.ts'
import { type Numbers, Tensor } from '../../src/tensor.ts'
import { goldens } from '../goldens.ts'

const [{ inputs, outputs }] = goldens('erf')
const X = inputs.X.data

/** The largest error of f at the points, in units in the last place of the truth, and where. */
function worstUlps(found: Numbers, { data: truth }: Tensor): readonly [number, number] {
  let worst: readonly [number, number] = [0, 0]
  truth.forEach((value, n) => {
    const exponent = Math.max(-1022, Math.floor(Math.log2(Math.abs(value))))
    const error = found[n] === value ? 0 : Math.abs(found[n] - value) / 2 ** (exponent - 52)
    if (!(error <= worst[0])) worst = [error, X[n]]
  })
  return worst
}

describe('as mpmath in 60 digits', () => {
  test('erf, to 2.5 units in the last place', () => {
    const [error, at] = worstUlps(X.map(erf), outputs.erf)
    console.log(`golden erf  worst ${error.toFixed(2)} ulp, at ${at}`)
    expect(error).toBeLessThan(2.5)
  })

  test('erfc, to five units, far out too', () => {
    const [error, at] = worstUlps(X.map(erfc), outputs.erfc)
    console.log(`golden erfc worst ${error.toFixed(2)} ulp, at ${at}`)
    expect(error).toBeLessThan(5)
  })

  test('the exact GELU and its slope, to 1e-15 of the number and of 1', async () => {
    const device = new ReferenceDevice({ dtype: 'float64' })
    const x = device.upload(inputs.X)
    const [Y, dX, ones] = Array.from({ length: 3 }, () => device.allocate(inputs.X.shape))
    device.expand('all', device.upload(Tensor.from([1], 'float64')), ones)
    device.activate('geluErf', x, Y)
    device.activateBackward('geluErf', ones, x, dX)
    for (const [handle, truth] of [[Y, outputs.gelu], [dX, outputs.slope]] as const) {
      const found = (await device.read(handle)).data
      const error = found.map((value, n) => Math.abs(value - truth.data[n]) / Math.max(1, Math.abs(truth.data[n])))
      expect(Math.max(...error)).toBeLessThan(1e-15)
    }
  })
})
