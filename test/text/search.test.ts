import { describe, expect, test } from 'vitest'
import type { AnnotatedToken } from '../../src/text/decode.ts'
import { Searcher, type WordSearch } from '../../src/text/search.ts'
import { tokenize } from '../../src/text/tokens.ts'

const cut = (text: string) => tokenize(text, 'words')

/** What is found in a text, as it stands there. */
function found(text: string, search: WordSearch): string[] {
  const tokens = cut(text)
  return new Searcher('test', search, [cut])
    .matches(tokens)
    .map(({ at, length }) => text.slice(tokens[at].start, tokens[at + length - 1].end))
}

describe('words that are searched for', () => {
  test.each<[string, WordSearch, string[]]>([
    ['Un été, des étés', { word: 'été' }, ['été']],
    ['Un été, des étés', { word: ['étés', 'un', 'été'] }, ['été', 'étés']],
    ['Un été, des étés', { word: 'e\u0301te\u0301' }, ['été']],
    ['il fait tour à tour le tour', { word: 'tour à tour' }, ['tour à tour']],
    ['il fait tour à tour le tour', { word: ['tour', 'tour à tour'] }, ['tour à tour', 'tour']],
    ['tour à tour à tour', { word: 'tour à tour' }, ['tour à tour']],
    ['peut-être qu’il peut être', { word: 'peut-être' }, ['peut-être']],
    ["l'été, l’été, l′été", { word: 'l’été' }, ["l'été", 'l’été', 'l′été']],
    ['aujourd’hui', { word: "aujourd'hui" }, ['aujourd’hui']],
    ['été été étages pré', { word: 'ét*' }, ['été', 'été', 'étages']],
    ['lentement le moment, il ment', { word: '*ment' }, ['lentement', 'moment', 'ment']],
    ['bon ban bien bn', { word: 'b?n' }, ['bon', 'ban']],
    ['5 * 3 = 15 ?', { word: '\\*' }, ['*']],
    ['5 * 3 = 15 ?', { word: '\\?' }, ['?']],
    ['un bel été et un été', { word: 'un * été' }, ['un bel été']],
    ['l’automne et l’été', { word: "l'ét*" }, ['l’été']],
    ['le (bois)', { word: '(' }, ['(']],
    ['a.b aXb', { word: 'a.b' }, ['a.b']],
  ])('%j has of %j: %j', (text, search, expected) => {
    expect(found(text, search)).toEqual(expected)
  })

  test.each<[string, string, string[]]>([
    ['İstanbul istanbul ISTANBUL ıstanbul İSTANBUL', 'istanbul', []],
    ['Straße STRASSE strasse', 'straße', []],
    ['eſtoit ESTOIT', 'estoit', []],
    ['oﬃce Office', 'office', []],
    ['ΣΟΦΟΣ σοφός', 'σοφοσ', ['ΣΟΦΟΣ']],
    ['Été ÉTÉ été', 'ét?', []],
  ])('without case, %j has %j', (text, word, only) => {
    const all = only.length ? only : cut(text).map(({ token }) => token)
    expect(found(text, { word, ignoreCase: true })).toEqual(all)
  })

  test('what another case would find is counted, and the words are noted', () => {
    const searcher = new Searcher('test', { word: 'été' }, [cut])
    for (const text of ['Été, été', 'ÉTÉ']) searcher.matches(cut(text))
    expect([searcher.otherCase, [...searcher.seen]]).toEqual([2, ['Été', ',', 'été', 'ÉTÉ']])
  })
})

describe('lemmas and parts of speech', () => {
  const token = (word: string, lemma?: string, pos?: string): AnnotatedToken => ({
    ...{ token: word, start: 0, end: word.length },
    ...(lemma === undefined ? {} : { lemma }),
    ...(pos === undefined ? {} : { pos }),
  })
  const TOKENS = [
    token('Le', 'le', 'DET:ART'),
    token('tour', 'tour', 'NOUN'),
    token('des', 'de+le', 'ADP'),
    token('tours', 'tour', 'NOUN'),
    token('tourne', 'tourner', 'VERB'),
    token('peut-être', 'peut-être', 'ADV'),
    token('suis', 'suivre|être', 'VER:pres'),
  ]
  const at = (search: WordSearch): number[] =>
    new Searcher('test', search, [cut]).matches(TOKENS).map((match) => match.at)

  test.each<[WordSearch, number[]]>([
    [{ lemma: 'tour' }, [1, 3]],
    [{ lemma: ['tour', 'tourner'] }, [1, 3, 4]],
    [{ lemma: 'TOUR' }, []],
    [{ lemma: 'TOUR', ignoreCase: true }, [1, 3]],
    [{ lemma: 'tour*', pos: 'verb' }, [4]],
    [{ lemma: 'suivre' }, [6]],
    [{ lemma: 'être' }, [6]],
    [{ lemma: 'suivre|être' }, [6]],
    [{ pos: 'noun' }, [1, 3]],
    [{ pos: 'DET*' }, [0]],
    [{ pos: 'det*' }, []],
    [{ word: 'tours', pos: 'NOUN' }, [3]],
    [{ word: 'tours', pos: 'VERB' }, []],
    // one word here, three by the rule
    [{ word: 'peut-être', pos: 'ADV' }, [5]],
  ])('%j is at %j', (search, expected) => {
    expect(at(search)).toEqual(expected)
  })

  test.each<[WordSearch, string[]]>([
    [{ lemma: 'suivre' }, ['suis']],
    [{ lemma: 'être', pos: 'VER*' }, ['suis']],
    [{ lemma: 'suivre|être' }, ['suis']],
    [{ lemma: 'de' }, ['du', 'des']],
    [{ lemma: 'de', pos: 'adp' }, ['du', 'des']],
    [{ lemma: 'de', pos: 'DET' }, []],
    [{ lemma: 'le', pos: 'DET' }, ['du', 'des']],
    [{ lemma: 'de+le', pos: 'ADP' }, ['du']],
    [{ pos: 'DET' }, ['du', 'des']],
    [{ word: 'd*', lemma: 'le' }, ['du', 'des']],
    [{ lemma: 'C' }, []],
    [{ lemma: '+' }, ['+']],
  ])('%j finds a word that has several: %j', (search, expected) => {
    const tokens = [
      token('suis', 'suivre|être', 'VER:pres'),
      token('du', 'de+le', 'ADP+DET'),
      token('des', 'de|le', 'ADP|DET'),
      token('C++', 'C++', 'PROPN'),
      token('+', '+', 'SYM'),
    ]
    const at = new Searcher('test', search, [cut]).matches(tokens)
    expect(at.map((match) => tokens[match.at].token)).toEqual(expected)
  })

  test('a text without lemmas is counted, and texts without any are refused', () => {
    const searcher = new Searcher('test', { lemma: 'tour' }, [cut])
    searcher.matches(cut('le tour'))
    expect(() => searcher.expectAnnotated()).toThrow(
      'test: the texts have no lemmas; tag them first (CoNLL-U, TreeTagger, vertical), or search by word',
    )
    searcher.matches(TOKENS)
    searcher.expectAnnotated()
    expect(searcher.unannotated).toBe(1)
  })
})
