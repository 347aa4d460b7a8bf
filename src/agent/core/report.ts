import type { Millis } from '#base/clock.js'
import { isTerminal } from '#model/task-state.js'
import { TaskState, type TaskStatus } from '#wire/mesos.js'
import { enqueue } from '../updates/streams.js'
import type { Effects } from './effects.js'
import { timer } from './events.js'
import type { Agent, Executor, Framework, Task, TerminalCounter } from './state.js'
import { agentStatus, commandStatus, type StatusParts } from './status.js'

/** A command task's next state, as its executor would send it. */
export function reportCommand(agent: Agent, executor: Executor, parts: StatusParts, now: Millis, out: Effects): void {
  const task = executor.tasks.get(executor.id)
  if (task) apply(agent, executor, task, commandStatus(agent, executor, parts, now), now, out)
}

/** What the agent has to say of a task whose executor cannot. */
export function reportTask(agent: Agent, executor: Executor, task: Task, parts: StatusParts, now: Millis, out: Effects): void {
  const status = agentStatus(agent, executor.framework, task.id, executor.id, parts, now)
  apply(agent, executor, task, status, now, out)
}

/** Of a task that has no run: it was refused, or nobody here knows it. */
export function reportUnknown(
  agent: Agent,
  framework: Framework,
  task: string,
  executor: string | undefined,
  parts: StatusParts,
  now: Millis,
  out: Effects,
): void {
  if (framework.terminating) return
  enqueue(agent, { framework, stray: true }, agentStatus(agent, framework, task, executor, parts, now), now, out)
}

/**
 * A live task goes into its next state. Invariant: a task that was terminal once is no longer in `tasks`, so no second terminal state can follow.
 */
export function apply(agent: Agent, executor: Executor, task: Task, status: TaskStatus, now: Millis, out: Effects): void {
  const { framework } = executor
  remember(task, status)
  if (isTerminal(status.state)) settle(agent, executor, task, out)
  if (framework.terminating) return
  enqueue(agent, { framework, executor }, status, now, out)
}

/** The new state, and the statuses of `/state`: one for each state in a row. */
export function remember(task: Task, status: TaskStatus): void {
  task.state = status.state
  if (task.statuses.at(-1)?.state === status.state) task.statuses.pop()
  task.statuses.push(status)
}

function settle(agent: Agent, executor: Executor, task: Task, out: Effects): void {
  executor.tasks.delete(task.id)
  if (!executor.framework.terminating) executor.terminated.set(task.id, task)
  executor.pendingKills.delete(task.id)
  const counter = counterOf(task.state)
  if (counter) agent.counters.tasks[counter]++
  if (executor.command) {
    out.push({ do: 'disarm', timer: timer('kill', executor.containerId) })
    out.push({ do: 'disarm', timer: timer('completion', executor.containerId) })
  }
}

function counterOf(state: TaskState): TerminalCounter | undefined {
  switch (state) {
    case TaskState.TASK_FINISHED:
      return 'finished'
    case TaskState.TASK_FAILED:
    case TaskState.TASK_ERROR:
      return 'failed'
    case TaskState.TASK_KILLED:
      return 'killed'
    case TaskState.TASK_LOST:
    case TaskState.TASK_DROPPED:
      return 'lost'
    case TaskState.TASK_GONE:
    case TaskState.TASK_GONE_BY_OPERATOR:
      return 'gone'
    default:
      return undefined
  }
}
