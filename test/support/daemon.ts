/** One master or agent as a process of its own. */
import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { until } from './waiting.js'

export class Daemon {
  readonly #child: ChildProcess
  readonly #log: string
  #ended = false
  #failure = ''

  constructor(command: readonly string[], args: readonly string[], log: string, environment: NodeJS.ProcessEnv) {
    this.#log = log
    const file = openSync(log, 'a')
    this.#child = spawn(command[0] ?? '', [...command.slice(1), ...args], {
      stdio: ['ignore', file, file],
      env: { ...process.env, ...environment },
    })
    closeSync(file)
    this.#child.on('exit', () => {
      this.#ended = true
    })
    this.#child.on('error', (error) => {
      this.#ended = true
      this.#failure = error.message
    })
  }

  get pid(): number {
    return this.#child.pid ?? 0
  }

  get isDead(): boolean {
    return this.#ended
  }

  signal(which: NodeJS.Signals): void {
    this.#child.kill(which)
  }

  /** Ends it: by the signal, and if that takes too long, by force. */
  async end(which: NodeJS.Signals, patience: number): Promise<void> {
    if (this.#ended) return
    this.signal('SIGCONT')
    this.signal(which)
    await until(() => this.#ended, patience)
    if (this.#ended) return
    this.signal('SIGKILL')
    await until(() => this.#ended, 5)
  }

  lastWords(): string {
    return this.#failure || readFileSync(this.#log, 'utf8').slice(-400).trim()
  }
}
