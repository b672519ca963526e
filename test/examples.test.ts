import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import {
  type Alignment,
  attend,
  type Distribution,
  masks,
  openDevice,
  Random,
  SelfAttention,
  softmax,
  Tensor,
  topK,
} from 'regard/internal'
import { describe, expect, test } from 'vitest'
import { gaussianWindow, show as showWindow } from '../examples/gaussian-window.js'
import { hardmax, show as showHardmax } from '../examples/hardmax.js'
import { location, show as showLocation } from '../examples/location.js'
import { directionalError, innerProduct, worstError } from './differences.ts'

// more words than a block of query rows, and a mask that lets blocks begin at later keys
const T = 37
const mask = masks.window(5, 2)

/** Worst error of the gradients of attend under an own alignment, against differences. */
function worstGradient(alignment: Alignment, parameters: Record<string, Tensor>): number {
  const random = new Random(167, alignment.name)
  const [Q, K, V, dC] = [3, 3, 2, 2].map((width) => random.normals([T, width], 'float64'))
  const options = { alignment, mask, alignmentParameters: parameters }
  const loss = (): number => innerProduct(attend(Q, K, V, options).context.data, dC.data)
  const { dQ, dK, dV, dAlignment } = attend(Q, K, V, options).backward(dC)
  const own = Object.keys(parameters).map((name): [Tensor, Tensor] => [
    parameters[name],
    dAlignment[name],
  ])
  return Math.max(
    ...([[Q, dQ], [K, dK], [V, dV], ...own] as [Tensor, Tensor][]).map(([X, dX]) =>
      directionalError(X, dX, loss, random),
    ),
  )
}

/**
 * Error of every gradient of SelfAttention on a device along one direction, by its parameters'
 * names and X.
 */
async function layerErrors(parts: {
  alignment?: Alignment
  distribution?: Distribution
}): Promise<Record<string, number>> {
  const device = await openDevice({ device: 'reference', dtype: 'float64' })
  const layer = new SelfAttention<number, number, Alignment>(
    { dModel: 5, dQuery: 3, dKey: 3, dValue: 2, heads: 2, ...parts },
    { device, seed: 7 },
  )
  const random = new Random(173)
  const [X, dC] = [random.normals([2, T, 5], 'float64'), random.normals([2, T, 4], 'float64')]
  const x = device.upload(X)
  const options = { mask, lengths: [T, 11] }
  const { dX, dParameters } = await layer.forward(x, options).backward(dC).read()
  const errors: Record<string, number> = {}
  for (const [name, d] of Object.entries({ ...dParameters, X: dX })) {
    const handle = name === 'X' ? x : layer.parameters[name]
    const start = await device.read(handle)
    const direction = random.normals(start.shape, 'float64')
    const at = async (t: number): Promise<number> => {
      device.write(
        handle,
        new Tensor(
          start.shape,
          Float64Array.from(start.data, (value, n) => value + t * direction.data[n]),
        ),
      )
      return innerProduct((await layer.forward(x, options).read()).context.data, dC.data)
    }
    const difference = ((await at(1e-6)) - (await at(-1e-6))) / 2e-6
    device.write(handle, start)
    errors[name] =
      Math.abs(difference - innerProduct(d.data, direction.data)) /
      Math.max(1, Math.abs(difference))
  }
  return errors
}

const large = (errors: Record<string, number>): string[] =>
  Object.keys(errors).filter((name) => !(errors[name] < 1e-6))

describe('location', () => {
  test('has exact gradients', () => {
    expect(
      worstGradient(location(41), { W: new Random(179).normals([1, 41, 3], 'float64') }),
    ).toBeLessThan(1e-6)
  })

  test('has exact gradients through SelfAttention', async () => {
    expect(large(await layerErrors({ alignment: location(T) }))).toEqual([])
  })

  test('scores a place by its row of W, whatever key stands there', () => {
    const [Q, K] = [Tensor.from([[1, 2]], 'float64'), Tensor.zeros([3, 5], 'float64')]
    const W = Tensor.from(
      [
        [
          [0, 0],
          [1, 1],
          [-1, 3],
        ],
      ],
      'float64',
    )
    const { weights } = attend(Q, K, K, {
      alignment: location(3),
      alignmentParameters: { W },
      want: { weights: true },
    })
    expect(
      worstError(weights?.data ?? [], softmax.weights(Float64Array.of(0, 3, 5), {})),
    ).toBeLessThan(1e-15)
  })

  test('refuses a text longer than its rows', () => {
    const X = Tensor.zeros([5, 2], 'float64')
    const alignmentParameters = { W: Tensor.zeros([1, 3, 2], 'float64') }
    expect(() => attend(X, X, X, { alignment: location(3), alignmentParameters })).toThrow(
      new RangeError('location: has rows for 3 positions, got a text of 5 words'),
    )
  })

  test('shows equal rows of weights, which are not uniform', async () => {
    const rows = (await showLocation()).split('\n')
    expect([new Set(rows).size, new Set(rows[0].split(' ')).size]).toEqual([1, 3])
  })
})

