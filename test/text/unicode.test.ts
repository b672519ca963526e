import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { type Tokenization, tokenize } from '../../src/text/tokens.ts'
import { classTable } from '../../src/text/unicode/classes.ts'
import { icuVersion } from '../../src/text/unicode/dictionary.ts'
import { UNASSIGNED } from '../../src/text/unicode/table.ts'
import { needsDictionary, unicodeWords } from '../../src/text/unicode/words.ts'

interface Case {
  readonly language: string
  readonly text: string
  readonly words: readonly string[]
  readonly spans: readonly (readonly number[])[]
  readonly why: string
}

const CASES = readFileSync(new URL('words.jsonl', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .map((line): Case => JSON.parse(line))

const wordsOf = (text: string, language = '', rule: Tokenization = 'unicode'): string[] =>
  tokenize(text, rule, language ? [language] : []).map(({ token }) => token)

test.each(CASES)('$language: $text: $why', ({ language, text, words, spans }) => {
  const tokens = tokenize(text, 'unicode', [language])
  expect(tokens.map(({ token }) => token)).toEqual(words)
  expect(tokens.map(({ start, end }) => [start, end])).toEqual(spans)
})

describe('elided forms', () => {
  test.each([
    ['fr', 'L’été, c’est l’«été»', 'L’ été , c’ est l’ « été »'],
    [
      'fr',
      "jusqu'à Qu'il puisqu’elle lorsqu'on quoiqu’il",
      "jusqu' à Qu' il puisqu’ elle lorsqu' on quoiqu’ il",
    ],
    ['fr', 'j’n’ai qu’l’on qu’l’« qu’', 'j’ n’ ai qu’ l’ on qu’ l’ « qu’'],
    ['fr', 'prud’homme quelqu’une jusqu’aujourd’hui', 'prud’homme quelqu’une jusqu’ aujourd’hui'],
    ['fr', 'N’Djamena M’Bappé m’sieur N’a-t-il', 'N’Djamena M’Bappé m’sieur N’ a - t - il'],
    ['fr', 'l’1 d’', 'l’ 1 d’'],
    ['fr', 'l\u00AD’\u00ADété qu\u00AD’il', 'l’ été qu’ il'],
    ['FR-ca', "l'été", "l' été"],
    [
      'it',
      "l'un l'altro, c'è, quest'anno, un po' d'acqua",
      "l' un l' altro , c' è , quest' anno , un po' d' acqua",
    ],
    [
      'it',
      "Dell'Italia nell'82 sant'Anna qual'è O'Brien",
      "Dell' Italia nell' 82 sant' Anna qual' è O'Brien",
    ],
    ['ca', "s'ha d'anar-se'n dona'm l'«hort»", "s' ha d' anar - se'n dona'm l' « hort »"],
    ['en', "d'Artagnan l'été", "d'Artagnan l'été"],
    ['', "l'été n’est", "l'été n’est"],
  ])('%s: %s', (language, text, words) => {
    expect(wordsOf(text, language)).toEqual(words.split(' '))
  })
})

describe('words and signs', () => {
  test.each([
    [
      'an apostrophe is one, however it is typed',
      '’tis rock’n’roll п’ять пʼять ʼtis 5′ 1’000',
      '’ tis rock’n’roll п’ять пʼять ʼ tis 5 ′ 1 ’ 000',
    ],
    ['a Hawaiian ʻokina is a letter', 'ʻokina Hawaiʻi oʻzbek', 'ʻokina Hawaiʻi oʻzbek'],
    ['Hebrew quotes', 'צה"ל ג\'ירפה רח\' "א"ב"c', 'צה"ל ג\'ירפה רח\' " א"ב " c'],
    [
      'kana and Han stand alone',
      'カメラ_a 人々 らーめん ｶﾞｷﾞ コーヒー3杯カไ',
      'カメラ _a 人 々 ら ー め ん ｶﾞｷﾞ コーヒー 3 杯 カ ไ',
    ],
    ['Korean has spaces', '나는 학교에 갔다.', '나는 학교에 갔다 .'],
    [
      'scripts without spaces are whole runs',
      'ฉันรักภาษาไทย2ครั้ง ຂ້ອຍຮັກ ខ្ញុំស្រឡាញ់។ မြန်မာဘာသာ',
      'ฉันรักภาษาไทย 2 ครั้ง ຂ້ອຍຮັກ ខ្ញុំស្រឡាញ់ ។ မြန်မာဘာသာ',
    ],
    [
      'keycaps, flags, tags and ZWJ',
      '1️⃣2️⃣3 1.2⃣ #️⃣ a1️⃣ 🏴󠁧󠁢󠁥󠁮󠁧󠁿🇫🇷🇩🇪🇫 👩‍👩‍👧x a‍👩',
      '1️⃣ 2️⃣ 3 1 . 2⃣ #️⃣ a 1️⃣ 🏴󠁧󠁢󠁥󠁮󠁧󠁿 🇫🇷 🇩🇪 🇫 👩‍👩‍👧 x a 👩',
    ],
    ['marks stay with their sign', '≠\u0338 «\u0301 ?! ...', '≠\u0338 «\u0301 ? ! . . .'],
    ['joiners are kept inside, not at the end', 'می‌خواهم‌ a\u2060b\u2060 ന്‍', 'می‌خواهم a\u2060b ന്‍'],
    [
      'other invisible characters are no part of a word',
      '👍 a\u200Eb\u202Cc\uFEFFd\u{E0041}e a\u200Bb',
      '👍 abcde a b',
    ],
    ['visible ones are signs', 'قال۝١٢ ', 'قال ۝ ١٢'],
    [
      'controls and lone surrogates are dropped',
      'a\u0000b\u0085c\uD800d\uDC00\u001B[1m',
      'a b c d [ 1m',
    ],
    [
      'what is not assigned is a sign',
      'a\u0378\u0301b\uE000\u0301 \uFFFF\u{10FFFF}',
      'a \u0378 \u0301 b \uE000\u0301 \uFFFF \u{10FFFF}',
    ],
    ['a narrow space parts', 'venu\u202F! 18\u202F000', 'venu ! 18 000'],
    ['a fraction, an ordinal, a power', '½ nº m² Ⅳ', '½ nº m ² Ⅳ'],
    ['astral letters', '𝐱𐐷b 𠀀𠀁', '𝐱𐐷b 𠀀 𠀁'],
  ])('%s', (_why, text, words) => {
    expect(wordsOf(text)).toEqual(words.split(' '))
  })

  test('spans end with the word, not with what is invisible after it', () => {
    const text = 'ab\u{E0041} c\u200C d\u00AD e\u200D'
    expect(tokenize(text).map(({ start, end }) => text.slice(start, end))).toEqual(
      'ab c d e'.split(' '),
    )
  })

  test('a colon joins letters in Swedish and Finnish alone', () => {
    expect(wordsOf('USA:n 10:30', 'fi')).toEqual(['USA:n', '10', ':', '30'])
    expect(wordsOf('USA:n', 'et')).toEqual(['USA', ':', 'n'])
  })
})

const DROPPED = /^[\s\p{Cc}\p{Cs}\p{Cf}]*$/u

const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 30 }),
  fc
    .array(
      fc.constantFrom(
        ..."aéÉzl’'ʼdqu «».,:_?!39 \n-\u00AD\u200D\u200C\u2060\u200B\u0085\uD83D\uDC69",
        ...[
          'e\u0301',
          '\u0327',
          '👩‍🚀',
          '東',
          'へ',
          'ー',
          'カ',
          'ก็',
          'א',
          '"',
          '🇫',
          '1️⃣',
          '\u0378',
          '\u{1D15E}',
          'ʼn',
        ],
      ),
    )
    .map((parts) => parts.join('')),
)

