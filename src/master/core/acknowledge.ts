import { isTerminal } from '#model/task-state.js'
import { AgentEventType } from '#wire/internal.js'
import type { Call } from '#wire/scheduler.js'
import type { FrameworkRecord } from './cluster.js'
import { completeTask } from './tasks.js'
import type { Turn } from './turn.js'

/** ACKNOWLEDGE (rows 1-028, 1-110): goes to the agent; a task whose terminal update is acknowledged is forgotten here. */
export function acknowledge(turn: Turn, framework: FrameworkRecord, call: NonNullable<Call['acknowledge']>): void {
  const agent = turn.cluster.agents.get(call.agentId.value)
  // The agent repeats the update when it is back, and then it can be acknowledged.
  if (!agent?.link) return turn.count('master/invalid_status_update_acknowledgements')
  const task = agent.tasks.get(framework.id)?.get(call.taskId.value)
  if (task) {
    if (!task.pendingUuid || !sameBytes(task.pendingUuid, call.uuid))
      return turn.count('master/invalid_status_update_acknowledgements')
    if (task.pendingState !== undefined && isTerminal(task.pendingState)) completeTask(turn.cluster, framework, task)
  }
  turn.count('master/valid_status_update_acknowledgements')
  const { taskId, uuid } = call
  turn.tell(agent, { type: AgentEventType.ACKNOWLEDGE, acknowledge: { frameworkId: { value: framework.id }, taskId, uuid } })
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0
}
