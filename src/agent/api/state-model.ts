import { versionInfo } from '#http/daemon-routes.js'
import { executorTypeModel } from '#model/legacy-json/executor.js'
import { roleMembers } from '#model/legacy-json/framework.js'
import { labelsModel } from '#model/legacy-json/labels.js'
import {
  attributesModel,
  reservedFull,
  reservedModel,
  resourcesFull,
  resourcesModel,
  roleModel,
} from '#model/legacy-json/resources.js'
import { queuedTaskModel, taskModel } from '#model/legacy-json/task.js'
import { array, boolean, double, entries, type JsonText, object, string } from '#model/legacy-json/text.js'
import { Resources } from '#model/resources.js'
import { AgentInfoCapabilityType } from '#wire/mesos.js'
import { actorOf } from '../core/config.js'
import { CAPABILITIES } from '../core/link.js'
import type { Agent, Executor, Framework, Task } from '../core/state.js'
import { taskMessage } from '../core/task-message.js'
import { executorsOf, liveExecutors } from './views.js'

/** `/state` (row 3-093), in the shape of golden/agent/v0/state.json. */
export function stateModel(
  agent: Agent,
  { flags, startedAt }: { flags: readonly (readonly [name: string, text: string])[]; startedAt: number },
): JsonText {
  return object({
    version: string(versionInfo.version),
    build_date: string(versionInfo.buildDate ?? ''),
    build_time: double(versionInfo.buildTime ?? 0),
    build_user: string(versionInfo.buildUser ?? ''),
    start_time: double(startedAt / 1000),
    id: string(agent.info.id?.value ?? ''),
    pid: string(actorOf(agent.config)),
    hostname: string(agent.info.hostname),
    capabilities: array(CAPABILITIES.map((it) => string(capabilityName(it)))),
    ...resourceMembers(agent),
    resource_providers: array([]),
    attributes: attributesModel(agent.info.attributes),
    master_hostname: agent.link.master?.hostname === undefined ? undefined : string(agent.link.master.hostname),
    flags: entries(flags.map(([name, text]) => [name, string(text)])),
    frameworks: array([...agent.frameworks.values()].map(frameworkModel)),
    completed_frameworks: array(agent.completedFrameworks.map(frameworkModel)),
  })
}

const capabilityName = (type: AgentInfoCapabilityType): string =>
  Object.entries(AgentInfoCapabilityType).find(([, value]) => value === type)?.[0] ?? ''

function resourceMembers(agent: Agent): Record<string, JsonText> {
  const total = Resources.from(agent.info.resources)
  const used = allocated(agent)
  return {
    resources: resourcesModel(total),
    reserved_resources: reservedModel(total.reserved()),
    unreserved_resources: resourcesModel(total.unreserved()),
    reserved_resources_full: reservedFull(total.reserved()),
    unreserved_resources_full: resourcesFull(total.unreserved()),
    reserved_resources_allocated: reservedModel(used.reserved()),
    unreserved_resources_allocated: resourcesModel(used.unreserved()),
  }
}

/** Of all live executors and their tasks, those that stand for command tasks included. */
export const allocated = (agent: Agent): Resources => Resources.sum(liveExecutors(agent).map(usedBy))

const usedBy = (executor: Executor): Resources =>
  Resources.sum([executor.info, ...[...executor.tasks.values()].map((it) => it.info)].map((it) => Resources.from(it.resources)))

function frameworkModel(framework: Framework): JsonText {
  const { info } = framework
  const { live, ended } = executorsOf(framework)
  return object({
    id: string(framework.id),
    name: string(info.name),
    user: string(info.user),
    failover_timeout: double(info.failoverTimeout ?? 0),
    checkpoint: boolean(info.checkpoint ?? false),
    hostname: string(info.hostname ?? ''),
    principal: info.principal === undefined ? undefined : string(info.principal),
    ...roleMembers(info),
    executors: array(live.map(executorModel)),
    completed_executors: array(ended.map(executorModel)),
  })
}

function executorModel(executor: Executor): JsonText {
  const { info } = executor
  const tasks = [...executor.tasks.values()]
  const show = (task: Task): JsonText => taskModel(taskMessage(executor, task))
  return object({
    id: string(executor.id),
    name: string(info.name ?? ''),
    source: string(info.source ?? ''),
    container: string(executor.containerId),
    directory: string(executor.sandbox),
    resources: resourcesModel(usedBy(executor)),
    role: roleModel(info.resources),
    labels: labelsModel(info.labels),
    type: executorTypeModel(info),
    tasks: array(tasks.filter((it) => it.delivered).map(show)),
    queued_tasks: array(tasks.filter((it) => !it.delivered).map((it) => queuedTaskModel(it.info))),
    completed_tasks: array([...executor.terminated.values(), ...executor.completed].map(show)),
  })
}
