import { isTerminal } from '#model/task-state.js'
import { AgentEventType } from '#wire/internal.js'
import type { Call } from '#wire/scheduler.js'
import type { FrameworkRecord } from './cluster.js'
import { reconcileTask } from './reconcile.js'
import type { Turn } from './turn.js'

/** KILL (row 1-026): every one is passed on, also a repeated one; of an unknown task the scheduler is told what is known. */
export function kill(turn: Turn, framework: FrameworkRecord, call: NonNullable<Call['kill']>): void {
  const task = framework.tasks.get(call.taskId.value)
  if (!task) return reconcileTask(turn, framework, call.taskId.value, call.agentId?.value)
  if (call.agentId && call.agentId.value !== task.agent) return turn.count('master/dropped_messages')
  const agent = turn.cluster.agents.get(task.agent)
  if (!agent || isTerminal(task.state)) return
  const killTask = {
    frameworkId: { value: framework.id },
    taskId: call.taskId,
    ...(call.killPolicy && { killPolicy: call.killPolicy }),
  }
  // Kept until the task ends, because the agent may be away or the message may be lost with its link.
  task.kill = killTask
  turn.tell(agent, { type: AgentEventType.KILL_TASK, killTask })
}
