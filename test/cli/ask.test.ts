import { describe, expect, test } from 'vitest'
import { load } from '../../src/doors/internal.ts'
import { installed, jsonLines, QUESTIONS, SENTENCE, withModel } from './command.ts'

const QUESTION = 'What happened to Tom ?'
const command = installed(async (own) => {
  await withModel(own)
  await withModel(own, 'asked.safetensors', QUESTIONS)
})
const ask = (model: 'model' | 'asked', words: readonly string[], input = '') =>
  command.run(['ask', `${model}.safetensors`, ...words], { input })

async function answerOf(model: 'model' | 'asked', at?: number) {
  const opened = await load(command.path(`${model}.safetensors`))
  const answer = await opened.ask(SENTENCE, QUESTION, at === undefined ? {} : { at })
  await opened.close()
  return answer
}

const WARNING =
  'the model never saw questions: this is the word that the mean query of the question’s words looks at most, not an answer that it learned to give; learn with questions'
const UNTAUGHT = `regard ask: warning: ${WARNING}, as learn --questions does\n`

describe('regard ask', () => {
  test('prints the weights of the words, α from 1, and marks the answer', async () => {
    const { code, stdout, stderr } = await ask('asked', [SENTENCE, QUESTION])
    const { at, weights } = await answerOf('asked')
    const lines = stdout.trimEnd().split('\n')
    expect([code, stderr]).toEqual([0, ''])
    expect(lines.map((line) => line.split(/ +/).slice(0, 3))).toEqual(
      SENTENCE.split(' ').map((word, n) => [
        `α${'₁₂₃₄₅₆'[n]}`,
        word,
        weights[n].toFixed(2).replace(/^0/, ''),
      ]),
    )
    expect(lines.map((line) => line.includes('← answer'))).toEqual(
      Array.from({ length: 6 }, (_, n) => n === at),
    )
  })

  test('--json is one document, places from 0', async () => {
    const { stdout } = await ask('asked', [SENTENCE, QUESTION, '--json'])
    const { at, token, weight, weights } = await answerOf('asked')
    const found = JSON.parse(stdout)
    expect(found).toMatchObject({ id: 0, tokens: SENTENCE.split(' '), answer: { at, token } })
    expect(Object.keys(found)).toEqual(['id', 'tokens', 'weights', 'answer'])
    expect([Float32Array.from(found.weights), Math.fround(found.answer.weight)]).toEqual([
      weights,
      weight,
    ])
  })

  test('csv marks the answer', async () => {
    const { stdout } = await ask('asked', [SENTENCE, QUESTION, '--format', 'csv'])
    const [header, ...rows] = stdout.trimEnd().split('\n')
    expect([header, rows.length]).toEqual(['id,at,token,weight,answer', 6])
    expect(rows.findIndex((row) => row.endsWith(',1'))).toBe((await answerOf('asked')).at)
  })

  test('--at 3 is the question as the query of the third word', async () => {
    const { stdout, stderr } = await ask('model', [SENTENCE, QUESTION, '--at', '3', '--json'])
    expect(Float32Array.from(JSON.parse(stdout).weights)).toEqual(
      (await answerOf('model', 2)).weights,
    )
    expect(stderr).toBe(UNTAUGHT)
  })

  test('a model that never saw questions says so: on stderr, in the table, in JSON', async () => {
    const table = await ask('model', [SENTENCE, QUESTION, '--quiet'])
    expect([table.code, table.stderr]).toEqual([0, UNTAUGHT])
    expect(table.stdout).toContain(' ← most weight, not a learned answer\n')
    expect(table.stdout).not.toContain('← answer')
    const { stdout } = await ask('model', [SENTENCE, QUESTION, '--json'])
    expect(JSON.parse(stdout).warning).toBe(WARNING)
    expect((await answerOf('model')).warning).toBe(WARNING)
    expect('warning' in (await answerOf('asked'))).toBe(false)
  })

  test('--at of a place that there is not names the words with their numbers', async () => {
    expect(await ask('model', [SENTENCE, QUESTION, '--at', '7'])).toEqual({
      ...{ code: 2, stdout: '' },
      stderr: 'regard ask: --at 7: the words are 1 Tom, 2 a, 3 été, 4 entarté, 5 cet, 6 été\n',
    })
  })

  test('a model that learned from questions says that the position does not matter', async () => {
    const { stderr } = await ask('asked', [SENTENCE, QUESTION, '--at', '3'])
    expect(stderr).toBe(
      'regard ask: warning: the model learned from questions: they ask alike from every position\n',
    )
  })
})

describe('lines of JSON', () => {
  test('come back in order with the answer; a warning is said once', async () => {
    const input = [
      { id: 1, text: SENTENCE, question: QUESTION },
      { id: 2, tokens: SENTENCE.split(' '), question: QUESTION, place: 2 },
      { id: 3, text: 'Tom', question: QUESTION },
    ]
    const { code, stdout, stderr } = await ask(
      'model',
      ['--input', 'jsonl', '--format', 'jsonl'],
      input.map((line) => JSON.stringify(line)).join('\n'),
    )
    const lines = jsonLines(stdout)
    expect([code, stderr, lines.map(({ id }) => id)]).toEqual([0, UNTAUGHT, [1, 2, 3]])
    expect(lines.map((line) => Object.keys(line).join())).toEqual(
      new Array(3).fill('id,tokens,weights,answer,warning'),
    )
    expect(Float32Array.from(lines[1].weights)).toEqual((await answerOf('model', 2)).weights)
    expect(lines[2].answer).toMatchObject({ at: 0, token: 'Tom' })
  })

  test.each([
    ['{"id":1,"text":"Tom"}', 'field "question": is missing'],
    ['{"id":1,"text":"Tom","question":""}', 'the question has no words; give a question'],
    [
      '{"id":1,"text":"Tom","question":"Qui ?","place":1}',
      'field "place": positions go from 0 to 0, got 1',
    ],
    [
      '{"id":1,"text":"Tom","question":"Qui ?","place":"1"}',
      'field "place": positions go from 0 to 0, got "1"',
    ],
  ])('%s is a bad line', async (line, why) => {
    const { code, stdout, stderr } = await ask('model', ['--input', 'jsonl'], line)
    expect([code, stdout]).toEqual([3, ''])
    expect(stderr).toContain(`regard ask: stdin: line 1: `)
    expect(stderr).toContain(why)
  })
})
