import type { Handle } from '../../device/device.ts'
import { segmentsAt, uploadIndices } from '../rows.ts'
import type { Tape } from './tape.ts'

/** Y = X + P[t], t the position of a row. dX = dY, dP[t] = Σ of dY over the rows at t. */
export function addPositions(
  tape: Tape,
  X: Handle,
  positions: Int32Array,
  { P, learned }: { readonly P: Handle; readonly learned: boolean },
): Handle {
  const { device } = tape
  const rows = device.allocate(X.shape)
  device.gather(P, uploadIndices(device, positions), rows)
  const Y = device.allocate(X.shape)
  device.combine(1, X, 1, rows, Y)
  tape.same(Y, X)
  if (learned)
    tape.push([], (gradients) => {
      const segments = segmentsAt(device, positions, P.shape[0])
      gradients.addTemporary(P, (dP) => device.sumRows(gradients.of(Y), segments, dP))
    })
  return Y
}
