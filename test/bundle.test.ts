import { fileURLToPath } from 'node:url'
import { build, type Rolldown } from 'vite'
import { expect, test } from 'vitest'

test('the public index bundles for a browser as it is: it imports itself alone, no module of Node and no package', async () => {
  const foreign: string[] = []
  const entry = fileURLToPath(new URL('../src/index.ts', import.meta.url))
  const [{ output }] = (await build({
    configFile: false,
    logLevel: 'silent',
    plugins: [
      {
        name: 'foreign',
        enforce: 'pre',
        resolveId: (source, importer) => {
          if (importer && !source.startsWith('.')) foreign.push(`${importer} imports ${source}`)
        },
      },
    ],
    build: { write: false, target: 'es2022', lib: { entry, formats: ['es'] } },
  })) as Rolldown.RolldownOutput[]
  expect(foreign).toEqual([])
  const names = output.map(({ fileName }) => fileName)
  const asked = output.flatMap((file) => (file.type === 'chunk' ? [...file.imports, ...file.dynamicImports] : []))
  expect(asked.filter((name) => !names.includes(name))).toEqual([])
})
