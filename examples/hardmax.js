// @ts-check
import { openDevice, SelfAttention, Tensor } from 'regard'

/**
 * Hardmax: all weight on the best score; scores that tie for the best share it equally.
 *
 * The limit of softmax(c·s) as c grows. **Its gradient with respect to the scores is zero**
 * wherever it has one, so queries, keys and the alignment learn nothing through it; values still
 * do.
 *
 * @type {import('regard').Distribution}
 */
export const hardmax = {
  name: 'hardmax',
  sumsToOne: true,
  exactZeros: true,
  shiftInvariant: true,
  weights(scores) {
    const best = scores.reduce((m, s) => Math.max(m, s), -Infinity)
    const tied = scores.reduce((count, s) => count + (s === best ? 1 : 0), 0)
    return scores.map((s) => (s === best ? 1 / tied : 0))
  },
  backward: (dWeights) => ({ dScores: new Float64Array(dWeights.length) }),
}

/** Weights of three words, the first and the last of them the same: those two share. */
export async function show() {
  const device = await openDevice({ device: 'reference' })
  const layer = new SelfAttention(
    { dModel: 2, dQuery: 2, dKey: 2, dValue: 2, distribution: hardmax },
    { device, seed: 7 },
  )
  const X = Tensor.from([
    [3, 1],
    [-1, 2],
    [3, 1],
  ])
  const { weights } = await layer.forward(X, { want: { weights: true } }).read()
  return Array.from({ length: 3 }, (_, i) =>
    [...(weights?.slice(0).slice(0).slice(i).data ?? [])].join(' '),
  ).join('\n')
}

if (process.argv[1] === import.meta.filename) console.log(await show())
