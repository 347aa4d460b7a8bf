import { AgentEventType } from '#wire/internal.js'
import { type Call, EventType } from '#wire/scheduler.js'
import type { AgentRecord, FrameworkRecord } from './cluster.js'
import type { Turn } from './turn.js'

/** MESSAGE to an executor: best effort (row 1-030). */
export function sendMessage(turn: Turn, framework: FrameworkRecord, call: NonNullable<Call['message']>): void {
  const agent = turn.cluster.agents.get(call.agentId.value)
  if (!agent?.link) return turn.count('master/invalid_framework_to_executor_messages')
  turn.count('master/valid_framework_to_executor_messages')
  const { executorId, data } = call
  turn.tell(agent, { type: AgentEventType.MESSAGE, message: { frameworkId: { value: framework.id }, executorId, data } })
}

/** The other way (row 1-042). */
export function executorMessage(
  turn: Turn,
  agent: AgentRecord,
  call: { frameworkId: { value: string }; executorId: { value: string }; data: Uint8Array },
): void {
  turn.count('master/messages_executor_to_framework')
  const framework = turn.cluster.frameworks.get(call.frameworkId.value)
  if (!framework || framework.stream === undefined) return turn.count('master/invalid_executor_to_framework_messages')
  turn.count('master/valid_executor_to_framework_messages')
  const { executorId, data } = call
  turn.send(framework, { type: EventType.MESSAGE, message: { agentId: { value: agent.id }, executorId, data } })
}

/** SHUTDOWN of one executor (row 1-027). */
export function shutdownExecutor(turn: Turn, framework: FrameworkRecord, call: NonNullable<Call['shutdown']>): void {
  const agent = turn.cluster.agents.get(call.agentId.value)
  if (!agent) return
  const { executorId } = call
  turn.tell(agent, {
    type: AgentEventType.SHUTDOWN_EXECUTOR,
    shutdownExecutor: { frameworkId: { value: framework.id }, executorId },
  })
}
