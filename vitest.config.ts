import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

// examples import the package by its name
const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url))
const alias = [
  { find: /^regard$/, replacement: at('./src/index.ts') },
  { find: /^regard\/(internal|io|quiz|senses|text)$/, replacement: at('./src/doors/$1.ts') },
]

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'node',
          alias,
          include: ['test/**/*.test.ts'],
          exclude: ['test/browser/**', 'test/terminal/**', 'test/lab/**', 'test/consumers/**'],
          // a process for each core, in which many files run: what a file changes, it puts back
          isolate: false,
          maxWorkers: '100%',
          globalSetup: ['test/cli/setup.ts'],
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: 'terminal',
          include: ['test/terminal/**/*.test.ts'],
          globalSetup: ['test/cli/setup.ts'],
          testTimeout: 120_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'lab',
          alias,
          include: ['test/lab/**/*.test.ts'],
          globalSetup: ['test/lab/setup.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'consumers',
          include: ['test/consumers/*.test.ts'],
          globalSetup: ['test/consumers/setup.ts'],
          testTimeout: 300_000,
          hookTimeout: 300_000,
        },
      },
      {
        test: {
          name: 'browser',
          include: ['test/browser/**/*.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
})
