import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { ownMs } from './cpu-group.js'

/** Clock ticks per second of /proc/stat: 100 on every Linux we know. */
const TICKS = 100
const QUIET_CORES = 0.25
const PAUSE_MS = 500

/** Everything the machine's processors did, in CPU milliseconds, from the first line of /proc/stat. */
function busyMs(): number {
  const [, user = 0, nice = 0, system = 0, , , irq = 0, soft = 0] = readFileSync('/proc/stat', 'utf8')
    .split('\n', 1)[0]!
    .split(/\s+/)
    .map(Number)
  return ((user + nice + system + irq + soft) * 1000) / TICKS
}

interface Moment {
  readonly at: number
  readonly othersMs: number
}

const moment = (): Moment => ({ at: performance.now(), othersMs: busyMs() - ownMs() })

/** How many cores others have kept busy since then. */
function othersSince({ at, othersMs }: Moment): number {
  const now = moment()
  return Math.max(0, (now.othersMs - othersMs) / (now.at - at))
}

/** Waits until others do less than a quarter of a core's work for half a second, or patience ends. */
async function quietWindow(patience: Patience): Promise<void> {
  while (!patience.isOver) {
    const before = moment()
    await sleep(PAUSE_MS)
    if (othersSince(before) < QUIET_CORES) return
  }
}

/** How long a whole run may take for the sake of quiet: for waiting, and for taking figures again that were disturbed. */
export class Patience {
  private readonly until: number

  constructor(milliseconds: number) {
    this.until = performance.now() + milliseconds
  }

  get isOver(): boolean {
    return performance.now() >= this.until
  }
}

/** Of one figure; the least disturbed one counts. */
const TRIES = 3

/** A figure, and the cores that others kept busy while it was taken, so that a reader can judge it (performance.md §0 trap 1, §8). */
export interface Measured<T> {
  readonly value: T
  readonly others: number
}

export async function measured<T>(patience: Patience, work: () => Promise<T>): Promise<Measured<T>> {
  let best: Measured<T> | undefined
  for (let round = 0; round < TRIES; round++) {
    await quietWindow(patience)
    const before = moment()
    const value = await work()
    const others = othersSince(before)
    if (!best || others < best.others) best = { value, others }
    if (others < QUIET_CORES || patience.isOver) break
  }
  return best!
}

/** How many processors the figures were taken on, and what kind. */
export function machine(): { cores: number; model: string; kernel: string } {
  const model = /model name\s*:\s*(.*)/.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1] ?? 'unknown'
  return { cores: availableParallelism(), model, kernel: readFileSync('/proc/sys/kernel/osrelease', 'utf8').trim() }
}