describe.each<Tokenization>(['unicode', 'dictionary'])('%s', (rule) => {
  test('spans rise, and between them there is only what is dropped', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        let last = 0
        for (const { token, start, end } of tokenize(text, rule, ['fr'])) {
          expect(text.slice(last, start)).toMatch(DROPPED)
          expect(end).toBeGreaterThan(start)
          expect(token).not.toBe('')
          last = end
        }
        expect(text.slice(last)).toMatch(DROPPED)
      }),
      { seed: 1, numRuns: 2000 },
    )
  })
})

test('composed and decomposed texts have the same tokens', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      expect(wordsOf(text.normalize('NFD'), 'fr')).toEqual(wordsOf(text.normalize('NFC'), 'fr'))
    }),
    { seed: 2, numRuns: 2000 },
  )
})

test('every code point is cut alike, composed and decomposed', () => {
  const differing: string[] = []
  for (let point = 0; point <= 0x10ffff; point++) {
    const text = `a${String.fromCodePoint(point)}a`
    const forms = new Set([text, text.normalize('NFD'), text.normalize('NFC')])
    // what was assigned later may be composed in one engine and not in another
    if (forms.size === 1 || (classTable()[point] & 31) === UNASSIGNED) continue
    if (new Set(Array.from(forms, (form) => wordsOf(form).join('|'))).size > 1)
      differing.push(point.toString(16))
  }
  expect(differing).toEqual([])
})

