import { describe, expect, test, vi } from 'vitest'
import { type DeviceSetup, type Measurement, measured } from '../../src/cli/bench/measure.ts'
import { flopsOf, shapeFrom } from '../../src/cli/bench/shapes.ts'
import { timed } from '../../src/cli/bench/timing.ts'
import {
  type BenchLayer,
  compareWithTruth,
  expectAgreement,
  layerOn,
  type Results,
  truthOf,
} from '../../src/cli/bench/truth.ts'
import { type CommandError, EXIT } from '../../src/cli/terminal/errors.ts'
import {
  additive,
  entmax,
  openDevice,
  scaledDot,
  softmax,
  Tensor,
} from '../../src/doors/internal.ts'
import { installed } from './command.ts'

const command = installed()

/** What a call ended with. */
const failureOf = (call: () => unknown): { exitCode?: number; message?: string } => {
  try {
    call()
    return {}
  } catch (error) {
    return error as CommandError
  }
}

describe('regard bench on a tiny shape', () => {
  const words = ['bench', '--quick', '--shape', '2,7,5,3', '--threads', '2', '--seed', '11']

  test('--json is one document with the machine, peaks, speeds, memory and what was checked', async () => {
    const { code, stdout, stderr } = await command.run([
      ...words,
      '--json',
      '--distribution',
      'sparsemax',
    ])
    const document = JSON.parse(stdout)
    expect([code, stderr.includes('2 × 7 × 5 × 3')]).toEqual([0, true])
    expect(document).toMatchObject({
      machine: {
        node: process.versions.node,
        threads: expect.any(Number),
        processor: expect.any(String),
      },
      layer: { alignment: 'scaledDot', distribution: 'sparsemax', heads: 1 },
      seed: 11,
      skipped: [],
    })
    const speed = {
      milliseconds: expect.any(Number),
      runs: expect.any(Number),
      gigaflops: expect.any(Number),
      shareOfPeak: expect.any(Number),
    }
    const had = document.peaks.filter(
      ({ gigaflops }: { gigaflops?: number }) => gigaflops !== undefined,
    )
    expect(document.measurements).toHaveLength(had.length)
    for (const [n, found] of document.measurements.entries()) {
      expect(had[n].gigaflops).toBeGreaterThan(0.1)
      expect(found).toMatchObject({
        ...{
          shape: { N: 2, T: 7, D: 5, d: 3 },
          device: 'wasm',
          arithmetic: had[n].arithmetic,
          threads: 2,
        },
        ...{
          forward: speed,
          forwardAndBackward: speed,
          check: { compared: expect.stringContaining('float64') },
        },
      })
      expect(found.check.difference).toBeLessThan(1e-5)
      expect(found.memory.peakBytes).toBeGreaterThan(0)
      expect(found.forward.gigaflops).toBeCloseTo(
        (2 * (6 * 7 * 5 * 3 + 4 * 49 * 3)) / found.forward.milliseconds / 1e6,
        9,
      )
    }
  })

  test('a table has a line for each arithmetic, says what was checked, and fits into 100 columns', async () => {
    const { code, stdout, stderr } = await command.run([...words, '--quiet'])
    const lines = stdout.split('\n')
    expect([code, stderr]).toEqual([0, ''])
    expect(
      lines.filter((line) => /^2 × 7 × 5 × 3 +(portable|fused) +2 /.test(line)).length,
    ).toBeGreaterThan(0)
    expect(stdout).toMatch(
      /^checked {3}2 × 7 × 5 × 3: context, dX and gradients of all parameters against float64/m,
    )
    expect(lines.filter((line) => [...line].length > 100)).toEqual([])
  })

  test('the reference device is measured too, on one thread, without a peak', async () => {
    const { code, stdout } = await command.run([
      'bench',
      '--quick',
      '--shape',
      '1,5,3,2',
      '--device',
      'reference',
      '--json',
    ])
    const { peaks, measurements } = JSON.parse(stdout)
    expect([code, peaks, measurements.length]).toEqual([0, [], 1])
    expect(measurements[0]).toMatchObject({ device: 'reference', arithmetic: 'plain', threads: 1 })
    expect(measurements[0].forward).not.toHaveProperty('shareOfPeak')
  })
})

test('a shape that would take too long is left out, with the reason', async () => {
  const words = ['bench', '--quick', '--shape', '1,90000,64,64', '--device', 'reference', '--json']
  const { code, stdout } = await command.run(words)
  const { measurements, skipped } = JSON.parse(stdout)
  expect([code, measurements, skipped.length]).toEqual([0, [], 1])
  expect(skipped[0].why).toMatch(/^a forward and backward would take about .* s$/)
})

describe('wrong usage ends with 2 and one line', () => {
  test.each<[string[], RegExp]>([
    [
      ['--shape', '8,512,256'],
      /--shape <N,T,D,d>' argument '8,512,256' is invalid. It must be four integers from 1 on/,
    ],
    [['--shape', '8,0,2,3'], /It must be four integers from 1 on/],
    [['--shape', '8,1.5,2,3'], /It must be four integers from 1 on/],
    [['--alignment', 'scaleddot'], /unknown alignment "scaleddot"; did you mean scaledDot\?/],
    [['--distribution', 'sparsmax'], /unknown distribution "sparsmax"; did you mean sparsemax\?/],
    [
      ['--device', 'reference', '--threads', '2'],
      /regard bench: --threads goes with --device wasm/,
    ],
    [['--quik'], /unknown option '--quik' \(Did you mean --quick\?\)/],
    [['everything'], /too many arguments/],
  ])('%j', async (words, line) => {
    const { code, stdout, stderr } = await command.run(['bench', ...words])
    expect([code, stdout, stderr.trimEnd().split('\n').length]).toEqual([2, '', 1])
    expect(stderr).toMatch(line)
  })
})

