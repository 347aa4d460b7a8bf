import { PerfStatistics } from '#wire/mesos.js'
import type { PerfCounter } from '#wire/native.js'

const NANOSECONDS_PER_MILLISECOND = 1e6
/** Told in milliseconds, as perf prints them; all others are counts. */
const CLOCKS: readonly string[] = ['cpuClock', 'taskClock']

/** From `--perf_events=cycles,context-switches`. */
export const eventNames = (flag: string): string[] => [
  ...new Set(
    flag
      .split(',')
      .map((name) => name.trim())
      .filter((name) => name !== ''),
  ),
]

/** Whether there is a field for it on the wire: `LLC-load-misses` is `llcLoadMisses` there. */
export const isReported = (event: string): boolean => Object.hasOwn(PerfStatistics.reflected.fields, fieldOf(event))

const fieldOf = (event: string): string => event.toLowerCase().replace(/[-_](\w)/g, (_, letter: string) => letter.toUpperCase())

/** Times in milliseconds. */
export function perfStatistics(counters: readonly PerfCounter[], beganAt: number, duration: number): PerfStatistics {
  const fields = counters.map(({ name, value }) => {
    const field = fieldOf(name)
    return [field, CLOCKS.includes(field) ? Number(value) / NANOSECONDS_PER_MILLISECOND : value]
  })
  return { timestamp: beganAt / 1000, duration: duration / 1000, ...Object.fromEntries(fields) }
}
