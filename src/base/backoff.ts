import type { Millis } from './clock.js'
import type { Random } from './random.js'

export interface BackoffOptions {
  /** Longest wait before the first repetition. */
  first: Millis
  /** Longest wait ever. */
  most: Millis
}

/** Waits that grow by two and are drawn at random below that bound, so that many clients of one server do not come back together (1-017). */
export class Backoff {
  private attempts = 0
  private readonly options: BackoffOptions
  private readonly random: Pick<Random, 'next'>

  constructor(options: BackoffOptions, random: Pick<Random, 'next'>) {
    this.options = options
    this.random = random
  }

  /** How long to wait before the next attempt: half of the bound for certain, the rest by chance. */
  next(): Millis {
    const bound = Math.min(this.options.most, this.options.first * 2 ** this.attempts)
    this.attempts++
    return bound / 2 + (this.random.next() * bound) / 2
  }

  /** After a success. */
  reset(): void {
    this.attempts = 0
  }
}
