import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { languageOf, languagesIn } from '../../src/text/language.ts'

// Article 1 of the Universal Declaration of Human Rights.
const ARTICLES: Readonly<Record<string, string>> = {
  fr: 'Tous les êtres humains naissent libres et égaux en dignité et en droits.',
  en: 'All human beings are born free and equal in dignity and rights.',
  it: 'Tutti gli esseri umani nascono liberi ed eguali in dignità e diritti. Essi sono dotati di ragione.',
  ca: 'Tots els éssers humans neixen lliures i iguals en dignitat i en drets.',
  es: 'Todos los seres humanos nacen libres e iguales en dignidad y derechos.',
  pt: 'Todos os seres humanos nascem livres e iguais em dignidade e em direitos.',
  de: 'Alle Menschen sind frei und gleich an Würde und Rechten geboren.',
  nl: 'Alle mensen worden vrij en gelijk in waardigheid en rechten geboren.',
  sv: 'Alla människor är födda fria och lika i värde och rättigheter.',
  da: 'Alle mennesker er født frie og lige i værdighed og rettigheder. De bør handle mod hverandre i en broderskabets ånd af fornuft.',
  fi: 'Kaikki ihmiset syntyvät vapaina ja tasavertaisina arvoltaan ja oikeuksiltaan.',
  el: 'Όλοι οι άνθρωποι γεννιούνται ελεύθεροι και ίσοι.',
  ru: 'Все люди рождаются свободными и равными.',
  he: 'כל בני האדם נולדו בני חורין.',
  ar: 'يولد جميع الناس أحراراً متساوين.',
  hi: 'सभी मनुष्यों को गौरव और अधिकारों के मामले में',
  zh: '人人生而自由,在尊严和权利上一律平等。',
  ja: 'すべての人間は、生れながらにして自由であり、',
  th: 'มนุษย์ทั้งหลายเกิดมามีอิสระ',
}

test.each(Object.entries(ARTICLES))('a line in %s is told', (language, line) => {
  expect(languagesIn([line])).toEqual([language])
})

test.each(Object.entries(ARTICLES))(
  'among several languages a line in %s is found',
  (language, line) => {
    const others = Object.keys(ARTICLES)
    expect(languageOf(line, others)).toBe(language)
    expect(languageOf(line, [...others].reverse())).toBe(language)
  },
)

describe('languageOf', () => {
  test('never guesses another language than those of the text', () => {
    expect(languageOf(ARTICLES.en, ['fr'])).toBe('fr')
    expect(languageOf(ARTICLES.en, ['eu', 'fi'])).toBe('eu')
    expect(languageOf(ARTICLES.en, [])).toBeUndefined()
  })

  test('takes the first of equals', () => {
    expect(languageOf('Paris', ['it', 'fr'])).toBe('it')
    expect(languageOf('', ['fr', 'it'])).toBe('fr')
  })

  test('knows elided forms by the vowel behind them', () => {
    for (const languages of [
      ['fr', 'en'],
      ['en', 'fr'],
    ]) {
      expect(languageOf("C'mon, t'other day d'you see?", languages)).toBe('en')
      expect(languageOf("D'accord, c'est l'hiver", languages)).toBe('fr')
    }
  })

  test('reads past soft hyphens', () => {
    expect(languageOf('l\u00AD’été qu\u00AD’el\u00ADle dit', ['en', 'fr'])).toBe('fr')
  })

  test('reads every apostrophe, composed or not', () => {
    for (const one of "'’ʼ′´‘")
      expect(languageOf(`l${one}été qu${one}on dit`.normalize('NFD'), ['en', 'fr'])).toBe('fr')
  })
})

describe('languagesIn', () => {
  const lines = (french: number, english: number): string[] => [
    ...Array<string>(french).fill(ARTICLES.fr),
    ...Array<string>(english).fill(ARTICLES.en),
  ]

  test('gives those of a tenth of the lines or more, the commonest first', () => {
    expect(languagesIn(lines(3, 7))).toEqual(['en', 'fr'])
    expect(languagesIn(lines(9, 1))).toEqual(['fr', 'en'])
    expect(languagesIn(lines(10, 1))).toEqual(['fr'])
  })

  test('lines that say nothing do not count', () => {
    expect(languagesIn([...lines(1, 0), '', '1234', '***', 'Paris'])).toEqual(['fr'])
    expect(languagesIn(['1234', 'xyzzy'])).toEqual([])
  })

  test('has no word for a language that it does not know', () => {
    expect(
      languagesIn([
        'Gizon-emakume guztiak aske jaiotzen dira, duintasun eta eskubide berberak dituztela',
      ]),
    ).toEqual([])
  })

  test('Japanese has lines without kana', () => {
    expect(languagesIn([ARTICLES.ja, ARTICLES.ja, '第三条'])).toEqual(['ja'])
    expect(languagesIn([ARTICLES.ja, ARTICLES.zh])).toEqual(['zh', 'ja'])
  })
})

test('tells each text that ships, and each of its lines between the two languages', () => {
  const folder = new URL('../../corpus/', import.meta.url)
  const names = readdirSync(folder).filter((name) => name.endsWith('.txt'))
  let lines = 0
  let wrong = 0
  for (const name of names) {
    const language = name.slice(-6, -4)
    const all = readFileSync(new URL(name, folder), 'utf8').split('\n').filter(Boolean)
    expect([name, languagesIn(all)]).toEqual([name, [language]])
    lines += all.length
    wrong += all.filter((line) => languageOf(line, ['fr', 'en']) !== language).length
  }
  expect(lines).toBeGreaterThan(1000)
  expect(wrong).toBeLessThan(5)
})
