import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { deflateRawSync } from 'node:zlib'
import { build, type Plugin, type Rolldown } from 'vite'
import { common } from './common.ts'
import { formulas } from './formulas.ts'
import { packed } from './packed.ts'
import { quizFormulas } from './quiz-formulas.ts'

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

/** Beside the folder, the page as one file; `regard lab --out` puts in what ships with the page, which is in the folder. */
export const oneFile = (): Plugin => ({
  name: 'one-file',
  apply: 'build',
  async writeBundle() {
    writeFileSync(at('../../dist/page.html'), pageOf(readFileSync(at('../index.html'), 'utf8'), await bundled()))
  },
})

/** The page's script, which is the worker's too, and its style. */
interface Bundle {
  readonly script: string
  readonly style: string
}

/** A file that stands in the page, deflated: what has no text yet is put in by the command. */
const within = (name: string, text = ''): string =>
  `<script type="application/octet-stream" data-file="${name}">${text && deflateRawSync(text, { level: 9 }).toString('base64')}</script>`

/** index.html with script and style within instead of beside it, places for files, and a policy that allows those two and no request at all. */
export function pageOf(html: string, { script, style }: Bundle): string {
  const unpack = readFileSync(at('../one-file/unpack.js'), 'utf8')
  const files = [within('corpus'), within('model'), within('page', script)]
  const icon = `data:image/svg+xml;base64,${readFileSync(at('../style/icon.svg')).toString('base64')}`
  const changes: [RegExp, string][] = [
    [/<head>/, `<head>\n<meta http-equiv="Content-Security-Policy" content="${policyOf([unpack, script], style)}" />`],
    [/\s*<link rel="stylesheet"[^>]*>/g, ''],
    [/".\/style\/icon\.svg"/, `"${icon}"`],
    [/<\/head>/, `<style>${style}</style>\n</head>`],
    [/<script[^>]*src="[^>]*><\/script>/, [...files, `<script type="module">${unpack}</script>`].join('\n')],
  ]
  return changes.reduce((text, [from, to]) => {
    if (text.search(from) < 0) throw new Error(`one-file: index.html has no ${from}`)
    return text.replace(from, () => to)
  }, html)
}

const policyOf = (scripts: readonly string[], style: string): string =>
  [
    "default-src 'none'",
    `script-src ${scripts.map(hashOf).join(' ')} 'wasm-unsafe-eval'`,
    `style-src ${hashOf(style)}`,
    'img-src data:',
    'worker-src blob:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ')

const hashOf = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`

/** In the one file the worker has no script of its own. */
const oneScript = (): Plugin => ({
  name: 'one-script',
  enforce: 'pre',
  resolveId: (source, importer) => (source === './start.ts' && importer?.endsWith('/worker/page.ts') ? at('../one-file/start.ts') : null),
})

async function bundled(): Promise<Bundle> {
  const rolldownOptions = {
    ...common.build.rolldownOptions,
    input: at('../one-file/main.ts'),
    // no module: from a disk, browsers start no worker from one; nothing is beside it
    output: { codeSplitting: false, format: 'iife' as const },
    transform: { define: { 'import.meta': '{}' } },
  }
  const { output } = (await build({
    ...common,
    configFile: false,
    plugins: [formulas(), quizFormulas(), packed(false), oneScript()],
    build: { ...common.build, rolldownOptions, write: false, cssCodeSplit: false, modulePreload: false },
  })) as Rolldown.RolldownOutput
  const names = output.map(({ fileName }) => fileName)
  const [chunk, style] = [output.find(({ type }) => type === 'chunk'), output.find(({ type }) => type === 'asset')]
  if (output.length !== 2 || chunk?.type !== 'chunk' || style?.type !== 'asset')
    throw new Error(`one-file: needs one script and one style, got ${names.join(', ')}`)
  return { script: chunk.code.trim(), style: String(style.source).trim() }
}
