import type { Millis } from '#base/clock.js'
import type { AgentEvent } from '#wire/internal.js'
import type { Event as OperatorEvent } from '#wire/master.js'
import { EventType, type Event as SchedulerEvent } from '#wire/scheduler.js'
import type { AgentRecord, Cluster, FrameworkRecord } from './cluster.js'
import type { Effect, RegistryChange } from './effects.js'
import type { Durable, Timer } from './events.js'
import type { RequestId } from './ids.js'

const eventNames = new Map(Object.entries(EventType).map(([name, type]) => [type as number, `events/${name.toLowerCase()}`]))

/** One step of the core: the state, the time and what is to be done about it. */
export class Turn {
  readonly cluster: Cluster
  readonly now: Millis
  readonly effects: Effect[] = []
  constructor(cluster: Cluster, now: Millis) {
    this.cluster = cluster
    this.now = now
  }

  /** To a framework's scheduler; nothing while it is away. */
  send(framework: FrameworkRecord, event: SchedulerEvent): void {
    if (framework.stream === undefined) return
    framework.counters.add('events')
    framework.counters.add(eventNames.get(event.type ?? 0)!)
    this.effects.push({ do: 'send', to: framework.stream, event })
  }

  /** To an agent; nothing while it is away: when it comes back it is brought up to date from what it reports. */
  tell(agent: AgentRecord, event: AgentEvent): void {
    if (agent.link !== undefined) this.effects.push({ do: 'tell', to: agent.link, event })
  }

  /** The event is made only when somebody watches. */
  publish(make: () => OperatorEvent): void {
    if (this.cluster.watched) this.effects.push({ do: 'publish', event: make() })
  }

  persist(change: RegistryChange, then?: Durable): void {
    this.effects.push(then ? { do: 'persist', change, then } : { do: 'persist', change })
  }

  arm(timer: Timer, at: Millis): void {
    this.effects.push({ do: 'arm', timer, at })
  }

  disarm(timer: Timer): void {
    this.effects.push({ do: 'disarm', timer })
  }

  answer(request: RequestId, status: number, text?: string): void {
    this.effects.push(text === undefined ? { do: 'answer', request, status } : { do: 'answer', request, status, text })
  }

  count(name: string, by = 1): void {
    this.cluster.counters.add(name, by)
  }
}
