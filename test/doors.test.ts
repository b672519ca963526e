import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import * as io from '../src/doors/io.ts'
import * as quiz from '../src/doors/quiz.ts'
import * as senses from '../src/doors/senses.ts'
import * as text from '../src/doors/text.ts'
import * as main from '../src/index.ts'
import * as wasm from '../src/wasm.ts'

// Every name here is a promise of semver: one that goes is a breaking change.
const NAMES = {
  '.': [
    main,
    'additive alignmentNamed attend Classifier cosine distributionNamed Divergence dot Encoder entmax entmax15 FeedForward general heldOutLoss initializers layerOptions learn learnClasses learning Lexicon Linear load losses masks matrices Model negativeDistance Norm openDevice operands optimizers positionNamed positions Random scaledDot schedules SelfAttention sigmoid softmax sparsemax Stack STORES Tensor topK train',
  ],
  './text': [
    text,
    'Corpus countWords icuVersion linesOf needsDictionary readQuestions sentenceLines sentencesOf tokenize Vocabulary',
  ],
  './io': [
    io,
    'decodeTensors encodeNpy encodeTensors openSpool openTensors readPieces readWhole writeWhole',
  ],
  './senses': [senses, 'agreement findSenses regroup UNCERTAIN'],
  './quiz': [
    quiz,
    'answerTo builtInQuiz builtInQuizzes checkQuiz claimNamed claims feedbackTo findingOf grade hasKey inLanguage isAnswered isRight itemsOf judge keyOf pointsOf Prover readGift readMoodle readQuiz readResponses readResult resultRows scoreOf SENTENCE shuffled Sitting textIn unicodeOf unicodeText withoutKey writeAppsScript writeGift writeMoodle writeSheet',
  ],
  './wasm': [wasm, 'measurePeak openDevice'],
} as const

describe('the doors of the package', () => {
  test.each(Object.entries(NAMES))(
    '%s gives just these names at run time',
    (_door, [found, names]) => {
      expect(Object.keys(found).sort()).toEqual(names.split(' ').sort())
    },
  )

  test('are those that package.json names, ./bundle, which is the main one, and ./internal, of which nothing is promised', () => {
    const { exports } = JSON.parse(
      readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
    )
    const typed = Object.entries<{ types?: string }>(exports).flatMap(([door, { types }]) =>
      types ? [door] : [],
    )
    expect(typed.sort()).toEqual([...Object.keys(NAMES), './bundle', './internal'].sort())
  })

  test('stand in docs/versioning.md, each with what is promised of it', () => {
    const { exports } = JSON.parse(
      readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
    )
    const page = readFileSync(new URL('../docs/versioning.md', import.meta.url), 'utf8')
    const told = Array.from(page.matchAll(/`(regard(?:\/[\w*./-]+)?)`/g), ([, door]) => door)
    const doors = Object.keys(exports).map((door) => door.replace('.', 'regard'))
    expect([...new Set(told)].sort()).toEqual(doors.sort())
  })

  test('are in the API reference, all that are promised', () => {
    const { entryPoints } = JSON.parse(
      readFileSync(new URL('../typedoc.json', import.meta.url), 'utf8'),
    )
    const files = Object.keys(NAMES).map(
      (door) =>
        ({ '.': 'src/index.ts', './wasm': 'src/wasm.ts' })[door] ?? `src/doors/${door.slice(2)}.ts`,
    )
    expect(entryPoints.sort()).toEqual(files.sort())
  })

  test('the main one has at most 45', () => {
    expect(Object.keys(main).length).toBeLessThanOrEqual(45)
  })
})
