import { SaxesParser } from 'saxes'
import { describe, expect, test } from 'vitest'
import { mathWriter } from '../../../src/cli/quiz/math.ts'
import {
  builtInQuiz,
  type ChoiceItem,
  itemsOf,
  partsOf,
  type Quiz,
  withoutKey,
  writeSheet,
} from '../../../src/doors/internal.ts'

const math = await mathWriter()
const builtIn = await builtInQuiz('self-attention')
const count = (text: string, part: string): number => text.split(part).length - 1

/**
 * Names of all elements and, behind an @, attributes, once the sheet is closed as XML would want
 * it.
 */
function elementsOf(html: string): string[] {
  const names: string[] = []
  const parser = new SaxesParser()
  parser.on('error', (error) => {
    throw error
  })
  parser.on('opentag', ({ name, attributes }) =>
    names.push(name, ...Object.keys(attributes).map((attribute) => `@${attribute}`)),
  )
  parser.write(html.replace(/^<!doctype html>/, '').replace(/<(meta[^>]*|br)>/g, '<$1/>')).close()
  return names
}

describe('a sheet to print', () => {
  test('has every item and option, formulas in MathML, and nothing from elsewhere', () => {
    const { text } = writeSheet(withoutKey(builtIn), { language: 'en', math })
    const options = itemsOf(builtIn).flatMap((item) =>
      item.kind === 'numeric' ? [] : item.options,
    )
    expect(count(text, '<article>')).toBe(10)
    expect(count(text, '<li ')).toBe(options.length)
    expect(count(text, '<math')).toBeGreaterThan(20)
    expect(text).toContain('<html lang="en">')
    expect(text).not.toMatch(/src=|href=|url\(|@import|temml-error|\$/)
    expect(elementsOf(text)).toContain('mfrac')
  })

  test('shows the key where the quiz has it, and holds nothing of it otherwise', () => {
    const key = writeSheet(builtIn, { language: 'fr', math }).text
    expect([count(key, '✓'), count(key, 'class="why"')]).toEqual([10, 10])
    const open = writeSheet(withoutKey(builtIn), { language: 'fr', math }).text
    expect(open).not.toMatch(/✓|class="(why|said|right)"|<li class/)
    const prose = (text: unknown): string[] =>
      partsOf((text as { fr: string }).fr).flatMap(({ kind, text: part }) =>
        kind === 'prose' && part.length > 12 ? [part] : [],
      )
    const told = itemsOf(builtIn).flatMap(({ explanation }) => prose(explanation))
    expect(told.length).toBeGreaterThan(10)
    for (const part of told) expect(open).not.toContain(part)
  })

  test('letters options by their places, and its key names the options that had other letters', () => {
    const [section] = builtIn.sections
    const [, second] = section.items as ChoiceItem[]
    const [a, b, c] = second.options
    const turned: Quiz = {
      ...builtIn,
      sections: [{ ...section, items: [{ ...second, options: [c, a, b] }] }],
    }
    const lettersOf = (quiz: Quiz) =>
      [...writeSheet(quiz, { math, seed: 3 }).text.matchAll(/class="letter">(.*?)<\/span>/g)].map(
        ([, letter]) => letter,
      )
    expect(lettersOf(withoutKey(turned))).toEqual(['(a)', '(b)', '(c)'])
    expect(lettersOf(turned)).toEqual([
      '(a) = <code>c</code>',
      '(b) = <code>a</code>',
      '(c) = <code>b</code>',
    ])
    for (const quiz of [turned, withoutKey(turned)]) {
      expect(writeSheet(quiz, { math, seed: 3 }).text).toContain('Sheet 3')
      expect(writeSheet(quiz, { math }).text).not.toContain('Sheet')
    }
    expect(writeSheet(turned, { math }).remarks.map(({ field }) => field)).toContain('sheetLetters')
  })

  test('takes no text for markup, in formulas neither', () => {
    const text =
      '<script>alert(1)</script> &amp; " $<img src=x onerror=alert(1)>\\href{javascript:alert(1)}{x}$ $\\undefined{$'
    const quiz: Quiz = {
      regardQuiz: 1,
      id: 'q',
      title: text,
      description: text,
      languages: ['en'],
      sections: [
        {
          title: text,
          text,
          items: [
            {
              id: '1',
              kind: 'single',
              text,
              explanation: text,
              options: [
                { id: 'a', text, right: true, feedback: text },
                { id: 'b', text: 'x' },
              ],
            },
          ],
        },
      ],
    }
    const sheet = writeSheet(quiz, { math }).text
    const names = new Set(elementsOf(sheet))
    for (const name of ['script', 'img', 'a']) expect(names).not.toContain(name)
    expect([...names].filter((name) => /^@(on|href|src)/.test(name))).toEqual([])
  })
})
