import { describe, expect, test } from 'vitest'
import { annotated, read, texts } from './reading.ts'

const NAMESPACE = 'xmlns="http://www.tei-c.org/ns/1.0"'
/** TEI with a body and, where it has one, a header. */
const tei = (body: string, header = '') =>
  `<TEI ${NAMESPACE}>${header && `<teiHeader>${header}</teiHeader>`}<text><body>${body}</body></text></TEI>`
const bodyOf = async (body: string) => texts(await read('tei', tei(body)))

describe('the text of TEI', () => {
  test.each([
    // ends of lines and pages
    ['<p>un<lb/>deux <lb/> trois<pb n="2"/>quatre <cb/>cinq</p>', ['un deux troisquatre cinq']],
    [
      '<p>trans-<lb break="no"/>mis et trans\n<pb break="no"/>\n<lb break="no"/>mis</p>',
      ['transmis et transmis'],
    ],
    ['<p>trans&#173;<lb/>mis, trans&#173;\n  mis</p>', ['transmis, transmis']],
    // one reading of each choice
    [
      '<p><choice><sic>fote</sic><corr>faute</corr></choice> <choice><reg>roi</reg><orig>roy</orig></choice> <choice><abbr>Mr</abbr><expan>Monsieur</expan></choice></p>',
      ['faute roi Monsieur'],
    ],
    [
      '<p><choice><orig>roy</orig><reg>roi</reg><reg>rois</reg></choice> <abbr>Mr</abbr> <sic>X</sic></p>',
      ['roi Mr X'],
    ],
    ['<p><app><lem>a</lem><rdg>b</rdg></app> <subst><del>c</del><add>d</add></subst></p>', ['a d']],
    // what is no text
    [
      '<p>Il<note place="foot"><p>Une note.</p></note> dort<figure><figDesc>image</figDesc></figure>.</p><fw>12</fw><stage>exit</stage>',
      ['Il dort.'],
    ],
    [
      '<sp><speaker>ANNE</speaker><stage>rit</stage><l>Vers.</l><p>Prose.</p></sp>',
      ['Vers.', 'Prose.'],
    ],
    ['<p>a <x:m xmlns:x="urn:x">not <p>this</p></x:m>b</p>', ['a b']],
    // running text outside of paragraphs
    [
      '<front><titlePage><docTitle><titlePart>Le Tour</titlePart><titlePart>Roman</titlePart></docTitle></titlePage><epigraph><quote>Un <hi>mot</hi>.</quote></epigraph></front>',
      ['Le Tour', 'Roman', 'Un mot.'],
    ],
    [
      '<opener><salute>Cher ami,</salute></opener><p>Viens.</p><closer><salute>Adieu,</salute><signed>Anne</signed></closer>',
      ['Cher ami,', 'Viens.', 'Adieu, Anne'],
    ],
    [
      '<list><head>Vins</head><label>1</label><item>blanc<list><item>sec</item></list></item><item><p>rouge</p></item></list><table><row><cell>a</cell><cell>b</cell></row></table>',
      ['Vins', '1', 'blanc', 'sec', 'rouge', 'a', 'b'],
    ],
    // blocks within blocks
    ['<p>Avant <q><l>un vers</l><l>deux</l></q> après</p>', ['Avant', 'un vers', 'deux', 'après']],
    [
      '<p>« <said>Bonjour</said> », dit-il.</p><said>Dehors.</said>',
      ['« Bonjour », dit-il.', 'Dehors.'],
    ],
    [
      '<ab>a</ab><head>b<lb/>c</head><u><seg>d</seg> <seg>e</seg></u><seg>f</seg>',
      ['a', 'b c', 'd', 'e', 'f'],
    ],
    ['<p>liste<list><item>un</item><item>deux</item></list>fin</p>', ['liste un deux fin']],
    [
      '<p>  </p><p/><p><![CDATA[a < b]]> &amp; &lt;c&gt; &#x2019; <!-- no -->&apos;</p>',
      ["a < b & <c> ’ '"],
    ],
  ])('%s', async (body, expected) => {
    expect(await bodyOf(body)).toEqual(expected)
  })

  test('what is left out is named and counted, but for another reading', async () => {
    const counts = new Map<string, number>()
    const body =
      '<castList><castItem><role>ANNE</role>, sa soeur</castItem></castList>loose <hi>text</hi><p>a<note>une <p>note</p></note> <choice><sic>b</sic><corr>c</corr></choice></p><stage>Elle rit.</stage><stage>Noir</stage><xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="b.xml"/><gap><desc>SAMPLING</desc></gap>'
    await read('tei', tei(body), 7, (what, n) => counts.set(what, (counts.get(what) ?? 0) + n))
    expect(Object.fromEntries(counts)).toEqual({
      ...{ 'words of castItem': 4, 'words of body': 1, 'words of hi': 1, 'words of note': 2 },
      ...{ 'words of stage': 3, 'words of desc': 1 },
      'files of xi:include, which are read where they are named': 1,
    })
  })

  test('each line has the number of the line in which it begins', async () => {
    const body = '\n<head>\n\nUn</head>\n<p>Deux\n<hi>trois</hi>\n</p>\r\n<p><hi\n>Quatre</hi></p>'
    expect((await read('tei', tei(body))).map(({ text, number }) => [number, text])).toEqual([
      [4, 'Un'],
      [5, 'Deux trois'],
      [9, 'Quatre'],
    ])
  })

  test('several texts of a corpus have their own metadata, and the corpus’ where they have none', async () => {
    const header = (title: string, more = '') =>
      `<teiHeader><fileDesc><titleStmt><title>${title}</title>${more}</titleStmt></fileDesc></teiHeader>`
    const one = (head: string, text: string) => `<TEI>${head}<text><p>${text}</p></text></TEI>`
    const xml = `<teiCorpus ${NAMESPACE}>${header('All', '<author>Anon</author>')}${one(header('One', '<author>Anne</author><author>Paul</author>'), 'a')}${one(header('Two'), 'b')}${one('', 'c')}</teiCorpus>`
    expect((await read('tei', xml)).map(({ text, metadata }) => [text, metadata])).toEqual([
      ['a', { title: 'One', author: 'Anne; Paul' }],
      ['b', { title: 'Two', author: 'Anon' }],
      ['c', { title: 'All', author: 'Anon' }],
    ])
  })

  test('the year is that of creation, of the first edition, of the source, or of publication', async () => {
    const year = async (header: string) =>
      (await read('tei', tei('<p>x</p>', header)))[0].metadata?.year
    const published = '<publicationStmt><date when="2021-04-09"/></publicationStmt>'
    const source = '<sourceDesc><bibl type="digitalSource"><date>2005</date></bibl>'
    const first = '<bibl type="firstEdition"><date>vers 1898</date></bibl>'
    const created =
      '<profileDesc><creation><date notBefore="1851-02">?</date></creation></profileDesc>'
    const file = (inner: string) => `<fileDesc>${inner}</fileDesc>`
    expect(await year(file(`${published}${source}${first}</sourceDesc>`) + created)).toBe('1851')
    expect(await year(file(`${published}${source}${first}</sourceDesc>`))).toBe('1898')
    expect(await year(file(`${published}${source}</sourceDesc>`))).toBe('2005')
    expect(await year(file(published))).toBe('2021')
    const drama = `<TEI ${NAMESPACE}><teiHeader><fileDesc><titleStmt><author><idno>Q504</idno> <persName>
      <forename>Émile</forename> <surname>Zola</surname></persName><idno>0000</idno></author></titleStmt>${published}${source}</sourceDesc></fileDesc></teiHeader><standOff><listEvent><event type="print" when="1875"><desc/></event></listEvent></standOff><text><p>x</p></text></TEI>`
    expect((await read('tei', drama))[0].metadata).toEqual({ author: 'Émile Zola', year: '1875' })
    expect(await year(file('<titleStmt><title>x</title></titleStmt>'))).toBeUndefined()
  })
})

