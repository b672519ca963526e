import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vite'
import { common, external } from './build/common.ts'
import { formulas } from './build/formulas.ts'
import { oneFile } from './build/one-file.ts'
import { ownPolicy } from './build/own-policy.ts'
import { packed } from './build/packed.ts'
import { quizFormulas } from './build/quiz-formulas.ts'

/** What every view needs, and the view that the page opens on: one script. */
const SHARED = /node_modules|\/lab\/(state|parts|words|look|export|shipped)\/|\/lab\/(learn\/(own|run|status)|worker\/(calls|page|start))\./

// relative addresses and no inline script or style: the folder works from any host, under a strict content security policy
export default defineConfig({
  ...common,
  base: './',
  plugins: [formulas(), quizFormulas(), packed(), ownPolicy(), oneFile()],
  worker: { format: 'es', rolldownOptions: { external } },
  build: {
    ...common.build,
    // few scripts: a browser asks a host of the old kind for six things at once, and on a slow network each turn counts
    rolldownOptions: { ...common.build.rolldownOptions, output: { codeSplitting: { groups: [{ name: 'page', test: SHARED }] } } },
    outDir: fileURLToPath(new URL('../dist/lab', import.meta.url)),
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
})
