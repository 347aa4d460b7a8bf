import type { Containerizer } from '#containerizer/containerizer.js'
import { type Handler, json, type Request } from '#http/answer.js'
import type { Server } from '#http/server.js'
import { array, entries, type JsonText, object, string } from '#model/legacy-json/text.js'
import type { ResponseGetContainersContainer } from '#wire/agent.js'
import { toJson } from '#wire/json.js'
import { ContainerStatus, ResourceStatistics } from '#wire/mesos.js'
import type { Agent, Executor } from '../core/state.js'
import { AgentErrors } from '../errors.js'
import { containerViews } from './container-views.js'
import { stateModel } from './state-model.js'

export interface StateParts {
  agent: () => Agent
  containerizer: Containerizer
  flags: readonly (readonly [name: string, text: string])[]
  startedAt: number
}

/** The agent's own older endpoints (rows 3-093 to 3-097); each also under `/slave(1)`. */
export function routeState(server: Server, parts: StateParts): void {
  server.route('/state', (request) => json(request, stateModel(parts.agent(), parts)))
  server.route('/state.json', (request) => json(request, stateModel(parts.agent(), parts)))
  server.route('/containers', containers(parts))
  server.route('/monitor/statistics', statistics(parts))
  server.route('/monitor/statistics.json', statistics(parts))
  server.route('/containerizer/debug', (request) => json(request, '{"pending":[]}'), { prefixed: false })
}

const containers =
  ({ agent, containerizer }: StateParts): Handler =>
  async (request) => {
    const views = await containerViews(agent(), containerizer, wanted(request))
    return json(request, array(views.map((it) => containerModel(agent(), it))))
  }

const statistics =
  ({ agent, containerizer }: StateParts): Handler =>
  async (request) => {
    const views = await containerViews(agent(), containerizer)
    return json(request, array(views.map((it) => entries(executorMembers(agent(), it)))))
  }

function wanted({ query }: Request): (executor: Executor) => boolean {
  const { container_id: container, framework_id: framework, executor_id: executor } = query
  const alone = container === undefined || (framework === undefined && executor === undefined)
  if (!alone || (executor !== undefined && framework === undefined)) throw AgentErrors.QUERY_INVALID({})
  return (it) =>
    (container === undefined || it.containerId === container) &&
    (framework === undefined || it.framework.id === framework) &&
    (executor === undefined || it.id === executor)
}

type Members = [name: string, value: JsonText | undefined][]

function executorMembers(agent: Agent, view: ResponseGetContainersContainer): Members {
  const source = agent.runs.get(view.containerId.value)?.info.source ?? ''
  return [
    ['executor_id', string(view.executorId?.value ?? '')],
    ['executor_name', string(view.executorName ?? '')],
    ['framework_id', string(view.frameworkId?.value ?? '')],
    ['source', string(source)],
    ['statistics', view.resourceStatistics && (toJson(ResourceStatistics, view.resourceStatistics) as JsonText)],
  ]
}

function containerModel(agent: Agent, view: ResponseGetContainersContainer): JsonText {
  return object({
    container_id: string(view.containerId.value),
    ...Object.fromEntries(executorMembers(agent, view)),
    status: view.containerStatus && (toJson(ContainerStatus, view.containerStatus) as JsonText),
  })
}
