import type { Clock, Millis } from '#base/clock.js'

const BETWEEN_LOOKS: Millis = 100

/** Lets what is not urgent wait until nothing is being brought: a disk has one queue, and whoever waits for a pull is in it. */
export class Quiet {
  readonly #busy: () => boolean
  readonly #clock: Clock
  readonly #waiting = new Set<() => void>()
  #over = false

  constructor(busy: () => boolean, clock: Clock) {
    this.#busy = busy
    this.#clock = clock
  }

  /** Resolves after `first`, and then as soon as nothing comes, or after `most`. */
  async wait(first: Millis, most: Millis, urgent: () => boolean = () => false): Promise<void> {
    const latest = this.#clock.now() + most
    if (first > 0) await this.#pause(first)
    while (this.#busy() && !urgent() && !this.#over && this.#clock.now() < latest) await this.#pause(BETWEEN_LOOKS)
  }

  /** Whoever waits looks whether it has become urgent. */
  wake(): void {
    for (const resolve of this.#waiting) resolve()
  }

  /** Nobody waits any more, now or later. */
  close(): void {
    this.#over = true
    this.wake()
  }

  #pause(length: Millis): Promise<void> {
    if (this.#over) return Promise.resolve()
    return new Promise((resolve) => {
      const cancel = this.#clock.at(this.#clock.now() + length, () => end())
      const end = (): void => {
        cancel()
        this.#waiting.delete(end)
        resolve()
      }
      this.#waiting.add(end)
    })
  }
}
