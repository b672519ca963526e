import { describe, expect, test } from 'vitest'
import { openDevice } from '../../src/device/open.ts'
import { ReferenceDevice } from '../../src/device/reference.ts'
import { adamW, type Optimizer, sgd, warmupThenLinear } from '../../src/learn/optimizer.ts'
import { constant, normal, uniform } from '../../src/random.ts'
import { Tensor } from '../../src/tensor.ts'

describe('a schedule', () => {
  test.each([0.05, 0.2, 0])('stays where it ended: at %d', (end) => {
    const factor = warmupThenLinear({ warmup: 10, steps: 100, end })
    expect(factor(100)).toBeCloseTo(end, 14)
    expect([101, 120, 200, 1e9].map(factor)).toEqual(new Array(4).fill(factor(100)))
  })

  test('without a warmup begins at its height, and with nothing else stays on it', () => {
    expect([0, 1, 2].map(warmupThenLinear({ warmup: 0, steps: 2, end: 0 }))).toEqual([1, 0.5, 0])
    expect([1, 4, 5, 9].map(warmupThenLinear({ warmup: 4, steps: 4 }))).toEqual([0.25, 1, 1, 1])
  })

  test('lets gradient descent come to rest, however long it goes on', async () => {
    const device = new ReferenceDevice({ dtype: 'float64' })
    const x = device.upload(Tensor.from([3], 'float64'))
    const optimizer = sgd()
    optimizer.begin(device, { x })
    const factor = warmupThenLinear({ warmup: 10, steps: 100 })
    // f(x) = x²
    for (let step = 1; step <= 300; step++) {
      const gradient = device.allocate([1])
      device.combine(2, x, 0, x, gradient)
      optimizer.move(
        device,
        { name: 'x', parameter: x, gradient },
        { rate: 0.1 * factor(step), decay: 0 },
        step,
      )
    }
    expect(Math.abs((await device.read(x)).data[0])).toBeLessThan(1e-4)
  })

  test.each<[unknown, string]>([
    [{ warmup: 10 }, 'TypeError warmupThenLinear: steps must be an integer ≥ 1, got undefined'],
    [
      { steps: 10 },
      'TypeError warmupThenLinear: warmup must be a number from 0 to steps = 10, got undefined',
    ],
    [
      { warmup: 11, steps: 10 },
      'RangeError warmupThenLinear: warmup must be a number from 0 to steps = 10, got 11',
    ],
    [
      { warmup: -1, steps: 10 },
      'RangeError warmupThenLinear: warmup must be a number from 0 to steps = 10, got -1',
    ],
    [{ warmup: 1, steps: 0 }, 'RangeError warmupThenLinear: steps must be an integer ≥ 1, got 0'],
    [
      { warmup: 1, steps: '9' },
      'TypeError warmupThenLinear: steps must be an integer ≥ 1, got "9"',
    ],
    [
      { warmup: 1, steps: 9, end: -0.5 },
      'RangeError warmupThenLinear: end must be a number in [0, 1], got -0.5',
    ],
    [
      { warmup: 1, steps: 9, ends: 0 },
      'TypeError warmupThenLinear: unknown option ends; did you mean end? known: warmup, steps, end',
    ],
    [
      undefined,
      'TypeError warmupThenLinear: needs options such as { warmup: 40, steps: 1000 }, got undefined',
    ],
  ])('of %j is refused', (given, message) => {
    expect(refusal(() => warmupThenLinear(given as never))).toBe(message)
  })

  test('is asked about a step', () => {
    const factor = warmupThenLinear({ warmup: 1, steps: 9 })
    expect(refusal(() => factor(-1))).toBe(
      'RangeError warmupThenLinear: the step must be a number ≥ 0, got -1',
    )
    expect(refusal(() => factor(undefined as never))).toBe(
      'TypeError warmupThenLinear: the step must be a number ≥ 0, got undefined',
    )
  })
})

/** Class and message of what a call throws. */
function refusal(call: () => unknown): string {
  try {
    call()
  } catch (error) {
    return `${(error as Error).constructor.name} ${(error as Error).message}`
  }
  return 'accepted'
}

