import { describe, expect, test } from 'vitest'
import type { AttentionCall, Handle, Handles } from '../../src/device/device.ts'
import { ReferenceDevice } from '../../src/device/reference.ts'
import type { Alignment, ParameterShape } from '../../src/mechanism/alignment.ts'
import { additive, general, scaledDot } from '../../src/mechanism/alignments.ts'
import { attend } from '../../src/mechanism/attention.ts'
import type { Distribution } from '../../src/mechanism/distribution.ts'
import { entmax, softmax, sparsemax } from '../../src/mechanism/distributions.ts'
import { and, causal, everything, lengths, type Mask, window } from '../../src/mechanism/mask.ts'
import { none, type Position, relative, rotary } from '../../src/mechanism/position.ts'
import { checkedShapes } from '../../src/mechanism/rule.ts'
import { Random } from '../../src/random.ts'
import { Tensor } from '../../src/tensor.ts'
import { directionalError, innerProduct, worstError } from '../differences.ts'

/** Three ragged texts, one of them without words. */
const queryStarts = Int32Array.of(0, 5, 5, 16)
const keyStarts = Int32Array.of(0, 7, 7, 20)
const [heads, width, dValue] = [2, 3, 5]

interface Rule {
  readonly alignment: Alignment
  readonly distribution: Distribution
  readonly mask: Mask
  readonly position: Position
}
const plain: Rule = {
  alignment: scaledDot,
  distribution: softmax,
  mask: everything,
  position: none,
}

/** Inputs and own parameters of a rule, as tensors. */
function numbersOf(rule: Rule, seed = 157) {
  const random = new Random(seed, rule.alignment.name)
  const normals = (...shape: number[]): Tensor => random.normals(shape, 'float64', 0.8)
  const forms = checkedShapes('test', { dQuery: width, dKey: width }, rule)
  const draw = (form: Readonly<Record<string, ParameterShape>>): Record<string, Tensor> =>
    Object.fromEntries(
      Object.entries(form).map(([name, { shape }]) => [name, normals(heads, ...shape)]),
    )
  return {
    inputs: {
      Q: normals(16, heads * width),
      K: normals(20, heads * width),
      V: normals(20, heads * dValue),
      dC: normals(16, heads * dValue),
    },
    own: [draw(forms.alignment), draw(forms.distribution), draw(forms.position)] as const,
  }
}

/** A call of a float64 device on those numbers. */
function opened(rule: Rule, change: Partial<AttentionCall> = {}) {
  const device = new ReferenceDevice({ dtype: 'float64' })
  const { inputs, own } = numbersOf(rule)
  const uploadAll = (named: Record<string, Tensor>): Handles =>
    Object.fromEntries(Object.entries(named).map(([name, X]) => [name, device.upload(X)]))
  const like = (named: Handles): Handles =>
    Object.fromEntries(
      Object.entries(named).map(([name, { shape }]) => [name, device.allocate(shape)]),
    )
  const { Q, K, V, dC } = uploadAll(inputs)
  const [alignmentParameters, distributionParameters, positionParameters] = own.map(uploadAll)
  const call: AttentionCall = {
    Q,
    K,
    V,
    heads,
    queryStarts,
    keyStarts,
    ...rule,
    alignmentParameters,
    distributionParameters,
    positionParameters,
    ...change,
  }
  const gradients = () => ({
    ...{ dQ: device.allocate(Q.shape), dK: device.allocate(K.shape), dV: device.allocate(V.shape) },
    ...{
      dAlignment: like(alignmentParameters),
      dDistribution: like(distributionParameters),
      dPosition: like(positionParameters),
    },
  })
  return { device, inputs, own, call, dC, context: device.allocate(dC.shape), gradients }
}

/** Rows of one text as (1, h, T, d). */
function textOf(X: Tensor, starts: Int32Array, text: number): Tensor {
  const [from, to] = [starts[text], starts[text + 1]]
  const d = X.shape[1] / heads
  const Y = Tensor.zeros([1, heads, to - from, d], 'float64')
  for (let h = 0; h < heads; h++)
    for (let t = from; t < to; t++)
      for (let c = 0; c < d; c++) Y.data[(h * (to - from) + t - from) * d + c] = X.at(t, h * d + c)
  return Y
}

