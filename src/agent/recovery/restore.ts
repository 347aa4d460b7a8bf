import type { ContainerConfig } from '#containerizer/containerizer.js'
import { isTerminal } from '#model/task-state.js'
import type { JournalRecord } from '#wire/internal.js'
import { containerConfig } from '../core/launch.js'
import { remember } from '../core/report.js'
import {
  type Agent,
  addTask,
  createExecutor,
  createFramework,
  createTask,
  disownTasks,
  findTask,
  findTerminated,
  streamKey,
} from '../core/state.js'
import { sandboxPath } from '../paths.js'
import { streamOf, uuidHex } from '../updates/streams.js'

/**
 * Replays the journal of the agent before this one, record by record in their order. What refers to something that was removed later, or whose
 * record was lost with the end of a torn journal, is left out: the master's reconciliation settles it. What waited for the disk while the journal was
 * rewritten follows a snapshot that knows it already: a repeated record changes nothing.
 */
export function restore(agent: Agent, records: Iterable<JournalRecord>): void {
  for (const record of records) replay(agent, record)
}

/** The containers that may run: the containerizer is to find them again. All others are to be destroyed (row 6-014). */
export function knownContainers(agent: Agent): ContainerConfig[] {
  return [...agent.runs.values()].filter((it) => it.phase === 'going').map((it) => containerConfig(agent, it))
}

function replay(agent: Agent, record: JournalRecord): void {
  if (record.framework) restoreFramework(agent, record.framework)
  else if (record.executor) restoreExecutor(agent, record.executor)
  else if (record.task) restoreTask(agent, record.task)
  else if (record.container) restoreContainer(agent, record.container)
  else if (record.update) restoreUpdate(agent, record.update)
  else if (record.acknowledgement) restoreAcknowledgement(agent, record.acknowledgement)
  else if (record.kill) restoreKill(agent, record.kill)
  else if (record.runRemoved) removeRun(agent, record.runRemoved.containerId.value)
  else if (record.frameworkRemoved) removeFramework(agent, record.frameworkRemoved.frameworkId.value)
}

type Part<Name extends keyof JournalRecord> = NonNullable<JournalRecord[Name]>

function restoreFramework(agent: Agent, { info }: Part<'framework'>): void {
  const fresh = createFramework(info)
  const known = agent.frameworks.get(fresh.id)
  if (known) Object.assign(known, { info, capabilities: fresh.capabilities })
  else agent.frameworks.set(fresh.id, fresh)
}

function restoreExecutor(agent: Agent, { frameworkId, info, containerId, commandTask }: Part<'executor'>): void {
  const framework = agent.frameworks.get(frameworkId.value)
  if (!framework || agent.runs.get(containerId.value)?.framework === framework) return
  const { workDirectory } = agent.config
  const executor = createExecutor(framework, {
    info,
    containerId: containerId.value,
    sandbox: sandboxPath(workDirectory, agent.info.id!.value, framework.id, info.executorId.value, containerId.value),
    command: commandTask,
  })
  executor.inherited = true
  framework.executors.set(executor.id, executor)
  agent.runs.set(executor.containerId, executor)
}

function restoreTask(agent: Agent, { containerId, info }: Part<'task'>): void {
  const executor = agent.runs.get(containerId.value)
  const id = info.taskId.value
  if (!executor || executor.tasks.has(id) || executor.terminated.has(id)) return
  const task = createTask(info)
  // Whether it was handed over is not known; the executor will say (§0, row 8-031).
  task.delivered = true
  addTask(executor, task)
  executor.granted = new Set(executor.tasks.keys())
}

function restoreContainer(agent: Agent, container: Part<'container'>): void {
  const executor = agent.runs.get(container.containerId.value)
  if (!executor) return
  executor.phase = 'going'
  executor.supervisor = {
    pid: container.supervisorPid,
    startTime: container.supervisorStartTime,
    socket: container.socketPath,
  }
}

function restoreUpdate(agent: Agent, { frameworkId, status }: Part<'update'>): void {
  const found = findTask(agent.frameworks.get(frameworkId.value), status.taskId.value)
  if (!found) return
  const { executor, task } = found
  const stream = streamOf(agent, frameworkId.value, task.id)
  const uuid = uuidHex(status.uuid!)
  if (stream.seen.has(uuid)) return
  stream.seen.add(uuid)
  stream.pending.push({ status, uuid, durable: true, stray: false })
  remember(task, status)
  executor.delivered = true
  if (status.containerStatus) executor.containerStatus = status.containerStatus
  if (isTerminal(status.state)) {
    executor.tasks.delete(task.id)
    executor.terminated.set(task.id, task)
  }
}

function restoreAcknowledgement(agent: Agent, { frameworkId, taskId, uuid }: Part<'acknowledgement'>): void {
  const framework = agent.frameworks.get(frameworkId.value)
  const key = streamKey(frameworkId.value, taskId.value)
  const stream = agent.updates.get(key)
  const head = stream?.pending[0]
  if (!stream || head?.uuid !== uuidHex(uuid)) return
  stream.pending.shift()
  const found = findTask(framework, taskId.value) ?? findTerminated(framework, taskId.value)
  if (found) found.task.forwarded = { statusUpdateState: head.status.state, statusUpdateUuid: head.status.uuid }
  if (!isTerminal(head.status.state)) return
  agent.updates.delete(key)
  if (found) {
    found.executor.terminated.delete(taskId.value)
    framework?.owners.delete(taskId.value)
    found.executor.completed.push(found.task)
  }
}

function restoreKill(agent: Agent, { containerId, killAtMs, overdue }: Part<'kill'>): void {
  const executor = agent.runs.get(containerId.value)
  const task = executor?.tasks.get(executor.id)
  if (task) task.kill = { at: Number(killAtMs), overdue: overdue ?? false }
}

function removeRun(agent: Agent, containerId: string): void {
  const executor = agent.runs.get(containerId)
  if (!executor) return
  agent.runs.delete(containerId)
  disownTasks(executor)
  if (executor.framework.executors.get(executor.id) === executor) executor.framework.executors.delete(executor.id)
}

/** It had nothing left when this was written; what a snapshot before it says of the framework is told again after it. */
function removeFramework(agent: Agent, id: string): void {
  agent.frameworks.delete(id)
  for (const run of agent.runs.values()) if (run.framework.id === id) agent.runs.delete(run.containerId)
  for (const stream of agent.updates.values()) if (stream.framework === id) agent.updates.delete(stream.key)
}