describe('numbers that cannot be are refused by name', () => {
  test.each<[() => unknown, string]>([
    [() => adamW({ beta1: 2 }), 'RangeError adamW: beta1 must be a number in [0, 1), got 2'],
    [() => adamW({ beta2: 1 }), 'RangeError adamW: beta2 must be a number in [0, 1), got 1'],
    [
      () => adamW({ beta2: Number.NaN }),
      'RangeError adamW: beta2 must be a number in [0, 1), got NaN',
    ],
    [() => adamW({ epsilon: 0 }), 'RangeError adamW: epsilon must be a number above 0, got 0'],
    [
      () => adamW({ epsilon: '1e-8' as never }),
      'TypeError adamW: epsilon must be a number above 0, got "1e-8"',
    ],
    [
      () => adamW({ lr: 0.01 } as never),
      'TypeError adamW: unknown option lr; known: beta1, beta2, epsilon',
    ],
    [
      () => adamW(0.01 as never),
      'TypeError adamW: needs options such as { beta2: 0.999 }, got 0.01',
    ],
    [() => sgd({ momentum: -1 }), 'RangeError sgd: momentum must be a number in [0, 1), got -1'],
    [() => sgd({ momentum: 1 }), 'RangeError sgd: momentum must be a number in [0, 1), got 1'],
    [
      () => sgd({ momentun: 0.9 } as never),
      'TypeError sgd: unknown option momentun; did you mean momentum? known: momentum',
    ],
    [() => sgd(0.9 as never), 'TypeError sgd: needs options such as { momentum: 0.9 }, got 0.9'],
    [() => constant(Number.NaN), 'RangeError constant: value must be a finite number, got NaN'],
    [
      () => (constant as () => unknown)(),
      'TypeError constant: value must be a finite number, got undefined',
    ],
    [() => uniform(1, 0), 'RangeError uniform: high must be a finite number ≥ low = 1, got 0'],
    [() => uniform(-Infinity, 0), 'RangeError uniform: low must be a finite number, got -Infinity'],
    [() => normal(-1), 'RangeError normal: deviation must be a number ≥ 0, got -1'],
  ])('%s', (call, message) => {
    expect(refusal(call)).toBe(message)
  })

  const device = new ReferenceDevice({ dtype: 'float64' })
  const on = (...numbers: number[]) => device.upload(Tensor.from(numbers, 'float64'))
  const [p, g] = [on(1), on(1)]
  const adam = { rate: 0.1, beta1: 0.9, beta2: 0.98, epsilon: 1e-8, decay: 0, step: 1 }
  const descent = { rate: 0.1, momentum: 0, decay: 0 }

  test.each<[string, number]>([
    ['rate', Number.NaN],
    ['rate', -1],
    ['decay', -1],
    ['beta1', 1],
    ['beta2', -0.5],
    ['epsilon', -1e-8],
    ['step', 0.5],
  ])("by a device's adamW: %s %d", (name, value) => {
    expect(refusal(() => device.adamW(p, g, [on(0), on(0)], { ...adam, [name]: value }))).toMatch(
      new RegExp(`^RangeError adamW: ${name} must be .*, got ${value}$`),
    )
  })

  test.each<[string, number]>([
    ['rate', Number.NaN],
    ['rate', -1],
    ['decay', Infinity],
    ['momentum', 1],
  ])("by a device's sgd: %s %d", (name, value) => {
    expect(refusal(() => device.sgd(p, g, on(0), { ...descent, [name]: value }))).toMatch(
      new RegExp(`^RangeError sgd: ${name} must be .*, got ${value}$`),
    )
  })

  test("by a device's clip and normalize", () => {
    expect(refusal(() => device.clip([g], on(1), Number.NaN))).toBe(
      'RangeError clip: largest must be above 0, got NaN',
    )
    expect(refusal(() => device.clip([g], on(1), '1' as never))).toBe(
      'TypeError clip: largest must be above 0, got "1"',
    )
    const X = device.allocate([1, 1])
    expect(refusal(() => device.normalize(X, g, g, Number.NaN, device.allocate([1, 1])))).toBe(
      'RangeError normalize: epsilon must be a number ≥ 0, got NaN',
    )
  })
})

const makers: readonly [string, readonly string[], () => Optimizer][] = [
  ['adamW', ['first', 'second'], adamW],
  ['sgd', [], sgd],
  ['sgd', ['velocity'], () => sgd({ momentum: 0.9 })],
]

