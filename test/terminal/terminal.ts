import { execFileSync } from 'node:child_process'
import { setTimeout as after } from 'node:timers/promises'
import { afterAll } from 'vitest'

/** How a terminal begins. */
export interface TerminalOptions {
  readonly columns?: number
  readonly environment?: Readonly<Record<string, string>>
}

let count = 0

/** A terminal emulator, tmux, in which one command runs. */
export class Terminal {
  readonly #socket = `regard-test-${process.pid}-${count++}`

  constructor(words: readonly string[], { columns = 80, environment = {} }: TerminalOptions = {}) {
    const set = Object.entries({ LC_ALL: 'C.UTF-8', TERM: 'tmux-256color', ...environment }).map(
      ([name, value]) => `${name}=${value}`,
    )
    const shell = [
      'sh',
      '-c',
      '"$@"; echo "ended with $?"; sleep 600',
      'sh',
      'env',
      '-u',
      'NO_COLOR',
      ...set,
      ...words,
    ]
    this.#tmux('-f', '/dev/null', 'new-session', '-d', '-x', String(columns), '-y', '50', ...shell)
    opened.add(this)
  }

  #tmux(...words: string[]): string {
    return execFileSync('tmux', ['-u', '-L', this.#socket, ...words], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    })
  }

  /**
   * What stands on the screen, lines that the emulator broke joined again; with `-e` what sets
   * colours, too.
   */
  screen(...more: string[]): string {
    return this.#tmux('capture-pane', '-p', '-J', ...more)
  }

  /** Types texts, each with Enter after it. */
  type(...texts: string[]): void {
    for (const text of texts) {
      if (text) this.#tmux('send-keys', '-l', '--', text)
      this.#tmux('send-keys', 'Enter')
    }
  }

  /** Presses keys by their names, as C-c. */
  press(...keys: string[]): void {
    this.#tmux('send-keys', ...keys)
  }

  /**
   * The screen once it shows something.
   *
   * @throws {Error} with the screen, if it does not within ten seconds
   */
  async shows(wanted: string | RegExp): Promise<string> {
    for (let n = 0; n < 200; n++) {
      const screen = this.screen()
      if (typeof wanted === 'string' ? screen.includes(wanted) : wanted.test(screen)) return screen
      await after(50)
    }
    throw new Error(
      `the terminal does not show ${wanted}, but\n${this.screen().replace(/\n+$/, '')}`,
    )
  }

  /** The screen once it shows something and, at its end, asks for more. */
  async asks(wanted: string): Promise<string> {
    await this.shows(wanted)
    return this.shows(
      new RegExp(`${wanted.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}.*\\n> *\\n*$`, 's'),
    )
  }

  /** The exit code of the command, once it has ended. */
  async code(): Promise<number> {
    return Number(/ended with (\d+)/.exec(await this.shows(/^ended with \d+$/m))?.[1])
  }

  /** Kills the command, which can do nothing about it. */
  kill(): void {
    const shell = this.#tmux('display-message', '-p', '#{pane_pid}').trim()
    process.kill(Number(execFileSync('pgrep', ['-P', shell], { encoding: 'utf8' })), 'SIGKILL')
  }

  /** Closes the terminal, with the command in it. */
  close(): void {
    if (opened.delete(this)) this.#tmux('kill-server')
  }
}

const opened = new Set<Terminal>()

afterAll(() => {
  for (const terminal of opened) terminal.close()
})
