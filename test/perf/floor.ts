import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { type Timing, timing } from './c-tools.js'
import type { Mode } from './modes.js'
import type { Workplace } from './workplace.js'

/** The C floor in the mode that isolates what ours does. */
export function measureFloor(
  place: Workplace,
  mode: Mode,
  program: readonly string[],
  { count, workers = 1, restMs = 0 }: { count: number; workers?: number; restMs?: number },
): Promise<Timing> {
  const layers = join(place.directory, 'layers')
  mkdirSync(layers, { recursive: true })
  const root = mode.root ? ['-r', mode.root.directory, ...(mode.root.overlay ? ['-o', layers] : [])] : []
  const flags = ['-c', mode.controllers.join(','), ...root, ...(mode.full ? ['-x', 'net'] : [])]
  return timing([place.floor, '-n', String(count), '-p', String(workers), '-i', String(restMs), ...flags, ...program])
}
