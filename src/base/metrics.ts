import { type Clock, type Millis, systemClock } from './clock.js'

export interface Counter {
  readonly value: number
  increment(by?: number): void
}

export interface Timer {
  record(milliseconds: number): void
}

export interface TimerOptions {
  /** How far back the statistics look. Without it only the last value is shown. */
  window?: Millis
}

/** More samples say no more about a percentile, and a busy timer may not cost memory. */
const SAMPLES = 1000

const PERCENTILES: readonly (readonly [suffix: string, fraction: number])[] = [
  ['p50', 0.5],
  ['p90', 0.9],
  ['p95', 0.95],
  ['p99', 0.99],
  ['p999', 0.999],
  ['p9999', 0.9999],
]

/**
 * What a daemon counts and measures, under Mesos' key names (`master/tasks_running`, `registrar/state_store_ms/p99`; rows 4.8 and 5-066). Gauges are
 * read when somebody asks. A name has one meaning: adding it again replaces what it was.
 */
export class Metrics {
  private readonly sources = new Map<string, (out: Map<string, number>) => void>()
  private readonly clock: Clock

  constructor(clock: Clock = systemClock) {
    this.clock = clock
  }

  counter(name: string): Counter {
    const counter = {
      value: 0,
      increment(by = 1) {
        this.value += by
      },
    }
    this.sources.set(name, (out) => out.set(name, counter.value))
    return counter
  }

  /** `read` may answer nothing as long as there is no value; it must neither wait nor throw. */
  gauge(name: string, read: () => number | undefined): void {
    this.sources.set(name, (out) => {
      const value = read()
      if (value !== undefined) out.set(name, value)
    })
  }

  /** Adds `_ms` to the name, as Mesos does. */
  timer(name: string, options: TimerOptions = {}): Timer {
    const key = `${name}_ms`
    const { window } = options
    let last: number | undefined
    let samples: { at: Millis; value: number }[] = []
    this.sources.set(key, (out) => {
      if (last !== undefined) out.set(key, last)
      if (window === undefined) return
      samples = samples.filter(({ at }) => at > this.clock.now() - window)
      for (const [suffix, value] of statistics(samples.map(({ value }) => value))) out.set(`${key}/${suffix}`, value)
    })
    return {
      record: (milliseconds) => {
        last = milliseconds
        if (window === undefined) return
        samples.push({ at: this.clock.now(), value: milliseconds })
        if (samples.length >= 2 * SAMPLES) samples = samples.slice(-SAMPLES)
      },
    }
  }

  /** Forgets what has this name or begins with it and a slash: metrics of a framework that is gone. */
  remove(name: string): void {
    for (const key of this.sources.keys()) if (key === name || key.startsWith(`${name}/`)) this.sources.delete(key)
  }

  /** Every metric that has a value now, sorted by name. */
  snapshot(): [name: string, value: number][] {
    const out = new Map<string, number>()
    for (const read of this.sources.values()) read(out)
    return [...out].sort(([a], [b]) => (a < b ? -1 : 1))
  }
}

function statistics(values: number[]): [suffix: string, value: number][] {
  if (values.length === 0) return []
  const sorted = values.sort((a, b) => a - b)
  const percentiles = PERCENTILES.map(([suffix, fraction]): [string, number] => [suffix, quantile(sorted, fraction)])
  return [['count', sorted.length], ['max', sorted.at(-1)!], ['min', sorted[0]!], ...percentiles]
}

/** Interpolated between the two neighbours, as in Mesos. */
function quantile(sorted: readonly number[], fraction: number): number {
  const position = fraction * (sorted.length - 1)
  const below = sorted[Math.floor(position)]!
  return below + (position - Math.floor(position)) * (sorted[Math.ceil(position)]! - below)
}
