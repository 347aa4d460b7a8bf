import type { Clock, Millis } from '#base/clock.js'
import type { TimerKey } from './core/events.js'

/** At most one running timer a key. */
export class Timers {
  private readonly clock: Clock
  private readonly fire: (key: TimerKey) => void
  private readonly running = new Map<TimerKey, () => void>()

  constructor(clock: Clock, fire: (key: TimerKey) => void) {
    this.clock = clock
    this.fire = fire
  }

  arm(key: TimerKey, at: Millis): void {
    this.disarm(key)
    const cancel = this.clock.at(at, () => {
      this.running.delete(key)
      this.fire(key)
    })
    this.running.set(key, cancel)
  }

  disarm(key: TimerKey): void {
    this.running.get(key)?.()
    this.running.delete(key)
  }

  close(): void {
    for (const cancel of this.running.values()) cancel()
    this.running.clear()
  }
}
