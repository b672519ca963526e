import { describe, expect, test } from 'vitest'
import { ReferenceDevice } from '../../src/device/reference.ts'
import { type ClassExample, learnClasses } from '../../src/model/classifier.ts'
import type { LearnOptions } from '../../src/model/learn-options.ts'
import { type LearnEvent, learn, learning } from '../../src/model/learning.ts'
import { load } from '../../src/model/model.ts'
import { Tensor } from '../../src/tensor.ts'

const text = 'Tom a été entarté cet été\nLe chat dort\n'.repeat(3)
const form = {
  width: 4,
  query: 2,
  key: 2,
  value: 4,
  heads: 1,
  asking: 2,
  askingHidden: 2,
  buckets: 16,
}

test('a model frees its parameters once, says so when it is used, and again does nothing', async () => {
  const device = new ReferenceDevice()
  const model = await learn(text, { ...form, device, epochs: 1 })
  const { handles } = device.stats()
  expect(handles).toBe(Object.keys(model.modules.parameters).length)
  await model.embed('Tom a été')
  await model.attend('Tom a été')
  await model.ask('Tom a été', 'Tom ?')
  expect(device.stats().handles).toBe(handles)
  const bytes = await model.bytes()
  const other = await load(bytes, { on: device })
  other[Symbol.dispose]()
  expect(device.stats().handles).toBe(handles)
  model.free()
  model.free()
  await model.close()
  expect(device.stats()).toMatchObject({ handles: 0, bytes: 0 })
  await expect(model.embed('Tom')).rejects.toThrow(
    new Error('Model.embed: it was freed already; call free() after the last use, or make another'),
  )
  await expect(model.bytes()).rejects.toThrow('Model.bytes: it was freed')
})

test('a model that opened its device closes it when it is freed', async () => {
  const model = await learn(text, { ...form, epochs: 1 })
  model.free()
  expect(() => model.device.allocate([1])).toThrow('device: it was closed')
  await model.close()
})

test('a classifier frees its parameters and those of its classes', async () => {
  const device = new ReferenceDevice()
  const examples = [
    { text: 'Tom dort', label: 'a' },
    { text: 'le chat', label: 'b' },
  ]
  const classifier = await learnClasses(examples, { ...form, device, steps: 2 })
  const { handles } = device.stats()
  await classifier.classify('Tom')
  expect(device.stats().handles).toBe(handles)
  classifier.free()
  classifier.free()
  await classifier.close()
  expect(device.stats()).toMatchObject({ handles: 0, bytes: 0 })
  await expect(classifier.classify('Tom')).rejects.toThrow('Classifier.classify: it was freed')
})

describe('learning that fails leaves nothing on a device that it was given', () => {
  const failing: [string, LearnOptions, string][] = [
    [
      'for its loss is no number',
      { rate: 1e30, steps: 30 },
      'the loss of the objective hidden became',
    ],
    [
      'for its checkpoint cannot be written',
      {
        steps: 3,
        checkpoint: { due: () => true, write: () => Promise.reject(new Error('the disk is full')) },
      },
      'the disk is full',
    ],
  ]
  test.each(failing)('%s', async (_why, options, message) => {
    const device = new ReferenceDevice()
    await expect(learn(text, { ...form, device, ...options })).rejects.toThrow(message)
    expect(device.stats()).toMatchObject({ handles: 0, bytes: 0 })
  })

  test('for the model that it goes on from was freed', async () => {
    const device = new ReferenceDevice()
    const from = await learn(text, { ...form, device, steps: 1 })
    from.free()
    await expect(learn(text, { from, device })).rejects.toThrow('was freed')
    expect(device.stats()).toMatchObject({ handles: 0, bytes: 0 })
  })

  const wrong: [string, readonly ClassExample[], string][] = [
    [
      'for a class has no words',
      [
        { text: 'le chat', label: 'a' },
        { text: '', label: 'b' },
      ],
      'learnClasses: a sequence must have a word at least, got ""',
    ],
    [
      'for sequences differ in width',
      [
        { text: Tensor.zeros([2, 4]), label: 'a' },
        { text: Tensor.zeros([2, 5]), label: 'b' },
      ],
      'learnClasses: a sequence of numbers must have the shape (T, 4), T ≥ 1, got (2, 5)',
    ],
  ]
  test.each(wrong)('%s', async (_why, examples, message) => {
    const device = new ReferenceDevice()
    await expect(learnClasses(examples, { ...form, device, steps: 2 })).rejects.toThrow(message)
    expect(device.stats()).toMatchObject({ handles: 0, bytes: 0 })
  })
})

test('who stops listening to a learning keeps its model, and frees it', async () => {
  const device = new ReferenceDevice()
  let begun: Extract<LearnEvent, { event: 'begin' }> | undefined
  for await (const event of learning(text, { ...form, device, steps: 5 })) {
    if (event.event === 'begin') begun = event
    if (event.event === 'step') break
  }
  expect((await begun?.model.embed('le chat'))?.[0]).toHaveLength(2)
  begun?.model.free()
  expect(device.stats()).toMatchObject({ handles: 0, bytes: 0 })
})