describe("packed ragged rows with heads equal the mechanism's attend on each text", () => {
  test.each<[string, Rule]>([
    ['scaledDot and softmax', plain],
    [
      'general, entmax and a causal mask',
      {
        ...plain,
        alignment: general({ bias: true }),
        distribution: entmax('learned'),
        mask: causal({ align: 'end' }),
      },
    ],
    [
      'additive, sparsemax and relative positions',
      {
        ...plain,
        alignment: additive({ hidden: 7 }),
        distribution: sparsemax,
        position: relative(2),
      },
    ],
    ['rotary positions and a window', { ...plain, mask: window(2, 1), position: rotary() }],
  ])('%s: context and every gradient', async (_name, rule) => {
    const { device, inputs, own, call, dC, context, gradients } = opened(rule)
    const found = gradients()
    device.attention(call, { context })
    device.attentionBackward(call, dC, found)
    const { dQ, dK, dV, dAlignment, dDistribution, dPosition } = found
    const read = async (handle: Handle): Promise<Tensor> => device.read(handle)
    const [C, q, k, v] = await Promise.all([context, dQ, dK, dV].map(read))
    const [alignmentParameters, distributionParameters, positionParameters] = own
    const sums: Record<string, Float64Array> = {}
    const errors: number[] = []
    for (const text of [0, 2]) {
      const attended = attend(
        textOf(inputs.Q, queryStarts, text),
        textOf(inputs.K, keyStarts, text),
        textOf(inputs.V, keyStarts, text),
        {
          ...{ ...rule, alignmentParameters, distributionParameters, positionParameters },
        },
      )
      const back = attended.backward(textOf(inputs.dC, queryStarts, text))
      errors.push(
        worstError(textOf(C, queryStarts, text).data, attended.context.data),
        worstError(textOf(q, queryStarts, text).data, back.dQ.data),
      )
      errors.push(
        worstError(textOf(k, keyStarts, text).data, back.dK.data),
        worstError(textOf(v, keyStarts, text).data, back.dV.data),
      )
      for (const [name, d] of Object.entries({
        ...back.dAlignment,
        ...back.dDistribution,
        ...back.dPosition,
      })) {
        sums[name] = Float64Array.from(d.data, (value, n) => value + (sums[name]?.[n] ?? 0))
      }
    }
    for (const [name, handle] of Object.entries({ ...dAlignment, ...dDistribution, ...dPosition }))
      errors.push(worstError((await read(handle)).data, sums[name]))
    expect(Math.max(...errors)).toBeLessThan(1e-12)
  })

  test('a mask is asked about the text and head that it is of', async () => {
    const { device, call, context } = opened(plain)
    const weights = device.allocate([3, heads, 11, 13])
    device.attention(
      {
        ...call,
        mask: and(lengths([2, 0, 3]), {
          ...everything,
          allows: (_i, j, { head }) => head === 0 || j === 0,
        }),
      },
      { context, weights: { into: weights } },
    )
    const A = await device.read(weights)
    const looked = (text: number, head: number) =>
      Array.from({ length: 13 }, (_, j) => j).filter((j) => A.at(text, head, 0, j) > 0)
    expect([looked(0, 0), looked(0, 1), looked(2, 0), looked(2, 1)]).toEqual([
      [0, 1],
      [0],
      [0, 1, 2],
      [0],
    ])
  })
})

