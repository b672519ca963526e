import { createHash } from 'node:crypto'
import { basename } from 'node:path'
import { deflateRawSync } from 'node:zlib'
import { inputError } from '../terminal/errors.ts'
import type { PageFiles } from './page.ts'

/**
 * The page's script stands deflated in the page; the policy allows it by its hash, once it is
 * unpacked.
 */
const UNPACK = `const within = document.querySelector('script[data-file="page"]').textContent
const deflated = new Blob([Uint8Array.from(atob(within), (sign) => sign.charCodeAt(0))]).stream()
const script = document.createElement('script')
script.id = 'script'
script.textContent = await new Response(deflated.pipeThrough(new DecompressionStream('deflate-raw'))).text()
document.body.append(script)`

/**
 * The built page as one file: scripts, style, text and model of the folder within, and a policy
 * that allows these and no request at all.
 *
 * @throws {CommandError} for files that are not the page as it is built
 */
export function onePage(files: PageFiles): string {
  const html = textOf(files, 'index.html')
  const script = oneScript(files, nameIn(html, /<script [^>]*src="\.\/assets\/([^"]+)"/))
  const style = oneStyle(files, html)
  const icon = Buffer.from(
    textOf(files, `assets/${nameIn(html, /<link rel="icon" href="\.\/assets\/([^"]+)"/)}`),
  ).toString('base64')
  const blocks = [
    ...['corpus', 'model'].map((name) => within(name, packedOf(files, name))),
    within('page', deflateRawSync(script, { level: 9 })),
    `<script type="module">${UNPACK}</script>`,
  ]
  return html
    .replace(/\s*<(?:link rel="(?:modulepreload|stylesheet)"|script )[^>]*>(?:<\/script>)?/g, '')
    .replace(/(?<=Content-Security-Policy" content=")[^"]*/, () =>
      policyOf([UNPACK, script], style),
    )
    .replace(/(?<=<link rel="icon" href=")[^"]*/, () => `data:image/svg+xml;base64,${icon}`)
    .replace('</head>', () => `<style>${style}</style>\n</head>`)
    .replace('</body>', () => `${blocks.join('\n')}\n</body>`)
}

const policyOf = (scripts: readonly string[], style: string) =>
  [
    "default-src 'none'",
    `script-src ${scripts.map(hashOf).join(' ')} 'wasm-unsafe-eval'`,
    `style-src ${hashOf(style)}`,
    'img-src data:',
    'worker-src blob:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ')

const hashOf = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`

const within = (name: string, deflated: Uint8Array) =>
  `<script type="application/octet-stream" data-file="${name}">${Buffer.from(deflated).toString('base64')}</script>`

/** Every style of the folder: those of the page first, then those of its views. */
function oneStyle(files: PageFiles, html: string) {
  const first = Array.from(
    html.matchAll(/<link rel="stylesheet"[^>]*href="\.\/([^"]+)"/g),
    ([, name]) => name,
  )
  const names = [
    ...new Set([...first, ...[...files.keys()].filter((name) => name.endsWith('.css'))]),
  ]
  return names.map((name) => textOf(files, name).trim()).join('\n')
}

/**
 * The scripts of the folder as one that is no module: from a disk, browsers start no worker from
 * one. It is the page's and its worker's, and sees for itself where it runs.
 *
 * A module becomes a function, called when it is first imported, that returns what it exports: no
 * module of the page assigns to what it exported.
 */
function oneScript(files: PageFiles, page: string) {
  const names = [...files.keys()]
    .filter((name) => name.endsWith('.js'))
    .map((name) => basename(name))
  const worker = names.find((name) => name.startsWith('worker-'))
  if (worker === undefined) throw notAsBuilt('assets/worker-….js')
  const modules = names.map(
    (name) =>
      `${JSON.stringify(name)}(){"use strict";${moduleAsFunction(textOf(files, `assets/${name}`), name)}}`,
  )
  const imported = Array.from(
    modules.join().matchAll(/\bregardLoad\("([^"]+)"\)/g),
    ([, name]) => name,
  )
  const missing = [page, ...imported].find((name) => !names.includes(name))
  if (missing !== undefined) throw notAsBuilt(`assets/${missing}`)
  return `(()=>{const regardMeta={url:"file:///"},regardDone={},regardModules={${modules.join(',\n')}},regardLoad=name=>regardDone[name]??=regardModules[name]();regardLoad(typeof document==="undefined"?"${worker}":"${page}")})()`
}

/** A module as the build writes one: imports at its head, exports at its end. */
function moduleAsFunction(code: string, name: string) {
  const renamed = (list: string, from: RegExp, to: string) => `{${list.replace(from, to)}}`
  const body = code
    .trim()
    .replace(/^const __vite__mapDeps=.*$/m, 'const __vite__mapDeps=()=>[];')
    .replace(
      /\bimport\{([^{}]*)\}from"\.\/([^"]+)";/g,
      (_, list, of) => `const${renamed(list, / as /g, ':')}=regardLoad("${of}");`,
    )
    .replace(/\bimport"\.\/([^"]+)";/g, 'regardLoad("$1");')
    .replace(/\bimport\(`\.\/([^`]+)`\)/g, 'Promise.resolve().then(()=>regardLoad("$1"))')
    .replace(/\bimport\.meta\b/g, 'regardMeta')
    .replace(
      /\bexport\{([^{}]*)\};?$/,
      (_, list) => `return${renamed(list, /([\w$]+) as ([\w$]+)/g, '$2:$1')}`,
    )
  if (/(?:^|[;}\n])(?:import|export)\b|\bimport\((?!\))/.test(body))
    throw notAsBuilt(`assets/${name}`)
  return body
}

function packedOf(files: PageFiles, name: string) {
  const found = [...files].find(
    ([file]) => file.startsWith(`assets/${name}-`) && file.endsWith('.bin'),
  )
  if (!found) throw notAsBuilt(`assets/${name}-….bin`)
  return found[1]
}

function textOf(files: PageFiles, name: string) {
  const bytes = files.get(name)
  if (!bytes) throw notAsBuilt(name)
  return new TextDecoder().decode(bytes)
}

function nameIn(html: string, pattern: RegExp) {
  const name = pattern.exec(html)?.[1]
  if (name === undefined) throw notAsBuilt('index.html')
  return name
}

const notAsBuilt = (name: string) =>
  inputError(`the page is not as it is built: ${name}; npm run build makes it anew, in a checkout`)
