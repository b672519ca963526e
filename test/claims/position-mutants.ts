import { scaledDot } from '../../src/mechanism/alignments.ts'
import { inner, matrix, row } from '../../src/mechanism/matrix.ts'
import { none, relative, rotate, sinusoidal } from '../../src/mechanism/position.ts'
import { firstRow, type Mutant, withCall, withOptions, withParameter } from './mutant.ts'

/** Scores of the first rows summed forwards, of the others backwards. */
function edgeSummed(Q: ReturnType<typeof matrix>, K: ReturnType<typeof matrix>) {
  const S = matrix(Q.rows, K.rows)
  for (let i = 0; i < Q.rows; i++) {
    for (let j = 0; j < K.rows; j++) {
      const [q, k] = [row(Q, i), row(K, j)]
      const score =
        i < Q.rows - (Q.rows % 4) ? inner(q, k) : inner(q.slice().reverse(), k.slice().reverse())
      S.data[i * K.rows + j] = score / Math.sqrt(K.columns)
    }
  }
  return S
}

/** Rotary positions that turn keys alone. */
const keysTurned = withCall((call) =>
  call.position.on === 'operands'
    ? {
        ...call,
        alignment: {
          ...scaledDot,
          scores: ({ rotation, ...block }) =>
            scaledDot.scores({
              ...block,
              K: rotation ? rotate(block.K, block.firstKey, rotation) : block.K,
            }),
        },
      }
    : call,
)

/** What breaks the claims on positions. */
export const positionMutants: readonly Mutant[] = [
  {
    mistake: 'positions left on',
    claim: 'equal-rows',
    build: withOptions(() => ({ position: sinusoidal })),
  },
  {
    mistake: '(b): positions that learning finds',
    claim: 'equal-rows',
    build: withOptions(({ position = relative(9) }) => ({ position })),
  },
  {
    mistake: '(c): rows at the edge of a tile are summed in another order',
    claim: 'equal-rows',
    build: withCall((call) => ({
      ...call,
      alignment: {
        ...scaledDot,
        scores: (block) =>
          block.Q.rows % 4 === 0 ? scaledDot.scores(block) : edgeSummed(block.Q, block.K),
      },
    })),
  },
  { mistake: '(a): rotary positions turn keys alone', claim: 'moved-text', build: keysTurned },
  {
    mistake: '(c), (d): positions of embeddings forgotten',
    claim: 'moved-text',
    build: withOptions(({ position = none }) => ({
      position: position.on === 'embeddings' ? none : position,
    })),
  },
  { mistake: '(a): rotary positions turn keys alone', claim: 'rotary-places', build: keysTurned },
  {
    mistake: '(c): positions added to the embeddings',
    claim: 'rotary-places',
    build: withOptions(() => ({ position: sinusoidal })),
  },
  {
    mistake: 'one bias for all heads',
    claim: 'relative-count',
    build: withParameter(['position.bias'], firstRow),
  },
  {
    mistake: 'offsets of one side alone',
    claim: 'relative-count',
    build: withOptions(({ position }) =>
      position?.on === 'scores' ? { position: relative(Math.ceil(position.clip / 2)) } : {},
    ),
  },
]
