import { expect, test } from 'vitest'
import { judge } from '../../src/claims/claim.ts'
import { claimNamed } from '../../src/claims/claims.ts'
import { openDevice } from '../../src/device/open.ts'
import type { ForwardOptions } from '../../src/layer/forward-options.ts'
import { Tensor } from '../../src/tensor.ts'
import { layer } from './mutant.ts'

/** Wanted rows of weights, where not all are wanted. */
const wantedRow = (options: ForwardOptions | undefined): number => {
  const weights = options?.want?.weights
  return typeof weights === 'object' ? weights.rows[0] : -1
}

/** Rows of weights that are computed in blocks of so many, as a layer's are. */
const BLOCK = 32

test.each([0, BLOCK - 1, BLOCK, 69])(
  'a layer is caught whose weights, computed again, are others in row %i alone',
  async (row) => {
    const device = await openDevice({ dtype: 'float64' })
    const verdict = await judge(claimNamed('recomputed'), {
      device,
      build: (options, context) => {
        const made = layer(options, context)
        const forward = made.forward.bind(made)
        made.forward = (X, more) => {
          const pass = forward(X, more)
          const read = pass.read.bind(pass)
          pass.read = async () => {
            const result = await read()
            const { weights } = result
            if (wantedRow(more) !== row || !weights) return result
            return {
              ...result,
              weights: new Tensor(
                weights.shape,
                weights.data.map((a) => a * 1.01),
              ),
            }
          }
          return pass
        }
        return made
      },
    })
    expect(verdict.proven).toBe(false)
  },
)
