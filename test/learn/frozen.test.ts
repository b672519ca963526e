import { describe, expect, test } from 'vitest'
import type { Handles } from '../../src/device/device.ts'
import { classes } from '../../src/learn/classes.ts'
import { adamW, sgd } from '../../src/learn/optimizer.ts'
import type { TrainOptions } from '../../src/learn/train-options.ts'
import { Random } from '../../src/random.ts'
import type { Tensor } from '../../src/tensor.ts'
import { examples, headOf, keeperOf, lexicon, options, setting, TEXTS, trained } from './small.ts'

const WITHOUT = ['words.E', 'layers.0.W_V'] as const

/** What a training gives: all parameters before and after, its events and its checkpoint. */
async function made(given: Partial<TrainOptions> = {}, sample: Sample = () => examples()) {
  const own = setting()
  const head = headOf(own)
  const handles: Handles = { ...own.encoder.parameters, ...head.parameters }
  const save = async (): Promise<Record<string, Tensor>> => ({
    ...(await own.encoder.save()),
    ...(await head.save()),
  })
  const { kept, keeper } = keeperOf(own)
  const before = await save()
  const events = await trained(own, [classes(head, sample)], options({ keeper, ...given }))
  return { handles, before, after: await save(), events, kept: kept[0] }
}
type Sample = Parameters<typeof classes>[1]

const names = Object.keys((await made({ steps: 0 })).before)

describe('frozen parameters', () => {
  test.each<[string, TrainOptions['frozen'], readonly string[]]>([
    ['by name', WITHOUT, WITHOUT],
    [
      'by a function',
      (name) => name.startsWith('layers.'),
      names.filter((n) => n.startsWith('layers.')),
    ],
    ['none', [], []],
  ])('stay as they are, and the others move: %s', async (_, frozen, expected) => {
    const { before, after } = await made({ ...(frozen ? { frozen } : {}), average: 0.5 })
    const same = names.filter((name) => String(after[name].data) === String(before[name].data))
    expect(same.sort()).toEqual([...expected].sort())
  })

  test('are no part of the norm that is clipped', async () => {
    // the steps of sgd are as long as the clipped gradient, of what moves
    const clip = 1e-3
    const length = async (frozen: readonly string[]) => {
      const { before, after } = await made({
        ...{ steps: 1, clip, frozen, optimizer: sgd(), pace: () => ({ rate: 1 }) },
      })
      let squares = 0
      for (const name of names)
        before[name].data.forEach((x: number, n: number) => {
          squares += (after[name].data[n] - x) ** 2
        })
      return Math.sqrt(squares)
    }
    expect(await length([])).toBeCloseTo(clip, 5)
    expect(await length(WITHOUT)).toBeCloseTo(clip, 5)
  })

  test('have no optimizer state, and a checkpoint is gone on from to the same bits', async () => {
    const given = { frozen: WITHOUT, average: 0.5 }
    const { kept, after } = await made(given)
    const beside = [...kept.tensors.keys()].filter((name) => !names.includes(name))
    expect(beside.some((name) => name.startsWith('optimizer.first.'))).toBe(true)
    expect(beside.some((name) => name.startsWith('average.'))).toBe(true)
    expect(beside.filter((name) => WITHOUT.some((one) => name.endsWith(one)))).toEqual([])
    expect((await made({ ...given, resume: kept })).after).toEqual(after)
  })

  test.each<[string, Partial<TrainOptions>, Partial<TrainOptions>, string]>([
    ['fewer', { frozen: WITHOUT }, { frozen: ['words.E'] }, 'layers.0.W_V, words.E, got words.E'],
    ['more', {}, { frozen: ['words.E'] }, 'none, got words.E'],
    [
      'others, by the means alone',
      { frozen: ['words.E'], optimizer: sgd(), average: 1 },
      { frozen: ['letters.E'], optimizer: sgd(), average: 1 },
      'words.E, got letters.E',
    ],
  ])('of a checkpoint are told where they are %s now', async (_, then, now, message) => {
    const { kept } = await made(then)
    await expect(made({ ...now, resume: kept })).rejects.toThrow(
      `learn: the checkpoint has other frozen parameters: ${message}; freeze those that were frozen then`,
    )
  })

  test.each<[string, unknown, string]>([
    [
      'a name of none',
      ['words.e'],
      `train: frozen: there is no parameter words.e; did you mean words.E? there are ${names.join(', ')}`,
    ],
    ['all', () => true, 'train: every parameter is frozen; there is nothing to learn'],
    [
      'a text',
      'words.E',
      `train: frozen must be names such as ['words.E'], or a function of a name, got "words.E"`,
    ],
    [
      'numbers',
      [3],
      "train: frozen must be names such as ['words.E'], or a function of a name, got an array",
    ],
  ])('are refused: %s', async (_, frozen, message) => {
    await expect(made({ frozen: frozen as never })).rejects.toThrow(message)
  })
})

describe('accumulation', () => {
  // eight texts of mixed lengths, of words and of numbers
  const eight = Array.from({ length: 8 }, (_, n) => ({
    text:
      n % 3 === 2
        ? new Random(3, `rows ${n}`).normals([n, 3], 'float64')
        : TEXTS[n % 2].slice(0, n + 1).map((word) => lexicon.featuresOf(word)),
    label: n % 2,
  }))
  const steps = 4
  const rest = { steps, optimizer: () => adamW(), clip: 0.1, average: 0.5 }
  const whole = (): Promise<Awaited<ReturnType<typeof made>>> =>
    made({ ...rest, optimizer: rest.optimizer() }, () => eight)
  const parts = (given: Partial<TrainOptions> = {}) =>
    made({ ...rest, optimizer: rest.optimizer(), accumulate: 4, ...given }, (draw) =>
      eight.slice(((draw - 1) % 4) * 2, ((draw - 1) % 4) * 2 + 2),
    )

  test('over 4 × 2 texts learns what 8 at once do', async () => {
    const [expected, found] = [await whole(), await parts()]
    for (const name of names)
      found.after[name].data.forEach((x: number, n: number) => {
        expect(x).toBeCloseTo(expected.after[name].data[n], 9)
      })
    expect(found.events.map(({ words }) => words)).toEqual(
      expected.events.map(({ words }) => words),
    )
    found.events.forEach(({ loss }, n) => {
      expect(loss).toBeCloseTo(expected.events[n].loss, 9)
    })
    expect(expected.after).not.toEqual(expected.before)
  })

  test('draws (s − 1)n + 1 … sn in step s, and is gone on from to the same bits', async () => {
    const drawn: number[] = []
    await made({ steps: 3, accumulate: 2 }, (draw) => {
      drawn.push(draw)
      return examples()
    })
    expect(drawn).toEqual([1, 2, 3, 4, 5, 6])
    const { kept, after } = await parts()
    expect((await parts({ resume: kept })).after).toEqual(after)
  })

  test('of 1 is what there is by default, bit for bit', async () => {
    expect((await made({ accumulate: 1, clip: 0.1 })).after).toEqual(
      (await made({ clip: 0.1 })).after,
    )
  })

  test('is a count', async () => {
    await expect(made({ accumulate: 0 })).rejects.toThrow(
      'train: accumulate must be an integer ≥ 1, got 0',
    )
  })
})