describe.each(makers)('an optimizer, %s,', (name, parts, make) => {
  const device = new ReferenceDevice({ dtype: 'float64' })
  const [p, g] = [
    device.upload(Tensor.from([1, 2], 'float64')),
    device.upload(Tensor.from([1, 1], 'float64')),
  ]
  const pace = { rate: 0.1, decay: 0 }

  test(`remembers of each parameter: ${parts}`, () => {
    const optimizer = make()
    optimizer.begin(device, { p })
    expect(Object.keys(optimizer.state?.() ?? {})).toEqual(parts.map((part) => `${part}.p`))
    optimizer.free(device)
  })

  test('moves nothing before it has begun', () => {
    expect(
      refusal(() => make().move(device, { name: 'p', parameter: p, gradient: g }, pace, 1)),
    ).toBe(
      `Error ${name}: move was called before begin; call begin(device, parameters) once, with all parameters`,
    )
  })

  test('moves no parameter that it was not given', () => {
    const optimizer = make()
    optimizer.begin(device, { p })
    expect(
      refusal(() => optimizer.move(device, { name: 'q', parameter: p, gradient: g }, pace, 1)),
    ).toBe(
      `Error ${name}: begin was not given the parameter "q"; call begin(device, parameters) once, with all parameters`,
    )
    optimizer.free(device)
  })

  test('begins once, and leaves no handles behind', () => {
    const before = device.stats()
    const optimizer = make()
    optimizer.begin(device, { p })
    expect(refusal(() => optimizer.begin(device, { p }))).toBe(
      `Error ${name}: has begun already; free it first, or make one optimizer for each training`,
    )
    optimizer.move(device, { name: 'p', parameter: p, gradient: g }, { rate: 0, decay: 0 }, 1)
    optimizer.free(device)
    optimizer.free(device)
    expect(device.stats()).toMatchObject({ handles: before.handles, bytes: before.bytes })
    optimizer.begin(device, { p })
    optimizer.free(device)
    expect(device.stats()).toMatchObject({ handles: before.handles, bytes: before.bytes })
  })

  test('that finds no room leaves none taken', () => {
    const small = new ReferenceDevice({ dtype: 'float64', memoryLimit: 90 })
    const parameters = { a: small.allocate([2]), b: small.allocate([4]) }
    const before = small.stats()
    const optimizer = make()
    expect(refusal(() => optimizer.begin(small, parameters))).toMatch(
      parts.length > 0 ? /^RangeError device: / : /^accepted$/,
    )
    expect(small.stats()).toMatchObject({ handles: before.handles, bytes: before.bytes })
  })

  test('takes a pace without decay for one with a decay of 0', async () => {
    const optimizer = make()
    optimizer.begin(device, { p })
    optimizer.move(device, { name: 'p', parameter: p, gradient: g }, { rate: 0.1 } as never, 1)
    expect((await device.read(p)).data.every(Number.isFinite)).toBe(true)
    optimizer.free(device)
  })
})

describe.each(['reference', 'wasm'] as const)(
  'clip on the %s device, as clip_grad_norm_',
  (kind) => {
    /**
     * PyTorch: every gradient times clamp(max_norm/(norm + 10⁻⁶), max=1), and clamp leaves NaN as
     * it is.
     */
    const clipped = (gradients: readonly number[][], largest: number): number[][] => {
      const norm = Math.sqrt(gradients.flat().reduce((sum, x) => sum + x * x, 0))
      const ratio = largest / (norm + 1e-6)
      const factor = ratio > 1 ? 1 : ratio
      return gradients.map((gradient) => gradient.map((x) => x * factor))
    }
    const many = Array.from({ length: 70_001 }, (_, n) => (n % 7) - 3)

    test.each<[string, number[][], number]>([
      ['a norm of NaN makes all NaN', [[Number.NaN], [4, -2]], 1],
      ['also where one number of many is', [[1], [...many, Number.NaN]], 0.5],
      ['also where nothing would be clipped', [[Number.NaN], [1e-3, 0]], 100],
      ['a norm of ∞ makes what is finite 0, and ∞ NaN', [[Infinity, -Infinity, 3], [4]], 1],
      ['a norm below is left', [[0.25], [0.5]], 2],
      ['a norm above is shortened', [[3], [4]], 2.5],
    ])('%s', async (_what, gradients, largest) => {
      const device = await openDevice({ device: kind })
      const handles = gradients.map((gradient) => device.upload(Tensor.from(gradient)))
      const squares = device.allocate([1])
      device.squaredNorm(handles, squares)
      device.clip(handles, squares, largest)
      const expected = clipped(gradients, largest)
      for (const [n, handle] of handles.entries()) {
        const { data } = await device.read(handle)
        const wrong = expected[n].findIndex((x, at) =>
          Number.isFinite(x) ? Math.abs(data[at] - x) > 1e-6 : !Object.is(data[at], x),
        )
        expect(wrong).toBe(-1)
      }
      await device.close()
    })
  },
)
