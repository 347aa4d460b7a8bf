import { execFile } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import type { CommandInfo } from '#wire/mesos.js'
import { Cluster } from './cluster.js'
import type { DockerDaemon } from './docker.js'
import { familyOf, pssMib } from './process-memory.js'
import { measured } from './quiet.js'
import { atMost, type Row, recorded, row } from './report.js'
import type { Workplace } from './workplace.js'

const run = promisify(execFile)

const SLEEP: CommandInfo = { shell: false, value: '/bin/sleep', arguments: ['sleep', '10000'] }
/** A command task of a real Mesos: launcher and executor (performance.md §2.3). */
const MESOS_MIB = 17

/** What one more running task costs, above the task itself (T6). */
export async function memory(place: Workplace): Promise<Row[]> {
  const ours = await measured(place.patience, () => perTask(place))
  const docker = await place.dockerd()
  const about = { target: 'T6', what: `memory above each of ${place.scale.liveTasks} running tasks`, unit: 'MiB' }
  const rows = [row({ ...about, peer: 'Mesos (recorded)', goal: atMost(0.03) }, ours, recorded(MESOS_MIB))]
  if (docker) {
    const theirs = await measured(place.patience, () => perContainer(docker, place.scale.liveContainers))
    rows.push(row({ ...about, peer: 'docker run -d', goal: atMost(0.15) }, ours, theirs))
  }
  return rows
}

async function perTask(place: Workplace): Promise<number> {
  const { liveTasks, restMs } = place.scale
  const cluster = await Cluster.start(place, `memory-${performance.now().toFixed(0)}`)
  try {
    // The first tasks bring in code and grow heaps, which is not the price of one more task.
    const first = await cluster.scheduler.launch(liveTasks, SLEEP)
    await cluster.scheduler.reached(first, 'running')
    await sleep(restMs)
    const before = above(cluster)
    const more = await cluster.scheduler.launch(liveTasks, SLEEP)
    await cluster.scheduler.reached(more, 'running')
    await sleep(restMs)
    return (above(cluster) - before) / liveTasks
  } finally {
    await cluster.end()
  }
}

/** Everything of ours but the tasks. */
function above({ master, agent }: Cluster): number {
  const family = [master, agent].flatMap(({ pid }) => familyOf(pid))
  return family.filter(({ name }) => name !== 'sleep').reduce((sum, { pid }) => sum + pssMib(pid), 0)
}

async function perContainer(docker: DockerDaemon, count: number): Promise<number> {
  const sum = (): number => docker.processes().reduce((total, pid) => total + pssMib(pid), 0)
  const before = sum()
  const [client = '', ...rest] = docker.command(['-d'], ['/bin/sleep', '10000'])
  for (let i = 0; i < count; i++) await run(client, rest)
  const each = (sum() - before) / count
  await docker.removeContainers()
  return each
}
