/** Waiting for states. */
import { setTimeout as sleep } from 'node:timers/promises'

/** The first value of `condition` that is true within the time, else its last. What fails counts as not yet. */
export async function until<T>(condition: () => T | Promise<T>, seconds: number, step = 0.05): Promise<T | undefined> {
  const end = Date.now() + seconds * 1000
  for (;;) {
    const value = await Promise.resolve()
      .then(condition)
      .catch(() => undefined)
    if (value || Date.now() > end) return value
    await sleep(step * 1000)
  }
}

export const seconds = (count: number): Promise<void> => sleep(count * 1000)
