import { writeFileSync } from 'node:fs'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'vite'

// The main door as one minified module, dist/bundle/regard.js, for pages with an import map. Devices,
// which the door imports when they are opened, are inside; what else it imports on demand becomes a
// file beside it.

const at = (path) => fileURLToPath(new URL(`../dist/${path}`, import.meta.url))
const ENTRY = '\0bundle'
const [INDEX, ...DEVICES] = ['index.js', 'device/wasm/lazy.js', 'device/reference/lazy.js'].map(at)

const entry = {
  name: 'entry',
  resolveId: (source) => (source === ENTRY ? ENTRY : null),
  load: (id) =>
    id === ENTRY
      ? [
          `export * from ${JSON.stringify(INDEX)}`,
          ...DEVICES.map((path) => `import ${JSON.stringify(path)}`),
        ].join('\n')
      : null,
}

/** Writes dist/bundle/ from dist/; returns its scripts by name, the first of which is the bundle. */
export async function writeBundle() {
  const { output } = await build({
    configFile: false,
    logLevel: 'warn',
    root: at(''),
    publicDir: false,
    plugins: [entry],
    build: {
      target: 'es2022',
      minify: 'oxc',
      modulePreload: false,
      outDir: at('bundle'),
      emptyOutDir: true,
      rolldownOptions: {
        input: ENTRY,
        checks: { ineffectiveDynamicImport: false },
        preserveEntrySignatures: 'allow-extension',
        output: {
          entryFileNames: 'regard.js',
          chunkFileNames: '[name]-[hash].js',
          // by it publint knows a module, whatever stands in the strings of a long line
          postBanner: 'export {}',
        },
      },
    },
  })
  writeFileSync(at('bundle/regard.d.ts'), "export * from '../index.js'\n")
  return output.map(({ fileName, code }) => ({ name: fileName, size: Buffer.byteLength(code) }))
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href)
  console.log(await writeBundle())
