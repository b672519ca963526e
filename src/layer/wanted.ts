import type { AttentionCall, AttentionResult, Device } from '../device/device.ts'
import { rowsWanted, type Wanted } from '../mechanism/want.ts'
import { sizeOf, Tensor } from '../tensor.ts'
import { longestOf } from './texts.ts'

/** The handles for the outputs of attention beside the context. */
export function wantedHandles(
  device: Device,
  want: Wanted | undefined,
  { queryStarts, keyStarts, heads }: AttentionCall,
): Omit<AttentionResult, 'context'> {
  const rows = rowsWanted(want, longestOf(queryStarts))
  const named = want?.weights === true ? undefined : rows
  const count = queryStarts[queryStarts.length - 1]
  return {
    weights: rows && {
      rows: named,
      into: device.allocate([queryStarts.length - 1, heads, rows.length, longestOf(keyStarts)]),
    },
    statistics: want?.statistics ? emptyStatistics(device, [count, heads]) : undefined,
  }
}

function emptyStatistics(device: Device, shape: number[]) {
  const argmax = device.upload(new Tensor(shape, new Int32Array(sizeOf(shape)).fill(-1)))
  return { entropy: device.allocate(shape), maximum: device.allocate(shape), argmax }
}