describe('words of TEI', () => {
  test('w and pc are words with their lemma and part of speech, s a line of its own', async () => {
    const lines = await read(
      'tei',
      tei(
        '<p>\n<s><w lemma="le" pos="DET">Le</w>\n<w lemma="tour" pos="NOUN ">tour</w>\n<pc join="left">.</pc></s>\n<s><w pos="PRON" join="right">l\'</w>\n<w msd="UPosTag=AUX|Number=Sing">a</w> <w ana="#V">vu</w></s></p>',
      ),
    )
    expect(texts(lines)).toEqual(['Le tour.', "l'a vu"])
    expect(annotated(lines)).toEqual(['Le/le/DET tour/tour/NOUN .//', "l'//PRON a//AUX vu//V"])
  })

  test('words without any blank between them are parted, and joined where others have blanks', async () => {
    const word = (form: string) => `<w lemma="${form}">${form}</w>`
    expect(await bodyOf(`<p>${word('Il')}${word('dort')}</p>`)).toEqual(['Il dort'])
    expect(await bodyOf(`<p>${word('d')}${word('eau')} ${word('claire')}</p>`)).toEqual([
      'deau claire',
    ])
    expect(
      await bodyOf('<p><w lemma="the">The </w><w lemma="tower">tower</w><pc>.</pc></p>'),
    ).toEqual(['The tower.'])
  })

  test('text between words is words too, and none is cut by a line’s end', async () => {
    const lines = await read(
      'tei',
      tei(
        '<p><w lemma="oui">Oui</w>, dit-<w lemma="transmettre" pos="V">trans-<lb break="no"/>m<hi>is</hi></w>.</p>',
      ),
    )
    expect(lines[0].words?.map(({ token }) => token).at(-2)).toBe('transmis')
    expect(lines[0].words?.map(({ token }) => token)).toContain(',')
    expect(lines[0].text).toMatch(/^Oui ?, dit ?- ?transmis ?\.$/)
  })

  test('a hyphen that is a word stays one before a break', async () => {
    const lines = await read(
      'tei',
      tei(
        '<p><w lemma="x">x</w> <w lemma="a">a</w><pc lemma="-">-</pc> <lb break="no"/><w lemma="b">b</w></p>',
      ),
    )
    expect(annotated(lines)).toEqual(['x/x/ a/a/ -/-/ b/b/'])
    expect(texts(lines)).toEqual(['x a-b'])
  })

  test('a word around words is one, with their lemmas', async () => {
    const lines = await read(
      'tei',
      tei(
        '<s><w>du<w norm="de" lemma="de" pos="ADP"/><w norm="le" lemma="le" pos="DET"/></w> <w lemma="lac">lac</w></s>',
      ),
    )
    expect(annotated(lines)).toEqual(['du/de+le/ADP+DET lac/lac/'])
  })

  test('words without annotation are text', async () => {
    const [line] = await read('tei', tei('<l><w>Il</w> <w>dort</w></l>'))
    expect(line).toEqual({ text: 'Il dort', number: 1 })
  })
})

