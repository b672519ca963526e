// How well the groups of `regard senses` agree with labels: node bench/senses.js MODEL TABLE
// [--words LIST.tsv] [--kind gold] [--view place]
//
// TABLE has tabs and a header with `word`, `sense`, `tok_idx` and `sentence`; LIST a header with
// `word`, `kind` and `note`: words of that kind are taken, unless a note says «do not score» or
// «rare». Each word is grouped alone, without its labels, once into as many groups as it has senses
// and once into as many as part best; a table in Markdown has the V-measure and the adjusted Rand
// index of each. Before it: npm run build.
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs, promisify } from 'node:util'

const COMMAND = fileURLToPath(new URL('../dist/cli/regard.js', import.meta.url))
const LARGEST = 256 * 2 ** 20

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    words: { type: 'string' },
    kind: { type: 'string' },
    view: { type: 'string', default: 'place' },
  },
})
const [model, table] = positionals

/** Rows of a table with tabs, by the names of its header. */
function rowsOf(path) {
  const [header, ...lines] = readFileSync(path, 'utf8').split('\n').filter(Boolean)
  const names = header.split('\t')
  return lines.map((line) =>
    Object.fromEntries(line.split('\t').map((cell, n) => [names[n], cell])),
  )
}

/** What the command says of the agreement of a word's groups with its labels. */
async function agreement(word, options) {
  const args = [
    'senses',
    model,
    '--gold',
    table,
    '--word',
    word,
    '--ignore-case',
    '--view',
    values.view,
    '--json',
    '--quiet',
    ...options,
  ]
  const { stdout } = await promisify(execFile)(process.execPath, [COMMAND, ...args], {
    maxBuffer: LARGEST,
  })
  const { groups, agreement: found, occurrences } = JSON.parse(stdout)
  return {
    ...found,
    occurrences,
    groups: groups.length,
    uncertain: groups.reduce((sum, group) => sum + group.uncertain, 0),
  }
}

const figure = (number) => number.toFixed(2).replace(/^(-?)0/, '$1')
const cell = ({ vMeasure, adjustedRand }) => `${figure(vMeasure)} / ${figure(adjustedRand)}`
const line = (cells) => console.log(`| ${cells.join(' | ')} |`)
const mean = (numbers) => numbers.reduce((sum, number) => sum + number, 0) / numbers.length

const rows = rowsOf(table)
const listed =
  values.words &&
  rowsOf(values.words).filter(
    ({ kind, note }) =>
      (!values.kind || kind === values.kind) && !/do not score|rare/.test(note ?? ''),
  )
const words = listed ? listed.map(({ word }) => word) : [...new Set(rows.map(({ word }) => word))]
line([
  'word',
  'labelled',
  'as many groups as senses: V-measure / adjusted Rand',
  'groups chosen: V-measure / adjusted Rand',
  'chosen',
  'uncertain',
])
line(['---', '---:', '---', '---', '---:', '---:'])
const all = []
for (const word of words) {
  const senses = new Set(rows.filter((row) => row.word === word).map(({ sense }) => sense)).size
  if (senses < 2) continue
  const known = await agreement(word, ['--groups', String(senses)])
  const chosen = await agreement(word, [])
  all.push({ known, chosen })
  const share = `${Math.round((100 * chosen.uncertain) / chosen.occurrences)} %`
  line([word, known.labelled, cell(known), cell(chosen), chosen.groups, share])
}
const means = (which) =>
  cell({
    vMeasure: mean(all.map((one) => one[which].vMeasure)),
    adjustedRand: mean(all.map((one) => one[which].adjustedRand)),
  })
line([`mean of ${all.length} words`, '', means('known'), means('chosen'), '', ''])
