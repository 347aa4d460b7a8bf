import type { JournalRecord } from '#wire/internal.js'
import type { TaskStatus } from '#wire/mesos.js'
import { containerRecord } from '../core/containers.js'
import { executorRecord, taskRecord } from '../core/launch.js'
import { type Agent, checkpoints, type Executor, type Framework, streamKey, type Task } from '../core/state.js'

/** The shortest journal from which `restore` makes what is here now; takes the place of one that is mostly history. */
export function snapshot(agent: Agent): JournalRecord[] {
  return [...agent.frameworks.values()].filter(checkpoints).flatMap((it) => frameworkRecords(agent, it))
}

function frameworkRecords(agent: Agent, framework: Framework): JournalRecord[] {
  const runs = [...agent.runs.values()].filter((it) => it.framework === framework)
  return [{ framework: { info: framework.info } }, ...runs.flatMap((it) => runRecords(agent, it))]
}

function runRecords(agent: Agent, executor: Executor): JournalRecord[] {
  const tasks = [...executor.tasks.values(), ...executor.terminated.values()]
  const known = executor.supervisor && executor.phase !== 'cloning'
  return [
    executorRecord(executor),
    ...tasks.map((task) => taskRecord(executor, task.info)),
    ...(known ? [containerRecord(executor.containerId, executor.supervisor!)] : []),
    ...tasks.flatMap((task) => taskRecords(agent, executor, task)),
  ]
}

function taskRecords(agent: Agent, executor: Executor, task: Task): JournalRecord[] {
  const frameworkId = { value: executor.framework.id }
  const pending = agent.updates.get(streamKey(frameworkId.value, task.id))?.pending.filter((it) => !it.stray) ?? []
  const waiting = new Set<TaskStatus>(pending.map((it) => it.status))
  const past = task.statuses.filter((status) => !waiting.has(status))
  const kill = task.kill && {
    containerId: { value: executor.containerId },
    killAtMs: BigInt(Math.round(task.kill.at)),
    overdue: task.kill.overdue,
  }
  return [
    ...past.flatMap((status): JournalRecord[] => [
      { update: { frameworkId, status } },
      { acknowledgement: { frameworkId, taskId: status.taskId, uuid: status.uuid! } },
    ]),
    ...(kill ? [{ kill }] : []),
    ...pending.map(({ status }) => ({ update: { frameworkId, status } })),
  ]
}
