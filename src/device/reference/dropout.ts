import { uniformsAt } from '../../random.ts'
import type { Dropout } from '../calls.ts'
import type { OnArrays } from '../operations.ts'

/** Whether the number of a counter is dropped; four neighbours in turn share one draw. */
export function drops({ rate, seed, stream, step }: Dropout): (counter: number) => boolean {
  const four = new Float64Array(4)
  let drawn = -1
  return (counter) => {
    const block = Math.floor(counter / 4)
    if (block !== drawn) uniformsAt(seed, stream, step, block, four)
    drawn = block
    return four[counter - 4 * block] < rate
  }
}

/** Y = X/(1 − rate), but for the numbers that are dropped: 0 there. */
export const dropout: OnArrays<'dropout'> = ([X, Y], settings) => {
  const dropped = drops(settings)
  for (let n = 0; n < X.length; n++) Y[n] = dropped(n) ? 0 : X[n] / (1 - settings.rate)
}
