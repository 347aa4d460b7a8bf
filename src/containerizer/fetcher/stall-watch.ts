import { FetcherErrors } from './errors.js'

/** Gives up when nothing was heard for too long (row 5-041). */
export class StallWatch {
  readonly #milliseconds: number
  readonly #stalled = new AbortController()
  #timer: NodeJS.Timeout | undefined

  constructor(milliseconds: number) {
    this.#milliseconds = milliseconds
  }

  get signal(): AbortSignal {
    return this.#stalled.signal
  }

  /** Something came, or is awaited from now on. */
  touch(): void {
    clearTimeout(this.#timer)
    const why = FetcherErrors.STALLED({ seconds: this.#milliseconds / 1000 })
    this.#timer = setTimeout(() => this.#stalled.abort(why), this.#milliseconds)
  }

  /** Nothing is awaited. */
  rest(): void {
    clearTimeout(this.#timer)
  }
}
