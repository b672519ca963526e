import type { Handle, Handles } from '../../device/device.ts'
import type { ForwardOptions } from '../forward-options.ts'
import { chosenRows, rowsAt, sumAt } from '../rows.ts'
import type { Sublayer, SublayerPass } from '../sublayer.ts'
import type { Tape } from './tape.ts'

/** Layer normalisation of each row, with a learned gain and bias. @see Ba et al. 2016, eq. 4 */
export function normalize(tape: Tape, X: Handle, { gain, bias }: Handles, epsilon: number): Handle {
  const { device } = tape
  const Y = device.allocate(X.shape)
  device.normalize(X, gain, bias, epsilon, Y)
  tape.push([X], (gradients) => {
    device.normalizeBackward(gradients.of(Y), X, gain, epsilon, {
      dX: gradients.allocate(X),
      dGain: gradients.allocate(gain),
      dBias: gradients.allocate(bias),
    })
  })
  return Y
}

/** Runs a layer within another. */
export function within(
  tape: Tape,
  layer: Sublayer,
  X: Handle,
  options: ForwardOptions,
): SublayerPass {
  const pass = layer.forward(X, options)
  tape.push([], (gradients) => {
    const { dX, dParameters } = pass.backward(gradients.of(pass.context))
    Object.assign(gradients.inner, dParameters)
    gradients.add(X, dX)
  })
  return pass
}

/**
 * Opens a residual connection around the steps that follow; what it returns closes it: Y = X + F.
 *
 * dF = dY, and dX += dY after all steps within.
 *
 * @param options which rows of X F has, if not all
 */
export function residual(tape: Tape, X: Handle, options: ForwardOptions): (F: Handle) => Handle {
  const { device } = tape
  const rows = chosenRows(options)
  let Y: Handle
  tape.push([], (gradients) => {
    const dY = gradients.of(Y)
    gradients.accumulate(X, (dX, accumulate) => {
      if (rows) sumAt(device, dY, rows, dX, accumulate)
      else device.combine(1, dY, Number(accumulate), dX, dX)
    })
  })
  return (F) => {
    Y = device.allocate(F.shape)
    device.combine(1, rowsAt(device, X, rows), 1, F, Y)
    tape.push([], (gradients) => gradients.add(F, gradients.of(Y)))
    return Y
  }
}
