import type { Millis } from '#base/clock.js'
import { TaskState, type TaskStatus, TaskStatusSource } from '#wire/mesos.js'
import type { Effects } from './effects.js'
import { reportTask } from './report.js'
import { type Agent, type Executor, streamKey, type Task } from './state.js'

/**
 * What a command task still waits for is told in the agent's own name: TASK_STARTING with a sentence (docs/design/images.md). Invariant: no other one
 * follows before the scheduler has acknowledged this one, so that a slow scheduler never has a queue of them.
 */
export function coming(agent: Agent, executor: Executor, message: string, now: Millis, out: Effects): void {
  const task = executor.tasks.get(executor.id)
  const starts = executor.phase === 'cloning' || executor.phase === 'going'
  if (!executor.command || !starts || !task || task.kill || hasBegun(task)) return
  if (agent.updates.get(streamKey(executor.framework.id, task.id))?.pending.length) return
  reportTask(agent, executor, task, { state: TaskState.TASK_STARTING, message }, now, out)
}

/** Its executor has been heard of: more was said than what it waits for. */
export const hasBegun = (task: Task): boolean => task.statuses.some((status) => !isWaiting(status))

const isWaiting = ({ state, source }: TaskStatus): boolean =>
  state === TaskState.TASK_STARTING && source === TaskStatusSource.SOURCE_AGENT
