import { attributesModel, reservedFull, reservedModel, resourcesFull } from '#model/legacy-json/resources.js'
import { Resources } from '#model/resources.js'
import { type AgentInfo, AgentInfoCapabilityType, DomainInfo } from '#wire/mesos.js'
import { offeredOn, usedOn } from '../../core/agents.js'
import type { AgentRecord } from '../../core/cluster.js'
import { type Json, optionalMessage, Raw, seconds } from './json.js'
import { resourcesJson } from './resources.js'

const capabilityNames = new Map<number, string>(Object.entries(AgentInfoCapabilityType).map(([name, type]) => [type, name]))

/** Row 3-099. */
export function agentJson(agent: AgentRecord): { [key: string]: Json | undefined } {
  return {
    ...infoJson(agent.info),
    pid: agent.pid,
    registered_time: seconds(agent.registeredAt),
    ...(agent.reregisteredAt !== undefined && { reregistered_time: seconds(agent.reregisteredAt) }),
    resources: resourcesJson(agent.total),
    used_resources: resourcesJson(allUsedOn(agent)),
    offered_resources: resourcesJson(offeredOn(agent)),
    reserved_resources: new Raw(reservedModel(agent.total)),
    unreserved_resources: resourcesJson(agent.total.unreserved()),
    active: agent.link !== undefined,
    deactivated: false,
    version: agent.version,
    capabilities: agent.capabilities.flatMap(({ type }) => capabilityNames.get(type ?? 0) ?? []),
  }
}

/** As `/slaves` adds them: every resource with all that it has. */
export function fullResources(agent: AgentRecord): { [key: string]: Json } {
  return {
    reserved_resources_full: new Raw(reservedFull(agent.total)),
    unreserved_resources_full: listJson(agent.total.unreserved()),
    used_resources_full: listJson(allUsedOn(agent)),
    offered_resources_full: listJson(offeredOn(agent)),
  }
}

/** An agent of the registry that has not come back yet. */
export function infoJson(info: AgentInfo): { [key: string]: Json | undefined } {
  return {
    id: info.id?.value,
    hostname: info.hostname,
    port: info.port ?? 5051,
    attributes: new Raw(attributesModel(info.attributes)),
    domain: optionalMessage(DomainInfo, info.domain),
  }
}

function allUsedOn(agent: AgentRecord): Resources {
  return Resources.sum(usedOn(agent).values())
}

function listJson(resources: Resources): Raw {
  return new Raw(resourcesFull(resources))
}
