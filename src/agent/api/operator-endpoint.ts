import { CodedError } from '#base/errors.js'
import type { Containerizer } from '#containerizer/containerizer.js'
import { type Answer, empty, type Handler, text } from '#http/answer.js'
import { answerMessage, decodeCall } from '#http/call.js'
import { answerDaemonCall, type DaemonCall } from '#http/daemon-calls.js'
import type { DaemonParts } from '#http/daemon-routes.js'
import { HttpErrors } from '#http/errors.js'
import { MESSAGE_TYPES, negotiate } from '#http/media-type.js'
import type { Server } from '#http/server.js'
import { Call, CallType, Response, ResponseType } from '#wire/agent.js'
import type { Agent } from '../core/state.js'
import { AgentErrors } from '../errors.js'
import { containerViews } from './container-views.js'
import { pruneImages } from './prune-images.js'
import { refuseContainerCall } from './unsupported-calls.js'
import { getExecutors, getFrameworks, getState, getTasks } from './views.js'

const KIND = 'agent::Call'

/** `POST /api/v1` (rows 3-001, 3-045 to 3-051). What is not built yet is answered 501, never as if it had been done. */
export function routeOperatorApi(server: Server, parts: DaemonParts, agent: () => Agent, containerizer: Containerizer): void {
  const handler: Handler = async (request) => {
    const call = decodeCall(Call, request)
    if (call.type === undefined) throw HttpErrors.CALL_INVALID({ kind: KIND, why: "Expecting 'type' to be present" })
    const media = negotiate(request, MESSAGE_TYPES)
    const common = await answerDaemonCall(parts, call as DaemonCall, KIND)
    const response =
      common === 'done' ? common : ((common as Response | undefined) ?? (await answerAgentCall(call, agent, containerizer)))
    return response === 'done' ? empty(200) : answerMessage(Response, response, media)
  }
  server.route('/api/v1', (request) => answerCoded(handler, request), { methods: ['POST'] })
}

/** Some errors have no sentence on this wire; their body is empty then. */
async function answerCoded(handler: Handler, request: Parameters<Handler>[0]): Promise<Answer> {
  try {
    return (await handler(request)) as Answer
  } catch (error) {
    if (!(error instanceof CodedError) || error.http === undefined) throw error
    return error.message === '' ? empty(error.http) : text(error.http, error.message)
  }
}

async function answerAgentCall(call: Call, agent: () => Agent, containerizer: Containerizer): Promise<Response | 'done'> {
  switch (call.type) {
    case CallType.GET_STATE:
      return { type: ResponseType.GET_STATE, getState: getState(agent()) }
    case CallType.GET_TASKS:
      return { type: ResponseType.GET_TASKS, getTasks: getTasks(agent()) }
    case CallType.GET_EXECUTORS:
      return { type: ResponseType.GET_EXECUTORS, getExecutors: getExecutors(agent()) }
    case CallType.GET_FRAMEWORKS:
      return { type: ResponseType.GET_FRAMEWORKS, getFrameworks: getFrameworks(agent()) }
    case CallType.GET_AGENT:
      return { type: ResponseType.GET_AGENT, getAgent: { agentInfo: agent().info } }
    case CallType.GET_CONTAINERS: {
      const containers = await containerViews(agent(), containerizer)
      // With nothing to show the member is missing (§0, row 3-047).
      return { type: ResponseType.GET_CONTAINERS, ...(containers.length > 0 && { getContainers: { containers } }) }
    }
    case CallType.GET_OPERATIONS:
      return { type: ResponseType.GET_OPERATIONS, getOperations: {} }
    case CallType.GET_RESOURCE_PROVIDERS:
      return { type: ResponseType.GET_RESOURCE_PROVIDERS, getResourceProviders: {} }
    case CallType.PRUNE_IMAGES:
      await pruneImages(containerizer.images, call.pruneImages)
      return 'done'
    default:
      refuseContainerCall(call, (id) => containerizer.containers().includes(id))
      throw AgentErrors.UNSUPPORTED_CALL({ call: nameOf(call) })
  }
}

const nameOf = (call: Call): string => Object.entries(CallType).find(([, value]) => value === call.type)?.[0] ?? 'This call'
