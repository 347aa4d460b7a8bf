import { header } from '#http/answer.js'
import { decodeCall } from '#http/call.js'
import { HttpErrors } from '#http/errors.js'
import { JSON_TYPE, MESSAGE_TYPES, negotiate } from '#http/media-type.js'
import type { Server } from '#http/server.js'
import { AgentCall, AgentCallType } from '#wire/internal.js'
import type { ApiContext } from './context.js'

/** The message that each type of call carries, where it must. */
const bodies: Partial<Record<AgentCallType, keyof AgentCall>> = {
  [AgentCallType.SUBSCRIBE]: 'subscribe',
  [AgentCallType.UPDATE]: 'update',
  [AgentCallType.MESSAGE]: 'message',
  [AgentCallType.EXITED_EXECUTOR]: 'exitedExecutor',
}

/** POST /api/v1/agent: the master's end of the agent link (proto/internal/v1/agent_link.proto). */
export function routeAgentLink(server: Server, { runner }: ApiContext): void {
  server.route(
    '/api/v1/agent',
    (request) => {
      const call = decodeCall(AgentCall, request)
      const fault = callFault(call)
      if (fault !== undefined) throw HttpErrors.CALL_INVALID({ kind: 'AgentCall', why: fault })
      const media = call.type === AgentCallType.SUBSCRIBE ? negotiate(request, MESSAGE_TYPES) : JSON_TYPE
      return runner.agentCall(call, header(request, 'mesos-stream-id'), media)
    },
    { methods: ['POST'] },
  )
}

function callFault(call: AgentCall): string | undefined {
  if (!call.type) return "Expecting 'type' to be present"
  const body = bodies[call.type]
  return body && call[body] === undefined ? `Expecting '${body}' to be present` : undefined
}
