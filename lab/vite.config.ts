import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vite'
import { formulas } from './build/formulas.ts'
import { notices } from './build/notices.ts'
import { ownPolicy } from './build/own-policy.ts'
import { packed } from './build/packed.ts'
import { quizFormulas } from './build/quiz-formulas.ts'
import { ofWorker, ownWorker } from './build/worker.ts'

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

/** What every view needs, and the view that the page opens on: one script. */
const PAGE =
  /node_modules|\/lab\/(state|parts|words|look|export|shipped)\/|\/lab\/(learn\/(own|run|status)|worker\/(calls|page|start))\./

// relative addresses and no inline script or style: the folder works from any host, under a strict
// content security policy
export default defineConfig({
  root: at('.'),
  base: './',
  publicDir: false,
  logLevel: 'warn',
  resolve: { alias: { 'regard/internal': at('../src/doors/internal.ts') } },
  plugins: [formulas(), quizFormulas(), packed(), ownWorker(), ownPolicy(), notices()],
  build: {
    target: 'es2022',
    // few scripts: a browser asks a host of the old kind for six things at once, and on a slow
    // network each turn counts
    rolldownOptions: {
      checks: { pluginTimings: false },
      output: {
        // a module of the library that the package need not have twice gives its own names
        minifyInternalExports: false,
        chunkFileNames: ({ name }) => `assets/${name.split('~')[0]}-[hash].js`,
        codeSplitting: {
          groups: [
            { name: 'kernels.generated', test: /kernels\.generated\./, priority: 2 },
            { name: ofWorker, priority: 1, entriesAware: true },
            { name: 'page', test: PAGE },
          ],
        },
      },
    },
    outDir: at('../dist/lab'),
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: {
      polyfill: false,
      // a worker has no document whose head could name what comes next
      resolveDependencies: (_name, needed, { hostId }) =>
        hostId.startsWith('assets/library-') ? [] : needed,
    },
  },
})
