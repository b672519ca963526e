import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { TextReader } from '../../../src/cli/texts/reader.ts'
import type { Line } from '../../../src/doors/internal.ts'
import { annotated, read, recognised, sample, texts } from './reading.ts'

describe('the cases', () => {
  test.each([
    ['sample.conllu', 'conllu'],
    ['sample.vert', 'vertical'],
    ['sample.treetagger.txt', 'treetagger'],
    ['sample.tei.xml', 'tei'],
  ])('%s is recognised by what is in it', async (file, format) => {
    expect(await recognised(sample(file))).toBe(format)
    expect(await recognised(sample(file).replaceAll('\n', '\r\n'))).toBe(format)
  })

  test.each([
    ['sample.conllu', 'CoNLL-U', 2],
    ['sample.vert', "Sketch Engine's vertical", 2],
    ['sample.treetagger.txt', "TreeTagger's columns", 2],
    ['sample.tei.xml', 'TEI', 7],
  ])(
    '%s is read, and called what it is, by whatever name, packed or in UTF-16',
    async (file, title, lines) => {
      const text = sample(file)
      for (const bytes of [
        Buffer.from(text),
        gzipSync(text),
        Buffer.from(`\uFEFF${text}`, 'utf16le'),
      ]) {
        const reader = new TextReader({})
        const found: Line[] = []
        for await (const line of reader.lines({ name: 'f', stream: [bytes] })) found.push(line)
        expect(found).toHaveLength(lines)
        const said: string[] = []
        reader.report({ note: (line) => said.push(line), warn: (line) => said.push(line) })
        expect(said).toContain(`f: reads as ${title}`)
      }
    },
  )

  test('CoNLL-U: a multiword token is one word, an empty node none', async () => {
    const lines = await read('conllu', sample('sample.conllu'))
    expect(lines.map(({ words }) => words?.map(({ token }) => token).join(' '))).toEqual([
      'Le tour du lac est long .',
      'Les tours sont hautes',
    ])
    expect(texts(lines)).toEqual(['Le tour du lac est long.', 'Les tours sont hautes'])
    expect(lines.map(({ number }) => number)).toEqual([3, 15])
    expect(lines[0].words?.[2]).toEqual({
      token: 'du',
      start: 8,
      end: 10,
      lemma: 'de+le',
      pos: 'ADP+DET',
    })
    const tours = lines.flatMap(({ words = [] }) =>
      words.filter(({ lemma, pos }) => lemma === 'tour' && pos === 'NOUN'),
    )
    expect(tours.map(({ token }) => token)).toEqual(['tour', 'tours'])
    expect(lines.map(({ metadata }) => metadata)).toEqual([{ sent_id: 'a1' }, { sent_id: 'a2' }])
  })

  test('vertical: attributes of the document are metadata, and <g/> leaves no blank', async () => {
    const lines = await read('vertical', sample('sample.vert'))
    expect(texts(lines)).toEqual(['Le tour.', 'Il dort'])
    expect(lines.map(({ number }) => number)).toEqual([3, 9])
    expect(lines[0].metadata).toEqual({ id: '1', author: 'Anon & Co', year: '1880' })
    expect(lines[1].metadata).toEqual(lines[0].metadata)
    expect(annotated(lines)).toEqual([
      'Le/le/DET tour/tour/NOUN ././PUNCT',
      'Il/il/PRON dort/dormir/VERB',
    ])
  })

  test('TreeTagger: SENT ends a sentence', async () => {
    const lines = await read('treetagger', sample('sample.treetagger.txt'))
    expect(texts(lines)).toEqual(['Le tour est long .', 'Il dort .'])
    expect(lines.map(({ number }) => number)).toEqual([1, 6])
    expect(lines[1].words?.[1]).toEqual({
      token: 'dort',
      start: 3,
      end: 7,
      lemma: 'dormir',
      pos: 'VER:pres',
    })
  })

  test.each([1, 7, 1000])(
    'TEI: its text without header, notes and speakers, in pieces of %s bytes',
    async (size) => {
      const lines = await read('tei', sample('sample.tei.xml'), size)
      expect(texts(lines)).toEqual([
        'Chapitre I',
        'Il n’est pas venu. Il dort.',
        'Un vers,',
        'puis deux.',
        'Bonjour.',
        'transmis',
      ])
      expect(lines[1].words).toBeUndefined()
      for (const { number, metadata } of lines) {
        expect(number).toBe(3)
        expect(metadata).toEqual({ title: 'Un essai', author: 'Anonyme' })
      }
    },
  )
})

