import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import type { Device } from '../../src/device/device.ts'
import { openDevice } from '../../src/device/open.ts'
import type { SelfAttentionOptions } from '../../src/layer/options.ts'
import { SelfAttention } from '../../src/layer/self-attention.ts'
import type { Alignment } from '../../src/mechanism/alignment.ts'
import { general } from '../../src/mechanism/alignments.ts'
import type { Distribution } from '../../src/mechanism/distribution.ts'
import { sparsemax } from '../../src/mechanism/distributions.ts'
import { causal } from '../../src/mechanism/mask.ts'
import { inner } from '../../src/mechanism/matrix.ts'
import { learned, relative } from '../../src/mechanism/position.ts'
import { type Initializer, kaimingUniform, Random, xavierUniform } from '../../src/random.ts'
import { Tensor } from '../../src/tensor.ts'
import { manhattan } from '../device/own-alignment.ts'
import { directionalError, innerProduct, worstError } from '../differences.ts'

type Options = SelfAttentionOptions<number, number, Alignment>

const sizes: Options = { dModel: 11, dQuery: 3, dKey: 3, dValue: 5, heads: 2 }
const [N, T, D] = [3, 7, 11]
const devices = {
  float64: await openDevice({ dtype: 'float64' }),
  float32: await openDevice({ device: 'reference', dtype: 'float32' }),
}

/** A distribution as a user writes it: A_j = (1 + s_j²)/Σ. */
const squares: Distribution = {
  name: 'squares',
  sumsToOne: true,
  exactZeros: false,
  shiftInvariant: false,
  weights(s) {
    const powers = s.map((score) => 1 + score * score)
    const sum = powers.reduce((all, power) => all + power, 0)
    return powers.map((power) => power / sum)
  },
  backward(dA, A, s) {
    const sum = s.reduce((all, score) => all + 1 + score * score, 0)
    const mean = inner(A, dA)
    return { dScores: s.map((score, j) => (2 * score * (dA[j] - mean)) / sum) }
  },
}

