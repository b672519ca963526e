import { visibleLines } from '../../doors/internal.ts'
import type { Written } from '../terminal/output.ts'
import { type ConcordanceLine, labelOf } from './concordance.ts'
import {
  headLines,
  labelsOf,
  leftLine,
  type ShownGroup,
  type ShownSenses,
  sizeLine,
  titleOf,
  wordLists,
} from './shown.ts'

const STYLE = `:root { color-scheme: light dark; --ink: #1b1b1b; --soft: #5c5c5c; --paper: #fdfcf9; --rule: #d9d5cc; --word: #8a2d00 }
@media (prefers-color-scheme: dark) { :root { --ink: #e9e6df; --soft: #a8a49b; --paper: #17181a; --rule: #3a3b3f; --word: #ffb184 } }
* { box-sizing: border-box }
body { margin: 0 auto; padding: 1rem; max-width: 76rem; font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper) }
h1 { margin: 0; font-size: 1.5rem } h2 { margin: 2rem 0 .25rem; font-size: 1.15rem }
h2 small, p { color: var(--soft); font-size: .9rem; font-weight: normal; margin: .25rem 0; overflow-wrap: anywhere }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 0 .75rem; margin: .5rem 0; font-size: .9rem }
dt { color: var(--soft) } dd { margin: 0 }
nav a { color: inherit; margin-right: 1rem }
ol { list-style: none; margin: 0; padding: 0; border-top: 1px solid var(--rule) }
li { display: grid; grid-template-columns: 9rem 1fr auto 1fr; column-gap: .4rem; padding: .1rem 0; border-bottom: 1px solid var(--rule) }
li > * { overflow: hidden; white-space: nowrap; min-width: 0 }
.where { display: flex; color: var(--soft); font-size: .8rem; line-height: 1.9 } .where span { overflow: hidden; text-overflow: ellipsis }
.left { display: flex; justify-content: flex-end; mask-image: linear-gradient(to right, transparent, #000 2rem) }
.right { mask-image: linear-gradient(to left, transparent, #000 2rem) }
b { color: var(--word) }
@media (max-width: 45rem) { li { grid-template-columns: 1fr auto 1fr } .where { grid-column: 1 / -1; line-height: 1.4 } }`

/** The groups as one page that needs nothing else, in the order of the screen. */
export async function* page(shown: ShownSenses): Written {
  const title = `Places of ${shown.title}`
  yield `<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">\n`
  yield `<title>${escaped(title)}</title>\n<style>\n${STYLE}\n</style></head>\n<body>\n<h1>${escaped(title)}</h1>\n`
  const left = leftLine(shown)
  for (const line of [...headLines(shown), ...(left ? [left] : [])])
    yield `<p>${escaped(line)}</p>\n`
  yield `<p>? between two groups · ! put there by hand · hold the pointer on a line to see it whole, with its file and what is known of it</p>\n`
  yield `<nav>${shown.groups.map((group) => `<a href="#g${group.number + 1}">${escaped(titleOf(group))}</a>`).join(' ')}</nav>\n`
  for (const group of shown.groups) yield* section(group, shown)
  yield '</body></html>\n'
}

function* section(group: ShownGroup, shown: ShownSenses) {
  const id = `g${group.number + 1}`
  yield `<section aria-labelledby="${id}"><h2 id="${id}">${escaped(titleOf(group))} <small>${escaped(sizeLine(group, shown))}</small></h2>\n`
  yield `<dl>${wordLists(group)
    .map(([name, list]) => `<dt>${name}</dt><dd>${escaped(list)}</dd>`)
    .join('')}</dl>\n<ol>\n`
  for (const line of group.lines) yield itemOf(line, labelsOf(shown)(line))
  yield '</ol>\n'
  if (group.lines.length < group.size) yield `<p>… ${group.size - group.lines.length} more</p>\n`
  yield '</section>\n'
}

function itemOf(line: ConcordanceLine, label: string) {
  const { left, word, right, uncertain, moved, gold } = line
  const mark = moved ? '! ' : uncertain ? '? ' : ''
  // a long name gives way, never the number of the line
  const [, file, number] = /^(.*?)((?::?\d+)+)$/s.exec(label) ?? ['', label, '']
  const after = `${number}${gold === undefined ? '' : ` · ${gold}`}`
  const where = `<span>${escaped(mark + file)}</span>${escaped(after)}`
  const known = Object.entries(line.line.metadata ?? {}).map(([name, value]) => `${name} ${value}`)
  const whole = [labelOf(line), ...known, `${left}${word}${right}`].join(known.length ? ' · ' : ' ')
  const cells = `<span class="left"><span>${escaped(left.trim())}</span></span><b>${escaped(word)}</b><span class="right">${escaped(right.trim())}</span>`
  return `<li title="${escaped(whole)}"><span class="where">${where}</span>${cells}</li>\n`
}

const SIGNS: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
}
const escaped = (text: string) => visibleLines(text).replace(/[&<>"]/g, (sign) => SIGNS[sign])
