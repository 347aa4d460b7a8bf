import { type AgentCall, AgentCallType } from '#wire/internal.js'
import { agentSubscribes } from './agent-subscribe.js'
import { heard } from './agents.js'
import type { AgentRecord } from './cluster.js'
import { executorExited } from './executors.js'
import type { LinkId, RequestId } from './ids.js'
import { agentUnregisters } from './lose-agent.js'
import { executorMessage } from './messages.js'
import { taskUpdated } from './task-update.js'
import type { Turn } from './turn.js'

/** A call of an agent. What comes over a link that is no longer the agent's is refused, so that the agent links itself anew. */
export function agentCall(turn: Turn, request: RequestId, call: AgentCall, link: LinkId | undefined): void {
  const { subscribe } = call
  if (call.type === AgentCallType.SUBSCRIBE && subscribe) return agentSubscribes(turn, request, { ...call, subscribe })
  const agent = link === undefined ? undefined : turn.cluster.byLink.get(link)
  if (!agent) return turn.answer(request, 403, 'The agent is not linked: subscribe again')
  heard(turn, agent)
  turn.answer(request, 202)
  perform(turn, agent, call)
}

function perform(turn: Turn, agent: AgentRecord, call: AgentCall): void {
  switch (call.type) {
    case AgentCallType.UPDATE:
      return call.update && taskUpdated(turn, agent, call.update)
    case AgentCallType.MESSAGE:
      return call.message && executorMessage(turn, agent, call.message)
    case AgentCallType.EXITED_EXECUTOR: {
      const { frameworkId, executorId, status } = call.exitedExecutor ?? {}
      return frameworkId && executorId && executorExited(turn, agent, frameworkId.value, executorId.value, status)
    }
    case AgentCallType.UNREGISTER:
      return agentUnregisters(turn, agent)
    case AgentCallType.BATCH:
      for (const each of call.batch ?? []) if (each.type !== AgentCallType.BATCH) perform(turn, agent, each)
      return
    default:
      // HEARTBEAT: that it was heard is all it says.
      return
  }
}
