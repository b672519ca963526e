import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vite'
import { formulas } from './build/formulas.ts'
import { quizFormulas } from './build/quiz-formulas.ts'
import { texts } from './build/texts.ts'

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

/** What the page needs to be allowed, and nothing more; isolated, so that the device may have threads. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "worker-src 'self' blob:",
  "base-uri 'none'",
  "form-action 'none'",
]

export const HEADERS = {
  'Content-Security-Policy': POLICY.join('; '),
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
}

// relative addresses and no inline script or style: the folder works from any host, under a strict content security policy
export default defineConfig({
  root: at('.'),
  base: './',
  publicDir: false,
  logLevel: 'warn',
  plugins: [formulas(), quizFormulas(), texts()],
  resolve: { alias: { regard: at('../src/index.ts') } },
  worker: { format: 'es' },
  preview: { headers: HEADERS },
  build: {
    outDir: at('../dist/lab'),
    emptyOutDir: true,
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // what the library asks of Node alone, when it is asked to read files
    rolldownOptions: { external: [/^node:/] },
  },
})
