import { render, type VNode } from 'preact'
import { csvRow } from 'regard/internal'
import rules from '../style/pictures.css?raw'
import type { NumberTable } from '../view.ts'

/**
 * Tables as CSV, one below another with an empty line between: captions, names of columns, every
 * digit of every number.
 */
export const csvOf = (tables: readonly NumberTable[]): string =>
  tables
    .map(({ caption, columns, rows }) =>
      [[caption], columns, ...rows].map((row) => csvRow(row)).join(''),
    )
    .join('\n')

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
}
const escaped = (text: string): string => text.replace(/[&<>"]/g, (sign) => ENTITIES[sign])

/** The page's rules for pictures with today's colours in them, so that the file needs no page. */
function styleNow(): string {
  const style = getComputedStyle(document.documentElement)
  return rules
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/var\((--[\w-]+)\)/g, (_, name) => style.getPropertyValue(name).trim())
    .replace(/\s+/g, ' ')
    .trim()
}

/**
 * A picture as an SVG file: drawn apart from the page, with its title, its colours and its ground.
 */
export function svgOf(picture: VNode, title: string): string | undefined {
  const apart = document.createElement('div')
  render(picture, apart)
  const svg = apart.querySelector('svg')
  const markup = svg && new XMLSerializer().serializeToString(svg)
  render(null, apart)
  if (!markup) return undefined
  const ground = getComputedStyle(document.documentElement).getPropertyValue('--paper').trim()
  const begin = markup.indexOf('>') + 1
  const parts = [
    `<title>${escaped(title)}</title>`,
    `<style>${escaped(styleNow())}</style>`,
    `<rect width="100%" height="100%" fill="${escaped(ground)}"/>`,
  ]
  return `<?xml version="1.0" encoding="UTF-8"?>\n${markup.slice(0, begin)}${parts.join('')}${markup.slice(begin)}\n`
}
