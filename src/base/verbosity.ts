import { type Clock, type Millis, systemClock } from './clock.js'

/**
 * How much a daemon logs: 0 as configured, more with every level. Operators raise it for a while, after which it falls back by itself (rows 3-012,
 * 3-083).
 */
export class Verbosity {
  private current = 0
  private cancelRevert = (): void => {}
  private readonly apply: (level: number) => void
  private readonly clock: Clock

  constructor(apply: (level: number) => void, clock: Clock = systemClock) {
    this.apply = apply
    this.clock = clock
  }

  get level(): number {
    return this.current
  }

  raise(level: number, duration: Millis): void {
    this.cancelRevert()
    this.set(level)
    this.cancelRevert = this.clock.at(this.clock.now() + duration, () => this.set(0))
  }

  close(): void {
    this.cancelRevert()
  }

  private set(level: number): void {
    this.current = level
    this.apply(level)
  }
}