describe('wrong TEI', () => {
  test.each([
    ['<TEI>\n<text><p>a</text></TEI>', /^text: line 2, column \d+: unexpected close tag/],
    [
      '<TEI><text><p>a&eacute;</p></text></TEI>',
      /^text: line 1, column \d+: undefined entity; .*xmllint --loaddtd --noent FILE/,
    ],
    [
      '<TEI><text><p>a</p>',
      /^text: line 1, column \d+: unclosed tag: text; this is no well-formed XML$/,
    ],
    ['<TEI><p>a & b</p></TEI>', /^text: line 1, column \d+: /],
    ['<html>\n<p>a</p></html>', /^text: line 1: expected TEI, got XML with the root html$/],
    ['', /^text: line 1, column 0: document must contain a root element/],
  ])('%s', async (xml, message) => {
    await expect(read('tei', xml)).rejects.toThrow(message)
  })

  test('bytes that are not UTF-8 are named with their line', async () => {
    const bytes = Buffer.concat([
      Buffer.from('<TEI>\n<text><p>'),
      Buffer.from([0xe9]),
      Buffer.from('</p>'),
    ])
    await expect(read('tei', bytes)).rejects.toThrow('text: line 1 or after is not UTF-8')
  })

  test('entities are those that the document declares as text, never a file nor another’s expansion', async () => {
    const declared = `<!DOCTYPE TEI [<!ENTITY eacute "&#233;"><!ENTITY oe '&#x153;'>
      <!ENTITY file SYSTEM "file:///etc/hostname"><!ENTITY two "&eacute;&eacute;"><!ENTITY tag "<p/>">]>`
    const xml = (entity: string) => `${declared}<TEI><text><p>a&${entity};</p></text></TEI>`
    expect(texts(await read('tei', xml('eacute')))).toEqual(['aé'])
    expect(texts(await read('tei', xml('oe')))).toEqual(['aœ'])
    for (const entity of ['file', 'two', 'tag', 'toString', 'constructor'])
      await expect(read('tei', xml(entity)), entity).rejects.toThrow('undefined entity')
  })
})
