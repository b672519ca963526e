import { builtInQuiz, itemsOf, type QuizItem } from 'regard/internal'
import { afterEach, describe, expect, test } from 'vitest'
import { doorOf, openDoor, showAnswer } from '../../lab/quiz/doors.ts'
import { beginAgain } from '../../lab/state/address.ts'
import { pass, textLanguage } from '../../lab/state/layer.ts'
import { settings } from '../../lab/state/settings.ts'

const items = [...itemsOf(await builtInQuiz()), ...itemsOf(await builtInQuiz('extended'))]
const asks = (claim: string): QuizItem =>
  items.find((item) => item.claim?.name === claim) as QuizItem

/** Claims that no view draws: the proof runs where the question stands. */
const IN_NUMBERS = [
  'empty-row',
  'hidden-words',
  'score-gradients',
  'value-gradient',
  'moved-text',
  'recomputed',
]

/** The first row of weights once a question is asked, and once it is answered. */
function rows(claim: string): number[][] {
  const item = asks(claim)
  openDoor(item)
  const before = [
    ...(pass.value.value?.weights[0].data.slice(0, pass.value.value.tokens.length) ?? []),
  ]
  showAnswer(item, [])
  return [
    before,
    [...(pass.value.value?.weights[0].data.slice(0, pass.value.value.tokens.length) ?? [])],
  ]
}

afterEach(beginAgain)

describe('doors', () => {
  test('there is one for each claim, but for those that no view draws', () => {
    const without = items.filter((item) => !doorOf(item)).map(({ claim }) => claim?.name)
    expect([...new Set(without)].sort()).toEqual([...IN_NUMBERS].sort())
  })

  test.each(items.map((item) => [item.id, item] as const))(
    '«%s» opens on a layer that computes, and each answer too',
    (_id, item) => {
      openDoor(item)
      const ids = item.kind === 'numeric' ? [] : item.options.map(({ id }) => [id])
      for (const chosen of [undefined, [], ...ids]) {
        if (chosen) showAnswer(item, chosen)
        // widths that do not meet are the point of one question
        if (item.claim?.name === 'equal-widths' && pass.value.error)
          expect(pass.value.error).toContain('dQuery 4 and dKey 5')
        else expect(pass.value.error).toBeUndefined()
        expect(textLanguage.value).toBe('fr')
      }
    },
  )

  test('the one to sparsemax by hand gives the third word 0.75', () => {
    const [, after] = rows('sparsemax-by-hand')
    expect(after).toEqual([0, 0.25, 0.75])
  })

  test('the one off the support moves a score, and no weight', () => {
    const [before, after] = rows('off-support')
    expect(after).toEqual(before)
    expect(before[0]).toBe(0)
    expect(pass.value.value?.scores[0].data[0]).toBe(-1.5)
  })

  test('the one to shifted scores adds 100 to each, and softmax gives the same weights', () => {
    const [before, after] = rows('shifted-scores')
    expect([...(pass.value.value?.scores[0].data.slice(0, 3) ?? [])]).toEqual([98, 100, 100.5])
    for (const [n, weight] of after.entries()) expect(weight).toBeCloseTo(before[n], 12)
    settings.distribution.state.value = 'sigmoid'
    expect(pass.value.value?.weights[0].data[0]).toBeCloseTo(1, 9)
  })

  test('the one to ties keeps three words, and the one to equal scores gives each a sixth', () => {
    expect(rows('ties-kept')[1].map((weight) => weight > 0)).toEqual([false, true, true, true])
    for (const weight of rows('equal-scores')[1]) expect(weight).toBeCloseTo(1 / 6, 12)
  })

  test('the one to memory doubles the text, and has four times as many scores', () => {
    const item = asks('memory-growth')
    openDoor(item)
    const before = pass.value.value?.scores[0].data.length ?? 0
    showAnswer(item, [])
    expect(pass.value.value?.scores[0].data.length).toBe(4 * before)
  })
})
