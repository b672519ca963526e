import { execFileSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, posix, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { gunzipSync, gzipSync } from 'node:zlib'
import { slim } from './slim.js'

// The package as it is published: node scripts/pack.js [--out FOLDER] [--repository OWNER/NAME or
// URL] package.json is without what serves a checkout alone, and dist/ without what nobody reads
// (slim.js). With a repository it names that, and links lead there; without, what leads out of the
// package is no link. The last line on stdout is the path of the tarball.

const root = fileURLToPath(new URL('..', import.meta.url))
const PARTS = /^https:\/\/[\w.-]+(?::\d+)?\/[\w.-]+\/[\w.-]+$/
const NAME = /^[\w.-]+\/[\w.-]+$/

/** The address of a repository by its name on GitHub, or as it is. */
export function addressOf(repository) {
  const address = NAME.test(repository)
    ? `https://github.com/${repository}`
    : repository.replace(/^git\+|\.git$|\/$/g, '')
  if (PARTS.test(address)) return address
  throw new Error(
    `pack: --repository needs owner/name or https://host/owner/name, got ${repository}`,
  )
}

/** package.json as it is published. */
export function publishedOf({ scripts, devDependencies, ...own }, address) {
  if (address === undefined) return own
  const repository = { type: 'git', url: `git+${address}.git` }
  return { ...own, repository, homepage: `${address}#readme`, bugs: { url: `${address}/issues` } }
}

/** Code, which has no links, or a link or picture. */
const LINK = /```[\s\S]*?```|`[^`\n]*`|(!?)\[([^\]]*)\]\(([^)\s]+)\)/g

/**
 * A page of Markdown whose relative links, all of them, lead somewhere.
 *
 * @param path of the page in the package
 * @param base where a file of the repository is: its address by its kind (blob, tree, raw) and
 *   path; undefined where none is known
 * @param isPacked whether the package has a file or folder of a path
 */
export const linked = (text, path, base, isPacked) =>
  text.replace(LINK, (all, picture, words, target) => {
    if (target === undefined || /^(?:[a-z]+:|#)/i.test(target)) return all
    const [file, fragment = ''] = target.split(/(?=#)/)
    const there = posix.join(posix.dirname(path), file)
    if (base)
      return `${picture}[${words}](${base(picture ? 'raw' : there.endsWith('/') ? 'tree' : 'blob', there)}${fragment})`
    if (isPacked(there)) return all
    return picture ? '' : words
  })

/** Fills an empty folder with what is published. */
function stage(folder, address) {
  const own = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const published = publishedOf(own, address)
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(published, null, 2)}\n`)
  for (const path of own.files) {
    if (path.startsWith('!')) continue
    if (!existsSync(join(root, path)))
      throw new Error(`pack: ${path} is missing; npm run build makes what is built`)
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    cpSync(join(root, path), join(folder, path), { recursive: true })
  }
  slim(folder, own.exports)
  const base = address && ((kind, path) => `${address}/${kind}/v${own.version}/${path}`)
  for (const path of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (!path.endsWith('.md')) continue
    const name = path.replaceAll('\\', '/')
    const text = readFileSync(join(folder, path), 'utf8')
    writeFileSync(
      join(folder, path),
      linked(text, name, base, (other) => existsSync(join(folder, other))),
    )
  }
  return `${published.name}-${published.version}.tgz`
}

/**
 * A tarball whose files stand by kind and folder: what is alike lies within the 32 KiB that deflate
 * looks back, and it has 20 kB less than in npm's order, by the names of files.
 */
function sorted(tarball) {
  const tar = gunzipSync(tarball)
  const files = []
  let from = 0
  while (tar[from] !== 0) {
    const name = tar.toString('utf8', from, tar.indexOf(0, from))
    const size = Number.parseInt(tar.toString('latin1', from + 124, from + 136), 8)
    const to = from + 512 * (1 + Math.ceil(size / 512))
    files.push({ key: `${/(?:\.d)?\.\w+$/.exec(name)} ${name}`, bytes: tar.subarray(from, to) })
    from = to
  }
  files.sort((one, other) => (one.key < other.key ? -1 : 1))
  return gzipSync(Buffer.concat([...files.map(({ bytes }) => bytes), tar.subarray(from)]), {
    level: 9,
    memLevel: 7,
  })
}

/**
 * Packs the checkout as it is built.
 *
 * @param out an existing folder for the tarball
 * @returns the path of the tarball
 */
export function pack({ out = '.', repository } = {}) {
  if (!statSync(out, { throwIfNoEntry: false })?.isDirectory())
    throw new Error(`pack: --out ${out} is no folder; make it first`)
  const address = repository === undefined ? undefined : addressOf(repository)
  const folder = mkdtempSync(join(tmpdir(), 'regard-pack-'))
  try {
    const name = stage(folder, address)
    const words = 'pack --ignore-scripts --offline --loglevel error --update-notifier false'
    execFileSync('npm', words.split(' '), {
      cwd: folder,
      stdio: ['ignore', 'ignore', 'inherit'],
      shell: true,
    })
    const path = resolve(out, name)
    writeFileSync(path, sorted(readFileSync(join(folder, name))))
    return path
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { values } = parseArgs({
    options: { out: { type: 'string' }, repository: { type: 'string' } },
  })
  console.log(pack(values))
}
