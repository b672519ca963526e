import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { copyFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { transformWithOxc } from 'vite'
import type { TestProject } from 'vitest/node'

declare module 'vitest' {
  interface ProvidedContext {
    /** The folder of the package, compiled from the sources of this moment. */
    compiled: string
  }
}

const root = fileURLToPath(new URL('../..', import.meta.url))

/** Compiles the package once for all tests that start the command in a process of its own. */
export default async function setup(project: TestProject): Promise<() => void> {
  const folder = mkdtempSync(join(tmpdir(), 'regard-compiled-'))
  await compile(folder)
  for (const name of ['node_modules', 'models']) symlinkSync(join(root, name), join(folder, name))
  project.onTestsRerun(() => compile(folder))
  project.provide('compiled', folder)
  return () => rmSync(folder, { recursive: true, force: true })
}

async function compile(target: string): Promise<void> {
  const files = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
    // kernels are AssemblyScript, but for the numbers that both sides read
    .filter((file) => file.endsWith('.ts') && !/kernels[\\/](?!numbers)/.test(file))
    .map(async (file) => {
      const source = join(root, 'src', file)
      const to = join(target, 'dist', file.replace(/\.ts$/, '.js'))
      const { code } = await transformWithOxc(readFileSync(source, 'utf8'), source, {
        typescript: { rewriteImportExtensions: 'rewrite' },
        sourcemap: false,
      })
      mkdirSync(dirname(to), { recursive: true })
      await writeFile(to, code)
    })
  await Promise.all([...files, copyFile(join(root, 'package.json'), join(target, 'package.json'))])
}
