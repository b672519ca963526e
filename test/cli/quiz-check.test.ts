import { readdirSync, readFileSync } from 'node:fs'
import { afterAll, describe, expect, test } from 'vitest'
import { type CheckOptions, checkAll } from '../../src/cli/quiz/check.ts'
import { EXIT } from '../../src/cli/terminal/errors.ts'
import {
  type ChoiceItem,
  itemsOf,
  openDevice,
  Prover,
  type Quiz,
  type QuizItem,
  readQuiz,
} from '../../src/doors/internal.ts'

const folder = new URL('../../quiz/', import.meta.url)
const files = readdirSync(folder).filter((name) => name !== 'schema.json')
const quizOf = (file: string): Quiz => readQuiz(readFileSync(new URL(file, folder), 'utf8'), file)
const device = await openDevice({ device: 'reference', dtype: 'float64' })
afterAll(() => device.close())
// it runs each claim once for all keys that are tried
const prover = new Prover({ device })

/** Exit code and output of the check. */
async function checked(
  quiz: Quiz,
  options: Partial<CheckOptions> = {},
): Promise<{ code: number; text: string }> {
  let text = ''
  const out = { write: (more: string) => (text += more), columns: 1000 }
  return {
    code: await checkAll([{ name: 'q.json', quiz }], prover, { language: 'en', ...options }, out),
    text: text.replace(/\n {2,}/g, ' '),
  }
}

/** A change of a key: what it is called, the item then, and the places that must be named. */
type Change = readonly [name: string, item: QuizItem, places: readonly string[]]

const withRight = (
  item: ChoiceItem,
  isRight: (id: string, right: boolean) => boolean,
): ChoiceItem => ({
  ...item,
  options: item.options.map((option) => ({
    ...option,
    right: isRight(option.id, option.right ?? false),
  })),
})

/**
 * Every change of an item's key: another option in place of the right one, one more or less of
 * several, another number.
 */
function changesOf(item: QuizItem): Change[] {
  const place = (id: string): string => `item ${item.id}, option ${id}:`
  if (item.kind === 'numeric') {
    const { value = 0, tolerance = 0 } = item.answer ?? {}
    return [-1, 1].map((sign) => {
      const other = value + sign * (2 * tolerance + 1)
      return [
        `${item.id} = ${other}`,
        { ...item, answer: { value: other, tolerance } },
        [`item ${item.id}:`],
      ]
    })
  }
  const right = item.options.filter((option) => option.right).map(({ id }) => id)
  if (item.kind === 'single') {
    return item.options
      .filter((option) => !option.right)
      .map(({ id }) => [
        `${item.id} (${id})`,
        withRight(item, (other) => other === id),
        [id, ...right].map(place),
      ])
  }
  return item.options
    .filter(({ id }) => right.length > 1 || !right.includes(id))
    .map(({ id }) => [
      `${item.id} ± ${id}`,
      withRight(item, (other, was) => (other === id ? !was : was)),
      [place(id)],
    ])
}

const withItem = (quiz: Quiz, item: QuizItem): Quiz => ({
  ...quiz,
  sections: quiz.sections.map((section) => ({
    ...section,
    items: section.items.map((old) => (old.id === item.id ? item : old)),
  })),
})

describe.each(files)('%s', (file) => {
  const quiz = quizOf(file)

  test('is proven, every item of it', async () => {
    const { code, text } = await checked(quiz)
    expect(text).toContain(
      `${itemsOf(quiz).length} items: ${itemsOf(quiz).length} proven, 0 unproven, 0 failed.`,
    )
    expect(code).toBe(EXIT.done)
  })

  test.each(itemsOf(quiz).flatMap(changesOf))(
    'with its key changed, %s, is not, and the places are named',
    async (_name, item, places) => {
      const { code, text } = await checked(withItem(quiz, item), { quiet: true })
      expect(code).toBe(EXIT.failed)
      for (const place of places) expect(text).toContain(`✗ ${place}`)
      // nothing else is called wrong
      expect(text.match(/✗/g)).toHaveLength(places.length)
    },
  )
})

describe('a quiz of one’s own', () => {
  const quiz = quizOf('self-attention.json')
  const [first] = itemsOf(quiz) as [ChoiceItem]
  const { claim: _, ...bare } = first

  test('without claims is unproven, which is no failure', async () => {
    const { code, text } = await checked(withItem(quiz, bare))
    expect([
      code,
      text.includes('– item q1 · unproven: it has no claim'),
      text.includes('9 proven, 1 unproven'),
    ]).toEqual([0, true, true])
  })

  test('with a claim that there is not fails, with the nearest', async () => {
    const { code, text } = await checked(
      withItem(quiz, { ...first, claim: { name: 'projection-shap' } }),
    )
    expect([
      code,
      text.includes('✗ item q1: unknown claim "projection-shap"; did you mean projection-shape?'),
    ]).toEqual([4, true])
  })

  test('with a claim that says nothing of an option fails', async () => {
    const item = { ...first, options: [...first.options, { id: 'c', text: 'neither' }] }
    const { code, text } = await checked(withItem(quiz, item))
    expect([
      code,
      text.includes('✗ item q1, option c: its claim projection-shape says nothing of it'),
    ]).toEqual([4, true])
  })

  test('may name its options otherwise than the claim does', async () => {
    const options = first.options.map((option, n) => ({ ...option, id: ['yes', 'no'][n] }))
    const item = {
      ...first,
      options,
      claim: { name: 'projection-shape', options: { yes: 'a', no: 'b' } },
    }
    expect((await checked(withItem(quiz, item))).code).toBe(0)
  })

  test('may ask for a number of a claim', async () => {
    const numeric = (value: number): QuizItem => ({
      ...{ id: 'q1', kind: 'numeric', text: 'how many orders?' },
      ...{ answer: { value }, claim: { name: 'order', number: 'orders' } },
    })
    expect((await checked(withItem(quiz, numeric(720)))).code).toBe(0)
    expect((await checked(withItem(quiz, numeric(719)))).text).toContain(
      '✗ item q1: its answer is 719 ± 0, and the layer gives orders = 720',
    )
    const other = { ...numeric(1), claim: { name: 'order', number: 'xyzzy' } }
    expect((await checked(withItem(quiz, other))).text).toContain(
      '✗ item q1: its claim order finds no number xyzzy',
    )
  })

  test('is told in French, and as JSON', async () => {
    const changed = withItem(
      quiz,
      withRight(first, (id) => id === 'b'),
    )
    expect((await checked(changed, { language: 'fr' })).text).toMatch(
      /✗ question q1, choix b: le corrigé la dit juste, et la couche la réfute : /,
    )
    const { text } = await checked(changed, { json: true })
    const { passed, quizzes } = JSON.parse(text)
    expect([
      passed,
      quizzes[0].items[0].status,
      quizzes[0].items[0].faults.map(({ option }: { option: string }) => option),
    ]).toEqual([false, 'failed', ['a', 'b']])
  })
})
