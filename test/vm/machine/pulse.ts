import { statSync } from 'node:fs'

/** How long, in milliseconds, a kernel may be silent that tells every second that it runs. */
const PATIENCE = 90_000
const LOOKED_AT_EVERY = 5_000

/** Of a machine that writes to a file all the time (test/vm/start/witness): tells, once, when it stopped or never came. */
export class Pulse {
  readonly #timer: NodeJS.Timeout
  #signs = 0
  #lastSign = Date.now()
  #gone = false

  constructor(file: string, onGone: () => void) {
    this.#timer = setInterval(() => {
      if (this.#beats(file)) return
      this.#gone = true
      this.stop()
      onGone()
    }, LOOKED_AT_EVERY)
  }

  get isGone(): boolean {
    return this.#gone
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  #beats(file: string): boolean {
    const signs = statSync(file, { throwIfNoEntry: false })?.size ?? 0
    if (signs !== this.#signs) this.#lastSign = Date.now()
    this.#signs = signs
    return Date.now() - this.#lastSign < PATIENCE
  }
}
