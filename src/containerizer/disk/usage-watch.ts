import type { Statistics } from '#wire/native.js'

/** What is measured, and how its owner learns of it. */
export interface Measured {
  /** Bytes that it holds. Rejects when that cannot be said now; it is asked again later. */
  measure(): Promise<number>
  /** Processor time used so far. */
  statistics(): Promise<Statistics>
  see(bytes: number): void
}

/** Below this a look costs no more than asking whether it is needed. */
const CHEAP_MS = 20
/** Looks that may be left out in a row, should somebody else than the container write into its files. */
const MOST_LEFT_OUT = 20
/** After each look the watch rests this many times as long as the look took: a fifth of one thread is the most that it ever uses. */
const REST = 4

interface Entry {
  readonly of: Measured
  timer: NodeJS.Timeout | undefined
  /** Of the last look. */
  took: number
  leftOut: number
  /** Processor time before the last look, where the kernel counts it exactly. */
  cpu: bigint | undefined
  gone: boolean
}

/**
 * Measures many containers again and again, one at a time, and no more than it must: a container that has not run since the last look cannot have
 * written, so one that only waits costs nothing.
 */
export class UsageWatch {
  readonly #interval: number
  readonly #entries = new Map<string, Entry>()
  /** The end of the last look and of the rest after it. */
  #turn: Promise<void> = Promise.resolve()

  /** `interval` in milliseconds, between two looks at one container. */
  constructor(interval: number) {
    this.#interval = interval
  }

  add(id: string, of: Measured): void {
    this.remove(id)
    const entry: Entry = { of, timer: undefined, took: 0, leftOut: 0, cpu: undefined, gone: false }
    this.#entries.set(id, entry)
    this.#later(entry)
  }

  remove(id: string): void {
    const entry = this.#entries.get(id)
    if (!entry) return
    entry.gone = true
    clearTimeout(entry.timer)
    this.#entries.delete(id)
  }

  #later(entry: Entry): void {
    if (entry.gone) return
    entry.timer = setTimeout(() => {
      this.#turn = this.#turn.then(() => this.#visit(entry))
      this.#turn.finally(() => this.#later(entry))
    }, this.#interval).unref()
  }

  /** Never rejects. */
  async #visit(entry: Entry): Promise<void> {
    if (entry.gone) return
    try {
      if (!(await hasRun(entry))) return
      const begun = performance.now()
      const bytes = await entry.of.measure()
      entry.took = performance.now() - begun
      if (!entry.gone) entry.of.see(bytes)
    } catch {
      entry.cpu = undefined // looked at again at the next turn, whatever it has done
    }
    await rest(entry.took * REST)
  }
}

async function hasRun(entry: Entry): Promise<boolean> {
  if (entry.took < CHEAP_MS) return true
  const before = entry.cpu
  entry.cpu = exactCpu(await entry.of.statistics())
  const idle = before !== undefined && entry.cpu === before && entry.leftOut < MOST_LEFT_OUT
  entry.leftOut = idle ? entry.leftOut + 1 : 0
  return !idle
}

/** Only a cgroup counts every nanosecond, and only a cgroup has periods; /proc counts ticks, between which much can be written. */
const exactCpu = ({ cpu }: Statistics): bigint | undefined => (cpu?.periods === undefined ? undefined : cpu.totalNs)

const rest = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, milliseconds).unref()
  })
