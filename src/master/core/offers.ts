import type { Millis } from '#base/clock.js'
import type { Resources } from '#model/resources.js'
import type { Offer } from '#wire/mesos.js'
import { EventType } from '#wire/scheduler.js'
import type { Grant } from '../allocator/contract.js'
import { agentAddress } from './agent-address.js'
import type { AgentRecord, FrameworkRecord, OfferRecord } from './cluster.js'
import type { Turn } from './turn.js'

/** One round of the allocator (row 4-061): what it grants is offered, in one event a framework. */
export function allocate(turn: Turn, scope: 'all' | 'touched'): void {
  const { cluster } = turn
  cluster.allocationDue = false
  const messages = new Map<FrameworkRecord, Offer[]>()
  for (const grant of cluster.allocator.allocate(turn.now, cluster.random, scope)) {
    const offer = makeOffer(turn, grant)
    const list = messages.get(offer.framework)
    if (list) list.push(offer.message)
    else messages.set(offer.framework, [offer.message])
  }
  for (const [framework, offers] of messages) {
    framework.counters.add('offers/sent', offers.length)
    turn.send(framework, { type: EventType.OFFERS, offers: { offers } })
  }
}

/** Invariant: what is offered is outstanding, and held in the allocator, until `spend`. The allocator grants only to those it was told of. */
function makeOffer(turn: Turn, grant: Grant): OfferRecord {
  const { cluster } = turn
  const { role, resources } = grant
  const framework = cluster.frameworks.get(grant.framework)!
  const agent = cluster.agents.get(grant.agent)!
  const id = `${cluster.settings.master.id}-O${cluster.nextOffer++}`
  const offer: OfferRecord = { id, framework, agent, role, resources, message: message(id, framework, agent, role, resources) }
  cluster.offers.set(id, offer)
  framework.offers.add(offer)
  agent.offers.add(offer)
  const timeout: Millis | undefined = cluster.settings.offerTimeout
  if (timeout !== undefined) turn.arm({ kind: 'offer', offer: id }, turn.now + timeout)
  return offer
}

function message(id: string, framework: FrameworkRecord, agent: AgentRecord, role: string, resources: Resources): Offer {
  const executors = [...(agent.executors.get(framework.id)?.values() ?? [])]
  return {
    id: { value: id },
    frameworkId: { value: framework.id },
    agentId: { value: agent.id },
    hostname: agent.info.hostname,
    url: { scheme: 'http', address: agentAddress(agent), path: '/slave(1)' },
    ...(agent.info.domain && { domain: agent.info.domain }),
    resources: resources.toProto(framework.capabilities.reservationRefinement ? 'stack' : 'role'),
    ...(agent.info.attributes && { attributes: agent.info.attributes }),
    ...(executors.length > 0 && { executorIds: executors.map(({ id }) => ({ value: id })) }),
    allocationInfo: { role },
  }
}

/** The offer is no longer outstanding. Its resources are the caller's to give on or back. */
export function spend(turn: Turn, offer: OfferRecord): void {
  turn.cluster.offers.delete(offer.id)
  offer.framework.offers.delete(offer)
  offer.agent.offers.delete(offer)
  if (turn.cluster.settings.offerTimeout !== undefined) turn.disarm({ kind: 'offer', offer: offer.id })
}

/** Takes an offer back without a word to its framework. */
export function discard(turn: Turn, offer: OfferRecord): void {
  spend(turn, offer)
  turn.cluster.allocator.recoverResources(offer.framework.id, offer.agent.id, offer.resources)
}

/** Takes an offer back and says so (row 1-040). */
export function rescind(turn: Turn, offer: OfferRecord): void {
  discard(turn, offer)
  offer.framework.counters.add('offers/rescinded')
  turn.send(offer.framework, { type: EventType.RESCIND, rescind: { offerId: { value: offer.id } } })
}

/** An offer was out for as long as the flag allows (row 4-071). */
export function offerTimedOut(turn: Turn, id: string): void {
  const offer = turn.cluster.offers.get(id)
  if (offer) rescind(turn, offer)
}
