import type { Millis } from '#base/clock.js'
import { TaskState, TaskStatusReason } from '#wire/mesos.js'
import { hasBegun } from '../core/coming.js'
import { armCompletion, commandRuns } from '../core/containers.js'
import type { Effects } from '../core/effects.js'
import { removeFrameworkIfOver, removeIfOver } from '../core/end.js'
import { type AgentInput, type LiveContainer, timer } from '../core/events.js'
import { signalCommand } from '../core/kill.js'
import { connect } from '../core/link.js'
import { reportCommand, reportTask } from '../core/report.js'
import type { Agent, Executor } from '../core/state.js'
import type { StatusParts } from '../core/status.js'

/**
 * The agent goes into service with what outlived the one before it (design §6). It registers at once: executors that have yet to come back are
 * waited for meanwhile. Containers that ended while nobody watched follow as `ended`.
 */
export function recovered(agent: Agent, event: Extract<AgentInput, { on: 'recovered' }>, now: Millis, out: Effects): void {
  agent.recovered = true
  const live = new Map(event.live.map((it) => [it.id, it]))
  for (const executor of [...agent.runs.values()]) {
    const container = live.get(executor.containerId)
    if (event.rebooted) lost(agent, executor, REBOOTED, now, out)
    else if (container) attach(agent, executor, container, now, out)
    else if (executor.phase === 'cloning') lost(agent, executor, NEVER_STARTED, now, out)
  }
  for (const framework of [...agent.frameworks.values()]) removeFrameworkIfOver(agent, framework, out)
  connect(agent, out)
}

const REBOOTED: StatusParts = {
  state: TaskState.TASK_GONE,
  reason: TaskStatusReason.REASON_AGENT_RESTARTED,
  message: 'Lost when the host of the agent rebooted',
}

const NEVER_STARTED: StatusParts = {
  state: TaskState.TASK_DROPPED,
  reason: TaskStatusReason.REASON_AGENT_RESTARTED,
  message: 'The agent restarted before the task was started',
}

/** Nothing of its container is left. */
function lost(agent: Agent, executor: Executor, parts: StatusParts, now: Millis, out: Effects) {
  executor.phase = 'terminated'
  executor.destroyed = true
  for (const task of [...executor.tasks.values()]) reportTask(agent, executor, task, parts, now, out)
  removeIfOver(agent, executor, out)
}

function attach(agent: Agent, executor: Executor, container: LiveContainer, now: Millis, out: Effects) {
  if (container.status) executor.containerStatus = { ...executor.containerStatus, ...container.status }
  if (executor.command) return attachCommand(agent, executor, now, out)
  executor.phase = 'registering'
  const at = now + agent.config.executorReregistrationTimeout
  out.push({ do: 'arm', timer: timer('reregistration', executor.containerId), at })
}

/** Says what the agent before this one did not come to say, and sees its kills through. */
function attachCommand(agent: Agent, executor: Executor, now: Millis, out: Effects) {
  executor.phase = 'running'
  const task = executor.tasks.get(executor.id)
  // Its end is reported already: only the container was not removed any more.
  if (!task) return void out.push({ do: 'destroy', container: executor.containerId })
  if (task.kill && !hasBegun(task)) reportCommand(agent, executor, { state: TaskState.TASK_STARTING }, now, out)
  const running = task.statuses.find((it) => it.state === TaskState.TASK_RUNNING)
  if (task.kill) return signalCommand(executor, task, now, out)
  if (!running) return commandRuns(agent, executor, now, out)
  task.runningSince = (running.timestamp ?? now / 1000) * 1000
  armCompletion(executor, out)
}
