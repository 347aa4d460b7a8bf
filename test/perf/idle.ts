import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { Cluster } from './cluster.js'
import { pssMib } from './process-memory.js'
import { measured, Patience } from './quiet.js'
import { type Row, recorded, row } from './report.js'
import type { Workplace } from './workplace.js'

/** Of a real Mesos (performance.md §1.2), in MiB. */
const MESOS_MIB = { master: 48, agent: 99 }
const NANOSECONDS_IN_MS = 1e6

/** What the daemons cost while nothing happens. */
export async function idle(place: Workplace): Promise<Row[]> {
  const { restMs, idleMs } = place.scale
  const cluster = await Cluster.start(place, 'idle')
  try {
    await sleep(Math.max(restMs, idleMs))
    const rows: Row[] = []
    const daemons = { master: cluster.master.pid, agent: cluster.agent.pid }
    const before = { master: onCpuMs(daemons.master), agent: onCpuMs(daemons.agent) }
    const { others } = await measured(new Patience(0), () => sleep(idleMs))
    for (const name of ['master', 'agent'] as const) {
      const pid = daemons[name]
      const [memory, cpu] = [pssMib(pid), ((onCpuMs(pid) - before[name]) * 1000) / idleMs]
      rows.push(
        row(
          { target: '', what: `idle ${name}, memory`, unit: 'MiB', peer: 'Mesos (recorded)' },
          { value: memory, others },
          recorded(MESOS_MIB[name]),
        ),
      )
      rows.push(
        row(
          { target: '', what: `idle ${name}, CPU a second`, unit: 'ms', peer: 'one core' },
          { value: cpu, others },
          recorded(1000),
        ),
      )
    }
    const docker = await place.dockerd()
    if (docker) {
      const theirs = docker.processes().reduce((sum, pid) => sum + pssMib(pid), 0)
      const ours = pssMib(daemons.master) + pssMib(daemons.agent)
      rows.push(
        row(
          { target: '', what: 'idle master and agent, memory', unit: 'MiB', peer: 'dockerd and containerd' },
          { value: ours, others },
          recorded(theirs),
        ),
      )
    }
    return rows
  } finally {
    await cluster.end()
  }
}

/** Of all threads, to the nanosecond. */
function onCpuMs(pid: number): number {
  const threads = readdirSync(`/proc/${pid}/task`).map((thread) => readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8'))
  return threads.reduce((sum, text) => sum + Number(text.split(' ')[0]), 0) / NANOSECONDS_IN_MS
}