describe('weights and statistics', () => {
  const wanted = async (rows?: number[], rule = plain) => {
    const { device, inputs, call, context } = opened(rule)
    const into = device.allocate([3, heads, rows?.length ?? 11, 13])
    const statistics = {
      entropy: device.allocate([16, heads]),
      maximum: device.allocate([16, heads]),
      argmax: device.allocate([16, heads], 'int32'),
    }
    device.attention(call, { context, weights: { rows, into }, statistics })
    const [A, entropy, maximum, place] = await Promise.all(
      [into, statistics.entropy, statistics.maximum, statistics.argmax].map((handle) =>
        device.read(handle),
      ),
    )
    return { A, entropy, maximum, place, inputs }
  }
  const ofText = (inputs: { Q: Tensor; K: Tensor; V: Tensor }, text: number, rule = plain) =>
    attend(
      textOf(inputs.Q, queryStarts, text),
      textOf(inputs.K, keyStarts, text),
      textOf(inputs.V, keyStarts, text),
      {
        ...rule,
        want: { weights: true, statistics: true },
      },
    )

  test('lie at (text, head, query, key), with zeros beyond the end of a text', async () => {
    const { A, inputs } = await wanted()
    const expected = Tensor.zeros([3, heads, 11, 13], 'float64')
    for (const text of [0, 2]) {
      const { weights } = ofText(inputs, text)
      const [, , nQuery, nKey] = weights?.shape ?? []
      weights?.data.forEach((a, n) => {
        const [j, i, h] = [n % nKey, Math.floor(n / nKey) % nQuery, Math.floor(n / (nKey * nQuery))]
        expected.data[((text * heads + h) * 11 + i) * 13 + j] = a
      })
    }
    expect(worstError(A.data, expected.data)).toBeLessThan(1e-14)
  })

  test('of named rows are those rows of the whole, zeros where a text is shorter', async () => {
    const [{ A: whole }, { A: some }] = [await wanted(), await wanted([7, 0])]
    const expected = [0, 1, 2].flatMap((n) =>
      [0, 1].flatMap((h) => [7, 0].flatMap((i) => [...whole.slice(n).slice(h).slice(i).data])),
    )
    expect([...some.data]).toEqual(expected)
  })

  test("are the mechanism's, packed by row and head", async () => {
    const { entropy, maximum, place, inputs } = await wanted()
    const { statistics } = ofText(inputs, 2)
    for (let t = 0; t < 11; t++) {
      const found = [entropy, maximum, place].map((X) => X.at(5 + t, 1))
      const expected = [statistics?.entropy, statistics?.maximum, statistics?.argmax].map(
        (X) => X?.at(0, 1, t) ?? NaN,
      )
      expect(worstError(found, expected)).toBeLessThan(1e-14)
    }
  })

  test('of a row without keys are 0, 0 and −1', async () => {
    const { entropy, maximum, place } = await wanted(undefined, {
      ...plain,
      mask: lengths([0, 0, 3]),
    })
    expect([entropy.at(2, 1), maximum.at(2, 1), place.at(2, 1)]).toEqual([0, 0, -1])
  })

  test('written before are not left behind', async () => {
    const { device, call, context } = opened(plain)
    const into = device.allocate([3, heads, 11, 13])
    device.attention(call, { context, weights: { into } })
    device.attention({ ...call, mask: lengths([0, 0, 0]) }, { context, weights: { into } })
    expect((await device.read(into)).data.every((a) => a === 0)).toBe(true)
  })
})

describe('dropout in attention', () => {
  const dropout = { rate: 0.4, seed: 19, stream: 23, step: 29 }
  const contextOf = async (change: object): Promise<number[]> => {
    const { device, call, context } = opened(plain, { dropout: { ...dropout, ...change } })
    device.attention(call, { context })
    return [...(await device.read(context)).data]
  }

  test('drops the same weights for the same seed, stream and step', async () => {
    expect(await contextOf({})).toEqual(await contextOf({}))
  })

  test.each([{ seed: 20 }, { stream: 24 }, { step: 30 }])(
    'drops others with %j',
    async (change) => {
      expect(await contextOf(change)).not.toEqual(await contextOf({}))
    },
  )

  test('of rate 0 is none', async () => {
    const { device, call, context } = opened(plain)
    device.attention(call, { context })
    expect(await contextOf({ rate: 0 })).toEqual([...(await device.read(context)).data])
  })

  test('keeps the mean of many steps', async () => {
    const { device, call, context } = opened(plain)
    device.attention(call, { context })
    const whole = await device.read(context)
    const sum = new Float64Array(whole.size)
    for (let step = 0; step < 500; step++)
      for (const [n, c] of (await contextOf({ step })).entries()) sum[n] += c / 500
    expect(worstError(sum, whole.data)).toBeLessThan(0.1)
  })

  test('leaves the wanted weights whole', async () => {
    const read = async (change: Partial<AttentionCall>) => {
      const { device, call, context } = opened(plain, change)
      const into = device.allocate([3, heads, 11, 13])
      device.attention(call, { context, weights: { into } })
      return [...(await device.read(into)).data]
    }
    expect(await read({ dropout })).toEqual(await read({}))
  })

  test.each(['Q', 'K', 'V'] as const)(
    'has a backward that agrees with differences in d%s',
    async (name) => {
      const { device, inputs, call, dC, context, gradients } = opened(plain, { dropout })
      const found = gradients()
      device.attentionBackward(call, dC, found)
      const X = inputs[name]
      const dX = await device.read(found[`d${name}`])
      // a device in this process computes at once, so that differences need not wait
      const numbers = (handle: Handle): Tensor =>
        (device as unknown as { memory: { read(handle: Handle): Tensor } }).memory.read(handle)
      const loss = (): number => {
        device.write(call[name], X)
        device.attention(call, { context })
        return innerProduct(numbers(context).data, inputs.dC.data)
      }
      expect(directionalError(X, dX, loss, new Random(163))).toBeLessThan(1e-7)
    },
  )
})

