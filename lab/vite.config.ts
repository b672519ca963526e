import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vite'
import { common, external } from './build/common.ts'
import { formulas } from './build/formulas.ts'
import { oneFile } from './build/one-file.ts'
import { ownPolicy } from './build/own-policy.ts'
import { packed } from './build/packed.ts'
import { quizFormulas } from './build/quiz-formulas.ts'

// relative addresses and no inline script or style: the folder works from any host, under a strict content security policy
export default defineConfig({
  ...common,
  base: './',
  plugins: [formulas(), quizFormulas(), packed(), ownPolicy(), oneFile()],
  worker: { format: 'es', rolldownOptions: { external } },
  build: {
    ...common.build,
    outDir: fileURLToPath(new URL('../dist/lab', import.meta.url)),
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
})
