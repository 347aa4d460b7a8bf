import { Resources } from '#model/resources.js'
import { AgentEventType } from '#wire/internal.js'
import type { ResponseGetAgentsAgent } from '#wire/master.js'
import type { AgentRecord } from './cluster.js'
import type { LinkId } from './ids.js'
import { rescind } from './offers.js'
import { silenceLimit } from './settings.js'
import { timeInfo } from './status.js'
import type { Turn } from './turn.js'

/** Gives an agent the link over which it is reached from now on. The caller took the older one away. */
export function linkAgent(turn: Turn, agent: AgentRecord, link: LinkId): void {
  agent.link = link
  turn.cluster.byLink.set(link, agent)
  heard(turn, agent)
  turn.arm({ kind: 'silence', agent: agent.id }, turn.now + silenceLimit(turn.cluster.settings))
  turn.cluster.allocator.activateAgent(agent.id)
  turn.cluster.allocationDue = true
}

/** Takes the link away: what is on the agent stays known, but nothing of it is offered (row 4-033). */
export function unlinkAgent(turn: Turn, agent: AgentRecord): void {
  if (agent.link === undefined) return
  turn.effects.push({ do: 'unlink', link: agent.link })
  forgetLink(turn, agent)
}

/** The link broke by itself. */
export function agentGone(turn: Turn, link: LinkId): void {
  const agent = turn.cluster.byLink.get(link)
  if (agent) forgetLink(turn, agent)
}

function forgetLink(turn: Turn, agent: AgentRecord): void {
  if (agent.link !== undefined) turn.cluster.byLink.delete(agent.link)
  agent.link = undefined
  turn.cluster.allocator.deactivateAgent(agent.id)
  for (const offer of agent.offers) rescind(turn, offer)
}

export function heard(turn: Turn, agent: AgentRecord): void {
  agent.heardAt = turn.now
}

/** Asks every linked agent whether it lives; each answers with a HEARTBEAT of its own (row 4-029). */
export function pingAgents(turn: Turn): void {
  for (const agent of turn.cluster.byLink.values()) turn.tell(agent, { type: AgentEventType.HEARTBEAT })
  turn.arm({ kind: 'ping' }, turn.now + turn.cluster.settings.agentPingTimeout)
}

/** What tasks and executors hold on an agent, by framework. */
export function usedOn(agent: AgentRecord): Map<string, Resources> {
  const used = new Map<string, Resources[]>()
  const add = (framework: string, resources: Resources): void => {
    const list = used.get(framework)
    if (list) list.push(resources)
    else used.set(framework, [resources])
  }
  for (const [framework, tasks] of agent.tasks) for (const task of tasks.values()) add(framework, task.held)
  for (const [framework, executors] of agent.executors)
    for (const executor of executors.values()) add(framework, executor.resources)
  return new Map([...used].map(([framework, parts]) => [framework, Resources.sum(parts)]))
}

export function offeredOn(agent: AgentRecord): Resources {
  return Resources.sum([...agent.offers].map(({ resources }) => resources))
}

/** An agent as operators see it (row 3-016). */
export function agentMessage(agent: AgentRecord): ResponseGetAgentsAgent {
  return {
    // Whether an agent checkpoints is an old question: all do; it still stands where clients saw it.
    agentInfo: { ...agent.info, checkpoint: true },
    active: agent.link !== undefined,
    deactivated: false,
    version: agent.version,
    pid: agent.pid,
    registeredTime: timeInfo(agent.registeredAt),
    ...(agent.reregisteredAt !== undefined && { reregisteredTime: timeInfo(agent.reregisteredAt) }),
    totalResources: agent.total.toProto('both'),
    allocatedResources: Resources.sum(usedOn(agent).values()).toProto('both'),
    offeredResources: offeredOn(agent).toProto('both'),
    capabilities: [...agent.capabilities],
  }
}
