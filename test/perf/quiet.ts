import { readdirSync, readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'

/** Clock ticks per second of /proc/<pid>/stat: 100 on every Linux we know. */
const TICKS = 100

/** Everything the machine's processors did, in CPU milliseconds, from the first line of /proc/stat. */
function busyMs(): number {
  const [, user = 0, nice = 0, system = 0, , , irq = 0, soft = 0] = readFileSync('/proc/stat', 'utf8')
    .split('\n', 1)[0]!
    .split(/\s+/)
    .map(Number)
  return ((user + nice + system + irq + soft) * 1000) / TICKS
}

/** CPU milliseconds of this process and all that it started and waited for. */
function ownMs(): number {
  const fields = readFileSync('/proc/self/stat', 'utf8')
    .replace(/^.*\) /, '')
    .split(' ')
  return (
    (fields
      .slice(11, 15)
      .map(Number)
      .reduce((sum, ticks) => sum + ticks, 0) *
      1000) /
    TICKS
  )
}

/** Cores that others kept busy while `work` ran, so that a reader can judge the figure (performance.md §8). */
export interface Disturbance {
  readonly cores: number
}

const QUIET_CORES = 0.25
const PAUSE_MS = 500

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/** Waits until the machine does less than a quarter of a core's work for half a second; gives up after `patienceMs` and says how busy it is. */
export async function quietWindow(patienceMs = 60_000): Promise<Disturbance> {
  const until = Date.now() + patienceMs
  for (;;) {
    const before = busyMs() - ownMs()
    await pause(PAUSE_MS)
    const cores = Math.max(0, (busyMs() - ownMs() - before) / PAUSE_MS)
    if (cores < QUIET_CORES || Date.now() > until) return { cores }
  }
}

/** How many processors the figures were taken on, and what kind. */
export function machine(): { cores: number; model: string; kernel: string } {
  const model = /model name\s*:\s*(.*)/.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1] ?? 'unknown'
  return { cores: availableParallelism(), model, kernel: readFileSync('/proc/sys/kernel/osrelease', 'utf8').trim() }
}

/** Pids of all living processes. */
export function pids(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
}
