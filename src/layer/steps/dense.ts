import type { ActivationName, Handle } from '../../device/device.ts'
import type { Tape } from './tape.ts'

/** Y = XW + b, or += `onto` another. dW = Xᵀ dY, db = Σ dY, dX = dY Wᵀ. */
export function affine(tape: Tape, X: Handle, W: Handle, b?: Handle, onto?: Handle): Handle {
  const { device } = tape
  const Y = onto ?? device.allocate([...X.shape.slice(0, -1), W.shape[1]])
  device.product(X, W, Y, { accumulate: onto !== undefined })
  if (b) device.addBias(Y, b, Y)
  tape.push([X], (gradients) => {
    const dY = gradients.of(Y)
    gradients.accumulate(W, (dW, accumulate) => {
      device.product(X, dY, dW, { transposeA: true, accumulate })
    })
    if (b) gradients.addTemporary(b, (db) => device.sum('rows', dY, db))
    gradients.accumulate(X, (dX, accumulate) => {
      device.product(dY, W, dX, { transposeB: true, accumulate })
    })
  })
  return Y
}

/** H = f(Z). dZ = dH ∘ f′(Z). */
export function activate(tape: Tape, activation: ActivationName, Z: Handle): Handle {
  const { device } = tape
  const H = device.allocate(Z.shape)
  device.activate(activation, Z, H)
  tape.push([Z], (gradients) => {
    gradients.addTemporary(Z, (dZ) => device.activateBackward(activation, gradients.of(H), Z, dZ))
  })
  return H
}
