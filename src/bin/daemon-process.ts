import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { Backoff } from '#base/backoff.js'
import { PARENT_IS_INPUT } from './process.js'

export interface DaemonOptions {
  name: string
  script: string
  argv: readonly string[]
  /** Its output and its last words. */
  logFile: string
  env: Readonly<Record<string, string | undefined>>
  /** Something happened that a person wants to read. */
  say: (text: string) => void
}

/** A daemon that lived so long may hurry back when it dies. */
const STABLE = 30_000
/** How long a daemon may need to end by itself. */
const GRACE = 15_000
const TAIL_LINES = 15

/** One daemon as a process of its own, started again when it dies. */
export class DaemonProcess {
  private readonly options: DaemonOptions
  private readonly backoff = new Backoff({ first: 500, most: 15_000 }, { next: Math.random })
  private child: ChildProcess | undefined
  private stopping = false
  private timer: NodeJS.Timeout | undefined
  /** Until it was up once, its death is a failure of the start. */
  private trusted = false
  private failed: (how: string) => void = () => {}
  /** Resolves with how it ended, if it ends before `trust`. */
  readonly failure = new Promise<string>((resolve) => {
    this.failed = resolve
  })

  constructor(options: DaemonOptions) {
    this.options = options
  }

  start(): void {
    const { script, argv, logFile, env } = this.options
    const log = openSync(logFile, 'a', 0o644)
    // In a session of its own: a Ctrl-C is for the program in the foreground, which ends its daemons in order.
    const child = spawn(process.execPath, [script, ...argv], {
      stdio: ['pipe', log, log],
      detached: true,
      env: { ...env, [PARENT_IS_INPUT]: '1' },
    })
    closeSync(log)
    const since = Date.now()
    this.child = child
    child.on('error', (error) => this.ended(error.message, since))
    child.on('exit', (code, signal) => this.ended(signal === null ? `exit code ${code}` : `signal ${signal}`, since))
  }

  /** It is up: from now on it is started again whenever it ends. */
  trust(): void {
    this.trusted = true
  }

  /** Resolves when the process is gone. */
  async stop(): Promise<void> {
    this.stopping = true
    clearTimeout(this.timer)
    const { child } = this
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    await new Promise<void>((resolve) => {
      const timer = setTimeout(() => child.kill('SIGKILL'), GRACE)
      child.once('exit', () => {
        clearTimeout(timer)
        resolve()
      })
      child.kill('SIGTERM')
    })
  }

  /** The last lines of its log. */
  async tail(): Promise<string> {
    const text = await readFile(this.options.logFile, 'utf8').catch(() => '')
    return text
      .trimEnd()
      .split('\n')
      .slice(-TAIL_LINES)
      .map((line) => `  ${line}`)
      .join('\n')
  }

  private ended(how: string, since: number): void {
    if (this.stopping) return
    if (!this.trusted) return this.failed(how)
    if (Date.now() - since > STABLE) this.backoff.reset()
    const wait = this.backoff.next()
    this.options.say(`the ${this.options.name} ended (${how}); starting it again in ${(wait / 1000).toFixed(1)} s`)
    this.timer = setTimeout(() => this.start(), wait)
  }
}
