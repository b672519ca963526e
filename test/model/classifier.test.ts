import { expect, test } from 'vitest'
import { learnClasses, Random, Tensor } from '../../src/doors/internal.ts'

test('classes of sequences of words are learned, and told of sequences never seen', async () => {
  const sweet = [
    'la tarte aux pommes est sucrée',
    'un gâteau au miel',
    'du sucre et du miel',
    'la crème sucrée',
  ]
  const salty = [
    'la soupe au sel',
    'un poisson salé',
    'du sel et du beurre salé',
    'la morue est salée',
  ]
  const examples = [
    ...sweet.map((text) => ({ text, label: 'sweet' })),
    ...salty.map((text) => ({ text, label: 'salty' })),
  ]
  const classifier = await learnClasses(examples, {
    steps: 60,
    width: 16,
    query: 8,
    key: 8,
    value: 16,
    heads: 2,
  })
  const { label, probabilities } = await classifier.classify('une tarte au sucre')
  expect(label).toBe('sweet')
  expect(probabilities.sweet + probabilities.salty).toBeCloseTo(1, 12)
  expect((await classifier.classify('le poisson au sel')).label).toBe('salty')
  await classifier.close()
})

test('classes of sequences of numbers of several lengths are learned, by what only the order tells', async () => {
  // does the spike come before the dip?
  const random = new Random(5, 'sequences')
  const example = (first: number) => {
    const length = 5 + random.integer(3)
    const rows = Array.from({ length }, () => [
      random.normal(0, 0.1),
      random.normal(0, 0.1),
      random.normal(0, 0.1),
    ])
    const at = random.integer(length - 1)
    rows[at][0] = first
    rows[at + 1][0] = -first
    return { text: Tensor.from(rows), label: first > 0 ? 'up' : 'down' }
  }
  const form = { query: 8, key: 8, value: 8, heads: 2, position: 'relative:3' }
  const classifier = await learnClasses(
    Array.from({ length: 120 }, (_, n) => example(n % 2 ? 1 : -1)),
    { steps: 250, rate: 0.03, ...form },
  )
  let right = 0
  for (let n = 0; n < 40; n++) {
    const { text, label } = example(n % 2 ? 1 : -1)
    if ((await classifier.classify(text)).label === label) right++
  }
  expect(right).toBeGreaterThanOrEqual(36)
  await classifier.close()
})

test('what cannot be learned from is refused in one line that says how to mend it', async () => {
  await expect(learnClasses([{ text: 'a b', label: 'x' }])).rejects.toThrow(
    new RangeError('learnClasses: needs examples of two classes or more, got 1'),
  )
  for (const [options, message] of [
    [{ rate: Number.NaN }, 'learnClasses: rate must be a number above 0, got NaN'],
    [{ rate: -1 }, 'learnClasses: rate must be a number above 0, got -1'],
    [{ steps: 0 }, 'learnClasses: steps must be an integer ≥ 1, got 0'],
    [{ batch: 1.5 }, 'learnClasses: batch must be an integer ≥ 1, got 1.5'],
  ] as const)
    await expect(learnClasses([], options)).rejects.toThrow(new RangeError(message))
  const two = [
    { text: Tensor.from([[1, 2]]), label: 'x' },
    { text: Tensor.from([[1, 2, 3]]), label: 'y' },
  ]
  await expect(learnClasses(two)).rejects.toThrow(
    'learnClasses: a sequence of numbers must have the shape (T, 2), T ≥ 1, got (1, 3)',
  )
})

test('classify names itself where a sequence cannot be, and composes the letters of given tokens', async () => {
  const examples = [
    { text: ['été'.normalize('NFD'), 'chaud'], label: 'a' },
    { text: ['le', 'chat'], label: 'b' },
  ]
  const classifier = await learnClasses(examples, { steps: 2, width: 8 })
  for (const [text, message] of [
    ['', 'Classifier.classify: a sequence must have a word at least, got ""'],
    [3, 'Classifier.classify: a text must be a string or an array of tokens, got 3'],
    [['a', 3], 'Classifier.classify: a text must be a string or an array of tokens, got an array'],
    [Tensor.zeros([2, 3]), 'Classifier.classify: a sequence of numbers must have the shape (T, 8)'],
  ] as const)
    await expect(classifier.classify(text as string)).rejects.toThrow(message)
  expect(await classifier.classify('été chaud')).toEqual(
    await classifier.classify(['été'.normalize('NFD'), 'chaud']),
  )
  await classifier.close()
})