describe('hardmax', () => {
  test('shares the weight among tied best scores', () => {
    expect([...hardmax.weights(Float64Array.of(2, 3, 1, 3), {})]).toEqual([0, 0.5, 0, 0.5])
  })

  test('is topK(1)', () => {
    const scores = Float64Array.from(new Random(181).normals([23], 'float64').data)
    expect([...hardmax.weights(scores, {})]).toEqual([...topK(1).weights(scores, {})])
  })

  test('has a zero gradient for queries and keys, which differences confirm', async () => {
    const random = new Random(191)
    const [Q, K, V, dC] = [3, 3, 2, 2].map((width) => random.normals([T, width], 'float64'))
    const loss = (): number =>
      innerProduct(attend(Q, K, V, { distribution: hardmax }).context.data, dC.data)
    const { dQ, dK } = attend(Q, K, V, { distribution: hardmax }).backward(dC)
    expect([...dQ.data, ...dK.data].every((d) => d === 0)).toBe(true)
    expect(
      Math.max(directionalError(Q, dQ, loss, random), directionalError(K, dK, loss, random)),
    ).toBe(0)
  })

  test('has exact gradients through SelfAttention: values learn', async () => {
    expect(large(await layerErrors({ distribution: hardmax }))).toEqual([])
  })

  test('shows that two equal words share', async () => {
    expect((await showHardmax()).split('\n')[0]).toMatch(/^(0.5 0 0.5|0 1 0)$/)
  })
})

describe('gaussian window', () => {
  test('has exact gradients', () => {
    expect(worstGradient(gaussianWindow, { s: Tensor.from([[1.7]], 'float64') })).toBeLessThan(1e-6)
  })

  test('has exact gradients through SelfAttention', async () => {
    expect(large(await layerErrors({ alignment: gaussianWindow }))).toEqual([])
  })

  test('lowers a score by the squared distance over 2s²', () => {
    const X = Tensor.zeros([3, 2], 'float64')
    const { weights } = attend(X, X, X, {
      alignment: gaussianWindow,
      alignmentParameters: { s: Tensor.from([[2]], 'float64') },
      want: { weights: true },
    })
    expect(
      worstError(
        weights?.slice(0).data ?? [],
        softmax.weights(Float64Array.of(0, -1 / 8, -4 / 8), {}),
      ),
    ).toBeLessThan(1e-15)
  })

  test('counts the distance in places of the text where a block begins at a later key', () => {
    const X = Tensor.zeros([T, 2], 'float64')
    const options = {
      alignment: gaussianWindow,
      alignmentParameters: { s: Tensor.from([[2]], 'float64') },
      mask: masks.window(2, 0),
    }
    const { weights } = attend(X, X, X, { ...options, want: { weights: { rows: [T - 1] } } })
    expect(
      worstError(
        weights?.data.subarray(T - 3) ?? [],
        softmax.weights(Float64Array.of(-4 / 8, -1 / 8, 0), {}),
      ),
    ).toBeLessThan(1e-15)
  })

  test('shows weights that fall with the distance', async () => {
    const middle = (await showWindow()).split('\n')[2].split(' ').map(Number)
    expect(
      middle[0] < middle[1] &&
        middle[1] < middle[2] &&
        middle[2] > middle[3] &&
        middle[3] > middle[4],
    ).toBe(true)
  })
})

const names = readdirSync(new URL('../examples', import.meta.url)).flatMap((file) =>
  file.endsWith('.js') ? [file.slice(0, -3)] : [],
)

test.each(names)(
  'node examples/%s.js prints what it shows, with the package as it is built',
  async (name) => {
    const { show } = await import(`../examples/${name}.js`)
    const script = fileURLToPath(new URL(`../examples/${name}.js`, import.meta.url))
    const printed = execFileSync(process.execPath, [script], { encoding: 'utf8' })
    expect(printed.length).toBeGreaterThan(20)
    expect(printed).toBe(`${await show()}\n`)
  },
)

test.each(names)('examples/README.md and a page of docs lead to %s.js', (name) => {
  const read = (path: string): string =>
    readFileSync(new URL(`../${path}`, import.meta.url), 'utf8')
  const pages = readdirSync(new URL('../docs', import.meta.url)).filter((page) =>
    /\.md$/.test(page),
  )
  expect(read('examples/README.md')).toContain(`[${name}.js](${name}.js)`)
  expect(pages.map((page) => read(`docs/${page}`)).join()).toContain(`(../examples/${name}.js)`)
})
