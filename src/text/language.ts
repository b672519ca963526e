import { valueText } from '../kinds.ts'
import { plainApostrophes } from './fold.ts'

/** The commonest words of languages, without case; elided forms with their apostrophe. */
const COMMON: Readonly<Record<string, string>> = {
  fr: "le la les l' un une des du de d' et est que qu' qui dans pour pas ne n' il elle je j' vous nous on ce c' cette se s' sur au aux avec son sa ses plus par mais où même était à leur a été mon tu ils cet si tout très en",
  en: 'the of and to a in is that it was for on with as his he be at by not this but have are from had they you she her which an were been their i my so no would could them then there some into when what',
  it: "il lo la gli le i di che è e un una per non con del della dei delle nel nella al alla dell' all' nell' un' l' si da sono come più ma anche questo era ha",
  ca: "el la els les de que i en un una és per amb no es del dels al als l' d' n' s' va ha seva seu més però com aquest aquesta també són molt",
  es: 'el la los las de que y en un una es por con no se del al lo para su como más pero sus le ya o este sí porque esta fue muy había',
  pt: 'o a os as de que e em um uma é por com não se do da dos das no na nos nas ao para seu sua mais mas foi como à também são ele',
  de: 'der die das und ist in den von zu mit sich des auf für nicht ein eine dem er sie es als auch an war werden aus hat dass wie nach bei um einen ich',
  nl: 'de het een en van in is dat op te zijn met die voor niet aan er om hij ze was als ook maar bij naar dan uit werd door over wordt ik',
  sv: 'och att det i som en på är av för med till den har de inte om ett han men var jag sig från vi så kan när hade vid',
  da: 'og i at det er en den til på som med for de af ikke der var han har et fra sig men jeg om hun efter blev være',
  nb: 'og i det er på som en å til av for med at ikke den har de var jeg et han fra om seg men hun etter ble være',
  fi: 'ja on ei se että oli hän mutta ovat kun niin myös joka mitä tai jos kuin ole hänen sen nyt minä vain',
  pl: 'i w na z się nie do to że jest o jak po co ale od za tak przez był dla są jego ich',
  cs: 'a se na je v že to s z do o i jako za ale by jsem po jeho od byl pro není které',
  hu: 'a az és hogy nem is egy volt de ez meg csak van mint még már ki azt',
  ro: 'a și în de la nu că cu o pe un mai este din să au care pentru lui ce al ale',
  tr: 've bir bu da de için ile çok o ne gibi daha ama kadar olarak olan var değil',
}

// ranges, for engines do not agree on the newest letters of a script
const HAN = /[\u3041-\u30ff\u3400-\u4dbf\u4e00-\u9fff]/g

/** Languages that their script tells, with the commonest of those that share one. */
const SCRIPTS: Readonly<Record<string, RegExp>> = {
  ...{ el: /[\u0370-\u03ff\u1f00-\u1fff]/g, ru: /[\u0400-\u052f]/g, he: /[\u0591-\u05f4]/g },
  ...{ ar: /[\u0620-\u06ff\u0750-\u077f]/g, hi: /[\u0900-\u097f]/g },
  ...{ ko: /[\u1100-\u11ff\uac00-\ud7a3]/g, th: /[\u0e01-\u0e5b]/g, lo: /[\u0e81-\u0edf]/g },
  ...{ km: /[\u1780-\u17f9]/g, my: /[\u1000-\u109f]/g, zh: HAN, ja: HAN },
}
const KANA = /[\u3041-\u30ff]/

/** Each common word with the languages that have it. */
const WORDS = new Map<string, string[]>()
for (const [language, words] of Object.entries(COMMON))
  for (const word of words.split(' ')) WORDS.set(word, [...(WORDS.get(word) ?? []), language])

