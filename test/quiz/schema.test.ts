import { readdirSync, readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { quizModules } from '../../scripts/quizzes.js'
import { readQuiz, schemaFaultOf } from '../../src/quiz/read.ts'
import { readResult } from '../../src/quiz/result.ts'

const folder = new URL('../../quiz/', import.meta.url)
const schema = JSON.parse(readFileSync(new URL('schema.json', folder), 'utf8'))
// a schema of quizzes has no formats, and contains goes without minContains of its own
const ajv = new Ajv2020({ strict: true, strictRequired: false, strictTypes: false })
ajv.addSchema(schema)
const isQuiz = ajv.compile({ $ref: 'urn:regard:quiz:1' })
const isResult = ajv.compile({ $ref: 'urn:regard:quiz:1#/$defs/result' })

/** Mostly what is right, now and then what may not be. */
const mostly = <T>(right: fc.Arbitrary<T>, other: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 60, arbitrary: right }, { weight: 1, arbitrary: other })
const text = mostly<unknown>(
  fc.constantFrom<unknown>('$d_q = d_k$', 'x', { en: 'yes', fr: 'oui' }),
  fc.oneof(fc.string({ maxLength: 6 }), fc.dictionary(fc.string(), fc.string())),
)
const id = mostly(
  fc.constantFrom('a', 'b', 'q1', 'é-1', 'НМ'),
  fc.constantFrom('x y', '', '__proto__', 'a'.repeat(65)),
)
const claim = fc.record(
  {
    name: id,
    options: fc.dictionary(id, id, { maxKeys: 2 }),
    number: id,
    settings: fc.record(
      {
        seed: fc.nat(),
        sizes: fc.record({ dModel: fc.integer({ min: 0, max: 90 }) }),
        sentence: fc.array(fc.constantFrom('été', 'Tom'), { minLength: 1, maxLength: 9 }),
      },
      { requiredKeys: [] },
    ),
  },
  { requiredKeys: ['name'] },
)
const option = fc.record(
  { id, text, right: fc.boolean(), pinned: fc.boolean(), feedback: text },
  { requiredKeys: ['id', 'text'] },
)
const common = {
  id,
  text,
  points: mostly(fc.integer({ min: 1, max: 3 }), fc.double()),
  required: fc.boolean(),
  explanation: text,
  claim,
}
const item = fc.oneof(
  fc.record(
    {
      ...common,
      kind: fc.constantFrom('single', 'multiple'),
      shuffle: fc.boolean(),
      options: fc.array(option, { minLength: 1, maxLength: 5 }),
    },
    { requiredKeys: ['id', 'kind', 'text', 'options'] },
  ),
  fc.record(
    {
      ...common,
      kind: fc.constant('numeric'),
      answer: fc.record(
        { value: mostly(fc.integer(), fc.double()), tolerance: mostly(fc.nat(), fc.double()) },
        { requiredKeys: ['value'] },
      ),
      feedback: fc.record({ right: text, wrong: text }, { requiredKeys: [] }),
    },
    { requiredKeys: ['id', 'kind', 'text'] },
  ),
)
const quiz = fc.record(
  {
    regardQuiz: mostly(fc.constant(1), fc.constant(2)),
    id,
    title: text,
    description: text,
    languages: mostly<readonly string[]>(
      fc.constantFrom(['en'], ['fr', 'en'], ['pt-BR']),
      fc.array(fc.constantFrom('en', 'x'), { maxLength: 3 }),
    ),
    name: fc.record({ label: text, required: fc.boolean() }, { requiredKeys: [] }),
    shuffle: fc.boolean(),
    sections: fc.array(
      fc.record(
        { title: text, text, items: fc.array(item, { minLength: 1, maxLength: 3 }) },
        { requiredKeys: ['title', 'items'] },
      ),
      { minLength: 1, maxLength: 2 },
    ),
  },
  { requiredKeys: ['regardQuiz', 'id', 'title', 'languages', 'sections'] },
)

/** Every place in a value, as the keys that lead to it. */
function placesIn(value: unknown, path: readonly string[] = []): (readonly string[])[] {
  const inner =
    typeof value === 'object' && value !== null
      ? Object.entries(value).flatMap(([key, held]) => placesIn(held, [...path, key]))
      : []
  return [path, ...inner]
}

