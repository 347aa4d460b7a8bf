import type { Millis } from '#base/clock.js'
import { capabilitiesOf, rolesOf } from '#model/framework-capabilities.js'
import { AgentEventType } from '#wire/internal.js'
import { EventType } from '#wire/master.js'
import type { FrameworkInfo } from '#wire/mesos.js'
import type { OfferConstraints } from '#wire/scheduler.js'
import { demandOf } from '../allocator/demand.js'
import type { AgentRecord, FrameworkRecord } from './cluster.js'
import { Counters } from './counters.js'
import { frameworkMessage } from './framework-message.js'
import type { FrameworkId, StreamId } from './ids.js'
import { wantsOf } from './offer-constraints.js'
import { discard } from './offers.js'
import { timeInfo } from './status.js'
import type { Turn } from './turn.js'

/** What a subscription says beside the info itself. */
export interface Subscription {
  readonly info: FrameworkInfo
  readonly suppressed: readonly string[]
  readonly constraints: OfferConstraints | undefined
}

export function newFrameworkId(turn: Turn): FrameworkId {
  const number = String(turn.cluster.nextFramework++).padStart(4, '0')
  return `${turn.cluster.settings.master.id}-${number}`
}

/** Adds a framework that has no scheduler yet (row 1-014). */
export function addFramework(
  turn: Turn,
  id: FrameworkId,
  { info, suppressed, constraints }: Subscription,
  recovered: boolean,
  registeredAt: Millis = turn.now,
): FrameworkRecord {
  const framework: FrameworkRecord = {
    id,
    info: { ...info, id: { value: id } },
    capabilities: capabilitiesOf(info),
    roles: rolesOf(info),
    suppressed: new Set(suppressed),
    constraints,
    stream: undefined,
    recovered,
    ending: false,
    registeredAt,
    reregisteredAt: registeredAt,
    unregisteredAt: undefined,
    tasks: new Map(),
    unreachableTasks: new Map(),
    completedTasks: [],
    executors: new Set(),
    offers: new Set(),
    reconciling: 0,
    counters: new Counters(),
  }
  turn.cluster.frameworks.set(id, framework)
  turn.cluster.allocator.addFramework(id, demandOf(info, suppressed, wantsOf(constraints)))
  turn.cluster.allocator.deactivateFramework(id)
  return framework
}

/** Gives a framework the stream on which it is reached from now on; the caller has taken care of the one before. */
export function connect(turn: Turn, framework: FrameworkRecord, stream: StreamId): void {
  framework.stream = stream
  framework.counters.add('calls')
  framework.counters.add('calls/subscribe')
  framework.recovered = false
  framework.reconciling = 0
  turn.cluster.byStream.set(stream, framework)
  turn.cluster.allocator.activateFramework(framework.id)
  turn.cluster.allocationDue = true
  turn.disarm({ kind: 'failover', framework: framework.id })
}

/** Takes the stream away: nothing is offered to it until it is back (row 1-013). */
export function disconnect(turn: Turn, framework: FrameworkRecord): void {
  if (framework.stream === undefined) return
  turn.cluster.byStream.delete(framework.stream)
  framework.stream = undefined
  turn.cluster.allocator.deactivateFramework(framework.id)
  for (const offer of framework.offers) discard(turn, offer)
}

/** Replaces what a framework said of itself; the agents hear of it (row 1-052). Offers of roles that it left are the caller's. */
export function redefine(turn: Turn, framework: FrameworkRecord, { info, suppressed, constraints }: Subscription): void {
  framework.info = info
  framework.capabilities = capabilitiesOf(info)
  framework.roles = rolesOf(info)
  framework.suppressed = new Set(suppressed)
  framework.constraints = constraints
  turn.cluster.allocator.updateFramework(framework.id, demandOf(info, suppressed, wantsOf(constraints)))
  for (const agent of agentsOf(turn, framework))
    turn.tell(agent, { type: AgentEventType.UPDATE_FRAMEWORK, updateFramework: { frameworkInfo: info } })
}

/** Where it has tasks or executors. */
export function agentsOf({ cluster }: Turn, framework: FrameworkRecord): AgentRecord[] {
  const ids = new Set([...framework.tasks.values(), ...framework.executors].map(({ agent }) => agent))
  return [...ids].flatMap((id) => cluster.agents.get(id) ?? [])
}

/** Into the registry, so that its failover timeout outlives this master. */
export function saveFramework(turn: Turn, framework: FrameworkRecord): void {
  turn.persist({
    change: 'save-framework',
    framework: {
      info: framework.info,
      registeredTime: framework.registeredAt / 1000,
      ...(framework.stream === undefined && { disconnectedSince: timeInfo(turn.now) }),
    },
  })
}

export function publishFramework(turn: Turn, framework: FrameworkRecord, news: 'added' | 'updated'): void {
  turn.publish(() => {
    const shown = { framework: frameworkMessage(framework, { unregistered: true }) }
    return news === 'added'
      ? { type: EventType.FRAMEWORK_ADDED, frameworkAdded: shown }
      : { type: EventType.FRAMEWORK_UPDATED, frameworkUpdated: shown }
  })
}
