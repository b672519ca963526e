import type { Plugin } from 'vite'
import { PAGE_POLICY } from '../../src/cli/lab/policy.ts'

/** The page states its policy itself, for hosts that send no headers. */
export const ownPolicy = (): Plugin => ({
  name: 'own-policy',
  apply: 'build',
  transformIndexHtml: () => [
    {
      tag: 'meta',
      attrs: { 'http-equiv': 'Content-Security-Policy', content: PAGE_POLICY },
      injectTo: 'head-prepend',
    },
  ],
})
