import { TaskState } from '#wire/mesos.js'
import type { FrameworkCapabilities } from './framework-capabilities.js'

/** After these no further state follows, and the task's resources are free (row 8-015). */
const terminal: ReadonlySet<TaskState> = new Set([
  TaskState.TASK_FINISHED,
  TaskState.TASK_FAILED,
  TaskState.TASK_KILLED,
  TaskState.TASK_ERROR,
  TaskState.TASK_LOST,
  TaskState.TASK_DROPPED,
  TaskState.TASK_GONE,
  TaskState.TASK_GONE_BY_OPERATOR,
])

/** What only frameworks with PARTITION_AWARE know; to the others it is TASK_LOST (row 8-017). */
const partitionAware: ReadonlySet<TaskState> = new Set([
  TaskState.TASK_DROPPED,
  TaskState.TASK_UNREACHABLE,
  TaskState.TASK_GONE,
  TaskState.TASK_GONE_BY_OPERATOR,
  TaskState.TASK_UNKNOWN,
])

export function isTerminal(state: TaskState): boolean {
  return terminal.has(state)
}

export function stateFor(capabilities: FrameworkCapabilities, state: TaskState): TaskState {
  return !capabilities.partitionAware && partitionAware.has(state) ? TaskState.TASK_LOST : state
}

/** The order in which a live task goes through its states; a step back is not one of them. */
const progress: Partial<Record<TaskState, number>> = {
  [TaskState.TASK_STAGING]: 0,
  [TaskState.TASK_STARTING]: 1,
  [TaskState.TASK_RUNNING]: 2,
  [TaskState.TASK_KILLING]: 3,
}

/**
 * Whether a task can go from one state to another (row 8.1). A repeat is allowed (health and check updates); nothing follows a terminal state;
 * an unreachable task comes back as whatever it has become meanwhile.
 */
export function canFollow(from: TaskState, to: TaskState): boolean {
  if (isTerminal(from)) return false
  if (isTerminal(to) || to === TaskState.TASK_UNREACHABLE || from === TaskState.TASK_UNREACHABLE) return true
  const [before, after] = [progress[from], progress[to]]
  return before !== undefined && after !== undefined && after >= before
}

const names = new Map(Object.entries(TaskState).map(([name, value]) => [value, name]))

/** `TASK_RUNNING`. */
export function taskStateName(state: TaskState): string {
  return names.get(state) ?? `TASK_${state}`
}
