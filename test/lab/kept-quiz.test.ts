import { builtInQuiz, itemsOf, type Quiz } from 'regard/internal'
import { expect, test, vi } from 'vitest'

test('answers that are kept of a quiz are taken for no other that has its id', async () => {
  const store = new Map<string, string>()
  vi.stubGlobal('localStorage', {
    getItem: (key: string) => store.get(key) ?? null,
    setItem: (key: string, text: string) => void store.set(key, text),
    removeItem: (key: string) => void store.delete(key),
  })
  const { answer, answers, begin, goOn, remembered, takeQuizFile } = await import(
    '../../lab/quiz/sitting.ts'
  )
  const quiz = await builtInQuiz('self-attention')
  const [first] = itemsOf(quiz)
  const take = (of: Quiz) => takeQuizFile(new File([JSON.stringify(of)], 'mine.json'))
  await take(quiz)
  begin('Ann', 'practice')
  answer(first, ['b'])
  await take({ ...quiz, title: 'another' })
  expect(remembered.value).toBeUndefined()
  await take(quiz)
  expect(remembered.value?.answers[first.id]).toEqual(['b'])
  if (remembered.value) goOn(remembered.value)
  expect(answers.value[first.id]).toEqual(['b'])
  vi.unstubAllGlobals()
})
