import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { unrolled } from './unrolled.js'

// What the kernels' own source says of them, for those who start them. A kernel is an exported
// function that begins with its operands, and these are a class without a heap: its fields, 32 bits
// each. From both come the switch that leads from a number to a kernel, in AssemblyScript, and the
// numbers and fields that the host writes, in TypeScript.

const WASM = new URL('../src/device/wasm/', import.meta.url)
const KERNELS = new URL('kernels/', WASM)

const CLASS = /@unmanaged\n(?:export )?class (\w+)(?: extends (\w+))? \{\n([\s\S]*?)\n\}/g
const FIELD = /^ {2}(\w+): (i32|u32|usize|f32) = 0$/gm
const KERNEL =
  /^export function (\w+)\((operands: usize(?:, _?block: i32)?(?:, thread: i32)?)\): void \{\n([\s\S]*?)\n\}/gm

/** Kernels by their names, and classes with all of their fields. */
function readKernels() {
  const classes = new Map()
  const kernels = []
  for (const file of readdirSync(KERNELS).sort()) {
    const text = readFileSync(new URL(file, KERNELS), 'utf8')
    if (file.includes('.generated.')) continue
    for (const [, name, base, body] of text.matchAll(CLASS)) {
      const fields = [...body.matchAll(FIELD)].map(([, field, type]) => ({ field, type }))
      if (fields.length !== (body.match(/ = 0$/gm) ?? []).length)
        throw new Error(`build: ${file}: a field of ${name} has not 32 bits`)
      classes.set(name, [...(base ? classes.get(base) : []), ...fields])
    }
    for (const [, name, parameters, body] of text.matchAll(KERNEL)) {
      const [, operands] = body.match(/changetype<(\w+)>\(operands\)/)
      const given = parameters.split(', ').map((one) => one.replace(/^_?(\w+):.*/, '$1'))
      kernels.push({ name, operands, given, module: file.replace(/\.ts$/, '') })
    }
  }
  return { classes, kernels }
}

const dispatchOf = (kernels) => `// from the files beside it by scripts/kernels.js
${[...new Set(kernels.map(({ module }) => module))]
  .map(
    (module) =>
      `import { ${kernels
        .filter((one) => one.module === module)
        .map(({ name }) => name)
        .join(', ')} } from './${module}'\n`,
  )
  .join('')}
/** Computes one block of a kernel. */
export function runBlock(kernel: i32, operands: usize, block: i32, thread: i32): void {
  switch (kernel) {
${kernels.map(({ name, given }, n) => `    case ${n}:\n      ${name}(${given.join(', ')})\n      break\n`).join('')}    default:
      unreachable()
  }
}
`

function jobsOf({ classes, kernels }) {
  const used = [...new Set(kernels.map(({ operands }) => operands))]
  const fieldsOf = (name) => classes.get(name)
  const shape = (name) =>
    `export interface ${name} { ${fieldsOf(name)
      .map(({ field }) => `${field}: number`)
      .join('; ')} }\n`
  const line = ({ field, type }, n) => `${type === 'f32' ? 'f' : 'w'}[at + ${n}] = job.${field}`
  const floats = (name) => (fieldsOf(name).some(({ type }) => type === 'f32') ? 'f' : '_f')
  const write = (
    name,
  ) => `const write${name} = (w: Int32Array, ${floats(name)}: Float32Array, at: number, job: ${name}): void => {
  ${fieldsOf(name).map(line).join('; ')}
}
`
  const list = (name) =>
    fieldsOf(name)
      .map(({ field, type }) => (type === 'f32' ? `${field}:f32` : field))
      .join(' ')
  const kernel = ({ name, operands }, n) =>
    `  ${name}: { number: ${n}, fields: fields${operands}, write: write${operands} },\n`
  return `// from kernels/*.ts by scripts/kernels.js
import type { Kernel } from './pool.ts'
${used.map(shape).join('')}${used.map(write).join('')}${used.map((name) => `const fields${name} = '${list(name)}'\n`).join('')}
/** All kernels. */
export const kernels: {
${kernels.map(({ name, operands }) => `  readonly ${name}: Kernel<${operands}>\n`).join('')}} = {
${kernels.map(kernel).join('')}}
`
}

/** Writes both, and the loops that are written out, before the kernels are compiled. */
export function writeKernelTables() {
  const found = readKernels()
  writeFileSync(new URL('unrolled.generated.ts', KERNELS), unrolled)
  writeFileSync(new URL('dispatch.generated.ts', KERNELS), dispatchOf(found.kernels))
  writeFileSync(new URL('jobs.generated.ts', WASM), jobsOf(found))
}
