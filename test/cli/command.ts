import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, inject } from 'vitest'
import { main } from '../../src/cli/main.ts'
import { learn } from '../../src/doors/internal.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** The package as it stands in package.json. */
export const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  version: string
  bin: { regard: string }
}

export interface Ran {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** An ending of the process that the command asked for, where it runs in that of the tests. */
class Exit extends Error {
  readonly code: number

  constructor(code: number) {
    super(`exit ${code}`)
    this.code = code
  }
}

let running: Promise<unknown> = Promise.resolve()

/** Runs the command in this process, as one of its own would: one after the other. */
function runHere(
  words: readonly string[],
  input: string | Uint8Array,
  env: Record<string, string>,
  cwd: string,
): Promise<Ran> {
  const ran = running.then(() => here(words, input, env, cwd))
  running = ran.catch(() => {})
  return ran
}

async function here(
  words: readonly string[],
  input: string | Uint8Array,
  env: Record<string, string>,
  cwd: string,
): Promise<Ran> {
  const before = { cwd: process.cwd(), env: process.env, argv: process.argv, exit: process.exit }
  const stdin = Object.getOwnPropertyDescriptor(process, 'stdin') as PropertyDescriptor
  const writes = [process.stdout.write, process.stderr.write] as const
  const said: Buffer[][] = [[], []]
  const into =
    (n: number): typeof process.stdout.write =>
    (piece: string | Uint8Array, ...rest: unknown[]) => {
      said[n].push(Buffer.from(piece as string))
      const done = rest.at(-1)
      if (typeof done === 'function') queueMicrotask(() => done())
      return true
    }
  process.chdir(cwd)
  process.env = { ...env }
  process.argv = [process.execPath, 'regard', ...words]
  process.exitCode = undefined
  process.exit = (code) => {
    throw new Exit(Number(code ?? 0))
  }
  Object.defineProperty(process, 'stdin', {
    value: Readable.from(input.length ? [Buffer.from(input as string)] : [], { objectMode: false }),
    configurable: true,
  })
  process.stdout.write = into(0)
  process.stderr.write = into(1)
  try {
    await main(words)
  } catch (error) {
    if (!(error instanceof Exit)) throw error
    process.exitCode = error.code
  } finally {
    ;[process.stdout.write, process.stderr.write] = writes
    Object.defineProperty(process, 'stdin', stdin)
    process.exit = before.exit
    process.argv = before.argv
    process.env = before.env
    process.chdir(before.cwd)
  }
  const code = Number(process.exitCode ?? 0)
  process.exitCode = undefined
  const [stdout, stderr] = said.map((pieces) => Buffer.concat(pieces).toString('utf8'))
  return { code, stdout, stderr }
}

export interface RunOptions {
  /** Runs it in a process of its own, as a shell does; otherwise in that of the tests. */
  readonly apart?: boolean
  /** What stands on stdin. */
  readonly input?: string | Uint8Array
  readonly environment?: Readonly<Record<string, string>>
}

/** The command as it is installed, in a folder of its own where it runs. */
export interface Installed {
  /** Runs it as a shell would, in English unless told, away from a terminal. */
  run(words: readonly string[], options?: RunOptions): Promise<Ran>
  start(
    words: readonly string[],
    environment?: RunOptions['environment'],
  ): ChildProcess & {
    readonly stdout: NodeJS.ReadableStream
    readonly stderr: NodeJS.ReadableStream
  }
  /** The command's script, compiled: for a shell. */
  script(): string
  /** A file in the folder. */
  path(name: string): string
  read(name: string): string
  write(name: string, content: string | Uint8Array): void
}

/**
 * The command for the tests of a file, in a folder to which `prepare` adds. Where a process of its
 * own is needed, that is of the sources of this moment (setup.ts), whatever dist/ holds.
 */
export function installed(
  prepare: (command: Installed) => Promise<void> = async () => {},
  { apart: always = false }: Pick<RunOptions, 'apart'> = {},
): Installed {
  const folder = mkdtempSync(join(tmpdir(), 'regard-command-'))
  const script = join(folder, 'package', manifest.bin.regard)
  let isCompiled = false
  const compiled = (): void => {
    if (!isCompiled) cpSync(inject('compiled'), join(folder, 'package'), { recursive: true })
    isCompiled = true
  }
  const environmentOf = (more: Readonly<Record<string, string>> = {}) => ({
    PATH: process.env.PATH ?? '',
    LC_ALL: 'C',
    ...more,
  })
  const command: Installed = {
    run: (words, { input = '', environment, apart = always } = {}) => {
      if (!apart) return runHere(words, input, environmentOf(environment), folder)
      compiled()
      return new Promise((done) => {
        const options = { env: environmentOf(environment), cwd: folder, maxBuffer: 2 ** 28 }
        const child = execFile(
          process.execPath,
          [script, ...words],
          options,
          (error, stdout, stderr) => {
            done({ code: error ? Number(error.code ?? -1) : 0, stdout, stderr })
          },
        )
        // what it does not read is no error of ours
        child.stdin?.on('error', () => {})
        child.stdin?.end(input)
      })
    },
    start: (words, environment) => {
      compiled()
      return spawn(process.execPath, [script, ...words], {
        env: environmentOf(environment),
        cwd: folder,
        stdio: 'pipe',
      })
    },
    script: () => {
      compiled()
      return script
    },
    path: (name) => join(folder, name),
    read: (name) => readFileSync(join(folder, name), 'utf8'),
    write: (name, content) => writeFileSync(join(folder, name), content),
  }
  beforeAll(() => prepare(command))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  return command
}

export const SENTENCE = 'Tom a été entarté cet été'

/** Forty short sentences. */
export const TEXT = Array.from({ length: 10 }, (_, n) =>
  [
    SENTENCE,
    `Un chat noir dort ${n} heures cet été`,
    'Tom a été ici',
    "L'été, la mer est calme.",
  ].join('\n'),
).join('\n')

/** A header and questions on the sentence. */
export const QUESTIONS = `sentence\tquestion\tstart\tend
${SENTENCE}\tWhat happened to Tom ?\t3\t4
${SENTENCE}\tWhen does that happen to Tom ?\t4\t6
`

/** Puts a small model into the folder, as model.safetensors: it has learned four steps. */
export async function withModel(
  command: Installed,
  name = 'model.safetensors',
  questions?: string,
): Promise<void> {
  const sizes = { width: 10, query: 6, key: 6, value: 14, heads: 2, buckets: 97, asking: 5 }
  const model = await learn(TEXT, {
    ...sizes,
    steps: 4,
    batchWords: 50,
    ...(questions === undefined ? {} : { questions }),
  })
  await model.save(command.path(name))
  await model.close()
}

/** Values of JSON lines. */
export const jsonLines = (text: string) =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