const KNOWN = [...Object.keys(COMMON), ...Object.keys(SCRIPTS)]
const languagesWith = (word: string): readonly string[] =>
  WORDS.get(word) ?? WORDS.get(word.replace(/'.*/, '')) ?? []

/** Letters of a script that weigh as much as a word that one language alone has. */
const LETTERS = 5

/**
 * How much in a text speaks for each of some languages: its common words, each by one over the
 * languages that have it, or letters of its script.
 */
function evidence(text: string, languages: readonly string[]): number[] {
  const found = new Map<string, number>()
  for (const word of wordsIn(text)) {
    const having = languagesWith(word)
    for (const one of having) found.set(one, (found.get(one) ?? 0) + 1 / having.length)
  }
  return languages.map((language) => {
    const script = SCRIPTS[language]
    if (!script) return found.get(language) ?? 0
    // Han is Japanese among kana, else Chinese
    if (script === HAN && KANA.test(text) !== (language === 'ja')) return 0
    return (text.match(script)?.length ?? 0) / LETTERS
  })
}

const VOWEL = '[aeiouyhàâæèéêëìîïòóôœùúûü]'
/** A word, or an elided form before a vowel: c'est is two, c'mon and it's are one each. */
const WORD = new RegExp(`\\p{L}+(?:'(?!${VOWEL})\\p{L}+)*(?:'(?=${VOWEL}|\\P{L}|$))?`, 'gu')

const wordsIn = (text: string): readonly string[] =>
  plainApostrophes(text.replaceAll('\u00AD', '').normalize('NFC').toLowerCase()).match(WORD) ?? []

/**
 * The language of a sentence among those of a text: the only one, or the one that its common words
 * and its script speak for most, the first of equals; undefined if there are none.
 *
 * @param languages codes such as `fr`, in order of preference
 */
export function languageOf(text: string, languages: readonly string[]): string | undefined {
  if (languages.length < 2) return languages[0]
  const found = evidence(text, languages)
  return languages[found.indexOf(Math.max(...found))]
}

/** Share of the lines that a language needs, of those whose language can be told. */
const LEAST_SHARE = 0.1
/** Share of a line's words that are common in its language, or more: other languages have no say. */
const LEAST_COMMON = 0.2

/**
 * The languages of some lines, the commonest first: those that a tenth of the lines are in, or more.
 *
 * A line is in the language that most speaks for; where two are equal it does not count.
 */
export function languagesIn(lines: Iterable<string>): string[] {
  const votes = new Map<string, number>()
  let voting = 0
  for (const line of lines) {
    const found = evidence(line, KNOWN)
    const most = Math.max(...found)
    const first = found.indexOf(most)
    if (most === 0 || first !== found.lastIndexOf(most)) continue
    voting++
    const words = wordsIn(line)
    const common = words.filter((word) => languagesWith(word).includes(KNOWN[first]))
    if (KNOWN[first] in SCRIPTS || common.length >= LEAST_COMMON * words.length)
      votes.set(KNOWN[first], (votes.get(KNOWN[first]) ?? 0) + 1)
  }
  // what has no kana is Japanese too, where most of the lines have some
  if ((votes.get('ja') ?? 0) >= 2 * (votes.get('zh') ?? 0)) votes.delete('zh')
  return [...votes]
    .filter(([, count]) => count >= LEAST_SHARE * voting)
    .sort(([a, m], [b, n]) => n - m || KNOWN.indexOf(a) - KNOWN.indexOf(b))
    .map(([language]) => language)
}

/** Codes of languages, such as `fr`. */
export function LANGUAGES(where: string, name: string, value: unknown): void {
  if (!Array.isArray(value))
    throw new TypeError(`${where}: ${name} must be codes such as ['fr'], got ${valueText(value)}`)
  const other = value.find((code) => typeof code !== 'string' || !/^[a-z]{2,3}$/.test(code))
  if (other !== undefined || new Set(value).size < value.length)
    throw new RangeError(
      `${where}: ${name} must be codes of two or three small letters such as fr, each once, got ${valueText(value.join(', '))}`,
    )
}
