import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Plugin } from 'vite'

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

/** What builds the page leaves a few lines of its own in it. */
const BUILDERS = ['vite', 'rolldown'].map((name) => at(`../../node_modules/${name}`))

/**
 * Whose code the page holds: a file beside it, and a comment in its head, which stays with it in
 * every form.
 *
 * @throws {Error} for a package of another licence than MIT
 */
export function notices(): Plugin {
  const folders = new Set(BUILDERS)
  return {
    name: 'notices',
    apply: 'build',
    moduleParsed: ({ id }) => {
      const [folder] = /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(id) ?? []
      if (folder) folders.add(folder)
    },
    generateBundle() {
      this.emitFile({
        type: 'asset',
        fileName: 'THIRD-PARTY-NOTICES.txt',
        source: noticesOf(folders),
      })
    },
    // after the encoding, which browsers look for in the first kilobyte
    transformIndexHtml: (html) =>
      html.replace('</title>', () => `</title>\n<!--\n${noticesOf(folders)}-->`),
  }
}

/** The text of the MIT licence, for the project and for each package by its folder. */
function noticesOf(folders: ReadonlySet<string>): string {
  const [title, , own, , ...terms] = readFileSync(at('../../LICENSE'), 'utf8').split('\n')
  const lines = [...folders].map(holderOf).sort()
  return [
    `regard. ${own}`,
    '',
    'With code of:',
    '',
    ...lines,
    '',
    `Each under the ${title}:`,
    '',
    ...terms,
  ].join('\n')
}

function holderOf(folder: string): string {
  const { name, version, license } = JSON.parse(readFileSync(`${folder}/package.json`, 'utf8'))
  const file = readdirSync(folder).find((one) => /^licen[cs]e/i.test(one))
  const [holder] =
    /^Copyright .*$/m.exec(file ? readFileSync(`${folder}/${file}`, 'utf8') : '') ?? []
  if (license !== 'MIT' || !holder)
    throw new Error(
      `notices: ${name} has licence ${license}, holder ${holder}: say how its notice goes with the page`,
    )
  return `${name} ${version}. ${holder}`
}
