import type { Clock } from '#base/clock.js'
import type { Metrics } from '#base/metrics.js'
import { Resources } from '#model/resources.js'
import { TaskState } from '#wire/mesos.js'
import { allocated } from './api/state-model.js'
import { liveExecutors } from './api/views.js'
import type { Agent, ExecutorPhase, TerminalCounter } from './core/state.js'

/** `slave/…` as Mesos' monitoring tools read it (row 5-066, golden metrics_snapshot.json). */
export function routeAgentMetrics(
  metrics: Metrics,
  agent: Agent,
  times: { clock: Clock; startedAt: number; recoveredAt: number },
): void {
  const { clock, startedAt, recoveredAt } = times
  metrics.gauge('slave/uptime_secs', () => (clock.now() - startedAt) / 1000)
  metrics.gauge('slave/recovery_time_secs', () => (recoveredAt - startedAt) / 1000)
  metrics.gauge('slave/registered', () => (agent.link.phase === 'registered' ? 1 : 0))
  metrics.gauge('slave/frameworks_active', () => agent.frameworks.size)
  countedMetrics(metrics, agent)
  executorMetrics(metrics, agent)
  taskMetrics(metrics, agent)
  for (const name of ['cpus', 'gpus', 'mem', 'disk']) resourceMetrics(metrics, agent, name)
}

function countedMetrics(metrics: Metrics, { counters }: Agent): void {
  metrics.gauge('slave/valid_status_updates', () => counters.validStatusUpdates)
  metrics.gauge('slave/invalid_status_updates', () => counters.invalidStatusUpdates)
  metrics.gauge('slave/valid_framework_messages', () => counters.validFrameworkMessages)
  metrics.gauge('slave/invalid_framework_messages', () => counters.invalidFrameworkMessages)
  metrics.gauge('slave/container_launch_errors', () => counters.containerLaunchErrors)
  metrics.gauge('slave/recovery_errors', () => counters.recoveryErrors)
  metrics.gauge('slave/executors_terminated', () => counters.executorsTerminated)
  metrics.gauge('slave/executors_preempted', () => 0)
  for (const name of Object.keys(counters.tasks) as TerminalCounter[]) {
    metrics.gauge(`slave/tasks_${name}`, () => counters.tasks[name])
  }
}

const EXECUTORS: Readonly<Record<string, readonly ExecutorPhase[]>> = {
  registering: ['cloning', 'going', 'registering'],
  running: ['running'],
  terminating: ['terminating'],
}

function executorMetrics(metrics: Metrics, agent: Agent): void {
  for (const [name, phases] of Object.entries(EXECUTORS)) {
    metrics.gauge(`slave/executors_${name}`, () => [...agent.runs.values()].filter((it) => phases.includes(it.phase)).length)
  }
}

const LIVE_STATES: Readonly<Record<string, TaskState>> = {
  staging: TaskState.TASK_STAGING,
  starting: TaskState.TASK_STARTING,
  running: TaskState.TASK_RUNNING,
  killing: TaskState.TASK_KILLING,
}

function taskMetrics(metrics: Metrics, agent: Agent): void {
  for (const [name, state] of Object.entries(LIVE_STATES)) {
    const count = (): number =>
      liveExecutors(agent).reduce((sum, it) => sum + [...it.tasks.values()].filter((task) => task.state === state).length, 0)
    metrics.gauge(`slave/tasks_${name}`, count)
  }
}

function resourceMetrics(metrics: Metrics, agent: Agent, name: string): void {
  const kinds = [
    ['', (all: Resources) => all.nonRevocable()],
    ['_revocable', (all: Resources) => all.revocable()],
  ] as const
  for (const [suffix, part] of kinds) {
    const total = (): number => part(Resources.from(agent.info.resources)).quantity(name)
    const used = (): number => part(allocated(agent)).quantity(name)
    metrics.gauge(`slave/${name}${suffix}_total`, total)
    metrics.gauge(`slave/${name}${suffix}_used`, used)
    metrics.gauge(`slave/${name}${suffix}_percent`, () => (total() > 0 ? used() / total() : 0))
  }
}