describe('the check', () => {
  const expected: Results = {
    context: Tensor.from([[1, -2]]),
    dX: Tensor.from([[4, 0]]),
    dW_Q: Tensor.from([[1e-9, 0]]),
  }

  test('takes the largest difference relative to the largest number of its array', () => {
    const found = {
      ...expected,
      context: Tensor.from([[1.00002, -2]]),
      dX: Tensor.from([[4, 0.00002]]),
    }
    expect(expectAgreement('here', 'there', found, expected)).toBeCloseTo(1e-5, 7)
  })

  test.each<[string, Results]>([
    ['context', { ...expected, context: Tensor.from([[1.001, -2]]) }],
    ['dX', { ...expected, dX: Tensor.from([[4, 0.001]]) }],
    ['dX', { ...expected, dX: Tensor.from([[Number.NaN, 0]]) }],
    ['dX', { ...expected, dX: Tensor.from([[4]]) }],
    ['dW_Q', { ...expected, dW_Q: Tensor.from([[1e-5, 0]]) }],
  ])('fails with exit code 4 and names %s where it is wrong', (name, found) => {
    const failure = failureOf(() => expectAgreement('here', 'the reference', found, expected))
    expect(failure.exitCode).toBe(EXIT.failed)
    expect(failure.message).toMatch(new RegExp(`^here: ${name} differs from the reference by `))
  })

  test('lets nothing but the same numbers pass where none may differ', () => {
    expect(expectAgreement('here', 'there', expected, expected, 0)).toBe(0)
    const found = { ...expected, context: Tensor.from([[1 + 2 ** -23, -2]]) }
    expect(failureOf(() => expectAgreement('here', 'there', found, expected, 0)).exitCode).toBe(
      EXIT.failed,
    )
  })

  const shapes = [
    { N: 3, T: 11, D: 7, d: 5 },
    // too much for the reference device: some rows are compared
    { N: 3, T: 2000, D: 7, d: 5 },
  ]
  test.each(shapes)(
    'is met at %j, and not where gradients of keys are 1 % too large',
    async (shape) => {
      const layer: BenchLayer = {
        shape,
        seed: 5,
        alignment: additive({ hidden: 2 }),
        distribution: softmax,
      }
      const truth = await truthOf(layer)
      const device = await openDevice({ device: 'wasm', threads: 1 })
      const own = layerOn(device, layer)
      expect(truth.some !== undefined).toBe(shape.T > 1000)
      expect(await compareWithTruth('here', own, truth)).toBeLessThan(1e-5)

      const sound = device.attentionBackward.bind(device)
      device.attentionBackward = (call, dC, gradients) => {
        sound(call, dC, gradients)
        device.combine(1.01, gradients.dK, 0, gradients.dK, gradients.dK)
      }
      await expect(compareWithTruth('here', own, truth)).rejects.toMatchObject({
        exitCode: EXIT.failed,
      })
      await device.close()
    },
  )

  test('of some rows knows the gradients of every own parameter', async () => {
    const layer: BenchLayer = {
      shape: { N: 2, T: 2600, D: 4, d: 6 },
      seed: 5,
      alignment: scaledDot,
      distribution: entmax('learned'),
    }
    const { expected: known, some } = await truthOf(layer)
    expect(some?.rows).toHaveLength(8)
    const device = await openDevice({ device: 'reference' })
    const own = layerOn(device, layer)
    expect(Object.keys(known).sort()).toEqual(
      ['context', 'dX', ...Object.keys(own.parameters).map((name) => `d${name}`)].sort(),
    )
    await device.close()
  })
})

test('a place that rounds otherwise than the one before it, in the same arithmetic, fails', async () => {
  const layer: BenchLayer = {
    shape: { N: 2, T: 7, D: 5, d: 3 },
    seed: 5,
    alignment: scaledDot,
    distribution: softmax,
  }
  const reporter = { note: vi.fn(), warn: vi.fn(), happens: vi.fn() }
  const patience = { milliseconds: 1, longest: 10 }
  const placesOf = (dtype: 'float32' | 'float64'): DeviceSetup[] => [
    { open: { device: 'reference' }, peak: undefined },
    { open: { device: 'reference', dtype }, peak: undefined },
  ]
  const all = async (places: DeviceSetup[]) => {
    const found: unknown[] = []
    for await (const one of measured(layer, places, patience, reporter)) found.push(one)
    return found as Measurement[]
  }
  expect(
    (await all(placesOf('float32'))).map(({ compared }) =>
      compared.includes('the same as on reference'),
    ),
  ).toEqual([false, true])
  await expect(all(placesOf('float64'))).rejects.toMatchObject({ exitCode: EXIT.failed })
})

test('a forward counts N(6TDd + 4T²d) multiplications and additions', () => {
  expect(flopsOf(shapeFrom('2, 3,5,7'))).toBe(2 * (6 * 3 * 5 * 7 + 4 * 9 * 7))
})

test('a timing has two runs at least, and its fastest is no slower than its median', async () => {
  let calls = 0
  const { runs, fastest, median } = await timed(async () => calls++, 0)
  expect([runs, calls, fastest <= median]).toEqual([2, 2, true])
})