/** Lines of CoNLL-U from ID, form, lemma, UPOS and, where there is one, MISC. */
const conllu = (...words: readonly string[]) =>
  words
    .map((word) => {
      const [id, form, lemma = '_', pos = '_', misc = '_'] = word.split(' ')
      return [id, form, lemma, pos, '_', '_', '0', 'dep', '_', misc].join('\t')
    })
    .join('\n')

describe('CoNLL-U', () => {
  test('MISC of a multiword token, or of its last word, says that no blank follows', async () => {
    const text = conllu('1-2 du _ _ SpaceAfter=No|X=1', '1 de de ADP', '2 le le DET', '3 , , PUNCT')
    expect(texts(await read('conllu', text))).toEqual(['du,'])
    const last = conllu('1-2 du', '1 de de ADP', '2 le le DET SpaceAfter=No', '3 , , PUNCT')
    expect(texts(await read('conllu', last))).toEqual(['du,'])
  })

  test('lemma and part of speech of a multiword token itself win; where a word has none, it has none', async () => {
    const own = conllu('1-2 du du P+D', '1 de de ADP', '2 le le DET')
    expect(annotated(await read('conllu', own))).toEqual(['du/du/P+D'])
    const none = conllu('1-3 dámelo', '1 da dar VERB', '2 me _ PRON', '3 lo él PRON', '4 ya ya ADV')
    expect(annotated(await read('conllu', none))).toEqual(['dámelo//VERB+PRON+PRON ya/ya/ADV'])
  })

  test('two multiword tokens in turn, the last cut off, are two words', async () => {
    const text = conllu('1-2 du', '1 de de ADP', '2 le le DET', '3-4 au', '3 à à ADP')
    expect(annotated(await read('conllu', text))).toEqual(['du/de+le/ADP+DET au/à/ADP'])
  })

  test('a form may hold blanks, and _ is a word only where it is a sign', async () => {
    const text = ['1\t10 000\t10 000\tNUM', '2\t_\t_\tPUNCT', '3\t_\t_\t_']
      .map((line) => `${line}\t_\t_\t_\t_\t_\t_`)
      .join('\n')
    expect(annotated(await read('conllu', text))).toEqual(['10 000/10 000/NUM _/_/PUNCT'])
  })

  test('comments beside a new document are its metadata until the next, others the sentence’s', async () => {
    const lines = await read(
      'conllu',
      [
        '# newdoc id = d1\n# meta::author = Anon\n# global.Entity = x-y\n# newpar id = p1\n# sent_id = 1\n# mood = calm\n# text = Oui',
        `${conllu('1 Oui oui INTJ')}\n`,
        `# sent_id = 2\n${conllu('1 Non non INTJ')}\n`,
        `# newdoc id = d2\n${conllu('1 Si si INTJ')}`,
      ].join('\n'),
    )
    expect(lines.map(({ metadata }) => metadata)).toEqual([
      { document: 'd1', author: 'Anon', sent_id: '1', mood: 'calm' },
      { document: 'd1', author: 'Anon', sent_id: '2' },
      { document: 'd2' },
    ])
  })

  test('CoNLL-U Plus has the columns that it names, with a number or without', async () => {
    const plus =
      '# global.columns = ID FORM UPOS PARSEME:MWE\n1\tHe\tPRON\t*\n2\truns\tVERB\t1:VID\n'
    expect(await recognised(plus)).toBe('conllu')
    expect(annotated(await read('conllu', plus))).toEqual(['He//PRON runs//VERB'])
    const bare = '# global.columns = FORM LEMMA\n#\t#\n1\tone\n\nTwo\ttwo'
    expect(annotated(await read('conllu', bare))).toEqual(['#/#/ 1/one/', 'Two/two/'])
    await expect(read('conllu', '# global.columns = ID LEMMA\n')).rejects.toThrow(
      'text: line 1: expected FORM among the columns, got ID LEMMA',
    )
  })

  test('CoNLL-X is read alike, and the XPOS stands in for a UPOS that says nothing', async () => {
    const text = '1\tDas\tder\tART\tART\t_\t2\tNK\t_\t_\n2\tBuch\tBuch\t_\tNN\t_\t0\tROOT\t_\t_\n'
    expect(await recognised(text)).toBe('conllu')
    expect(annotated(await read('conllu', text))).toEqual(['Das/der/ART Buch/Buch/NN'])
  })

  test.each([
    ['1\tOui\toui\n', 'text: line 1: expected 10 columns between tabs, got 3'],
    [
      `${conllu('1 Oui')}\n\n${conllu('1 Non')}\tx`,
      'text: line 3: expected 10 columns between tabs, got 11',
    ],
    [conllu('x Oui'), "text: line 1: expected a number of a word as its ID, got 'x'"],
    [
      conllu('1 Oui', '1 Non'),
      'text: line 2: word 1 comes after word 1; a blank line parts sentences',
    ],
  ])('%j is refused with its line', async (text, message) => {
    await expect(read('conllu', text)).rejects.toThrow(message)
  })
})

