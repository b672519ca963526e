import { beforeAll, describe, expect, test } from 'vitest'
import type { Device, Handle } from '../../src/device/device.ts'
import { openDevice } from '../../src/device/open.ts'
import { adamW, type Optimizer } from '../../src/learn/optimizer.ts'
import type { LearnOptions } from '../../src/model/learn-options.ts'
import { learning } from '../../src/model/learning.ts'
import type { Model } from '../../src/model/model.ts'
import { Tensor } from '../../src/tensor.ts'

// What learning does to its parameters, as its optimizer sees it: the recipe that docs/main-job.md
// measured.

const TEXT = `Tom a été entarté cet été
Le vieux moulin a été vendu au printemps
Cet été, Tom a vendu le moulin
La mer a été calme tout l’été
Tom a vu la mer cet été
Le printemps a été long
Marie a vu Tom au moulin
La tarte a été lancée par Marie
`
const SMALL = {
  width: 8,
  query: 4,
  key: 4,
  value: 8,
  heads: 2,
  asking: 8,
  buckets: 64,
  minCount: 1,
}
const [STEPS, RATE] = [40, 0.013]

/** How one parameter moved at one step. */
interface Move {
  readonly name: string
  readonly step: number
  readonly rate: number
  readonly decay: number
}

/**
 * adamW, with a note of every move, of the squared norm of its gradient, and of where the parameter
 * is after each step.
 */
class Watched {
  readonly moves: Move[] = []
  readonly optimizer: Optimizer
  readonly #device: Device
  readonly #squares: Handle[] = []
  readonly #values = new Map<string, Handle[]>()

