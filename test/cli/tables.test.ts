import { closeSync, existsSync, openSync, readdirSync, readSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { tableIn } from '../../src/cli/texts/tables.ts'

const linesOf = (text: string) =>
  text.split(/\r\n|\n|\r/).map((line, n) => ({ text: line, number: n + 1 }))
const found = (text: string) => {
  const table = tableIn(linesOf(text))
  return table && [table.kind, table.columns.join(' '), table.likely]
}

/** The first lines of a file, as the command looks at them. */
function beginning(path: string): string {
  const bytes = Buffer.alloc(2 ** 16)
  const file = openSync(path, 'r')
  const text = bytes.toString('utf8', 0, readSync(file, bytes))
  closeSync(file)
  return text.slice(0, text.lastIndexOf('\n'))
}

const corpus = new URL('../../corpus/', import.meta.url)
const shared = new URL('../../../shared/data/', import.meta.url)
const filesIn = (folder: URL, ending: string) =>
  readdirSync(folder)
    .filter((name) => name.endsWith(ending))
    .map((name) => fileURLToPath(new URL(name, folder)))

describe('a table', () => {
  test.each([
    [
      'id,text,label\n1,"I was charged twice, please help",billing\n2,"The parcel\nnever came",delivery\n',
      'CSV',
      'id text label',
      'text',
    ],
    ['text\tlabel\nMy app crashes\tfault\n', 'TSV', 'text label', 'text'],
    ['"Quoted\ttab"\tfault\nthe app\tnone\n"a\tb"\tnone\n', 'TSV', '1 2', '1'],
    ['id;texte;note\r\n1;Bonjour ;3\r\n2;Il vient, dit-il;4\r\n', 'CSV', 'id texte note', 'texte'],
    [
      'Ticket ID,Issue (first line)\nA-1,It is broken\nA-2,Help\n',
      'CSV',
      'Ticket ID Issue (first line)',
      'Issue (first line)',
    ],
    ['id, word, note\n1, tour, a turn\n2, page, a sheet\n', 'CSV', 'id word note', 'note'],
    // commas that nobody quoted
    [
      'id,text,label\n1,I was charged twice, please help,billing\n2,no,none\n',
      'CSV',
      'id text label',
      'text',
    ],
    // without names
    ['0,"Where, please?"\n1,fine\n0,no\n', 'CSV', '1 2', '2'],
    [
      's-1\tUn chat dort\tDET NOUN VERB\ns-2\tIl dort\tPRON VERB\ns-3\tPaul\tPROPN\n',
      'TSV',
      '1 2 3',
      '3',
    ],
    ['"He said ""no""","a, b"\n"yes","c"\nno,d\n', 'CSV', '1 2', '1'],
    ['name,text\nTom,5" screen\nAnn,6\' tall\n', 'CSV', 'name text', 'text'],
    ['text,label\n"a \\"quoted\\", word",x\n"b",y\n', 'CSV', 'text label', 'text'],
    [
      '{"id": 1, "body": "Hello"}\n\n{"id": 2, "body": "Ho", "more": 3}\n',
      'lines of JSON',
      'id body more',
      'body',
    ],
    ['{"a": "x"}\nnonsense\n', 'lines of JSON', 'a', 'a'],
    ['[\n  {\n    "text": "Hello"\n  }\n]\n', 'JSON', '', ''],
    ['["Hello", "Ho"]\n', 'JSON', '', ''],
    ['["Hello","greeting"]\n["Ho","greeting"]\n', 'JSON', '', ''],
    ['{"data": [{"text": "Hello"}]}\n', 'JSON', '', ''],
    // as pandas, spreadsheets and forms write them
    [',text,label\n0,Il dort,x\n1,Elle lit,y\n', 'CSV', ' text label', 'text'],
    ['Unnamed: 0,text\n0,Il dort\n1,Elle lit\n', 'CSV', 'Unnamed: 0 text', 'text'],
    ['sep=;\ntexte;note\nIl dort;bon\nElle lit;mal\n', 'CSV', 'texte note', 'texte'],
    [
      'Horodateur,"Que pensez-vous, en somme, du service ?"\n2026/01/02 10:00:00,Il dort\n2026/01/03 9:05:00,Elle lit\n',
      'CSV',
      'Horodateur Que pensez-vous, en somme, du service ?',
      'Que pensez-vous, en somme, du service ?',
    ],
    [
      '2026-01-02 10:00,Il dort\n2026-01-03 11:00,Elle lit\n2026-01-04 12:00,Rien\n',
      'CSV',
      '1 2',
      '2',
    ],
    ['"Il dort.","oui"\n"Elle lit.","oui"\n', 'CSV', '1 2', '1'],
  ])('%j is one', (text, kind, columns, likely) => {
    expect(found(text)).toEqual([kind, columns, likely])
  })

  test.each([
    ['verses', 'Demain, dès l’aube\nJe partirai, vois-tu\nJ’irai, je sais\nJ’irai, encore\n'],
    ['a list', 'Pommes, poires\nPrunes, figues\nNoix, noisettes\n'],
    ['dialogue', '"Oui", dit-il.\n"Non", dit-elle.\n"Bien", fit Paul.\n'],
    ['a play', 'TOM\tBonjour\nMARIE\tBonjour, Tom\nTOM\tTu viens ?\n'],
    ['paragraphs with a tab', '\tIl était une fois\n\tun roi\n\tqui dormait\n'],
    ['columns that tabs align', 'Nom\t\tÂge\nTom\t\tcinq\nMarie\t\tsix\n'],
    ['a numbered list', '1. Un chat, noir\n2. Un chien, blanc\n3. Un loup, gris\n'],
    ['prices', 'Il a payé 3,50 euros\nElle a payé 4,20 euros\nPaul a payé 1,10 euro\n'],
    ['prices that begin a line', '3,5 euros\n4,2 euros\n1,1 euro\n'],
    ['references', '[12, 13] le disent.\nEt [14, 15] le nient.\n'],
    ['quotes one after the other', '"Oui", "non".\n"Non", "oui".\n'],
    ['years', 'En 1999, il naît\nEn 2001, il part\nEn 2005, il meurt\n'],
    ['chapters', 'Chapitre 1, Le départ\nChapitre 2, Le retour\nChapitre 3, La fin\n'],
    ['code', 'add(a,b)\nsub(c,d)\nmul(e,f)\n'],
    ['statements', 'let a = 1;\nlet b = 2;\nlet c = 3;\n'],
    [
      'wikitext',
      ' = Robert Boulter = \n \n Robert Boulter is an English film , television and theatre actor . \n He had a role , " Teddy " .\n',
    ],
    [
      'semicolons of French',
      'Il vint ; elle partit\nIl dormit ; elle lut\nIl mourut ; elle vécut\n',
    ],
    ['one line', 'id,text,label\n'],
    ['a sentence with a brace', '{ dit-il }\n{ dit-elle }\n'],
    ['an empty object', '{}\n'],
    ['words', 'un\ndeux\ntrois\n'],
    ['nothing', ''],
    ['blank lines', '\n \n\n'],
  ])('%s are none', (_, text) => {
    expect(found(text)).toBeUndefined()
  })
})

describe('files', () => {
  test('of the corpus: its texts are none, its tables are', () => {
    for (const path of filesIn(corpus, '.txt'))
      expect([path, found(beginning(path))]).toEqual([path, undefined])
    const tables = filesIn(corpus, '.tsv')
    expect(tables.length).toBeGreaterThan(3)
    for (const path of tables) expect([path, found(beginning(path))?.[0]]).toEqual([path, 'TSV'])
  })

  test('of shared data, where they lie beside the checkout', (context) => {
    if (!existsSync(shared)) {
      console.log('tables: ../shared/data is not there; its texts were not looked at')
      context.skip('../shared/data is not there')
    }
    const texts = ['fr', 'en'].flatMap((language) =>
      ['raw', 'novels', 'ud'].flatMap((folder) =>
        filesIn(new URL(`${language}/${folder}/`, shared), '.txt'),
      ),
    )
    expect(texts.length).toBeGreaterThan(7)
    for (const path of texts) expect([path, found(beginning(path))]).toEqual([path, undefined])
    const tables = [
      ...['fr', 'en', 'qa'].flatMap((folder) => filesIn(new URL(`${folder}/`, shared), '.tsv')),
      ...filesIn(new URL('classes/', shared), '.csv'),
    ]
    for (const path of tables)
      expect([path, found(beginning(path))?.[0]]).toEqual([
        path,
        path.endsWith('.csv') ? 'CSV' : 'TSV',
      ])
  })
})