describe.each(['float64', 'float32'] as const)('on the reference device in %s', (dtype) => {
  const device: Device = devices[dtype]
  const layerOf = (options: Partial<Options> = {}, seed = 7) =>
    new SelfAttention<number, number, Alignment>({ ...sizes, ...options }, { device, seed })
  const draw = (name: string, ...shape: number[]) => new Random(3, name).normals(shape, dtype)
  const X = draw('X', N, T, D)
  const dC = draw('dC', N, T, 10)
  const rowsOf = (tensor: Tensor, rows: number[]): number[] => {
    const columns = tensor.shape[tensor.shape.length - 1]
    return rows.flatMap((r) => [...tensor.data.subarray(r * columns, (r + 1) * columns)])
  }

  test('a batch gives what its texts give apart, to the bit', async () => {
    const layer = layerOf({ position: relative(2), mask: causal() })
    const { context } = await layer.forward(X).read()
    for (let n = 0; n < N; n++)
      expect((await layer.forward(X.slice(n)).read()).context).toEqual(context.slice(n))
  })

  describe('packed rows and a padded batch', () => {
    const lengths = [7, 2, 5]
    const kept = lengths.flatMap((length, n) => Array.from({ length }, (_, t) => n * T + t))
    const pad = Array.from({ length: N * T }, (_, r) => r).filter((r) => !kept.includes(r))
    const packed = new Tensor(
      [kept.length, D],
      (dtype === 'float64' ? Float64Array : Float32Array).from(rowsOf(X, kept)),
    )
    const layer = layerOf({ position: learned(7), output: 10, biases: true })

    test('have the same contexts, to the bit', async () => {
      const padded = (await layer.forward(X, { lengths }).read()).context
      const { context } = await layer.forward(packed, { starts: [0, 7, 9, 14] }).read()
      expect([...context.data]).toEqual(rowsOf(padded, kept))
    })

    test('have the same gradients, to the bit', async () => {
      const padded = await layer.forward(X, { lengths }).backward(dC).read()
      const dPacked = new Tensor(
        [kept.length, 10],
        (dtype === 'float64' ? Float64Array : Float32Array).from(rowsOf(dC, kept)),
      )
      const found = await layer
        .forward(packed, { starts: [0, 7, 9, 14] })
        .backward(dPacked)
        .read()
      expect([...found.dX.data]).toEqual(rowsOf(padded.dX, kept))
      expect(found.dParameters).toEqual(padded.dParameters)
    })

    test('have zero contexts and gradients beyond the end of a text', async () => {
      const pass = layer.forward(X, { lengths })
      const beyond = [
        ...rowsOf((await pass.read()).context, pad),
        ...rowsOf((await pass.backward(dC).read()).dX, pad),
      ]
      expect(beyond).toEqual(beyond.map(() => 0))
    })

    test('do not notice NaN beyond the end of a text', async () => {
      const [noisyX, noisyC] = [X.as(dtype), dC.as(dtype)]
      for (const r of pad) {
        noisyX.data.fill(NaN, r * D, (r + 1) * D)
        noisyC.data.fill(NaN, r * 10, (r + 1) * 10)
      }
      const [quiet, noisy] = [layer.forward(X, { lengths }), layer.forward(noisyX, { lengths })]
      expect(await noisy.read()).toEqual(await quiet.read())
      expect(await noisy.backward(noisyC).read()).toEqual(await quiet.backward(dC).read())
    })
  })

  describe('parameters', () => {
    const numbersOf = async (layer: ReturnType<typeof layerOf>) => {
      const read = Object.entries(layer.parameters).map(
        async ([name, handle]) => [name, await device.read(handle)] as const,
      )
      return Object.fromEntries(await Promise.all(read))
    }

    test('are the same for the same seed', async () => {
      expect(await numbersOf(layerOf())).toEqual(await numbersOf(layerOf()))
    })

    test('are all others for another seed', async () => {
      const [seven, eight] = [await numbersOf(layerOf({}, 7)), await numbersOf(layerOf({}, 8))]
      for (const name of Object.keys(seven))
        expect(seven[name].data.some((value, n) => value === eight[name].data[n])).toBe(false)
    })

    test('do not depend on the order of the options', async () => {
      const options: Options = { ...sizes, output: 5, biases: true }
      const reversed = Object.fromEntries(Object.entries(options).reverse()) as unknown as Options
      expect(await numbersOf(layerOf(reversed))).toEqual(await numbersOf(layerOf(options)))
    })

    test('do not depend on what else the layer has', async () => {
      const { W_Q, W_K, W_V } = await numbersOf(
        layerOf({ output: 13, biases: true, position: learned(5) }),
      )
      expect({ W_Q, W_K, W_V }).toEqual(await numbersOf(layerOf()))
    })
  })

  describe('dropout', () => {
    const layer = layerOf({ dropout: 0.4 })
    const contextAt = async (step?: number) =>
      (await layer.forward(X, step === undefined ? {} : { step }).read()).context

    test('is the same for the same step', async () => {
      expect(await contextAt(5)).toEqual(await contextAt(5))
    })

    test('is another for another step', async () => {
      expect(await contextAt(5)).not.toEqual(await contextAt(6))
    })

    test('is off without a step', async () => {
      expect(await contextAt()).toEqual((await layerOf().forward(X).read()).context)
    })
  })

  describe('passes', () => {
    const layer = layerOf()
    const inputs = [0, 1, 2].map((n) => draw(`X ${n}`, T, D))
    const outer = [0, 1, 2].map((n) => draw(`dC ${n}`, T, 10))
    const alone = async (n: number) => {
      const pass = layer.forward(inputs[n])
      return { forward: await pass.read(), backward: await pass.backward(outer[n]).read() }
    }

    test('stay open: read late, in reverse, each with its own backward', async () => {
      const expected = [await alone(0), await alone(1), await alone(2)]
      const open = inputs.map((input) => layer.forward(input))
      const backwards = open.map((pass, n) => pass.backward(outer[n]))
      for (const n of [2, 1, 0]) {
        expect({ forward: await open[n].read(), backward: await backwards[n].read() }).toEqual(
          expected[n],
        )
      }
    })

    test('give the same gradients when asked twice', async () => {
      const pass = layer.forward(inputs[0])
      const once = await pass.backward(outer[0]).read()
      expect(await pass.backward(outer[0]).read()).toEqual(once)
    })

    test('do not change by a backward', async () => {
      const pass = layer.forward(inputs[0], { want: { weights: true } })
      const before = await pass.read()
      pass.backward(outer[0])
      expect(await pass.read()).toEqual(before)
    })
  })

  describe('what is wanted', () => {
    const lengths = [7, 3, 5]
    const layer = layerOf({ distribution: sparsemax })
    const read = layer.forward(X, { lengths, want: { weights: true, statistics: true } }).read()
    const cells = lengths.flatMap((length, n) =>
      [0, 1].flatMap((h) => Array.from({ length }, (_, i) => [n, h, i] as const)),
    )

    test.each(['maximum', 'argmax', 'entropy'] as const)(
      'the %s agrees with the weights',
      async (name) => {
        const { weights, statistics } = await read
        for (const [n, h, i] of cells) {
          const row = [...(weights?.slice(n).slice(h).slice(i).data ?? [])]
          const most = Math.max(...row)
          const entropy = -row.reduce((sum, a) => sum + (a > 0 ? a * Math.log(a) : 0), 0)
          const expected = { maximum: most, argmax: row.indexOf(most), entropy }[name]
          expect(Math.abs((statistics?.[name].at(n, h, i) ?? NaN) - expected)).toBeLessThan(
            dtype === 'float64' ? 1e-12 : 1e-5,
          )
        }
      },
    )

    test('rows of weights are those of the whole', async () => {
      const rows = [6, 0, 6]
      const { weights } = await layer.forward(X, { lengths, want: { weights: { rows } } }).read()
      const whole = (await read).weights
      for (const [n, h] of [0, 1, 2].flatMap((text) => [0, 1].map((head) => [text, head]))) {
        rows.forEach((i, r) => {
          expect(weights?.slice(n).slice(h).slice(r)).toEqual(whole?.slice(n).slice(h).slice(i))
        })
      }
    })

    test('does not change the context', async () => {
      expect((await layer.forward(X, { lengths }).read()).context).toEqual((await read).context)
    })
  })

  describe('keys and values from X itself as a source', () => {
    const layer = layerOf({ position: learned(7), biases: true })
    const tolerance = dtype === 'float64' ? 1e-12 : 1e-5

    test('give the same context, to the bit', async () => {
      expect(await layer.forward(X, { source: X }).read()).toEqual(await layer.forward(X).read())
    })

    test('give gradients whose sum is dX', async () => {
      const { dX } = await layer.forward(X).backward(dC).read()
      const crossed = await layer.forward(X, { source: X }).backward(dC).read()
      const sum = crossed.dX.data.map((value, n) => value + (crossed.dSource?.data[n] ?? NaN))
      expect(worstError(sum, dX.data)).toBeLessThan(tolerance)
    })

    test('give the same gradients of parameters', async () => {
      const { dParameters } = await layer.forward(X).backward(dC).read()
      const crossed = await layer.forward(X, { source: X }).backward(dC).read()
      for (const [name, { data }] of Object.entries(dParameters))
        expect(worstError(crossed.dParameters[name].data, data)).toBeLessThan(tolerance)
    })
  })

  describe("queries replaced by the rows' own", () => {
    const layer = layerOf()
    const at = [16, 2, 9]
    const own = async (): Promise<Tensor> => {
      const flat = device.upload(X.reshape([N * T, D]))
      const Q = device.allocate([N * T, 6])
      device.product(flat, layer.parameters.W_Q, Q)
      return new Tensor(
        [3, 6],
        (dtype === 'float64' ? Float64Array : Float32Array).from(rowsOf(await device.read(Q), at)),
      )
    }

    test('change nothing, to the bit', async () => {
      const replaced = await layer.forward(X, { queries: { at, vectors: await own() } }).read()
      expect(replaced).toEqual(await layer.forward(X).read())
    })

    test('take over the gradient of W_Q from those rows', async () => {
      const { dX } = await layer.forward(X).backward(dC).read()
      const vectors = await own()
      const replaced = await layer.forward(X, { queries: { at, vectors } }).backward(dC).read()
      const W_Q = await device.read(layer.parameters.W_Q)
      const full = replaced.dX.as('float64')
      at.forEach((r, n) => {
        for (let c = 0; c < D; c++)
          full.data[r * D + c] += inner(replaced.dQueries?.slice(n).data ?? [], W_Q.slice(c).data)
      })
      expect(worstError(full.data, dX.data)).toBeLessThan(dtype === 'float64' ? 1e-12 : 1e-5)
    })
  })

  describe('queries replaced in a padded batch', () => {
    const lengths = [5, 7, 2]
    const layer = layerOf({ mask: causal() })
    // row 3 of text 1, which is row 8 of the packed ones, and row 2 of text 0
    const vectors = draw('queries', 2, 6)
    const padded = () => layer.forward(X, { lengths, queries: { at: [T + 3, 2], vectors } })
    const alone = (n: number) => {
      const queries = [
        { at: [2], vectors: vectors.slice(1).reshape([1, 6]) },
        { at: [3], vectors: vectors.slice(0).reshape([1, 6]) },
      ][n]
      return layer.forward(X.slice(n), { lengths: [lengths[n]], ...(queries ? { queries } : {}) })
    }

    test.each([0, 1, 2])('give text %d the context that it has alone, to the bit', async (n) => {
      expect((await padded().read()).context.slice(n)).toEqual((await alone(n).read()).context)
    })

    test.each([0, 1, 2])('give text %d the gradient that it has alone, to the bit', async (n) => {
      expect((await padded().backward(dC).read()).dX.slice(n)).toEqual(
        (await alone(n).backward(dC.slice(n)).read()).dX,
      )
    })

    test('have the gradients that they have in their texts alone, in the order in which they were given', async () => {
      const { dQueries } = await padded().backward(dC).read()
      const apart = await Promise.all([1, 0].map((n) => alone(n).backward(dC.slice(n)).read()))
      expect([...(dQueries?.data ?? [])]).toEqual(
        apart.flatMap((gradients) => [...(gradients.dQueries?.data ?? [])]),
      )
    })
  })

  describe('the matrix of general with three heads', () => {
    const [dQuery, dKey] = [11, 17]
    const spread = async (initializer: Initializer): Promise<number> => {
      const layer = layerOf({
        dModel: 5,
        dQuery,
        dKey,
        heads: 3,
        alignment: general(),
        initializer,
      })
      const { data } = await device.read(layer.parameters['alignment.W'])
      return Math.max(...Array.from(data, Math.abs))
    }

    test.each([
      [xavierUniform, Math.sqrt(6 / (dQuery + dKey))],
      [kaimingUniform, Math.sqrt(6 / dQuery)],
    ])('$name spreads to the bound of one head', async (initializer, bound) => {
      const most = (await spread(initializer)) / bound
      expect([most > 0.98, most < 1 + 1e-7]).toEqual([true, true])
    })
  })

  test("a user's own alignment and distribution see the numbers of the formula", async () => {
    const layer = layerOf({ heads: 1, alignment: manhattan, distribution: squares })
    const { weights } = await layer.forward(X.slice(0), { want: { weights: true } }).read()
    const [W_Q, W_K] = [
      await device.read(layer.parameters.W_Q),
      await device.read(layer.parameters.W_K),
    ]
    const row = (W: Tensor, t: number) =>
      [0, 1, 2].map((c) =>
        Array.from({ length: D }, (_, d) => X.at(0, t, d) * W.at(d, c)).reduce((a, b) => a + b, 0),
      )
    for (let i = 0; i < T; i++) {
      const scores = Array.from(
        { length: T },
        (_, j) => -row(W_Q, i).reduce((sum, q, c) => sum + Math.abs(q - row(W_K, j)[c]), 0),
      )
      const sum = scores.reduce((all, s) => all + 1 + s * s, 0)
      const expected = scores.map((s) => (1 + s * s) / sum)
      expect(worstError(weights?.slice(0).slice(0).slice(i).data ?? [], expected)).toBeLessThan(
        dtype === 'float64' ? 1e-12 : 1e-5,
      )
    }
  })

  test('a step of learning in a scope leaves its loss alone on the device', async () => {
    const layer = layerOf()
    const step = () =>
      device.scope(() => {
        const pass = layer.forward(X)
        const { dParameters } = pass.backward(pass.context)
        for (const [name, parameter] of Object.entries(layer.parameters)) {
          device.sgd(parameter, dParameters[name], undefined, { rate: 1e-3, momentum: 0, decay: 0 })
        }
        const loss = device.allocate([1])
        device.squaredNorm([pass.context], loss)
        return { loss }
      })
    const before = device.stats()
    const handles: number[] = []
    const losses: number[] = []
    for (let n = 0; n < 20; n++) {
      const { loss } = step()
      handles.push(device.stats().handles)
      losses.push((await device.read(loss)).at(0))
      device.free(loss)
    }
    expect(handles).toEqual(handles.map(() => before.handles + 1))
    expect(device.stats()).toMatchObject({ bytes: before.bytes, handles: before.handles })
    // each step goes downhill, so that each read belongs to its step
    expect(losses.slice(1).every((loss, n) => loss < losses[n])).toBe(true)
  })
})