describe('vertical', () => {
  const vertical = (...lines: readonly string[]) => lines.join('\n').replaceAll(' | ', '\t')

  test('lemma and tag are told by what is in them, in either order', async () => {
    const text = vertical('<s>', 'Les | le | D', 'tours | tour | N', 'sont | être | V', '</s>')
    expect(await recognised(text)).toBe('vertical')
    expect(annotated(await read('vertical', text))).toEqual(['Les/le/D tours/tour/N sont/être/V'])
  })

  test('a line of names tells the columns', async () => {
    const text = vertical('id | word | lemma | pos', '<s>', '7 | Sie | ihr | PRO', '</s>')
    expect(annotated(await read('vertical', text))).toEqual(['Sie/ihr/PRO'])
  })

  test('a lempos is a lemma without its letter, and its letter the tag where there is none', async () => {
    const text = vertical('<s>', 'Les | le-d', 'tours | tour-n', 'peut-être | peut-être-a', '</s>')
    expect(await recognised(text)).toBe('vertical')
    expect(annotated(await read('vertical', text))).toEqual([
      'Les/le/d tours/tour/n peut-être/peut-être/a',
    ])
    const tagged = vertical('<s>', 'Les | DET | le-d', 'tours | NOM | tour-n', '</s>')
    expect(annotated(await read('vertical', tagged))).toEqual(['Les/le/DET tours/tour/NOM'])
  })

  test('a copy of the words in lower case is not taken for lemmas', async () => {
    const text = vertical('<s>', 'Les | les | DET | le', 'Tours | tours | NOM | tour', '</s>')
    expect(annotated(await read('vertical', text))).toEqual(['Les/le/DET Tours/tour/NOM'])
    // a regular form as ParlaMint has it, in which du is several words
    const regular = vertical('<s>', 'Tours | Tours | tour | N', 'du | de|le | de|le | P', '</s>')
    expect(annotated(await read('vertical', regular))).toEqual(['Tours/tour/N du/de|le/P'])
  })

  test('attributes of structures around a sentence are metadata, each by its structure', async () => {
    const text = vertical(
      '<?xml version="1.0"?>',
      '<corpus name="C">',
      '<doc id=\'1\' title="L&quot;été &lt;1&gt;">',
      '<p n="2">',
      '<s id="s1">',
      'Oui | I | oui',
      '</s>',
      '</p>',
      '</doc>',
      '<doc id="2">',
      '<s>',
      'Non | I | non',
    )
    expect((await read('vertical', text)).map(({ metadata }) => metadata)).toEqual([
      { name: 'C', id: '1', title: 'L"été <1>', 'p.n': '2' },
      { name: 'C', id: '2' },
    ])
  })

  test('structures left open, within a sentence, or without one, lose no word', async () => {
    const text = vertical(
      '<doc>',
      '<p>',
      'Un | D | un',
      '<p>',
      '<s>',
      'Deux | D | deux',
      '<name type="x">',
      'Trois | D | trois',
      '</name>',
      '<s>',
      'Quatre | D | quatre',
      '<part>',
      '</doc>',
      '</s>',
      'Cinq | D | cinq',
      '. | PUNCT | .',
      'Six | D | six',
      '',
      'Sept | D | sept',
    )
    expect(texts(await read('vertical', text))).toEqual([
      'Un',
      'Deux Trois',
      'Quatre',
      'Cinq .',
      'Six',
      'Sept',
    ])
  })

  test('a blank line within a sentence ends none, nor does a structure within it', async () => {
    const text = vertical(
      '<s>',
      'Un | D | un',
      '',
      '<b>',
      'deux | D | deux',
      '</b>',
      'ans | N | an',
    )
    expect(texts(await read('vertical', text))).toEqual(['Un deux ans'])
  })

  test('where a structure ends, so do all within it', async () => {
    const text = vertical(
      '<doc id="1">',
      '<p n="2">',
      '<novel>',
      '<s>',
      'Un | D | un',
      '</novel>',
      'Deux | D | deux',
      '</doc>',
      '<doc id="3">',
      'Trois | D | trois',
    )
    expect((await read('vertical', text)).map(({ text, metadata }) => [text, metadata])).toEqual([
      ['Un', { id: '1', 'p.n': '2' }],
      ['Deux', { id: '1', 'p.n': '2' }],
      ['Trois', { id: '3' }],
    ])
  })

  test('words that all are their own lemmas are lemmas', async () => {
    const lines = await read('vertical', vertical('<s>', 'oui | oui', 'non | non', '</s>'))
    expect(annotated(lines)).toEqual(['oui/oui/ non/non/'])
  })

  test('entities of words are decoded, lines may be indented, and < may be a word', async () => {
    const text = vertical(
      '<s>',
      '    A&amp;B | N | A&amp;B',
      '    < | SYM | <',
      '    x | N | x',
      '</s>',
    )
    expect(annotated(await read('vertical', text))).toEqual(['A&B/A&B/N </</SYM x/x/N'])
  })

  test('words alone are enough between <s> and </s>', async () => {
    const text = '<s>\nLa\ntour\n<g/>\n.\n</s>\n'
    expect(await recognised(text)).toBe('vertical')
    expect(texts(await read('vertical', text))).toEqual(['La tour.'])
  })

  test('a line of prose is refused', async () => {
    await expect(read('vertical', '<s>\nIl est venu hier.\n</s>')).rejects.toThrow(
      "text: line 2: expected a word, and its tag and lemma between tabs, got 'Il est venu hier.'",
    )
    await expect(read('vertical', 'a\tN\n\u00A0\tN\n')).rejects.toThrow('text: line 2')
  })
})

