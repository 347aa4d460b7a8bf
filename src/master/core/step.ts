import type { Millis } from '#base/clock.js'
import type { Random } from '#base/random.js'
import { parseMinimum } from '#model/quantities.js'
import { HierarchicalAllocator } from '../allocator/allocator.js'
import { agentCall } from './agent-calls.js'
import { agentAdmitted } from './agent-subscribe.js'
import { agentGone, pingAgents } from './agents.js'
import type { Cluster } from './cluster.js'
import { Counters } from './counters.js'
import type { Effect } from './effects.js'
import { failoverTimedOut, frameworkEnded, operatorTeardown, schedulerGone } from './end-framework.js'
import type { Event, Timer } from './events.js'
import { agentRemoved, agentUnreachable, reregisterTimedOut, silenceChecked } from './lose-agent.js'
import { allocate, offerTimedOut } from './offers.js'
import { reconcileRest } from './reconcile.js'
import { recover } from './recover.js'
import { schedulerCall } from './scheduler-calls.js'
import type { MasterSettings } from './settings.js'
import { Turn } from './turn.js'

/**
 * What a master decides (design §4.1): event in, effects out, nothing else. Deterministic: with the same settings, seed and events in the same
 * order at the same times, the same effects come out.
 */
export class MasterCore {
  /** For those who only read, between steps. */
  readonly cluster: Cluster

  constructor(settings: MasterSettings, random: Random) {
    this.cluster = {
      settings,
      random,
      allocator: new HierarchicalAllocator({
        minimum: parseMinimum(settings.minAllocatableResources),
        filterGpus: settings.filterGpuResources,
        excludedFromShares: settings.fairSharingExcludedResourceNames,
        allocationInterval: settings.allocationInterval,
      }),
      counters: new Counters(),
      recovered: false,
      electedAt: 0,
      watched: false,
      frameworks: new Map(),
      completedFrameworks: new Map(),
      completedIds: new Map(),
      byStream: new Map(),
      agents: new Map(),
      byLink: new Map(),
      recoveredAgents: new Map(),
      unreachable: new Map(),
      gone: new Map(),
      joining: new Map(),
      leaving: new Set(),
      offers: new Map(),
      allocationDue: false,
      nextFramework: 0,
      nextAgent: 0,
      nextOffer: 0,
    }
  }

  step(event: Event, now: Millis): Effect[] {
    const turn = new Turn(this.cluster, now)
    dispatch(turn, event)
    if (this.cluster.allocationDue) allocate(turn, 'touched')
    return turn.effects
  }
}

function dispatch(turn: Turn, event: Event): void {
  switch (event.is) {
    case 'recovered':
      return recover(turn, event.registry)
    case 'scheduler-call':
      return schedulerCall(turn, event.request, event.call, event.stream)
    case 'scheduler-gone':
      return schedulerGone(turn, event.stream)
    case 'agent-call':
      return agentCall(turn, event.request, event.call, event.link)
    case 'agent-gone':
      return agentGone(turn, event.link)
    case 'teardown':
      return operatorTeardown(turn, event.request, event.framework)
    case 'timer':
      return timerFired(turn, event.timer)
    case 'reconcile-rest':
      return reconcileRest(turn, event.stream, event.rest)
    case 'watched':
      turn.cluster.watched = event.watched
      return
    case 'agent-admitted':
      return agentAdmitted(turn, event.agent, event.link)
    case 'agent-unreachable-recorded':
      return agentUnreachable(turn, event.agent, event.since)
    case 'agent-removal-recorded':
      return agentRemoved(turn, event.agent)
    case 'framework-completion-recorded':
      return frameworkEnded(turn, event.framework, event.reply)
  }
}

function timerFired(turn: Turn, timer: Timer): void {
  switch (timer.kind) {
    case 'allocate':
      allocate(turn, 'all')
      return turn.arm({ kind: 'allocate' }, turn.now + turn.cluster.settings.allocationInterval)
    case 'ping':
      return pingAgents(turn)
    case 'silence':
      return silenceChecked(turn, timer.agent)
    case 'reregister':
      return reregisterTimedOut(turn)
    case 'failover':
      return failoverTimedOut(turn, timer.framework)
    case 'offer':
      return offerTimedOut(turn, timer.offer)
  }
}
