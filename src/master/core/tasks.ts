import { Resources } from '#model/resources.js'
import { isTerminal } from '#model/task-state.js'
import { EventType } from '#wire/master.js'
import { Task, type TaskInfo, TaskState, TaskStatus } from '#wire/mesos.js'
import { decode, encode } from '#wire/protobuf.js'
import type { AgentRecord, Cluster, FrameworkRecord, TaskRecord } from './cluster.js'
import { innerMap } from './nested-map.js'
import { countTaskStatus } from './task-metrics.js'
import type { Turn } from './turn.js'

/** The record of a task that begins now (row 8-001). `info` has its resources as they were allocated. */
export function newTask(
  turn: Turn,
  framework: FrameworkRecord,
  agent: AgentRecord,
  info: TaskInfo,
  held: Resources,
  executor: string | undefined,
): TaskRecord {
  const user = info.command?.user ?? info.executor?.command?.user
  const description: Task = {
    name: info.name,
    taskId: info.taskId,
    frameworkId: { value: framework.id },
    agentId: { value: agent.id },
    ...(executor !== undefined && { executorId: { value: executor } }),
    state: TaskState.TASK_STAGING,
    resources: info.resources,
    labels: info.labels,
    discovery: info.discovery,
    container: info.container,
    healthCheck: info.healthCheck,
    killPolicy: info.killPolicy,
    limits: info.limits,
    ...(user !== undefined && { user }),
  }
  return {
    id: info.taskId.value,
    framework: framework.id,
    agent: agent.id,
    executor,
    state: TaskState.TASK_STAGING,
    held,
    description: encode(Task, description),
    statuses: [],
    lastStatusState: undefined,
    pendingUuid: undefined,
    pendingState: undefined,
    firstStatusAt: turn.now,
    kill: undefined,
  }
}

/** The record of a task that an agent brought along (design §4.3). */
export function reportedTask(task: Task): TaskRecord {
  const { statuses = [], state, statusUpdateState, statusUpdateUuid, ...description } = task
  const record: TaskRecord = {
    id: task.taskId.value,
    framework: task.frameworkId.value,
    agent: task.agentId.value,
    executor: task.executorId?.value,
    state,
    held: isTerminal(state) ? Resources.none : Resources.from(task.resources),
    description: encode(Task, { ...description, state: TaskState.TASK_STAGING }),
    statuses: [],
    lastStatusState: undefined,
    pendingUuid: statusUpdateUuid,
    pendingState: statusUpdateState,
    firstStatusAt: 0,
    kill: undefined,
  }
  for (const status of statuses) addStatus(record, status)
  return record
}

/** Of equal states in a row the last one is kept; the executor's data is not (row 8-016). */
function addStatus(task: TaskRecord, status: TaskStatus): void {
  const { data: _, ...kept } = status
  if (task.lastStatusState === status.state) task.statuses.pop()
  task.statuses.push(encode(TaskStatus, kept))
  task.lastStatusState = status.state
  if (task.statuses.length === 1) task.firstStatusAt = (status.timestamp ?? 0) * 1000
}

/** The task as it is shown to people and programs. */
export function taskMessage(record: TaskRecord): Task {
  return {
    ...decode(Task, record.description),
    state: record.state,
    statuses: record.statuses.map((status) => decode(TaskStatus, status)),
    statusUpdateState: record.pendingState,
    statusUpdateUuid: record.pendingUuid,
  }
}

export function lastStatus(record: TaskRecord): TaskStatus | undefined {
  const bytes = record.statuses.at(-1)
  return bytes && decode(TaskStatus, bytes)
}

/** What an agent calls known about a task, with its framework and agent. Tells the watchers. */
export function addTask(turn: Turn, framework: FrameworkRecord, agent: AgentRecord, task: TaskRecord): void {
  framework.tasks.set(task.id, task)
  innerMap(agent.tasks, framework.id).set(task.id, task)
  turn.publish(() => ({ type: EventType.TASK_ADDED, taskAdded: { task: taskMessage(task) } }))
}

/** Takes a status into the record. What the task held is free again when it is terminal. */
export function takeStatus(
  turn: Turn,
  framework: FrameworkRecord,
  task: TaskRecord,
  status: TaskStatus,
  latest: TaskState,
): void {
  const ended = !isTerminal(task.state) && isTerminal(latest)
  // Nothing follows a terminal state; the statuses that lead to it may still come in.
  if (!isTerminal(task.state)) task.state = latest
  addStatus(task, status)
  if (ended) {
    countTaskStatus(
      turn,
      framework,
      latest === status.state ? status : { ...status, state: latest, source: undefined, reason: undefined },
    )
    release(turn.cluster, framework, task)
  }
  publishUpdate(turn, task, status)
}

function publishUpdate(turn: Turn, task: TaskRecord, status: TaskStatus): void {
  turn.publish(() => ({
    type: EventType.TASK_UPDATED,
    taskUpdated: { frameworkId: { value: task.framework }, status, state: task.state },
  }))
}

/** Gives back what a task holds; repeating it changes nothing. */
export function release(cluster: Cluster, framework: FrameworkRecord, task: TaskRecord): void {
  if (!task.held.isEmpty) cluster.allocator.recoverResources(framework.id, task.agent, task.held)
  task.held = Resources.none
}

/** Takes a task out of framework and agent. Where it goes then, if anywhere, is the caller's business. */
export function removeTask(cluster: Cluster, framework: FrameworkRecord, task: TaskRecord): void {
  release(cluster, framework, task)
  if (framework.tasks.get(task.id) === task) framework.tasks.delete(task.id)
  const agent = cluster.agents.get(task.agent)
  const ofFramework = agent?.tasks.get(framework.id)
  if (ofFramework?.get(task.id) !== task) return
  ofFramework.delete(task.id)
  if (ofFramework.size === 0) agent?.tasks.delete(framework.id)
}

/** Puts it among those that ended, of which the most recent are kept (row 4-039). */
export function completeTask(cluster: Cluster, framework: FrameworkRecord, task: TaskRecord): void {
  removeTask(cluster, framework, task)
  framework.completedTasks.push(task)
  if (framework.completedTasks.length > cluster.settings.maxCompletedTasksPerFramework) framework.completedTasks.shift()
}