/** The value with one thing changed: replaced, taken out, doubled, or with something beside it. */
function mutated(value: unknown, where: number, other: unknown): unknown {
  const copy = structuredClone(value) as Record<string, unknown>
  const places = placesIn(copy).slice(1)
  const path = places[where % places.length]
  const holder = path
    .slice(0, -1)
    .reduce<Record<string, unknown>>((held, key) => held[key] as Record<string, unknown>, copy)
  const key = path[path.length - 1]
  if (other === undefined) delete holder[key]
  else if (other === 'beside') holder[`${key}x`] = holder[key]
  else if (other === 'double' && Array.isArray(holder[key])) holder[key].push(...holder[key])
  else holder[key] = other
  // holes become null, as in any JSON
  return JSON.parse(JSON.stringify(copy))
}

const shipped = readdirSync(folder)
  .filter((name) => name !== 'schema.json')
  .map((name) => [name, JSON.parse(readFileSync(new URL(name, folder), 'utf8'))] as const)
const mutation = fc.constantFrom<unknown>(
  undefined,
  'beside',
  'double',
  null,
  true,
  0,
  -1,
  1.5,
  'x',
  ' ',
  '',
  [],
  {},
  [1],
  { en: 'x' },
  'single',
  'numeric',
  '\u001b',
)

describe('schema and reader give the same verdict', () => {
  test('on quizzes of any kind', () => {
    const verdicts = { right: 0, wrong: 0 }
    fc.assert(
      fc.property(quiz, (any) => {
        const value = JSON.parse(JSON.stringify(any))
        const valid = isQuiz(value)
        verdicts[valid ? 'right' : 'wrong']++
        expect({ valid: schemaFaultOf(value) === undefined, value }).toEqual({ valid, value })
      }),
      { seed: 7, numRuns: 3000 },
    )
    // both verdicts were met often
    expect(Math.min(verdicts.right, verdicts.wrong)).toBeGreaterThan(300)
  })

  test.each(shipped)('on %s with one thing changed', (_name, value) => {
    expect(isQuiz(value)).toBe(true)
    const verdicts = { right: 0, wrong: 0 }
    fc.assert(
      fc.property(fc.nat(100_000), mutation, (where, other) => {
        const changed = mutated(value, where, other)
        const valid = isQuiz(changed)
        verdicts[valid ? 'right' : 'wrong']++
        expect({ valid: schemaFaultOf(changed) === undefined, where, other }).toEqual({
          valid,
          where,
          other,
        })
        // what the schema refuses is no quiz
        if (!valid) expect(() => readQuiz(JSON.stringify(changed))).toThrow(RangeError)
      }),
      { seed: 7, numRuns: 800 },
    )
    expect(Math.min(verdicts.right, verdicts.wrong)).toBeGreaterThan(100)
  })

  test('on results with one thing changed', () => {
    const result = {
      ...{
        regardQuizResult: 1,
        quiz: { id: 'self-attention', title: 'Quiz' },
        name: 'Zoé «НМ»',
        language: 'fr',
        mode: 'test',
        seed: 7,
      },
      ...{ started: '2026-01-31T12:00:00.000Z', finished: '2026-01-31T12:30:00Z' },
      ...{ answers: { q1: ['a'], q2: ['a', 'c'], q3: 0.5, q4: null }, score: { points: 1, of: 4 } },
    }
    expect(readResult(JSON.stringify(result))).toEqual(result)
    fc.assert(
      fc.property(fc.nat(1000), mutation, (where, other) => {
        const changed = JSON.stringify(mutated(result, where, other))
        const valid = isResult(JSON.parse(changed))
        const read = (): unknown => readResult(changed)
        if (valid) expect(read()).toEqual(JSON.parse(changed))
        else expect(read).toThrow(/^result: (line \d+: )?/)
      }),
      { seed: 7, numRuns: 1000 },
    )
  })
})

test('the modules in src/quiz are those of the quizzes: after a change, npm run build', () => {
  for (const [name, written] of quizModules()) {
    expect(readFileSync(new URL(`../../src/quiz/${name}`, import.meta.url), 'utf8')).toBe(written)
  }
})
