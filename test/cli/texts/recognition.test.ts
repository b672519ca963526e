import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { recognised } from './reading.ts'

const rows = (...lines: readonly string[]) => lines.join('\n').replaceAll(' | ', '\t')

/** Texts and tables that have something of an annotated text, and are none. */
const NEAR: readonly (readonly [string, string])[] = [
  ['prose', 'Il dort. SENT, dit-il.\nLe tour est long.\n'],
  ['verse', 'Un vers,\npuis deux.\n\nUn vers,\npuis trois.\n'],
  ['dialogue', 'ANNE\tBonjour.\nPAUL\tBonjour.\nANNE\tAdieu.\n'],
  ['a play with numbered lines', '1\tBonjour.\tBonjour.\n2\tAdieu.\tAdieu.\n'],
  ['words, one on each line', 'Le\ntour\nest\nlong\n.\n'],
  ['Markdown with headings like comments', '# text = a heading\n\n# sent_id\n\n1. one\n2. two\n'],
  ['a Markdown table', '| word | tag | lemma |\n| --- | --- | --- |\n| . | SENT | . |\n'],
  ['Markdown that speaks of TEI', '<TEI> is the root of TEI.\n\n    <TEI><teiHeader/></TEI>\n'],
  ['code with comments', '# newdoc = true\nx = 1\t# sent_id\ny = 2\n'],
  ['a Makefile', 'all:\n\tnode x\n\tnode y\n'],
  ['HTML', '<html>\n<body>\n<p>Il dort.</p>\n<s>no</s>\n</body>\n</html>\n'],
  ['HTML with a tag on each line', '<div>\n<p>\nIl dort.\n</p>\n<p>\nElle dort.\n</p>\n</div>\n'],
  ['HTML around a table by tabs', rows('<p>', '3 | 4 | 5', '6 | 7 | 8', '</p>')],
  ['HTML around names and numbers', rows('<p>', 'Paris | 20 | 75', 'Lyon | 30 | 69', '</p>')],
  ['other XML', '<?xml version="1.0"?>\n<doc>\n<p>Il dort.</p>\n<w lemma="x">y</w>\n</doc>\n'],
  ['XML with a root of that name', '<TEI xmlns="urn:other"><body><p>Il dort.</p></body></TEI>\n'],
  ['XML that contains TEI', '<x><TEI xmlns="http://www.tei-c.org/ns/1.0"/></x>\n'],
  [
    'a stylesheet for TEI',
    '<xsl:stylesheet xmlns="http://www.tei-c.org/ns/1.0"><TEI/></xsl:stylesheet>',
  ],
  ['DocBook', '<!DOCTYPE article [<!ENTITY a "b">]>\n<article><para>Il dort.</para></article>\n'],
  [
    'a table of words in two languages',
    rows('tour | N | tower', 'lac | N | lake', 'dormir | V | to sleep'),
  ],
  ['of words much alike', rows('nation | N | nation', 'table | N | table', 'animal | N | animal')],
  ['a lexicon', rows('dors | VER | dormir', 'dort | VER | dormir', 'tours | NOM | tour')],
  [
    'inflections with tags last',
    rows('tour | tours | N;PL', 'lac | lacs | N;PL', 'or | ors | N;PL'),
  ],
  ['cities', rows('Paris | FR | paris', 'Lyon | FR | lyon', 'Nice | FR | nice')],
  ['people with a header', rows('name | town | age', 'Anne | Nice | 3', 'Paul | Lyon | 4')],
  [
    'sentences and labels',
    rows('Il dort. | SENT | neutral', 'Oui ! | SENT | good', 'Non. | SENT | bad'),
  ],
  ['prices', rows('a | $. | 1', 'b | $. | 2', 'c | $. | 3')],
  [
    'numbered rows of ten cells',
    rows(...[1, 2, 3].map((n) => `${n} | Anne | F | x | y | z | 19 | b | c | d`)),
  ],
  ['numbered rows with gaps', rows(...[1, 2, 3].map((n) => `${n} |  |  |  |  |  | 19 |  |  | `))],
  [
    'rows of ten that begin elsewhere',
    rows(...[7, 8].map((n) => `${n} | a | _ | _ | _ | _ | 0 | _ | _ | _`)),
  ],
  ['BED, ten columns', rows(...[1, 2].map((n) => `chr${n} | 1 | 9 | a | 0 | + | 1 | 9 | 0 | 1`))],
  ['lines of JSON', '{"text": "Il dort.\\tSENT"}\n{"text": "<s>"}\n'],
  ['subtitles', '1\n00:00:01 --> 00:00:02\n<i>Bonjour.</i>\n\n2\n00:00:03 --> 00:00:04\nAdieu.\n'],
  ['a log with tags', '<doc>\nstarted 1\nstarted 2\n</doc>\n'],
  [
    'text before annotation',
    '<doc id="1">\n<p>\nIl est venu hier soir.\nElle dort.\n</p>\n</doc>\n',
  ],
  ['HTML with a word on each line', '<p>\nBonjour\n</p>\n<p>\nAdieu\n</p>\n'],
  ['HTML around cities', rows('<pre>', 'Paris | FR | paris', 'Lyon | FR | lyon', '</pre>')],
  ['HTML around two columns', rows('<p>', 'Paris | paris', 'Lyon | lyon', '</p>')],
  [
    'sentences struck out',
    rows('<s>', 'Il dort ce soir dans la tour | fr', 'Elle ne dort pas ce soir | fr', '</s>'),
  ],
  ['HTML around towns in two languages', rows('<p>', 'Rome | IT | Ville', 'Nice | FR | Ort')],
  ['a glossary with a full stop', rows('tour | N | Turm', 'lac | N | See', '. | SENT | .')],
  ['codes and what they mean', rows('hi | greeting', 'bye | greeting', '. | SENT')],
  [
    'a long lexicon with a full stop',
    rows('. | SENT | .', ...Array.from({ length: 300 }, (_, n) => `a${n} | NOM | a`)),
  ],
  ['nothing', '\n\n'],
]

