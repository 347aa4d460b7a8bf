import { capabilitiesModel } from '#model/legacy-json/framework.js'
import { labelsModel } from '#model/legacy-json/labels.js'
import { OfferConstraints } from '#wire/scheduler.js'
import type { FrameworkRecord, OfferRecord } from '../../core/cluster.js'
import { offeredTo, usedBy } from '../../core/framework-message.js'
import { Double, type Json, messageJson, Raw, seconds } from './json.js'
import { resourcesJson } from './resources.js'
import { executorJson, taskJson } from './tasks.js'

/** What `/state-summary` shows of a framework, and `/state` too. */
export function frameworkSummary(framework: FrameworkRecord): { [key: string]: Json | undefined } {
  const { info } = framework
  return {
    id: framework.id,
    name: info.name,
    used_resources: resourcesJson(usedBy(framework)),
    offered_resources: resourcesJson(offeredTo(framework)),
    capabilities: new Raw(capabilitiesModel(info)),
    hostname: info.hostname ?? '',
    webui_url: info.webuiUrl ?? '',
    active: framework.stream !== undefined,
    connected: framework.stream !== undefined,
    recovered: framework.recovered,
  }
}

/** Row 3-100. */
export function frameworkJson(framework: FrameworkRecord): Json {
  const { info } = framework
  const returned = framework.reregisteredAt !== framework.registeredAt
  return {
    ...frameworkSummary(framework),
    user: info.user,
    failover_timeout: new Double(info.failoverTimeout ?? 0),
    checkpoint: info.checkpoint ?? false,
    principal: info.principal,
    registered_time: seconds(framework.registeredAt),
    unregistered_time: seconds(framework.unregisteredAt ?? 0),
    ...(returned && { reregistered_time: seconds(framework.reregisteredAt) }),
    resources: resourcesJson(usedBy(framework).add(offeredTo(framework))),
    ...(framework.capabilities.multiRole ? { roles: [...framework.roles] } : { role: framework.roles[0] }),
    tasks: [...framework.tasks.values()].map(taskJson),
    unreachable_tasks: [...framework.unreachableTasks.values()].map(taskJson),
    completed_tasks: framework.completedTasks.map(taskJson),
    offers: [...framework.offers].map(offerJson),
    executors: [...framework.executors].map(executorJson),
    labels: info.labels && new Raw(labelsModel(info.labels)),
    offer_constraints: messageJson(OfferConstraints, framework.constraints ?? {}),
  }
}

function offerJson({ id, framework, agent, role, resources }: OfferRecord): Json {
  return {
    id,
    framework_id: framework.id,
    allocation_info: { role },
    slave_id: agent.id,
    resources: resourcesJson(resources),
  }
}