  constructor(device: Device, steps: number) {
    this.#device = device
    const own = adamW()
    const each = (shape: readonly number[]): Handle[] =>
      Array.from({ length: steps }, () => device.allocate(shape))
    this.optimizer = {
      ...own,
      begin: (on, parameters) => {
        own.begin(on, parameters)
        for (const [name, { shape }] of Object.entries(parameters)) {
          this.#values.set(name, each(shape))
          this.#squares.push(...each([1]))
        }
      },
      move: (on, update, pace, step) => {
        const { name, parameter, gradient } = update
        device.squaredNorm([gradient], this.#squares[this.moves.length])
        own.move(on, update, pace, step)
        this.moves.push({ name, step, ...pace })
        device.combine(1, parameter, 0, parameter, this.#values.get(name)?.[step - 1] as Handle)
      },
    }
  }

  /** The parameters that moved. */
  get names(): string[] {
    return [...new Set(this.moves.map(({ name }) => name))]
  }

  /** A parameter after each step. */
  async valuesOf(name: string): Promise<Float64Array[]> {
    return Promise.all(
      (this.#values.get(name) ?? []).map(async (value) =>
        Float64Array.from((await this.#device.read(value)).data),
      ),
    )
  }

  /** The norm of all gradients of each step together. */
  async norms(): Promise<number[]> {
    const squares = new Float64Array(Math.max(...this.moves.map(({ step }) => step)))
    for (const [n, { step }] of this.moves.entries())
      squares[step - 1] += (await this.#device.read(this.#squares[n])).data[0]
    return [...squares.map(Math.sqrt)]
  }
}

/** A model of the small text that was watched while it learned. */
async function watched(
  steps: number,
  options: LearnOptions = {},
): Promise<{ readonly seen: Watched; readonly model: Model }> {
  const device = await openDevice({ device: 'reference' })
  const seen = new Watched(device, steps)
  const events = learning(TEXT, {
    ...SMALL,
    rate: RATE,
    ...options,
    device,
    steps,
    optimizer: seen.optimizer,
  })
  for (;;) {
    const next = await events.next()
    if (next.done) return { seen, model: next.value }
  }
}

describe('learning', () => {
  let seen: Watched
  let model: Model
  beforeAll(async () => {
    ;({ seen, model } = await watched(STEPS))
  })

  test('leaves every parameter at its mean over the last 30 % of the steps', async () => {
    const last = STEPS * 0.3
    expect(seen.names.length).toBeGreaterThan(5)
    for (const name of seen.names) {
      const values = await seen.valuesOf(name)
      const left = (await model.device.read(model.modules.parameters[name])).data
      const mean = values[0].map(
        (_, n) => values.slice(-last).reduce((sum, value) => sum + value[n], 0) / last,
      )
      for (const [n, x] of mean.entries()) expect(left[n]).toBeCloseTo(x, 6)
      // means over other shares lie elsewhere
      for (const other of [1, last - 1, last + 1, STEPS]) {
        const otherMean = values[0].map(
          (_, n) => values.slice(-other).reduce((sum, value) => sum + value[n], 0) / other,
        )
        expect(Math.max(...otherMean.map((x, n) => Math.abs(x - mean[n])))).toBeGreaterThan(1e-5)
      }
    }
  })

  test('leaves what one step moved where that step put it', async () => {
    const { seen, model } = await watched(1)
    for (const name of seen.names) {
      const [value] = await seen.valuesOf(name)
      expect(
        Float64Array.from((await model.device.read(model.modules.parameters[name])).data),
      ).toEqual(value)
    }
  })

  test('moves the biases of positions at five times the rate of all else, without decay', () => {
    const common = new Map(
      seen.moves.filter(({ name }) => name === 'words.E').map(({ step, rate }) => [step, rate]),
    )
    const biases = seen.names.filter((name) => name.endsWith('position.bias'))
    expect(biases.length).toBe(1)
    for (const { name, step, rate, decay } of seen.moves) {
      const factor = biases.includes(name) ? 5 : 1
      expect([rate, decay]).toEqual([
        expect.closeTo(factor * (common.get(step) as number), 14),
        factor === 5 ? 0 : 0.01,
      ])
    }
  })

  test.each([
    [40, 8],
    [250, 40],
  ])(
    'of %i steps raises the rate in a line over the first %i, then lowers it in a line to a twentieth',
    async (steps, warmup) => {
      const { moves } = steps === STEPS ? seen : (await watched(steps, { heldOut: 0 })).seen
      const rates = moves.filter(({ name }) => name === 'words.E').map(({ rate }) => rate / RATE)
      expect(rates).toHaveLength(steps)
      for (const [n, rate] of rates.entries()) {
        const expected =
          n < warmup ? (n + 1) / warmup : 1 - 0.95 * ((n + 1 - warmup) / (steps - warmup))
        expect(rate).toBeCloseTo(expected, 12)
      }
    },
  )

  test('moves along gradients whose norm over all parameters is 1 at most, and 1 where it would be more', async () => {
    // far from where they began, gradients are long
    const norms = await (await watched(30, { rate: 0.2 })).seen.norms()
    expect(Math.max(...norms)).toBeLessThan(1 + 1e-5)
    expect(norms.filter((norm) => Math.abs(norm - 1) < 1e-5).length).toBeGreaterThan(5)
  })

  test('moves by adamW with β₁ = .9, β₂ = .98 and ε = 1e-8, unless told', async () => {
    const device = await openDevice({ device: 'reference' })
    const [p, g] = [device.allocate([1]), device.allocate([1])]
    const optimizer = adamW()
    optimizer.begin(device, { p })
    const gradients = [3e-8, -1e-8, 2e-8, 5e-8]
    let [expected, m, v] = [0, 0, 0]
    for (const [n, gradient] of gradients.entries()) {
      device.write(g, Tensor.from([gradient]))
      optimizer.move(
        device,
        { name: 'p', parameter: p, gradient: g },
        { rate: 0.1, decay: 0 },
        n + 1,
      )
      ;[m, v] = [0.9 * m + 0.1 * gradient, 0.98 * v + 0.02 * gradient * gradient]
      expected -= (0.1 * (m / (1 - 0.9 ** (n + 1)))) / (Math.sqrt(v / (1 - 0.98 ** (n + 1))) + 1e-8)
    }
    expect((await device.read(p)).data[0]).toBeCloseTo(expected, 6)
  })
})
