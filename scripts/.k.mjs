import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { setFlagsFromString } from 'node:v8'
import { main as assemblyScript } from 'assemblyscript/asc'

// Kernels to WebAssembly, kept as text in src/device/wasm/kernels.generated.ts; then TypeScript to dist/.

const root = fileURLToPath(new URL('..', import.meta.url))
const began = performance.now()

/** Features of each arithmetic, over a shared memory. */
const FEATURES = { portable: '', fused: '--enable relaxed-simd' }

/** The kernels of one arithmetic as bytes. */
async function compileKernels(features) {
  let bytes
  const options = '-O3 --noAssert --runtime stub --enable simd --enable threads --importMemory --sharedMemory'
  const limits = `--initialMemory 1 --maximumMemory 65536 ${features}`.trim()
  const { error, stderr } = await assemblyScript(
    ['src/device/wasm/kernels/index.ts', '--baseDir', root, '--outFile', 'kernels.wasm', ...`${options} ${limits}`.split(' ')],
    {
      writeFile: (_name, contents) => {
        bytes = contents
      },
    },
  )
  if (error || !bytes) throw new Error(`build: the kernels do not compile\n${stderr}`)
  return bytes
}

/** Where the import of memory says that it is shared: the one byte that a module for unshared memory has otherwise. */
function sharedFlag(bytes) {
  const limits = Buffer.from('\x06memory\x02\x03', 'latin1')
  const flag = Buffer.from(bytes).indexOf(limits) + limits.length - 1
  const unshared = Uint8Array.from(bytes)
  unshared[flag] = 1
  new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { memory: memory(true) } })
  new WebAssembly.Instance(new WebAssembly.Module(unshared), { env: { memory: memory(false) } })
  return flag
}

const memory = (shared) => new WebAssembly.Memory({ initial: 1, maximum: 1, shared })

// Node 20 knows relaxed vectors behind a switch; what is compiled here is tried here
if (process.versions.node.startsWith('20.')) setFlagsFromString('--experimental-wasm-relaxed-simd')

const kernels = []
for (const [arithmetic, features] of Object.entries(FEATURES)) kernels.push([arithmetic, await compileKernels(features)])
writeFileSync(
  new URL('../src/device/wasm/kernels.generated.ts', import.meta.url),
  `// from kernels/*.ts by scripts/build.js
export const kernels = {
${kernels.map(([name, bytes]) => `  ${name}: { base64: '${Buffer.from(bytes).toString('base64')}', sharedFlag: ${sharedFlag(bytes)} },\n`).join('')}}
`,
)

const g = (await import('node:fs')).readFileSync('/tmp/w-rows/src/device/wasm/kernels.generated.ts', 'utf8')
;(await import('node:fs')).writeFileSync('/tmp/w-rows/dist/device/wasm/kernels.generated.js', g)
const nn = (await import('node:fs')).readFileSync('/tmp/w-rows/src/device/wasm/kernels/numbers.ts', 'utf8')
;(await import('node:fs')).writeFileSync('/tmp/w-rows/dist/device/wasm/kernels/numbers.js', nn)
console.log(kernels.map(([n, b]) => n + ' ' + b.length).join(), performance.now() - began)