describe('recognition', () => {
  test.each(NEAR)('%s is no annotated text', async (_, text) => {
    expect(await recognised(text)).toBeUndefined()
  })

  test('no text or table of the corpus that ships is one', async () => {
    const corpus = new URL('../../../corpus/', import.meta.url)
    const names = readdirSync(corpus)
    expect(names.length).toBeGreaterThan(40)
    for (const name of names)
      expect(await recognised(readFileSync(new URL(name, corpus), 'utf8')), name).toBeUndefined()
  })

  test('a file whose beginning is enough, and whose later lines are wrong, is still one', async () => {
    const line = (id: number) => rows(`${id} | a | a | N | _ | _ | 0 | root | _ | _`)
    const words = Array.from({ length: 20 }, (_, n) => line(n + 1))
    expect(await recognised([...words, '21\tbroken'].join('\n'))).toBe('conllu')
    expect(await recognised(['# sent_id = 1', line(1), '2\tcut'].join('\n'))).toBe('conllu')
    expect(await recognised(['# text', line(1), '2', '3'].join('\n'))).toBeUndefined()
  })

  test('TEI is known behind a declaration, comments and a DOCTYPE, and with a prefix', async () => {
    const prologue = '\uFEFF<?xml version="1.0"?>\n<?xml-model href="x"?>\n<!-- <TEI> -->\n'
    const root = '<TEI\n  xmlns="http://www.tei-c.org/ns/1.0">\n'
    expect(await recognised(`${prologue}${root}`)).toBe('tei')
    expect(await recognised(`<!DOCTYPE TEI.2 [\n<!ENTITY a "b">\n]>\n<TEI.2>\n <teiHeader>`)).toBe(
      'tei',
    )
    expect(await recognised('<tei:TEI xmlns:tei="http://www.tei-c.org/ns/1.0"><tei:text/>')).toBe(
      'tei',
    )
    expect(await recognised('<teiCorpus xmlns="http://www.tei-c.org/ns/1.0"><teiHeader/>')).toBe(
      'tei',
    )
  })
})
