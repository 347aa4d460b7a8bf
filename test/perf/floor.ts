import { type Timing, timing } from './c-tools.js'
import type { Workplace } from './workplace.js'

/** What the agent joins by default; the floor must do the same work. */
export const CONTROLLERS = ['cpu', 'cpuacct', 'memory', 'pids']

/** The C floor in the mode that isolates what ours does: in the host's files, or with `root` in a file system of its own. */
export function measureFloor(
  place: Workplace,
  program: readonly string[],
  { count, workers = 1, root }: { count: number; workers?: number; root?: string },
): Promise<Timing> {
  const mode = ['-c', CONTROLLERS.join(','), ...(root ? ['-r', root] : [])]
  return timing([place.floor, '-n', String(count), '-p', String(workers), ...mode, ...program])
}
