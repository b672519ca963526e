import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

// The table of src/text/unicode and the cases of Unicode's own test, from the Unicode Character
// Database, as Debian's package unicode-data has it:
//
//   node scripts/unicode.js [--check] [FOLDER]      default: /usr/share/unicode
//
// With --check nothing is written: exit 1 if what stands there differs.

const VERSION = '15.0.0'
const LAST = 0x10ffff
const root = fileURLToPath(new URL('..', import.meta.url))

/** Classes of code points and what each is; later rules win over earlier ones. */
const CLASSES = {
  UNASSIGNED: 'Not assigned: a token each, without marks.',
  SPACE: 'White space.',
  DROPPED: 'Control characters, lone surrogates, zero width space.',
  IGNORED: 'Soft hyphen, directions: skipped, and left out of the word.',
  FORMAT: 'Zero width non-joiner, word joiner and the like: skipped, kept inside a word.',
  ZWJ: 'Zero width joiner.',
  TAG: 'Tags, which belong to an emoji.',
  MARK: 'Marks, which belong to what precedes them: Extend.',
  VIRAMA: 'Marks without a vowel, after which a ZWJ matters: of combining class 9.',
  LETTER: 'Letters: ALetter.',
  HEBREW: 'Hebrew letters.',
  KATAKANA: 'Katakana.',
  COMPLEX: 'Letters of scripts without spaces between words: Thai, Lao, Khmer, Burmese and others.',
  NUMBER: 'Digits: Numeric.',
  EXTENDER: 'Low line and the like: ExtendNumLet.',
  MID_LETTER: 'Middle dot and the like: MidLetter.',
  COLON: 'Colons, in Swedish and Finnish as MidLetter.',
  MID_NUMBER: 'Comma and the like: MidNum.',
  MID_BOTH: 'Full stop and the like: MidNumLet.',
  APOSTROPHE: 'Apostrophes and what is typed for one.',
  DOUBLE_QUOTE: 'Quotation mark.',
  FLAG: 'Regional indicators, two of which are a flag.',
  EMOJI: 'Extended_Pictographic.',
  IDEOGRAPH: 'Han and hiragana.',
  SIGN: 'All others, private use among them.',
}
const names = Object.keys(CLASSES)

/** Classes of what UAX 29 names otherwise. */
const WORD_BREAK = {
  Format: 'IGNORED',
  ZWJ: 'ZWJ',
  Extend: 'MARK',
  ALetter: 'LETTER',
  Hebrew_Letter: 'HEBREW',
  Katakana: 'KATAKANA',
  Numeric: 'NUMBER',
  ExtendNumLet: 'EXTENDER',
  MidLetter: 'MID_LETTER',
  MidNum: 'MID_NUMBER',
  MidNumLet: 'MID_BOTH',
  Single_Quote: 'APOSTROPHE',
  Double_Quote: 'DOUBLE_QUOTE',
  Regional_Indicator: 'FLAG',
}

/** What is tailored, by code point. */
const TAILORED = {
  // ' ’ ʼ ′ ´ ‘, the fullwidth one, and U+1FFD, which is ´ in NFC
  APOSTROPHE: [0x27, 0x2019, 0x2bc, 0x2032, 0xb4, 0x2018, 0xff07, 0x1ffd],
  COLON: [0x3a, 0xfe13, 0xfe55, 0xff1a],
  // non-joiner, word joiner, Mongolian vowel separator
  FORMAT: [0x200c, 0x2060, 0x180e],
  DROPPED: [0x200b],
}

/** Format characters that belong to a script: hieroglyphs and shorthand. */
const SCRIPT_FORMAT = [
  [0x13430, 0x1343f],
  [0x1bca0, 0x1bca3],
]

/** Rows of a file: first and last code point, and the value. */
function* rowsOf(folder, file) {
  for (const line of readFileSync(join(folder, file), 'utf8').split('\n')) {
    const fields = line.split('#')[0].split(';')
    if (fields.length < 2) continue
    const [first, last = first] = fields[0].trim().split('..')
    yield [
      Number.parseInt(first, 16),
      Number.parseInt(last, 16),
      ...fields.slice(1).map((field) => field.trim()),
    ]
  }
}

/** General category and combining class of each code point. */
function categories(folder) {
  const category = new Array(LAST + 1).fill('Cn')
  const combining = new Uint8Array(LAST + 1)
  let range
  for (const [at, , name, value, order] of rowsOf(folder, 'UnicodeData.txt')) {
    category.fill(value, range ?? at, at + 1)
    combining[at] = Number(order)
    range = name.endsWith(', First>') ? at : undefined
  }
  return { category, combining }
}

