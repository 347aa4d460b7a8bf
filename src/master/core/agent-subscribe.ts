import { uuidText } from '#base/random.js'
import { idFault } from '#model/ids.js'
import { type AgentCall, AgentEventType } from '#wire/internal.js'
import { rejoin } from './agent-rejoin.js'
import { reportFault } from './agent-report.js'
import type { AgentId, LinkId, RequestId } from './ids.js'
import { sentence } from './sentence.js'
import type { Turn } from './turn.js'

type Subscribe = NonNullable<AgentCall['subscribe']>

/**
 * An agent links itself (rows 4-026, 4-027). It brings all that it holds. A change of who is admitted is recorded before the agent hears that it
 * is; nothing else about it is durable.
 */
export function agentSubscribes(turn: Turn, request: RequestId, call: AgentCall & { subscribe: Subscribe }): void {
  const { cluster } = turn
  const { subscribe } = call
  const claimed = call.agentId?.value || subscribe.agentInfo.id?.value || linkedFrom(turn, subscribe.pid)
  const fault = (claimed !== undefined ? idFault(claimed) : undefined) ?? reportFault(subscribe)
  if (fault !== undefined) return turn.answer(request, 400, sentence(`The agent cannot be admitted: ${fault}`))
  if (claimed !== undefined && cluster.leaving.has(claimed))
    return turn.answer(request, 503, `Agent ${claimed} is being removed; try again`)
  if (claimed !== undefined && isElsewhere(turn, claimed, subscribe.pid))
    return turn.answer(request, 403, `Agent ${claimed} is linked from another address; no two agents can share a work directory`)
  const link = uuidText(cluster.random.uuid())
  if (claimed !== undefined && cluster.gone.has(claimed)) return turnAway(turn, request, link, claimed)
  if (claimed !== undefined && isAdmitted(turn, claimed)) {
    turn.effects.push({ do: 'link', request, link })
    return rejoin(turn, claimed, link, subscribe)
  }
  admit(turn, claimed ?? `${cluster.settings.master.id}-S${cluster.nextAgent++}`, { request, link, subscribe })
}

/**
 * An agent that died before it had its id on disk asks anew, while its old link still seems alive: it gets the same id again, else the first would stay
 * as an agent that nobody is, with tasks of which nothing more is heard.
 */
function linkedFrom({ cluster }: Turn, pid: string): AgentId | undefined {
  for (const agent of cluster.agents.values()) if (agent.link !== undefined && agent.pid === pid) return agent.id
  for (const [id, joining] of cluster.joining) if (joining.subscribe.pid === pid) return id
  return undefined
}

function isAdmitted({ cluster }: Turn, agent: AgentId): boolean {
  return cluster.agents.has(agent) || cluster.recoveredAgents.has(agent)
}

/** Only an agent whose link is down may come from elsewhere: who has copied its work directory must not take its place (B67). */
function isElsewhere({ cluster }: Turn, id: AgentId, pid: string): boolean {
  const known = cluster.agents.get(id)
  return known?.link !== undefined && known.pid !== pid
}

/** An agent that the operator declared gone must not come back (row 4-035). */
function turnAway(turn: Turn, request: RequestId, link: LinkId, agent: AgentId): void {
  const message = `agent ${agent} was marked as gone`
  turn.effects.push(
    { do: 'link', request, link },
    { do: 'tell', to: link, event: { type: AgentEventType.SHUTDOWN, shutdown: { message } } },
    { do: 'unlink', link },
  )
}

/** Records a new or returning agent. If it subscribes again meanwhile, the later link counts. */
function admit(turn: Turn, agent: AgentId, joining: { request: RequestId; link: LinkId; subscribe: Subscribe }): void {
  const earlier = turn.cluster.joining.get(agent)
  if (earlier) turn.answer(earlier.request, 503, `Agent ${agent} subscribed again`)
  turn.cluster.joining.set(agent, joining)
  const info = { ...joining.subscribe.agentInfo, id: { value: agent } }
  turn.persist(
    { change: 'admit-agent', agent: { info, registeredTime: turn.now / 1000 } },
    { is: 'agent-admitted', agent, link: joining.link },
  )
}

/** The registry has it. */
export function agentAdmitted(turn: Turn, agent: AgentId, link: LinkId): void {
  const joining = turn.cluster.joining.get(agent)
  // A later subscription of the same agent has a record of its own under way.
  if (joining?.link !== link) return
  turn.cluster.joining.delete(agent)
  turn.effects.push({ do: 'link', request: joining.request, link })
  rejoin(turn, agent, link, joining.subscribe)
}
