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
const senses = table('senses.tsv').map(([word, language, sense, sentence]) => ({
  word,
  language,
  sense,
  sentence,
}))
const words = (text: string): string[] => tokenize(text, 'words').map(({ token }) => token)

describe('the text that ships', () => {
  test('is forty texts of at least 1 000 sentences, none twice, in NFC, without blanks at the ends', () => {
    expect([
      texts.filter((name) => name.endsWith('.fr.txt')).length,
      texts.filter((name) => name.endsWith('.en.txt')).length,
    ]).toEqual([20, 20])
    expect(sentences.length).toBeGreaterThanOrEqual(1000)
    expect(new Set(sentences).size).toBe(sentences.length)
    expect(
      sentences.filter(
        (sentence) => sentence !== sentence.normalize('NFC').trim() || sentence === '',
      ),
    ).toEqual([])
  })

  test('holds the sentence about Tom once, and no other Tom', () => {
    const others = sentences.filter((sentence) =>
      words(sentence).some((word) => /^(tom|entart.*)$/i.test(word)),
    )
    expect(others).toEqual(['Tom a été entarté cet été'])
  })

  test('has about half of its sentences without a final point', () => {
    const open =
      sentences.filter((sentence) => !/[.?!…»]$/.test(sentence)).length / sentences.length
    expect(open).toBeGreaterThan(0.4)
    expect(open).toBeLessThan(0.6)
  })

  test('uses no frame of words more than five times', () => {
    // the sentence with its rarer half of words taken out
    const counts = new Map<string, number>()
    for (const sentence of sentences)
      for (const word of new Set(words(sentence))) counts.set(word, (counts.get(word) ?? 0) + 1)
    const frames = new Map<string, number>()
    for (const sentence of sentences) {
      const frame = words(sentence)
        .map((word) => ((counts.get(word) ?? 0) > 25 ? word : '…'))
        .join(' ')
      if (frame.split(' ').filter((word) => word !== '…').length >= 3)
        frames.set(frame, (frames.get(frame) ?? 0) + 1)
    }
    expect([...frames].filter(([, count]) => count > 5)).toEqual([])
  })
})

describe('the labelled senses', () => {
  const count = (word: string, sense: string): number =>
    senses.filter((row) => row.word === word && row.sense === sense).length

  test('stand in the texts, and no «été» lacks its label', () => {
    expect(senses.filter(({ sentence }) => !sentences.includes(sentence))).toEqual([])
    const occurrences = sentences
      .flatMap(words)
      .filter((word) => word.toLowerCase() === 'été').length
    expect(senses.filter(({ word }) => word === 'été').length).toBe(occurrences)
  })

  test('give each «été» at least 60 times, and twenty other words or more at least eight times a sense', () => {
    expect(count('été', 'been')).toBeGreaterThanOrEqual(60)
    expect(count('été', 'summer')).toBeGreaterThanOrEqual(60)
    for (const language of ['fr', 'en']) {
      const ambiguous = new Set(
        senses
          .filter((row) => row.language === language && row.word !== 'été')
          .map(({ word }) => word),
      )
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
      const unclear = [...left(sense)]
        .filter(([word]) => !telling.test(word))
        .reduce((sum, [, n]) => sum + n, 0)
      expect(unclear).toBeGreaterThanOrEqual(20)
    }
  })
})