describe('TreeTagger', () => {
  const tagged = (...words: readonly string[]) => words.join('\n').replaceAll(' ', '\t')

  test('the tags of other languages end sentences too', async () => {
    for (const [end, mark] of [
      ['$.', '.'],
      ['FS', '!'],
      ['Fit', '?'],
      ['PUNKT', '.'],
      ['SENT', '…'],
    ]) {
      const text = tagged(
        'Er PPER er',
        'schläft VVFIN schlafen',
        `${mark} ${end} ${mark}`,
        'Ja PTK ja',
      )
      expect(texts(await read('treetagger', text)), end).toEqual([`Er schläft ${mark}`, 'Ja'])
    }
  })

  test('an unknown lemma is the word; lines of tags and words without a tag are read', async () => {
    const text = tagged(
      '<text>',
      'Cosette NAM <unknown>',
      'suis VER:pres suivre|être',
      'là',
      '</text>',
    )
    expect(annotated(await read('treetagger', text))).toEqual([
      'Cosette/Cosette/NAM suis/suivre|être/VER:pres là//',
    ])
  })

  test('it is recognised with lines of tags, and without lemmas', async () => {
    expect(
      await recognised(tagged('<p>', 'Il PRO il', 'dort VER dormir', '. SENT .', '</p>')),
    ).toBe('vertical')
    expect(
      await recognised(tagged('The DT the', '<b>', 'tower NN tower', '</b>', '. SENT .')),
    ).toBe('treetagger')
    expect(await recognised(tagged('The DT', 'tower NN', '. SENT'))).toBe('treetagger')
    expect(
      await recognised(tagged('Das PDS die', 'Haus NN Haus', 'steht VVFIN stehen', '. $. .')),
    ).toBe('treetagger')
    expect(
      await recognised(
        tagged(
          'Das PDS die',
          'ist VAFIN sein',
          '1848 CARD @card@',
          'Haus NN Haus',
          'Tor NN Tor',
          '. $. .',
          'Er PPER er',
          'kam VVFIN kommen',
          '. $. .',
        ),
      ),
    ).toBe('treetagger')
  })

  test('prose is refused', async () => {
    await expect(read('treetagger', 'Il est venu.\n')).rejects.toThrow(
      'text: line 1: expected a word',
    )
  })
})
