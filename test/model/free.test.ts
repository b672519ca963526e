import { expect, test } from 'vitest'
import { ReferenceDevice } from '../../src/device/reference.ts'
import { learnClasses } from '../../src/model/classifier.ts'
import { learn } from '../../src/model/learning.ts'
import { load } from '../../src/model/model.ts'

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
    new Error('Model.embed: it was freed; free it later, or make another one'),
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