/** The class of each code point, and whether NFC may change a word that holds it. */
function classesOf(folder) {
  const { category, combining } = categories(folder)
  const found = category.map((value) =>
    value === 'Cn' ? 'UNASSIGNED' : /^C[cs]$/.test(value) ? 'DROPPED' : 'SIGN',
  )
  const set = (file, of) => {
    for (const [first, last, ...values] of rowsOf(folder, file))
      for (let at = first; at <= last; at++) found[at] = of(values[0], at) ?? found[at]
  }
  set('emoji/emoji-data.txt', (value) => (value === 'Extended_Pictographic' ? 'EMOJI' : undefined))
  set('auxiliary/WordBreakProperty.txt', (value) => WORD_BREAK[value])
  set('LineBreak.txt', (value, at) =>
    value === 'SA' && category[at].startsWith('L') ? 'COMPLEX' : undefined,
  )
  set('Scripts.txt', (value, at) =>
    /^(?:Han|Hiragana)$/.test(value) && /^[LN]/.test(category[at]) ? 'IDEOGRAPH' : undefined,
  )
  set('PropList.txt', (value) =>
    value === 'White_Space'
      ? 'SPACE'
      : value === 'Prepended_Concatenation_Mark'
        ? 'SIGN'
        : undefined,
  )
  for (let at = 0; at <= LAST; at++)
    if (combining[at] === 9 && found[at] === 'MARK') found[at] = 'VIRAMA'
  for (const [first, last] of SCRIPT_FORMAT) found.fill('FORMAT', first, last + 1)
  for (let at = 0xe0020; at <= 0xe007f; at++) found[at] = 'TAG'
  for (const [name, points] of Object.entries(TAILORED)) for (const at of points) found[at] = name
  const changes = Array.from(combining, (order) => order > 0)
  for (const [first, last, property] of rowsOf(folder, 'DerivedNormalizationProps.txt'))
    if (property === 'NFC_QC') changes.fill(true, first, last + 1)
  return { found, changes }
}

/** Runs of equal classes: a letter, `!` if NFC may change them, and the length in base 36. */
function runsOf({ found, changes }) {
  const codes = found.map(
    (name, at) => String.fromCharCode(65 + names.indexOf(name)) + (changes[at] ? '!' : ''),
  )
  let runs = ''
  for (let from = 0, to = 0; from <= LAST; from = to) {
    while (codes[to] === codes[from]) to++
    runs += codes[from] + (to - from > 1 ? (to - from).toString(36) : '')
  }
  return runs
}

const FREE = 'Z"#%&()*+,-./:;<=>?@[]^_{|}~'

/**
 * Byte pair encoding: as long as it saves anything, what comes most often becomes one of the signs
 * that runs do not have. Returns the text and what each sign stands for, in the order of decoding.
 */
function encoded(runs) {
  let text = runs
  const pairs = []
  for (const sign of FREE) {
    const counts = new Map()
    for (let length = 2; length <= 6; length++)
      for (let at = 0; at + length <= text.length; at++) {
        const part = text.slice(at, at + length)
        counts.set(part, (counts.get(part) ?? 0) + 1)
      }
    const saved = (part) => (text.split(part).length - 1) * (part.length - 1) - part.length - 2
    const best = [...counts]
      .filter(([part, count]) => count * part.length > 40)
      .map(([part]) => ({ part, saved: saved(part) }))
      .reduce((most, one) => (one.saved > most.saved ? one : most), { saved: 0 })
    if (!best.part) break
    text = text.replaceAll(best.part, sign)
    pairs.unshift(sign + best.part)
  }
  return { text, pairs }
}

const NOTICE = `© 2022 Unicode®, Inc. Unicode and the Unicode Logo are registered trademarks of Unicode, Inc. in the
U.S. and other countries. For terms of use, see https://www.unicode.org/terms_of_use.html`
const commented = (text, mark) => text.replace(/^/gm, `${mark} `)

const tableText = ({
  text,
  pairs,
}) => `// Made by scripts/unicode.js from the data files of Unicode ${VERSION}; not to be edited.
${commented(NOTICE, '//')}

${names.map((name, n) => `/** ${CLASSES[name]} */\nexport const ${name} = ${n}\n`).join('')}
/**
 * Classes of the code points from 0 on, in runs: a letter (A is 0), \`!\` if NFC may change a word that
 * holds them, and the length in base 36, if it is not 1.
 */
export const RUNS: string =
  '${text}'

/** Signs that stand for parts of RUNS: the sign and the part, in this order. */
export const PAIRS: string =
  '${pairs.join(' ')}'
`

/** The cases of Unicode's test for word breaks, without what its comments say. */
function testText(folder) {
  const lines = readFileSync(join(folder, 'auxiliary/WordBreakTest.txt'), 'utf8').split('\n')
  const cases = lines.filter((line) => line.startsWith('÷')).map((line) => line.split('\t')[0])
  return `# Cases of WordBreakTest-${VERSION}.txt, made by scripts/unicode.js: ÷ a break, × none.
${commented(NOTICE, '#')}
${cases.join('\n')}
`
}

/** Whether a folder has the data files of this version. */
export const hasUnicode = (folder) => {
  const file = join(folder, 'auxiliary/WordBreakProperty.txt')
  return existsSync(file) && readFileSync(file, 'utf8').startsWith(`# WordBreakProperty-${VERSION}`)
}

/** Names and texts of what is to be written. */
export function unicodeFiles(folder) {
  if (!hasUnicode(folder))
    throw new Error(
      `unicode: ${folder} has no data files of Unicode ${VERSION}; install Debian 12's unicode-data, or name their folder`,
    )
  return [
    ['src/text/unicode/table.ts', tableText(encoded(runsOf(classesOf(folder))))],
    ['test/text/word-breaks.txt', testText(folder)],
  ]
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const check = process.argv.includes('--check')
  const folder = process.argv.slice(2).find((value) => value !== '--check') ?? '/usr/share/unicode'
  for (const [name, text] of unicodeFiles(folder)) {
    if (!check) writeFileSync(join(root, name), text)
    else if (readFileSync(join(root, name), 'utf8') !== text) {
      console.error(`${name} is not what scripts/unicode.js makes; run it without --check`)
      process.exitCode = 1
    }
  }
}
