import { isTerminal, stateFor } from '#model/task-state.js'
import { type AgentCall, AgentEventType } from '#wire/internal.js'
import type { TaskState, TaskStatus } from '#wire/mesos.js'
import type { AgentRecord, FrameworkRecord, TaskRecord } from './cluster.js'
import { sendStatus } from './status.js'
import { takeStatus } from './tasks.js'
import type { Turn } from './turn.js'

/** An agent reports the oldest update that is not acknowledged, and the state that the task is really in (rows 1-041, 1-110). */
export function taskUpdated(turn: Turn, agent: AgentRecord, update: NonNullable<AgentCall['update']>): void {
  turn.count('master/messages_status_update')
  const id = update.frameworkId.value
  const framework = turn.cluster.frameworks.get(id)
  if (!framework) {
    turn.count('master/invalid_status_updates')
    if (turn.cluster.completedIds.has(id)) acknowledgeForGood(turn, agent, id, update.status)
    return
  }
  const status = { ...update.status, state: stateFor(framework.capabilities, update.status.state) }
  const task = agent.tasks.get(id)?.get(status.taskId.value)
  // The scheduler must not take it for the end of its other task.
  if (isOfAnother(framework, agent, task, status)) return acknowledgeForGood(turn, agent, id, status)
  // The scheduler gets it also when the task is not known here: only it can acknowledge, and it may know more.
  sendStatus(turn, framework, status)
  if (!task) return turn.count('master/invalid_status_updates')
  turn.count('master/valid_status_updates')
  take(turn, framework, task, status, stateFor(framework.capabilities, update.latestState ?? status.state))
}

function take(turn: Turn, framework: FrameworkRecord, task: TaskRecord, status: TaskStatus, latest: TaskState): void {
  const repeated = status.uuid && task.pendingUuid && Buffer.compare(status.uuid, task.pendingUuid) === 0
  task.pendingUuid = status.uuid ?? task.pendingUuid
  task.pendingState = status.uuid ? status.state : task.pendingState
  // A repeat says nothing new, except that the task may have gone on meanwhile.
  if (repeated && task.state === latest) return
  takeStatus(turn, framework, task, status, latest)
}

/** Whether it speaks of an earlier task of this id: one on another agent, or one whose end was acknowledged and whose id is in use again. */
function isOfAnother(framework: FrameworkRecord, agent: AgentRecord, task: TaskRecord | undefined, status: TaskStatus): boolean {
  const live = framework.tasks.get(status.taskId.value)
  if (live && live.agent !== agent.id) return true
  const { uuid } = status
  if (!task || task.pendingUuid || !uuid || !isTerminal(status.state)) return false
  return framework.completedTasks.some((it) => it.id === task.id && it.pendingUuid && Buffer.compare(it.pendingUuid, uuid) === 0)
}

/** The scheduler will not acknowledge it. */
function acknowledgeForGood(turn: Turn, agent: AgentRecord, frameworkId: string, { taskId, uuid }: TaskStatus): void {
  if (uuid)
    turn.tell(agent, { type: AgentEventType.ACKNOWLEDGE, acknowledge: { frameworkId: { value: frameworkId }, taskId, uuid } })
}
