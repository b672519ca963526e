import { describe, expect, test } from 'vitest'
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
