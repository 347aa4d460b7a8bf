import { isTerminal, taskStateName } from '#model/task-state.js'
import { type TaskStatus, TaskStatusReason, TaskStatusSource } from '#wire/mesos.js'
import type { FrameworkRecord } from './cluster.js'
import type { Turn } from './turn.js'

const sources = new Map<number, string>(Object.entries(TaskStatusSource).map(([name, value]) => [value, name.toLowerCase()]))
const reasons = new Map<number, string>(Object.entries(TaskStatusReason).map(([name, value]) => [value, name.toLowerCase()]))

/** Counts a state that a task got for good (row 4-119): `master/tasks_failed` and `master/task_failed/source_…/reason_…`. */
export function countTaskStatus(turn: Turn, framework: FrameworkRecord, status: TaskStatus): void {
  if (!isTerminal(status.state)) return
  const state = taskStateName(status.state).slice('TASK_'.length).toLowerCase()
  turn.count(`master/tasks_${state}`)
  framework.counters.add(`tasks/terminal/task_${state}`)
  const source = sources.get(status.source ?? -1)
  const reason = reasons.get(status.reason ?? -1)
  if (source && reason) turn.count(`master/task_${state}/${source}/${reason}`)
}