describe('a wrong call throws at once', () => {
  const call =
    (change: (device: ReferenceDevice) => Partial<AttentionCall>): (() => void) =>
    () => {
      const { device, call, context } = opened(plain)
      device.attention({ ...call, ...change(device) }, { context })
    }

  test.each<[string, () => void, string]>([
    [
      'heads that do not divide',
      call(() => ({ heads: 5 })),
      'attention: the columns of Q, K and V (6, 6, 10) must be multiples of heads, got 5',
    ],
    [
      'keys without values',
      call((device) => ({ V: device.allocate([19, 10]) })),
      'attention: K and V must have one row for each key, got 20 and 19',
    ],
    [
      'starts that end early',
      call(() => ({ keyStarts: Int32Array.of(0, 7, 7, 19) })),
      'attention: keyStarts must rise from 0 to the number of rows, 20, got [0, 7, 7, 19]',
    ],
    [
      'starts that fall',
      call(() => ({ queryStarts: Int32Array.of(0, 7, 5, 16) })),
      'attention: queryStarts must rise from 0 to the number of rows, 16, got [0, 7, 5, 16]',
    ],
    [
      'other texts',
      call(() => ({ keyStarts: Int32Array.of(0, 20) })),
      'attention: queries and keys must have the same number of texts, got 3 and 1',
    ],
    [
      'widths that differ',
      call((device) => ({ K: device.allocate([20, 10]) })),
      'attention: scaledDot needs dQuery = dKey, got dQuery 3 and dKey 5; make them equal, or use an alignment that allows it, such as general() or additive({ hidden })',
    ],
    [
      'parameters that are missing',
      call(() => ({ alignment: general() })),
      'attention: needs a handle for W, (2, 3, 3)',
    ],
    [
      'parameters of another shape',
      call((device) => ({
        position: relative(2),
        positionParameters: { bias: device.allocate([2, 7]) },
      })),
      'attention: bias must have shape (2, 5), got (2, 7)',
    ],
    [
      'dropout of everything',
      call(() => ({ dropout: { rate: 1, seed: 1, stream: 1, step: 1 } })),
      'attention: rate must lie in [0, 1), got 1',
    ],
  ])('%s', (_what, operate, message) => {
    expect(operate).toThrow(new RangeError(message))
  })

  test('a gradient of another shape', () => {
    const { device, call, dC, gradients } = opened(plain)
    expect(() =>
      device.attentionBackward(call, dC, { ...gradients(), dK: device.allocate([16, 6]) }),
    ).toThrow(new RangeError('attentionBackward: dK must have shape (20, 6), got (16, 6)'))
  })

  test('a context of another shape', () => {
    const { device, call } = opened(plain)
    expect(() => device.attention(call, { context: device.allocate([16, 6]) })).toThrow(
      new RangeError('attention: context must have shape (16, 10), got (16, 6)'),
    )
  })
})