test.each<[Tokenization, ...string[]]>([
  ['unicode', 'fr'],
  ['unicode', 'it', 'en', 'fr'],
  ['dictionary', 'ca'],
  ['words'],
])('%s cuts %s alike whatever the apostrophe', (rule, ...languages) => {
  const spansOf = (text: string) =>
    tokenize(text, rule, languages).map(({ start, end }) => [start, end])
  fc.assert(
    fc.property(anyText, fc.constantFrom(...'’ʼ′´‘＇'), (text, other) => {
      const plain = text.replace(/[’ʼ]/g, "'")
      expect(spansOf(plain.replaceAll("'", other))).toEqual(spansOf(plain))
    }),
    { seed: 4, numRuns: 1000 },
  )
})

test('a soft hyphen within a word changes nothing', () => {
  const letters = fc.constantFrom(..."abéçœ’'3.,_אกカ", 'e\u0301', 'l’', 'qu’')
  fc.assert(
    fc.property(fc.array(fc.tuple(letters, fc.boolean())), (parts) => {
      const plain = parts.map(([letter]) => letter).join('')
      const hyphenated = parts.map(([letter, soft]) => (soft ? `${letter}\u00AD` : letter)).join('')
      expect(wordsOf(hyphenated, 'fr')).toEqual(wordsOf(plain, 'fr'))
    }),
    { seed: 3, numRuns: 2000 },
  )
})

test('a word of very many elided forms takes no longer than others', () => {
  const [short, long] = [1e4, 2e5].map((count) => {
    const text = "l'".repeat(count)
    const begin = performance.now()
    expect(tokenize(text, 'unicode', ['fr'])).toHaveLength(count)
    return (performance.now() - begin) / count
  })
  expect(long).toBeLessThan(10 * short)
})

describe('dictionary', () => {
  afterEach(() => vi.unstubAllGlobals())

  test('cuts Thai, Chinese and Japanese by the dictionaries of the engine, and nothing else', () => {
    expect(wordsOf('ฉันรักภาษาไทย', 'th', 'dictionary')).toEqual(['ฉัน', 'รัก', 'ภาษา', 'ไทย'])
    expect(wordsOf('我在北京大学学习。', 'zh', 'dictionary')).toContain('北京')
    expect(wordsOf('東京タワーへ行く', 'ja', 'dictionary').slice(-2)).toEqual(['へ', '行く'])
    expect(wordsOf('l’été iPhone手机', 'fr', 'dictionary')).toEqual(['l’', 'été', 'iPhone', '手机'])
  })

  test.each(['ຂ້ອຍຮັກພາສາລາວ', 'ខ្ញុំស្រឡាញ់ភាសាខ្មែរ', 'မြန်မာဘာသာစကား'])('cuts %s', (text) => {
    const tokens = tokenize(text, 'dictionary')
    expect(tokens.length).toBeGreaterThan(1)
    expect(tokens.map(({ token }) => token).join('')).toBe(text.normalize('NFC'))
  })

  test('is refused by an engine without Intl.Segmenter', () => {
    vi.stubGlobal('Intl', {})
    expect(() => tokenize('a', 'dictionary')).toThrow(
      new Error(
        "tokenize: 'dictionary' needs Intl.Segmenter, which this engine lacks; use 'unicode'",
      ),
    )
    expect(wordsOf('ไทย')).toEqual(['ไทย'])
  })

  test('cuts a text alike, composed or not, with soft hyphens or without', () => {
    const text = 'がくせいがガラスのびんを'
    const words = wordsOf(text, 'ja', 'dictionary')
    expect(words.length).toBeLessThan(text.length)
    expect(wordsOf(text.normalize('NFD'), 'ja', 'dictionary')).toEqual(words)
    expect(wordsOf([...text].join('\u00AD'), 'ja', 'dictionary')).toEqual(words)
  })

  test('never cuts within a letter and its marks, whatever the dictionary says', () => {
    expect(unicodeWords('か\u3099\u00AD京𠀀', {}, () => [1, 2, 3, 4])).toEqual([
      { token: 'が', start: 0, end: 2 },
      { token: '京', start: 3, end: 4 },
      { token: '𠀀', start: 4, end: 6 },
    ])
  })

  test('has the version of ICU, where the engine says it', () => {
    expect(icuVersion()).toBe(process.versions.icu)
    vi.stubGlobal('process', undefined)
    expect(icuVersion()).toBeUndefined()
  })

  test('is needed where scripts have no spaces; ideographs are words without it', () => {
    expect(['ไทย', 'a ລາວ', 'ខ្មែរ', 'မြန်မာ'].map(needsDictionary)).toEqual([true, true, true, true])
    expect(['été 東京 へ カ 한국어', '', '฿'].map(needsDictionary)).toEqual([false, false, false])
  })
})

test('an unknown rule is refused', () => {
  expect(() => tokenize('a', 'letters' as Tokenization)).toThrow(
    new RangeError(
      'tokenize: tokens must be one of unicode, words, space, dictionary, got "letters"',
    ),
  )
})
