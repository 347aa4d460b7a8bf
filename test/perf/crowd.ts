import { withHost } from './launches.js'
import { everything } from './modes.js'
import { familyOf, pssMib } from './process-memory.js'
import { measured } from './quiet.js'
import { atMost, percentile, type Row, row } from './report.js'
import type { Workplace } from './workplace.js'

/** What docker keeps for each container that does nothing (performance.md §2.3). */
const DOCKER_MIB = 3.5
/** So many are started or ended at once. */
const AT_ONCE = 8

interface Crowd {
  readonly firstMs: number
  readonly lastMs: number
  readonly mibEach: number
  readonly endedPerSecond: number
}

/** Many idle containers at once: is the last one started as fast as the first, and what does each cost above its own program (T6)? */
export async function crowd(place: Workplace): Promise<Row[]> {
  const { crowd: count } = place.scale
  const { value, others } = await measured(place.patience, () => gather(place, count))
  const of = (figure: number) => ({ value: figure, others })
  return [
    row(
      {
        target: '',
        what: `begin → exec p50 of the last tenth of ${count} idle containers`,
        unit: 'ms',
        peer: 'of the first tenth',
      },
      of(value.lastMs),
      of(value.firstMs),
    ),
    row(
      {
        target: 'T6',
        what: `memory above each of ${count} idle containers`,
        unit: 'MiB',
        peer: 'docker (recorded)',
        goal: atMost(0.15),
      },
      of(value.mibEach),
      of(DOCKER_MIB),
    ),
    row(
      { target: '', what: `${count} idle containers, killed and removed`, unit: '/s', peer: 'floor (recorded)' },
      of(value.endedPerSecond),
      { value: 640, others: 0 },
    ),
  ]
}

function gather(place: Workplace, count: number): Promise<Crowd> {
  return withHost(place, everything(place.root), async (host, plan) => {
    const before = ours()
    const times: number[] = []
    const ids = Array.from({ length: count }, (_, index) => `c${index}`)
    await atOnce(ids, async (id) => {
      const begun = performance.now()
      const container = await host.start(plan(id, ['/bin/sleep', '10000']))
      container.go()
      await container.started
      times.push(performance.now() - begun)
    })
    const tenth = Math.max(1, Math.floor(count / 10))
    const mibEach = (ours() - before) / count
    const ending = performance.now()
    await atOnce(ids, async (id) => {
      await host.find(id)?.kill()
      await host.destroy(id)
    })
    return {
      firstMs: percentile(times.slice(0, tenth), 50),
      lastMs: percentile(times.slice(-tenth), 50),
      mibEach,
      endedPerSecond: (count * 1000) / (performance.now() - ending),
    }
  })
}

/** Supervisors, their nursery and inits, but not this program, whose heap is no cost of a container. */
function ours(): number {
  const family = familyOf(process.pid).filter(({ pid, name }) => pid !== process.pid && name.startsWith('meseta'))
  return family.reduce((sum, { pid }) => sum + pssMib(pid), 0)
}

async function atOnce(ids: readonly string[], act: (id: string) => Promise<void>): Promise<void> {
  const rest = [...ids].reverse()
  const work = async () => {
    for (let id = rest.pop(); id !== undefined; id = rest.pop()) await act(id)
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
}
