import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vite'
import { formulas } from './build/formulas.ts'
import { notices } from './build/notices.ts'
import { ownPolicy } from './build/own-policy.ts'
import { packed } from './build/packed.ts'
import { quizFormulas } from './build/quiz-formulas.ts'

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

/** What every view needs, and the view that the page opens on: one script. */
const SHARED =
  /node_modules|\/lab\/(state|parts|words|look|export|shipped)\/|\/lab\/(learn\/(own|run|status)|worker\/(calls|page|start))\./

const notice = notices()

// relative addresses and no inline script or style: the folder works from any host, under a strict
// content security policy
export default defineConfig({
  root: at('.'),
  base: './',
  publicDir: false,
  logLevel: 'warn',
  resolve: { alias: { 'regard/internal': at('../src/doors/internal.ts') } },
  plugins: [formulas(), quizFormulas(), packed(), ownPolicy(), notice],
  worker: { format: 'es', plugins: () => [notice] },
  build: {
    target: 'es2022',
    // few scripts: a browser asks a host of the old kind for six things at once, and on a slow
    // network each turn counts
    rolldownOptions: {
      checks: { pluginTimings: false },
      output: { codeSplitting: { groups: [{ name: 'page', test: SHARED }] } },
    },
    outDir: at('../dist/lab'),
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
})
