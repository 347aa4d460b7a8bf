import type { Millis } from '#base/clock.js'
import type { RegisteredFramework } from '#wire/internal.js'
import type { FrameworkRecord } from './cluster.js'
import type { RegistryContents } from './events.js'
import { addFramework } from './frameworks.js'
import { millisOf } from './status.js'
import type { Turn } from './turn.js'

/** Begins to serve with what the registry holds (row 4-018). Everything else comes back with agents and schedulers. */
export function recover(turn: Turn, registry: RegistryContents): void {
  const { cluster } = turn
  if (cluster.recovered) return
  cluster.recovered = true
  cluster.electedAt = turn.now
  for (const { info } of registry.agents) if (info.id) cluster.recoveredAgents.set(info.id.value, info)
  for (const { id, since } of oldestFirst(registry.unreachable)) cluster.unreachable.set(id.value, millisOf(since))
  for (const { id, since } of oldestFirst(registry.gone)) cluster.gone.set(id.value, millisOf(since))
  for (const { id, since } of oldestFirst(registry.completed)) cluster.completedIds.set(id.value, millisOf(since))
  for (const framework of registry.frameworks) recoverFramework(turn, framework)
  if (cluster.recoveredAgents.size > 0) turn.arm({ kind: 'reregister' }, turn.now + cluster.settings.agentReregisterTimeout)
  turn.arm({ kind: 'allocate' }, turn.now + cluster.settings.allocationInterval)
  turn.arm({ kind: 'ping' }, turn.now + cluster.settings.agentPingTimeout)
}

function oldestFirst<T extends { since: { nanoseconds: bigint } }>(list: readonly T[]): T[] {
  return list.toSorted((a, b) => Number(a.since.nanoseconds - b.since.nanoseconds))
}

/** Its failover timeout goes on over the failover of the master, which a Mesos forgets (row 1-050). */
function recoverFramework(turn: Turn, { info, registeredTime, disconnectedSince }: RegisteredFramework): void {
  const id = info.id?.value
  if (id === undefined || turn.cluster.completedIds.has(id)) return
  const registeredAt = (registeredTime ?? turn.now / 1000) * 1000
  const framework = addFramework(turn, id, { info, suppressed: [], constraints: undefined }, true, registeredAt)
  awaitScheduler(turn, framework, disconnectedSince && millisOf(disconnectedSince))
}

/**
 * A framework whose scheduler has not been seen yet ends when it does not come. One that was connected when the last master died lost it through
 * no fault of its own: it gets at least as long as the agents.
 */
export function awaitScheduler(turn: Turn, framework: FrameworkRecord, disconnectedSince?: Millis): void {
  const timeout = (framework.info.failoverTimeout ?? 0) * 1000
  const { agentReregisterTimeout } = turn.cluster.settings
  const deadline =
    disconnectedSince === undefined ? turn.now + Math.max(timeout, agentReregisterTimeout) : disconnectedSince + timeout
  turn.arm({ kind: 'failover', framework: framework.id }, deadline)
}
