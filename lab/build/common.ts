import { fileURLToPath } from 'node:url'
import type { UserConfig } from 'vite'

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

/** What the library asks of Node alone, when it is asked to read files. */
export const external = [/^node:/]

/** What the page as a folder and as one file have in common. */
export const common = {
  root: at('..'),
  publicDir: false,
  logLevel: 'warn',
  resolve: { alias: { regard: at('../../src/index.ts') } },
  build: { target: 'es2022', rolldownOptions: { external, checks: { pluginTimings: false } } },
} satisfies UserConfig
