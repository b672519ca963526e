import { execFile } from 'node:child_process'

/** What a command printed. */
export interface Output {
  readonly stdout: string
  readonly stderr: string
}

const QUIET = { NO_COLOR: '1', NEXT_TELEMETRY_DISABLED: '1', npm_config_update_notifier: 'false' }

/** Variables that npm and vitest set for what they run, and that a user's shell does not have. */
const isOfTests = (name: string): boolean =>
  /^(npm_(?!config_(registry|cache|userconfig)$)|CI$|VITEST|NODE_ENV$|TEST$|DEV$|PROD$|MODE$|SSR$)/.test(
    name,
  )

/** Runs a command to its end. @throws {Error} with what it printed, if it fails */
export function run(
  command: string,
  words: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>> = {},
): Promise<Output> {
  const own = Object.fromEntries(Object.entries(process.env).filter(([name]) => !isOfTests(name)))
  const options = {
    cwd,
    env: { ...own, ...QUIET, ...env },
    maxBuffer: 2 ** 26,
    shell: process.platform === 'win32',
  }
  return new Promise((resolve, reject) => {
    execFile(command, words, options, (error, stdout, stderr) => {
      if (error) reject(new Error(`${command} ${words.join(' ')}, in ${cwd}\n${stdout}${stderr}`))
      else resolve({ stdout, stderr })
    })
  })
}

export const npm = (
  words: readonly string[],
  cwd: string,
  env?: Readonly<Record<string, string>>,
): Promise<Output> => run('npm', [...words, '--no-audit', '--no-fund'], cwd, env)
