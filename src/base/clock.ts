/** Milliseconds since the epoch. */
export type Millis = number

/** The only source of time: cores get `now` as an argument, shells ask a clock, the simulator owns a virtual one. */
export interface Clock {
  now(): Millis
  /** Calls back once at or after `at`; the returned function cancels. */
  at(at: Millis, callback: () => void): () => void
}

export const systemClock: Clock = {
  now: () => Date.now(),
  at(at, callback) {
    // A timer holds at most 2^31 - 1 ms; a longer wait is walked in steps.
    const longest = 0x7fffffff
    let timer: NodeJS.Timeout
    const arm = (): void => {
      const rest = at - Date.now()
      timer = rest > longest ? setTimeout(arm, longest) : setTimeout(callback, Math.max(0, rest))
    }
    arm()
    return () => clearTimeout(timer)
  },
}
