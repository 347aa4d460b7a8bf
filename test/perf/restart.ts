import type { CommandInfo } from '#wire/mesos.js'
import { TaskState } from '#wire/mesos.js'
import { until } from '../support/waiting.js'
import { Cluster } from './cluster.js'
import { type Measured, measured } from './quiet.js'
import { atMost, type Row, recorded, row } from './report.js'
import type { Workplace } from './workplace.js'

const SLEEP: CommandInfo = { shell: false, value: '/bin/sleep', arguments: ['sleep', '10000'] }
/** Of a real Mesos with 50 tasks (performance.md §1.2). */
const MESOS_MS = 2600

/** The agent is killed and started again: how long until it is back with all its tasks (T7). */
export async function restart(place: Workplace): Promise<Row[]> {
  const cluster = await Cluster.start(place, 'restart')
  const rows: Row[] = []
  try {
    let smallest: Measured<number> | undefined
    for (const count of place.scale.restarts) {
      await runInAll(cluster, count)
      const ours = await measured(place.patience, () => killAndReturn(cluster))
      const about = { target: 'T7', what: `agent killed with ${count} tasks: restart → registered, all kept`, unit: 'ms' }
      rows.push(
        row(
          { ...about, peer: 'Mesos (recorded, 50 tasks)', ...(count <= 50 && { goal: atMost(0.12) }) },
          ours,
          recorded(MESOS_MS),
        ),
      )
      if (smallest) {
        const times = count / place.scale.restarts[0]!
        rows.push(
          row(
            { ...about, peer: `${times} × that with ${place.scale.restarts[0]}`, goal: atMost(1) },
            ours,
            scaled(smallest, times),
          ),
        )
      }
      smallest ??= ours
    }
    return rows
  } finally {
    await cluster.end()
  }
}

const scaled = ({ value, others }: Measured<number>, by: number): Measured<number> => ({ value: value * by, others })

async function runInAll(cluster: Cluster, count: number): Promise<void> {
  const missing = count - cluster.scheduler.tasks.size
  const ids = await cluster.scheduler.launch(missing, SLEEP)
  await cluster.scheduler.reached(ids, 'running')
}

async function killAndReturn(cluster: Cluster): Promise<number> {
  const killed = cluster.agent
  killed.signal('SIGKILL')
  await until(() => killed.isDead, 10, 0.005)
  const begun = performance.now()
  cluster.startAgent()
  await cluster.registered()
  const took = performance.now() - begun
  const ids = [...cluster.scheduler.tasks.keys()]
  const states = await cluster.scheduler.reconcile(ids)
  const lost = states.filter((state) => state !== TaskState.TASK_RUNNING).length
  if (lost > 0) throw new Error(`${lost} of ${ids.length} tasks do not run after the restart of the agent`)
  return took
}
