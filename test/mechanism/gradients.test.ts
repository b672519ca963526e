import { afterAll, describe, expect, test } from 'vitest'
import type { Alignment } from '../../src/mechanism/alignment.ts'
import { attend } from '../../src/mechanism/attention.ts'
import {
  and,
  causal,
  cells,
  documents,
  everything,
  lengths,
  type Mask,
  not,
  or,
  window,
} from '../../src/mechanism/mask.ts'
import { none, type Position, relative, rotary } from '../../src/mechanism/position.ts'
import {
  checkedShapes,
  type MechanismOptions,
  type ParameterTensors,
} from '../../src/mechanism/rule.ts'
import { Random } from '../../src/random.ts'
import { Tensor } from '../../src/tensor.ts'
import { directionalError, innerProduct } from '../differences.ts'
import { alignments, distributions } from '../every.ts'

// the third query sees nothing
const someCells = cells(
  new Tensor(
    [5, 7],
    Uint8Array.from([
      ...[1, 0, 1, 1, 0, 0, 1],
      ...[0, 1, 1, 0, 1, 0, 0],
      ...[0, 0, 0, 0, 0, 0, 0],
      ...[1, 1, 0, 1, 1, 1, 0],
      ...[0, 0, 0, 1, 0, 0, 1],
    ]),
  ),
)
const masks: Mask[] = [
  everything,
  lengths([6]),
  causal(),
  causal({ align: 'end', window: 2 }),
  window(1, 2),
  documents([0, 1, 1, 2, 2], [0, 0, 1, 1, 1, 2, 3]),
  someCells,
  and(causal({ align: 'end' }), not(documents([0, 1, 1, 2, 2], [0, 0, 1, 1, 2, 2, 2]))),
  or(window(0, 0), someCells),
]
const positions: Position[] = [
  none,
  relative(1),
  relative(2, { align: 'end' }),
  rotary(),
  rotary({ base: 100, align: 'end' }),
]

const [nText, heads, nQuery, nKey, dValue] = [1, 2, 5, 7, 11]

/** Worst error of every gradient of `attend` against central differences. */
function worstGradientError(
  options: MechanismOptions & { alignment: Alignment },
  seed: number,
): number {
  const random = new Random(seed, 'gradients')
  const [dQuery, dKey] = options.alignment.widths === 'equal' ? [3, 3] : [3, 13]
  const Q = random.normals([nText, heads, nQuery, dQuery], 'float64')
  const K = random.normals([nText, heads, nKey, dKey], 'float64')
  const V = random.normals([nText, heads, nKey, dValue], 'float64')
  const dC = random.normals([nText, heads, nQuery, dValue], 'float64')
  const forms = checkedShapes('test', { dQuery, dKey }, options)
  const draw = (
    form: Record<string, { shape: readonly number[]; initial: number | 'initializer' }>,
  ): ParameterTensors =>
    Object.fromEntries(
      Object.entries(form).map(([name, { shape, initial }]) => {
        const tensor = random.normals([heads, ...shape], 'float64', 0.5)
        if (initial !== 'initializer')
          tensor.data.set(tensor.data.map((value) => initial + 0.4 * value))
        return [name, tensor]
      }),
    )
  const parameters = {
    alignmentParameters: draw(forms.alignment),
    distributionParameters: draw(forms.distribution),
    positionParameters: draw(forms.position),
  }
  const loss = (): number =>
    innerProduct(attend(Q, K, V, { ...options, ...parameters }).context.data, dC.data)
  const gradients = attend(Q, K, V, { ...options, ...parameters }).backward(dC)
  const pairs: [Tensor, Tensor][] = [
    [Q, gradients.dQ],
    [K, gradients.dK],
    [V, gradients.dV],
  ]
  const own = [
    [parameters.alignmentParameters, gradients.dAlignment],
    [parameters.distributionParameters, gradients.dDistribution],
    [parameters.positionParameters, gradients.dPosition],
  ]
  for (const [given, found] of own)
    for (const name of Object.keys(given)) pairs.push([given[name], found[name]])
  return Math.max(...pairs.map(([X, dX]) => directionalError(X, dX, loss, random)))
}

describe('every gradient of attend agrees with central differences', () => {
  const worst: { alignment: string; error: number; where: string; count: number }[] = []
  afterAll(() => {
    const count = worst.reduce((sum, row) => sum + row.count, 0)
    console.log(
      `worst gradient error over ${count} combinations of alignment × distribution × mask × position`,
    )
    for (const row of worst)
      console.log(`  ${row.alignment.padEnd(22)} ${row.error.toExponential(1)}  at ${row.where}`)
  })

  test.each(alignments)('$name under every distribution, mask and position', (alignment) => {
    const row = { alignment: alignment.name, error: 0, where: '', count: 0 }
    worst.push(row)
    for (const distribution of distributions) {
      for (const mask of masks) {
        for (const position of positions) {
          if (position.on === 'operands' && !alignment.rotates) continue
          const error = worstGradientError(
            { alignment, distribution, mask, position },
            11 + row.count++,
          )
          if (error >= row.error)
            Object.assign(row, {
              error,
              where: `${distribution.name}, ${mask.name}, ${position.name}`,
            })
        }
      }
    }
    expect(row.error).toBeLessThan(1e-6)
  })
})
