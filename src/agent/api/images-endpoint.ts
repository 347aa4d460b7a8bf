import type { Clock } from '#base/clock.js'
import { CodedError } from '#base/errors.js'
import type { Containerizer } from '#containerizer/containerizer.js'
import type { ImageStore } from '#containerizer/images/image-store.js'
import type { TransferGroup } from '#containerizer/transfers.js'
import type { Answer, Request, StreamAnswer } from '#http/answer.js'
import { answerMessage, decodeCall } from '#http/call.js'
import { HttpErrors } from '#http/errors.js'
import { MESSAGE_TYPES, type MediaType, negotiate } from '#http/media-type.js'
import type { Server } from '#http/server.js'
import { AgentAnswer, AgentRequest, AgentRequestType, type ListTransfers } from '#wire/meseta.js'
import type { Agent } from '../core/state.js'
import { AgentErrors } from '../errors.js'
import { detailsMessage, groupMessage, prunedMessage, summaryMessage } from './image-messages.js'
import { ImagePulls } from './image-pulls.js'

export interface ImageParts {
  /** Throws while the agent recovers: until then the store is not to be asked. */
  agent: () => Agent
  containerizer: Pick<Containerizer, 'images' | 'transfers'>
  clock: Clock
}

/** `POST /meseta/v1`: what an agent says of images, which Mesos has no calls for (proto/meseta/v1/agent.proto). */
export function routeImages(server: Server, parts: ImageParts): void {
  const pulls = new ImagePulls(parts.clock)
  server.route('/meseta/v1', (request) => answer(request, parts, pulls), { methods: ['POST'], prefixed: false })
}

async function answer(request: Request, parts: ImageParts, pulls: ImagePulls): Promise<Answer | StreamAnswer> {
  const call = decodeCall(AgentRequest, request)
  const media = negotiate(request, MESSAGE_TYPES)
  const agent = parts.agent()
  if (call.type === AgentRequestType.LIST_TRANSFERS) {
    const groups = [...parts.containerizer.transfers(), ...pulls.groups]
    return answerMessage(AgentAnswer, { transfers: chosen(groups, call.listTransfers, agent).map(groupMessage) }, media)
  }
  const store = parts.containerizer.images
  if (!store) throw AgentErrors.IMAGES_MISSING({})
  try {
    return await answerFromStore(store, call, media, pulls)
  } catch (error) {
    if (error instanceof CodedError && error.http === undefined)
      throw AgentErrors.IMAGE_CALL_FAILED({ why: error.message }, error)
    throw error
  }
}

async function answerFromStore(
  store: ImageStore,
  call: AgentRequest,
  media: MediaType,
  pulls: ImagePulls,
): Promise<Answer | StreamAnswer> {
  const reply = (message: AgentAnswer) => answerMessage(AgentAnswer, message, media)
  switch (call.type) {
    case AgentRequestType.LIST_IMAGES:
      return reply({ images: (await store.list()).map(summaryMessage) })
    case AgentRequestType.INSPECT_IMAGE:
      return reply({ image: detailsMessage(await store.inspect(present(call.inspectImage, 'inspect_image').name)) })
    case AgentRequestType.PULL_IMAGE:
      return pulls.answer(store, present(call.pullImage, 'pull_image'), media)
    case AgentRequestType.PRUNE_IMAGES:
      return reply({ pruned: prunedMessage(await store.prune(call.pruneImages?.excluded ?? [])) })
    default:
      throw invalid("Expecting 'type' to be one of LIST_IMAGES, INSPECT_IMAGE, PULL_IMAGE, PRUNE_IMAGES, LIST_TRANSFERS")
  }
}

function chosen(groups: readonly TransferGroup[], wanted: ListTransfers | undefined, agent: Agent): readonly TransferGroup[] {
  const { containerId, frameworkId, taskId } = wanted ?? {}
  if (containerId !== undefined) return groups.filter(({ what }) => what === containerId)
  if (frameworkId === undefined && taskId === undefined) return groups
  if (frameworkId === undefined || taskId === undefined) throw invalid("Expecting 'framework_id' and 'task_id', both or none")
  const container = agent.frameworks.get(frameworkId)?.owners.get(taskId)?.containerId
  return groups.filter(({ what }) => what === container)
}

function present<T extends object>(content: T | undefined, field: string): T {
  if (content === undefined) throw invalid(`Expecting '${field}' to be present`)
  if ('name' in content && content.name === '') throw invalid(`Expecting '${field}.name' to be present`)
  return content
}

const invalid = (why: string): Error => HttpErrors.CALL_INVALID({ kind: 'meseta::AgentRequest', why })