test("a user's own alignment and distribution have the gradients of differences in the layer", async () => {
  const device = devices.float64
  const options: Options = { ...sizes, alignment: manhattan, distribution: squares }
  const layer = new SelfAttention<number, number, Alignment>(options, { device, seed: 7 })
  const random = new Random(5, 'own')
  const [X, dC] = [random.normals([N, T, D], 'float64'), random.normals([N, T, 10], 'float64')]
  const { dX, dParameters } = await layer.forward(X).backward(dC).read()
  const tensors: [Tensor, Tensor, string?][] = [[X, dX]]
  for (const [name, handle] of Object.entries(layer.parameters))
    tensors.push([await device.read(handle), dParameters[name], name])
  for (const [tensor, gradient, name] of tensors) {
    const loss = async () => {
      if (name) device.write(layer.parameters[name], tensor)
      return innerProduct((await layer.forward(X).read()).context.data, dC.data)
    }
    expect(await directionalError(tensor, gradient, loss, random)).toBeLessThan(1e-7)
    await loss()
  }
})

// The seeded numbers and the order of every sum are part of what the package promises: a change of
// bits is a change of behaviour, and a line of the changelog.
test.each([
  ['float64', 'a1f402169c6f7f378da3e20d02f101d7dffd3223d4a31671d0b72e75314725c3'],
  ['float32', '1e7f80ff506ccf0ec41d4088aa70dc8c68a708558acc73da5bf8493bfccb6710'],
] as const)('a seed gives the bits that it always gave, in %s', async (dtype, hash) => {
  const options: Options = {
    ...sizes,
    position: relative(2),
    output: 13,
    biases: true,
    mask: causal(),
  }
  const layer = new SelfAttention<number, number, Alignment>(options, {
    device: devices[dtype],
    seed: 7,
  })
  const { context } = await layer.forward(new Random(7, 'X').normals([N, T, D], dtype)).read()
  const { buffer, byteOffset, byteLength } = context.data
  const digest = createHash('sha256')
    .update(new Uint8Array(buffer, byteOffset, byteLength))
    .digest('hex')
  expect(digest).toBe(hash)
})
