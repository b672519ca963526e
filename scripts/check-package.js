import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import { pack } from './pack.js'

// Judges the package as it would be published: node scripts/check-package.js [TARBALL], npm run
// test:package. Installing it needs its dependencies: npm's store, or a network.

const folder = mkdtempSync(join(tmpdir(), 'regard-package-'))
const tarball = process.argv[2] ?? pack({ out: folder })
const npm = (words, cwd) =>
  spawnSync('npm', [...words.split(' '), JSON.stringify(tarball)], {
    cwd,
    encoding: 'utf8',
    shell: true,
  })

/** What is wrong with package.json and the files that it names. */
async function ofPublint() {
  const { messages, pkg } = await publint({
    pack: { tarball: Uint8Array.from(readFileSync(tarball)).buffer },
    strict: true,
  })
  return messages.map((message) => formatMessage(message, pkg))
}

/**
 * What is wrong with the types, for every way to resolve them. Node requires modules since 20.19;
 * the oldest way knows no subpaths.
 */
async function ofTypes() {
  const { problems } = await checkPackage(
    createPackageFromTarballData(Uint8Array.from(readFileSync(tarball))),
  )
  const isOld = ({ entrypoint, resolutionKind }) =>
    resolutionKind === 'node10' && entrypoint !== '.'
  return problems
    .filter((problem) => problem.kind !== 'CJSResolvesToESM' && !isOld(problem))
    .map((problem) => JSON.stringify(problem))
}

/** What npm says against publishing it, which it does not. No registry is asked. */
function ofDryRun() {
  const { status, stderr } = npm(
    'publish --dry-run --provenance --access public --offline --fetch-retries 0',
  )
  const warnings = stderr
    .split('\n')
    .filter((line) => /^npm (warn|error)/.test(line) && !/logged in/.test(line))
  return status === 0 ? warnings : [...warnings, `exit code ${status}`]
}

/** What npm says when it is installed, and whether it then runs. */
function ofInstalling() {
  const project = join(folder, 'project')
  mkdirSync(project)
  writeFileSync(join(project, 'package.json'), '{ "private": true }')
  const { status, stderr } = npm('install --no-audit --no-fund --prefer-offline', project)
  if (status !== 0 || stderr.trim()) return [stderr.trim() || `exit code ${status}`]
  const { version } = JSON.parse(
    readFileSync(join(project, 'node_modules/regard/package.json'), 'utf8'),
  )
  const run = (...words) =>
    execFileSync(process.execPath, words, {
      cwd: project,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    }).trim()
  const found = {
    version: run('node_modules/regard/dist/cli/regard.js', '--version'),
    import: run(
      '--input-type=module',
      '-e',
      "import { Tensor } from 'regard'; console.log(Tensor.zeros([2]).shape[0])",
    ),
    require: run(
      '--no-warnings',
      '-e',
      "console.log(require('regard').Tensor.zeros([2]).shape[0])",
    ),
  }
  const told = { version, import: '2', require: '2' }
  return Object.keys(told).flatMap((name) =>
    found[name] === told[name] ? [] : [`${name}: expected ${told[name]}, got ${found[name]}`],
  )
}

/** What is downloaded: the package, the page as one file, and the bundle, a line each. */
function sizes() {
  const [project, page] = [join(folder, 'project'), join(folder, 'page.html')]
  const command = join(project, 'node_modules/regard/dist/cli/regard.js')
  execFileSync(process.execPath, [command, 'lab', '--out', page, '--quiet'], { cwd: project })
  const told = (name, path) => {
    const bytes = readFileSync(path)
    return `${name}: ${bytes.length} bytes, ${gzipSync(bytes, { level: 9 }).length} gzipped`
  }
  return [
    `package: ${readFileSync(tarball).length} bytes`,
    told('page as one file', page),
    told('bundle', join(project, 'node_modules/regard/dist/bundle/regard.js')),
  ]
}

const CHECKS = {
  publint: ofPublint,
  'are the types wrong': ofTypes,
  'publish, dry run': ofDryRun,
  'install and run': ofInstalling,
}
try {
  for (const [name, check] of Object.entries(CHECKS)) {
    const wrong = await check()
    console.log(`${wrong.length ? '✗' : '✓'} ${name}`)
    for (const one of wrong) console.log(`  ${one}`)
    if (wrong.length) process.exitCode = 1
  }
  if (!process.exitCode) for (const line of sizes()) console.log(line)
} finally {
  rmSync(folder, { recursive: true, force: true })
}
