import type { Millis } from '#base/clock.js'
import { EventType } from '#wire/executor.js'
import { type KillPolicy, TaskState, TaskStatusReason } from '#wire/mesos.js'
import { milliseconds, shutdownGrace } from '../executors/environment.js'
import { dropStreams } from '../updates/streams.js'
import { DEFAULT_KILL_GRACE } from './config.js'
import type { Effects } from './effects.js'
import { removeFrameworkIfOver } from './end.js'
import { timer } from './events.js'
import { reportCommand, reportTask, reportUnknown } from './report.js'
import {
  type Agent,
  checkpoints,
  type Ending,
  type Executor,
  type Framework,
  findTask,
  findTerminated,
  strangerFramework,
  streamKey,
  type Task,
} from './state.js'

/** A scheduler wants a task to end (rows 2-008, 2-031). */
export function killTask(
  agent: Agent,
  frameworkId: string,
  id: string,
  policy: KillPolicy | undefined,
  now: Millis,
  out: Effects,
) {
  const framework = agent.frameworks.get(frameworkId)
  const found = findTask(framework, id)
  if (!found) return killUnknown(agent, framework, frameworkId, id, now, out)
  const { executor, task } = found
  if (executor.command) killCommand(agent, executor, task, now, out)
  else if (!task.delivered) killQueued(agent, executor, task, now, out)
  else if (executor.stream === undefined) executor.pendingKills.set(id, policy)
  else out.push({ do: 'send', stream: executor.stream, event: killEvent(id, policy) })
}

export const killEvent = (id: string, killPolicy: KillPolicy | undefined) => ({
  type: EventType.KILL,
  kill: { taskId: { value: id }, killPolicy },
})

/** Its launch was lost on the way, since the master knows it and we do not. An end that was reported is only being repeated to the scheduler. */
function killUnknown(agent: Agent, framework: Framework | undefined, frameworkId: string, id: string, now: Millis, out: Effects) {
  if (findTerminated(framework, id) || agent.updates.has(streamKey(frameworkId, id))) return
  const past = framework ?? agent.completedFrameworks.find((it) => it.id === frameworkId)
  if (past?.completedExecutors.some((it) => it.completed.some((task) => task.id === id))) return
  const parts = {
    state: TaskState.TASK_DROPPED,
    reason: TaskStatusReason.REASON_EXECUTOR_TERMINATED,
    message: 'The task to kill is not known to this agent',
  }
  reportUnknown(agent, past ?? strangerFramework(frameworkId), id, undefined, parts, now, out)
}

function killQueued(agent: Agent, executor: Executor, task: Task, now: Millis, out: Effects): void {
  const parts = {
    state: TaskState.TASK_KILLED,
    reason: TaskStatusReason.REASON_TASK_KILLED_DURING_LAUNCH,
    message: 'Killed before delivery to the executor',
  }
  reportTask(agent, executor, task, parts, now, out)
}

/** The task's own policy decides, an override has no effect (§0: as the default command executor of Mesos was seen to do). A second KILL changes nothing. */
function killCommand(agent: Agent, executor: Executor, task: Task, now: Millis, out: Effects) {
  if (executor.phase === 'cloning') {
    killQueued(agent, executor, task, now, out)
    return destroy(executor, {}, out)
  }
  if (task.kill) return
  endCommand(agent, executor, task, { at: now + commandGrace(task), overdue: false }, now, out)
}

const commandGrace = (task: Task): Millis => Math.max(0, milliseconds(task.info.killPolicy?.gracePeriod) ?? DEFAULT_KILL_GRACE)

/** Asked to end now, with SIGTERM unless its image names another signal, and SIGKILL at `kill.at`; both survive a restart of the agent. */
function endCommand(
  agent: Agent,
  executor: Executor,
  task: Task,
  kill: NonNullable<Task['kill']>,
  now: Millis,
  out: Effects,
): void {
  task.kill = kill
  const container = executor.containerId
  if (checkpoints(executor.framework)) {
    const record = { containerId: { value: container }, killAtMs: BigInt(Math.round(kill.at)), overdue: kill.overdue }
    out.push({ do: 'record', records: [{ kill: record }], synced: false })
  }
  if (executor.framework.capabilities.taskKillingState)
    reportCommand(agent, executor, { state: TaskState.TASK_KILLING }, now, out)
  signalCommand(executor, task, now, out)
}

/** What a kill does to the container; again when an agent returns and finds the kill unfinished. */
export function signalCommand(executor: Executor, task: Task, now: Millis, out: Effects): void {
  const container = executor.containerId
  const kill = task.kill!
  if (executor.phase !== 'running' || kill.at <= now) return void out.push({ do: 'kill', container })
  out.push({ do: 'stop', container })
  out.push({ do: 'arm', timer: timer('kill', container), at: kill.at })
}

/** It ran for its max_completion_time: ended without grace (row 1-096). */
export function commandOverdue(agent: Agent, executor: Executor, now: Millis, out: Effects) {
  const task = executor.tasks.get(executor.id)
  if (task && !task.kill) endCommand(agent, executor, task, { at: now, overdue: true }, now, out)
}

/** An executor shall end: it is asked to, and its container is destroyed after the grace period (rows 2-010, 2-020). */
export function shutdownExecutor(agent: Agent, executor: Executor, ending: Ending, now: Millis, out: Effects) {
  if (executor.phase === 'terminating' || executor.phase === 'terminated') return
  if (executor.command) return shutdownCommand(agent, executor, now, out)
  if (executor.stream === undefined) return destroy(executor, ending, out)
  executor.phase = 'terminating'
  executor.ending = ending
  out.push({ do: 'send', stream: executor.stream, event: { type: EventType.SHUTDOWN } })
  out.push({ do: 'arm', timer: timer('grace', executor.containerId), at: now + shutdownGrace(agent.config, executor) })
}

function shutdownCommand(agent: Agent, executor: Executor, now: Millis, out: Effects): void {
  const task = executor.tasks.get(executor.id)
  if (task) killCommand(agent, executor, task, now, out)
  else destroy(executor, {}, out)
}

/** The container ends at once; its tasks will be told `ending`. */
export function destroy(executor: Executor, ending: Ending, out: Effects): void {
  executor.ending = ending
  if (executor.phase === 'terminated') return
  // What is being made now stops being made, or is destroyed as soon as it is there.
  out.push({ do: 'kill', container: executor.containerId })
  executor.phase = 'terminating'
}

/** A framework is gone for good: its executors end, and nothing more is said of its tasks (T23, T46). */
export function shutdownFramework(agent: Agent, id: string, now: Millis, out: Effects): void {
  const framework = agent.frameworks.get(id)
  dropStreams(agent, id, out)
  if (!framework || framework.terminating) return
  framework.terminating = true
  for (const executor of [...framework.executors.values()]) {
    executor.terminated.clear()
    shutdownExecutor(agent, executor, {}, now, out)
  }
  removeFrameworkIfOver(agent, framework, out)
}

/** Every container ends, then the process does; nobody is told, since the master has written the agent off (row 5-013). */
export function leave(agent: Agent, leaving: NonNullable<Agent['leaving']>, out: Effects): void {
  if (agent.leaving) return
  agent.leaving = leaving
  for (const framework of agent.frameworks.values()) {
    framework.terminating = true
    dropStreams(agent, framework.id, out)
  }
  for (const executor of agent.runs.values()) {
    executor.terminated.clear()
    destroy(executor, {}, out)
  }
  if (agent.runs.size === 0) out.push({ do: 'exit', ...leaving })
}
