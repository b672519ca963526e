import type { AttentionCall, AttentionResult, Handle } from '../../device/device.ts'
import type { Tape } from './tape.ts'

/**
 * C = attention(Q, K, V), and other outputs if wanted; dQ, dK, dV and the gradients of own
 * parameters.
 */
export function attend(
  tape: Tape,
  call: AttentionCall,
  shape: readonly number[],
  wanted: Omit<AttentionResult, 'context'>,
): Handle {
  const { device } = tape
  const C = device.allocate(shape)
  device.attention(call, { context: C, ...wanted })
  tape.push([call], (gradients) => {
    const one = call.K === call.V
    const dV = one ? device.allocate(call.V.shape) : gradients.allocate(call.V)
    device.attentionBackward(call, gradients.of(C), {
      dQ: gradients.allocate(call.Q),
      dK: gradients.allocate(call.K),
      dV,
      dAlignment: gradients.allocateAll(call.alignmentParameters),
      dDistribution: gradients.allocateAll(call.distributionParameters),
      dPosition: gradients.allocateAll(call.positionParameters),
    })
    if (one) gradients.add(call.V, dV)
  })
  return C
}
