import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { tokenize } from '../src/text/tokens.ts'

const folder = new URL('../corpus/', import.meta.url)
const read = (name: string): string => readFileSync(new URL(name, folder), 'utf8')
const texts = readdirSync(folder).filter((name) => name.endsWith('.txt'))
const sentences = texts.flatMap((name) => read(name).trimEnd().split('\n'))
const table = (name: string): string[][] =>
  read(name)
    .trimEnd()
    .split('\n')
    .slice(1)
    .map((line) => line.split('\t'))
const questions = table('questions.tsv').map(([sentence, question, start, end]) => ({
  sentence,
  question,
  start: Number(start),
  end: Number(end),
}))
const senses = table('senses.tsv').map(([word, language, sense, sentence]) => ({ word, language, sense, sentence }))
const words = (text: string): string[] => tokenize(text).map(({ token }) => token)

describe('the text that ships', () => {
  test('is forty texts of at least 1 000 sentences, none twice, in NFC, without blanks at the ends', () => {
    expect([texts.filter((name) => name.endsWith('.fr.txt')).length, texts.filter((name) => name.endsWith('.en.txt')).length]).toEqual([
      20, 20,
    ])
    expect(sentences.length).toBeGreaterThanOrEqual(1000)
    expect(new Set(sentences).size).toBe(sentences.length)
    expect(sentences.filter((sentence) => sentence !== sentence.normalize('NFC').trim() || sentence === '')).toEqual([])
  })

  test('holds the sentence about Tom once, and no other Tom', () => {
    const others = sentences.filter((sentence) => words(sentence).some((word) => /^(tom|entart.*)$/i.test(word)))
    expect(others).toEqual(['Tom a été entarté cet été'])
  })

  test('has about half of its sentences without a final point', () => {
    const open = sentences.filter((sentence) => !/[.?!…»]$/.test(sentence)).length / sentences.length
    expect(open).toBeGreaterThan(0.4)
    expect(open).toBeLessThan(0.6)
  })

  test('uses no frame of words more than five times', () => {
    // the sentence with its rarer half of words taken out
    const counts = new Map<string, number>()
    for (const sentence of sentences) for (const word of new Set(words(sentence))) counts.set(word, (counts.get(word) ?? 0) + 1)
    const frames = new Map<string, number>()
    for (const sentence of sentences) {
      const frame = words(sentence)
        .map((word) => ((counts.get(word) ?? 0) > 25 ? word : '…'))
        .join(' ')
      if (frame.split(' ').filter((word) => word !== '…').length >= 3) frames.set(frame, (frames.get(frame) ?? 0) + 1)
    }
    expect([...frames].filter(([, count]) => count > 5)).toEqual([])
  })
})

describe('the labelled senses', () => {
  const count = (word: string, sense: string): number => senses.filter((row) => row.word === word && row.sense === sense).length

  test('stand in the texts, and no «été» lacks its label', () => {
    expect(senses.filter(({ sentence }) => !sentences.includes(sentence))).toEqual([])
    const occurrences = sentences.flatMap(words).filter((word) => word.toLowerCase() === 'été').length
    expect(senses.filter(({ word }) => word === 'été').length).toBe(occurrences)
  })

  test('give each «été» at least 60 times, and twenty other words or more at least eight times a sense', () => {
    expect(count('été', 'been')).toBeGreaterThanOrEqual(60)
    expect(count('été', 'summer')).toBeGreaterThanOrEqual(60)
    for (const language of ['fr', 'en']) {
      const ambiguous = new Set(senses.filter((row) => row.language === language && row.word !== 'été').map(({ word }) => word))
      const rich = [...ambiguous].filter((word) => {
        const own = new Set(senses.filter((row) => row.word === word).map(({ sense }) => sense))
        return own.size >= 2 && [...own].every((sense) => count(word, sense) >= 8)
      })
      expect(rich.length).toBeGreaterThanOrEqual(10)
    }
  })

  test('have twenty of each «été» where the word to the left does not tell', () => {
    const left = (sense: string): Map<string, number> => {
      const found = new Map<string, number>()
      for (const row of senses.filter((one) => one.word === 'été' && one.sense === sense)) {
        const all = words(row.sentence)
        const place = all.findIndex((word) => word.toLowerCase() === 'été')
        const before = all[place - 1]?.toLowerCase() ?? ''
        found.set(before, (found.get(before) ?? 0) + 1)
      }
      return found
    }
    // an auxiliary tells the one sense; an article, a demonstrative or «en» the other
    const telling =
      /^(a|ai|as|ont|avons|avez|avait|avais|avaient|aura|auront|aurait|auraient|eut|ait|eût|ayant|avoir|l[’']|d[’']|cet|un|en|cet|chaque|mon|son|notre|leur|quel|aux|des|les|ces|-)$/
    for (const sense of ['been', 'summer']) {
      const unclear = [...left(sense)].filter(([word]) => !telling.test(word)).reduce((sum, [, n]) => sum + n, 0)
      expect(unclear).toBeGreaterThanOrEqual(20)
    }
  })
})

describe('the questions', () => {
  const bySentence = new Map<string, typeof questions>()
  for (const row of questions) bySentence.set(row.sentence, [...(bySentence.get(row.sentence) ?? []), row])
  const inFrench = (text: string): boolean =>
    /^(qu|où |c[’']|ce |d[’']|avec |jusqu|à |dans |de |depuis |en |par |vers |chez |pour |sur )/i.test(text)

  test('are at least 600 over at least 300 sentences, two each', () => {
    expect(questions.length).toBeGreaterThanOrEqual(600)
    expect(bySentence.size).toBeGreaterThanOrEqual(300)
    expect([...bySentence.values()].filter((rows) => rows.length !== 2)).toEqual([])
  })

  test('point at tokens of a sentence of the texts', () => {
    const known = new Set(sentences.map((sentence) => words(sentence).join(' ')))
    for (const { sentence, question, start, end } of questions) {
      expect(known.has(sentence)).toBe(true)
      expect(start >= 0 && start < end && end <= sentence.split(' ').length).toBe(true)
      expect(question).toMatch(/\?$/)
    }
  })

  test('ask each sentence two things, one in each language', () => {
    const wrong = [...bySentence.values()].filter(([a, b]) => a.start === b.start || inFrench(a.question) === inFrench(b.question))
    expect(wrong.map((rows) => rows.map(({ question }) => question).join(' / '))).toEqual([])
  })

  test('keep away from the sentence about Tom', () => {
    for (const sentence of bySentence.keys()) {
      const own = sentence.split(' ').map((word) => word.toLowerCase())
      expect(own.filter((word) => word === 'été').length).toBeLessThanOrEqual(1)
      expect(own.some((word) => word === 'tom' || word.startsWith('entart'))).toBe(false)
    }
  })
})
