import { describe, expect, test } from 'vitest'
import { agreement } from '../../src/senses/agreement.ts'
import { unit } from '../../src/senses/clusters.ts'
import { silhouettes } from '../../src/senses/silhouette.ts'
import { Tensor } from '../../src/tensor.ts'
import { goldens, ledger } from '../goldens.ts'

const beyond = ledger('sklearn-groups')
const cases = goldens('sklearn-groups')
const of = (kind: string) => cases.filter(({ options }) => options.kind === kind)

const vector = (numbers: readonly number[]): Tensor => new Tensor([numbers.length], Float64Array.from(numbers))

describe('agreement', () => {
  test.each(of('agreement'))('$name', ({ name, inputs: { groups, labels }, outputs }) => {
    const { labelled, ...found } = agreement(Array.from(groups.data), Array.from(labels.data))
    const named = Object.fromEntries(Object.entries(found).map(([key, value]) => [key, vector([value])]))
    expect(labelled).toBe(groups.size)
    expect(beyond('float64', name, named, outputs)).toEqual({})
  })
})

describe('silhouettes by cosine', () => {
  test.each(of('silhouette'))('$name', ({ name, inputs: { rows, of: groups }, outputs }) => {
    const [count, width] = rows.shape
    const units = new Float64Array(rows.size)
    for (let n = 0; n < count; n++) units.set(unit(rows.slice(n).data), n * width)
    const points = { width, rows: units, weights: new Float64Array(count).fill(1) }
    const grouping = { of: Int32Array.from(groups.data), count: Math.max(...groups.data) + 1 }
    expect(beyond('float64', name, { silhouettes: vector([...silhouettes(points, grouping)]) }, outputs)).toEqual({})
  })
})
