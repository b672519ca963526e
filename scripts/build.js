import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { setFlagsFromString } from 'node:v8'
import { deflateRawSync } from 'node:zlib'
import { main as assemblyScript } from 'assemblyscript/asc'
import { build } from 'vite'
import { writeBundle } from './bundle.js'
import { writeKernelTables } from './kernels.js'
import { writeQuizzes } from './quizzes.js'

// Kernels to WebAssembly, kept as text in src/device/wasm/kernels.generated.ts and as files in
// dist/wasm/; quizzes to modules in src/quiz; TypeScript to dist/, and the main door as one
// module to dist/bundle/; then the page, with a small model that the library just built learns, to
// dist/lab/.

const root = fileURLToPath(new URL('..', import.meta.url))
const began = performance.now()

/** Features of each arithmetic, over a shared memory. */
const FEATURES = { portable: '', fused: '--enable relaxed-simd' }

/** The kernels of one arithmetic as bytes. */
async function compileKernels(features) {
  let bytes
  const options =
    '-O3 --noAssert --runtime stub --enable simd --enable threads --importMemory --sharedMemory'
  const limits = `--initialMemory 1 --maximumMemory 65536 ${features}`.trim()
  const { error, stderr } = await assemblyScript(
    [
      'src/device/wasm/kernels/index.ts',
      '--baseDir',
      root,
      '--outFile',
      'kernels.wasm',
      ...`${options} ${limits}`.split(' '),
    ],
    {
      writeFile: (_name, contents) => {
        bytes = contents
      },
    },
  )
  if (error || !bytes) throw new Error(`build: the kernels do not compile\n${stderr}`)
  return bytes
}

/**
 * Where the import of memory says that it is shared: the one byte that a module for unshared memory
 * has otherwise.
 */
function sharedFlag(bytes) {
  const limits = Buffer.from('\x06memory\x02\x03', 'latin1')
  return Buffer.from(bytes).indexOf(limits) + limits.length - 1
}

const memory = (shared) => new WebAssembly.Memory({ initial: 1, maximum: 1, shared })

/** A module for a memory that is shared or not, with a section that says which kernels it has. */
function moduleFile({ arithmetic, bytes, sharedFlag, hash }, shared) {
  const module = Uint8Array.from(bytes)
  if (!shared) module[sharedFlag] = 1
  const [name, text] = ['regard', `${arithmetic} ${shared ? 'shared' : 'unshared'} ${hash}`]
  const file = Buffer.concat([
    module,
    Buffer.of(0, 1 + name.length + text.length, name.length),
    Buffer.from(name + text),
  ])
  new WebAssembly.Instance(new WebAssembly.Module(file), { env: { memory: memory(shared) } })
  return file
}

// Node 20 knows relaxed vectors behind a switch; what is compiled here is tried here
if (process.versions.node.startsWith('20.')) setFlagsFromString('--experimental-wasm-relaxed-simd')

/**
 * Parts of both modules in turn: what they have in common, nearly all, lies within the 32 KiB that
 * deflate looks back.
 */
function inTurn(modules) {
  const parts = []
  const longest = Math.max(...modules.map(({ length }) => length))
  for (let from = 0; from < longest; from += PART)
    parts.push(...modules.map((bytes) => bytes.subarray(from, from + PART)))
  return Buffer.concat(parts)
}
const PART = 4096

writeKernelTables()
const kernels = []
for (const [arithmetic, features] of Object.entries(FEATURES)) {
  const bytes = await compileKernels(features)
  kernels.push({
    arithmetic,
    bytes,
    sharedFlag: sharedFlag(bytes),
    hash: createHash('sha256').update(bytes).digest('hex').slice(0, 16),
  })
}
const deflated = deflateRawSync(inTurn(kernels.map(({ bytes }) => bytes)), { level: 9 })
writeFileSync(
  new URL('../src/device/wasm/kernels.generated.ts', import.meta.url),
  `// from kernels/*.ts by scripts/build.js
export const kernels = {
${kernels.map(({ arithmetic, bytes, sharedFlag, hash }) => `  ${arithmetic}: { length: ${bytes.length}, sharedFlag: ${sharedFlag}, hash: '${hash}' },\n`).join('')}}
/** Parts of so many bytes of each in turn, deflated. */
export const PART = ${PART}
export const base64: string = '${deflated.toString('base64')}'
`,
)

writeQuizzes()
rmSync(new URL('../dist', import.meta.url), { recursive: true, force: true })
const compiler = fileURLToPath(import.meta.resolve('typescript/bin/tsc'))
try {
  execFileSync(process.execPath, [compiler, '-p', 'tsconfig.build.json'], {
    cwd: root,
    stdio: 'inherit',
  })
} catch {
  console.error('build: TypeScript found errors')
  process.exit(1)
}
mkdirSync(new URL('../dist/wasm', import.meta.url))
for (const one of kernels) {
  for (const shared of [true, false])
    writeFileSync(
      new URL(`../dist/wasm/${one.arithmetic}${shared ? '' : '-unshared'}.wasm`, import.meta.url),
      moduleFile(one, shared),
    )
}
await writeBundle()
await build({ root: `${root}lab` })
const command = new URL('../dist/cli/regard.js', import.meta.url)
if (existsSync(command)) chmodSync(command, 0o755)
console.log(
  `build: kernels ${kernels.map(({ arithmetic, bytes }) => `${arithmetic} ${bytes.length}`).join(', ')} bytes, ${deflated.length} deflated, dist/ written in ${((performance.now() - began) / 1000).toFixed(1)} s`,
)
