import { shapeOf } from '../text/letters.ts'

/** What a word of a question or of its sentence is to the other text, as rows of numbers. */
export interface Clues {
  /** (words of the question, QUESTION_CLUES) */
  readonly question: Float64Array
  /** (words of the sentence, SENTENCE_CLUES) */
  readonly sentence: Float64Array
  /** For each word of the question the places of its like in the sentence. */
  readonly places: readonly (readonly number[])[]
}

/** Offsets that have a number each; further ones share. */
const NEAR = 6
/** Beyond these. */
const FAR = [6, 9, 14]
const OFFSETS = 2 * (NEAR + FAR.length) + 1
/** A word of the question that the sentence has tells where, in one of these ways. */
const ANCHORS = ['all', 'rarest', 'first', 'last'] as const
const AROUND = 3

const OWN = 12
export const SENTENCE_CLUES = OWN + ANCHORS.length * OFFSETS + 2 * AROUND + 1
export const QUESTION_CLUES = 12

/** Place of an offset among OFFSETS, the middle one for 0. */
function offsetBin(offset: number): number {
  const size = Math.abs(offset)
  let bin = size
  if (size > NEAR) bin = NEAR + FAR.filter((far) => size > far).length
  return NEAR + FAR.length + (offset < 0 ? -bin : bin)
}

/** 1 for equal words, less for words that begin alike, 0 for others. */
function likeness(a: string, b: string): number {
  if (a === b) return 1
  const most = Math.min(a.length, b.length)
  let same = 0
  while (same < most && a[same] === b[same]) same++
  const share = (2 * same) / (a.length + b.length)
  return same >= 3 && share >= 0.6 ? share : 0
}

const isWord = (word: string): boolean => /[\p{L}\p{N}]/u.test(word)

/** @param rarity of a word in lower case, from 0 to 1 */
export function cluesOf(asked: readonly string[], words: readonly string[], rarity: (word: string) => number): Clues {
  const [q, s] = [asked, words].map((all) => all.map((word) => word.toLowerCase()))
  const Q = q.length
  const T = s.length
  // 1. where each word of the question stands in the sentence
  const alike = q.map((word) => s.map((other) => (isWord(word) ? likeness(word, other) : 0)))
  const best = alike.map((row) => Math.max(0, ...row))
  const places = alike.map((row, i) => row.flatMap((value, j) => (value > 0 && value >= best[i] - 1e-9 ? [j] : [])))
  const rare = q.map(rarity)
  const weight = best.map((value, i) => value * rare[i] ** 3)
  const total = weight.reduce((sum, value) => sum + value, 0)
  const matched = q.flatMap((_, i) => (weight[i] > 0 ? [i] : []))
  const content = matched.filter((i) => rare[i] > 0.35)
  const rarest = matched.reduce((top, i) => (top < 0 || weight[i] > weight[top] ? i : top), -1)
  const anchors = {
    all: matched.map((i) => ({ i, share: weight[i] / total })),
    rarest: rarest < 0 ? [] : [{ i: rarest, share: 1 }],
    first: (content.length ? content : matched).slice(0, 1).map((i) => ({ i, share: 1 })),
    last: matched.slice(-1).map((i) => ({ i, share: 1 })),
  }
  const taken = s.map((_, j) => Math.max(0, ...alike.map((row, i) => (places[i].includes(j) ? row[j] : 0))))
  const takenRare = s.map((_, j) => Math.max(0, ...alike.map((row, i) => (places[i].includes(j) ? row[j] * rare[i] : 0))))
  const marks: number[] = [0]
  for (const word of s) marks.push(marks[marks.length - 1] + (isWord(word) ? 0 : 1))
  const centre = total > 0 ? matched.reduce((sum, i) => sum + (weight[i] / total) * mean(places[i]), 0) : T / 2
  const sentence = new Float64Array(T * SENTENCE_CLUES)
  for (let j = 0; j < T; j++) {
    const at = j * SENTENCE_CLUES
    const main = rarest < 0 ? -1 : nearest(places[rarest], j)
    const [low, high] = [Math.min(main, j), Math.max(main, j)]
    const between = main < 0 || low === high ? 0 : marks[high] - marks[low + 1]
    const shape = shapeOf(words[j])
    const own = [
      taken[j],
      takenRare[j],
      q.includes(s[j]) ? 1 : 0,
      rarity(s[j]),
      j === 0 ? 1 : 0,
      j / T,
      Math.log1p(Math.abs(j - centre)) / 2,
      between === 0 ? 1 : 0,
      between > 1 ? 1 : 0,
      shape === 1 && j > 0 ? 1 : 0,
      shape === 2 ? 1 : 0,
      isWord(s[j]) ? 0 : 1,
    ]
    sentence.set(own, at)
    ANCHORS.forEach((name, n) => {
      for (const { i, share } of anchors[name]) sentence[at + OWN + n * OFFSETS + offsetBin(j - nearest(places[i], j))] += share
    })
    for (let o = -AROUND; o <= AROUND; o++) sentence[at + OWN + ANCHORS.length * OFFSETS + o + AROUND] = taken[j + o] ?? 0
  }
  const question = new Float64Array(Q * QUESTION_CLUES)
  for (let i = 0; i < Q; i++) {
    const at = i * QUESTION_CLUES
    if (i < 4) question[at + i] = 1
    if (Q - 1 - i < 3) question[at + 4 + Q - 1 - i] = 1
    question.set([best[i] > 0 ? 1 : 0, best[i], rare[i], total > 0 ? weight[i] / total : 0, isWord(q[i]) ? 1 : 0], at + 7)
  }
  const drop = (typeof process !== 'undefined' && process.env.ABLATE) || ''
  const clear = (from: number, to: number) => { for (let j = 0; j < T; j++) sentence.fill(0, j * SENTENCE_CLUES + from, j * SENTENCE_CLUES + to) }
  if (drop.includes('taken')) clear(0, 3)
  if (drop.includes('own')) clear(3, OWN)
  ANCHORS.forEach((name, n) => { if (drop.includes(name)) clear(OWN + n * OFFSETS, OWN + (n + 1) * OFFSETS) })
  if (drop.includes('around')) clear(OWN + ANCHORS.length * OFFSETS, SENTENCE_CLUES)
  if (drop.includes('question')) question.fill(0)
  return { question, sentence, places }
}

const nearest = (places: readonly number[], j: number): number =>
  places.reduce((best, place) => (Math.abs(place - j) < Math.abs(best - j) ? place : best))

const mean = (numbers: readonly number[]): number => numbers.reduce((sum, x) => sum + x, 0) / numbers.length