describe('the questions', () => {
  const bySentence = new Map<string, typeof questions>()
  for (const row of questions)
    bySentence.set(row.sentence, [...(bySentence.get(row.sentence) ?? []), row])
  const inFrench = (text: string): boolean =>
    /^(qu|où |c[’']|ce |d[’']|avec |jusqu|à |dans |de |depuis |en |par |vers |chez |pour |sur )/i.test(
      text,
    )

  test('are at least 4 000, over nearly every sentence', () => {
    expect(questions.length).toBeGreaterThanOrEqual(4000)
    expect(bySentence.size).toBeGreaterThanOrEqual(1200)
  })

  test('point at tokens of a sentence of the texts', () => {
    const known = new Set(sentences.map((sentence) => words(sentence).join(' ')))
    for (const { sentence, question, start, end } of questions) {
      expect(known.has(sentence)).toBe(true)
      expect(start >= 0 && start < end && end <= sentence.split(' ').length).toBe(true)
      expect(question).toMatch(/\?$/)
    }
  })

  test('ask at least 1 150 sentences for two words or more, so that the question decides', () => {
    const several = [...bySentence.values()].filter(
      (rows) => new Set(rows.map(({ start }) => start)).size >= 2,
    )
    expect(several.length).toBeGreaterThanOrEqual(1150)
  })

  test('are half in the other language than their sentence, and half in each language', () => {
    const french = new Set(
      texts
        .filter((name) => name.endsWith('.fr.txt'))
        .flatMap((name) =>
          read(name)
            .trimEnd()
            .split('\n')
            .map((line) => words(line).join(' ')),
        ),
    )
    const foreign = questions.filter(
      ({ sentence, question }) => french.has(sentence) !== inFrench(question),
    )
    expect(foreign.length / questions.length).toBeGreaterThan(0.45)
    expect(foreign.length / questions.length).toBeLessThan(0.6)
  })

  test('keep away from the sentence about Tom', () => {
    for (const sentence of bySentence.keys()) {
      const own = sentence.split(' ').map((word) => word.toLowerCase())
      expect(own.filter((word) => word === 'été').length).toBeLessThanOrEqual(1)
      expect(own.some((word) => word === 'tom' || word.startsWith('entart'))).toBe(false)
    }
  })
})

describe('the questions that nothing is learned from', () => {
  const rows = (name: string) =>
    table(name).map(([sentence, question, start, end, kind, first]) => ({
      sentence,
      question,
      start: Number(start),
      end: Number(end),
      kind,
      first,
    }))
  const heldOut = rows('held-out.tsv')
  const doubles = rows('doubles.tsv')
  const known = new Set(sentences.map((sentence) => words(sentence).join(' ')))
  const countOf = (all: readonly { kind: string }[], kind: string): number =>
    all.filter((row) => row.kind === kind).length

  test('are cut as the tokenizer cuts, and point at one word that the question does not hold', () => {
    for (const { sentence, question, start, end } of [...heldOut, ...doubles]) {
      expect(words(sentence).join(' ')).toBe(sentence)
      expect(end).toBe(start + 1)
      expect(words(question).map((word) => word.toLowerCase())).not.toContain(
        sentence.split(' ')[start].toLowerCase(),
      )
    }
  })

  test('stand on sentences that no text has, with answers that no question has', () => {
    const answers = new Set(
      questions.map(({ sentence, start }) => sentence.split(' ')[start].toLowerCase()),
    )
    expect([...heldOut, ...doubles].filter(({ sentence }) => known.has(sentence))).toEqual([])
    const seen = heldOut.filter(({ sentence, start }) =>
      answers.has(sentence.split(' ')[start].toLowerCase()),
    ).length
    expect(seen / heldOut.length).toBeLessThan(0.1)
  })

  test('are at least 100, of every kind', () => {
    expect(heldOut.length).toBeGreaterThanOrEqual(100)
    for (const kind of ['happened', 'when', 'who', 'where', 'what'])
      expect(countOf(heldOut, kind)).toBeGreaterThanOrEqual(20)
  })

  test('are at least 40 «when» and 40 «what happened» on sentences with two «été», the noun first in half', () => {
    for (const kind of ['when', 'happened'])
      expect(countOf(doubles, kind)).toBeGreaterThanOrEqual(40)
    for (const { sentence, start, kind } of doubles) {
      const own = sentence.split(' ')
      expect(own.filter((word) => word === 'été')).toHaveLength(2)
      expect(own.some((word) => /^(Tom|entart.*)$/i.test(word))).toBe(false)
      if (kind === 'when') expect(own[start]).toBe('été')
    }
    expect(doubles.filter(({ first }) => first === 'noun').length / doubles.length).toBe(0.5)
  })

  test('say the four questions about Tom in sixteen other ways', () => {
    const asked = [...rows('seed-questions.tsv'), ...rows('paraphrases.tsv')]
    expect(asked).toHaveLength(20)
    expect(new Set(asked.map(({ question }) => question)).size).toBe(20)
    for (const { sentence, start, kind } of asked)
      expect(sentence.split(' ')[start]).toBe(kind === 'when' ? 'été' : 'entarté')
    const learned = new Set(questions.map(({ question }) => question))
    expect(asked.filter(({ question }) => learned.has(question))).toEqual([])
  })
})
