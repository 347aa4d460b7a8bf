/** A client's program, and the JSON objects that it says on its standard output. */
import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { until } from '../../support/waiting.js'

export interface Said {
  readonly event?: string
  readonly [key: string]: unknown
}

export class Client {
  readonly said: Said[] = []
  #errors = ''
  #status: number | null | undefined
  readonly #child: ChildProcess

  constructor(command: readonly string[], args: readonly string[]) {
    this.#child = spawn(command[0] ?? '', [...command.slice(1), ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#errors += text
    })
    if (this.#child.stdout) createInterface(this.#child.stdout).on('line', (line) => this.#hear(line))
    this.#child.on('close', (code) => {
      this.#status = code
    })
  }

  /** Lines that are no JSON are the library's own chatter. */
  #hear(line: string): void {
    if (line.startsWith('{')) this.said.push(JSON.parse(line) as Said)
  }

  /** Until it has said something that fits, that often. */
  async hears(fits: (said: Said) => boolean, count = 1, seconds = 60): Promise<void> {
    const enough = (): boolean => this.said.filter(fits).length >= count
    await until(() => enough() || this.#status !== undefined, seconds)
    if (!enough()) throw new Error(`the client said only ${JSON.stringify(this.said)}\n${this.#errors.slice(-4000)}`)
  }

  /** Until it ends by itself; its exit status. */
  async end(seconds = 60): Promise<number> {
    await until(() => this.#status !== undefined, seconds)
    if (this.#status !== 0)
      throw new Error(`ended with ${this.#status}, said ${JSON.stringify(this.said)}\n${this.#errors.slice(-4000)}`)
    return this.#status
  }

  kill(): void {
    this.#child.kill('SIGKILL')
  }

  /** The states of each task, in the order in which they came; a repeated update counts once. */
  states(): Record<string, string[]> {
    const seen = new Set<unknown>()
    const states: Record<string, string[]> = {}
    for (const { event, task, state, uuid } of this.said) {
      if (event !== 'update' || (uuid && seen.has(uuid))) continue
      seen.add(uuid)
      states[String(task)] = [...(states[String(task)] ?? []), String(state)]
    }
    return states
  }
}
