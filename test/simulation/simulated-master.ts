import type { Random } from '#base/random.js'
import type { Effect, RegistryChange } from '#master/core/effects.js'
import { type Event, type RegistryContents, type Timer, timerKey } from '#master/core/events.js'
import type { MasterSettings } from '#master/core/settings.js'
import { MasterCore } from '#master/core/step.js'
import type { AgentCall, AgentEvent } from '#wire/internal.js'
import type { Call, Event as SchedulerEvent } from '#wire/scheduler.js'
import type { Connection } from './network.js'
import type { Trace } from './trace.js'
import type { VirtualTime } from './virtual-time.js'

/** What the other end of a stream wants to hear. */
export interface Peer<Message> {
  /** The stream is open; further calls carry its id. */
  opened(stream: string): void
  refused(status: number): void
  hear(message: Message): void
}

interface Answering<Message> {
  connection: Connection
  peer: Peer<Message>
}

/** The registry on its disk: what survives the master. */
class Registry {
  private readonly agents = new Map<string, RegistryContents['agents'][number]>()
  private readonly unreachable = new Map<string, RegistryContents['unreachable'][number]>()
  private readonly frameworks = new Map<string, RegistryContents['frameworks'][number]>()
  private readonly completed = new Map<string, RegistryContents['completed'][number]>()

  contents(): RegistryContents {
    const all = <T>(map: Map<string, T>): T[] => [...map.values()]
    return {
      agents: all(this.agents),
      unreachable: all(this.unreachable),
      gone: [],
      frameworks: all(this.frameworks),
      completed: all(this.completed),
    }
  }

  apply(change: RegistryChange): void {
    switch (change.change) {
      case 'admit-agent':
        this.agents.set(change.agent.info.id!.value, change.agent)
        this.unreachable.delete(change.agent.info.id!.value)
        return
      case 'agent-unreachable':
        this.agents.delete(change.agent.id.value)
        this.unreachable.set(change.agent.id.value, change.agent)
        return
      case 'remove-agent':
        this.agents.delete(change.agent)
        return
      case 'forget-unreachable':
        for (const id of change.agents) this.unreachable.delete(id)
        return
      case 'save-framework':
        this.frameworks.set(change.framework.info.id!.value, change.framework)
        return
      case 'complete-framework':
        this.frameworks.delete(change.framework.id.value)
        this.completed.set(change.framework.id.value, change.framework)
        return
      case 'forget-completed':
        for (const id of change.frameworks) this.completed.delete(id)
    }
  }
}

/** A master with a virtual disk, clock and network around the real core. Dies and comes back as a new one on the same registry. */
export class SimulatedMaster {
  private readonly registry = new Registry()
  private readonly time: VirtualTime
  private readonly random: Random
  private readonly settings: (incarnation: number) => MasterSettings
  private readonly seedOf: () => Random
  private readonly trace: Trace
  /** How many masters there were; nothing that was meant for an earlier one reaches a later. */
  private incarnation = 0
  private core: MasterCore | undefined
  private nextRequest = 0
  private lastWrite = 0
  /** Under way to the disk, in order. */
  private writes: RegistryChange[] = []
  private readonly timers = new Map<string, () => void>()
  private requests = new Map<number, Answering<SchedulerEvent> | Answering<AgentEvent>>()
  private streams = new Map<string, Answering<SchedulerEvent> | Answering<AgentEvent>>()

  constructor(parts: {
    time: VirtualTime
    random: Random
    settings: (incarnation: number) => MasterSettings
    seedOf: () => Random
    trace: Trace
  }) {
    this.time = parts.time
    this.random = parts.random
    this.settings = parts.settings
    this.seedOf = parts.seedOf
    this.trace = parts.trace
  }

  get alive(): boolean {
    return this.core !== undefined
  }

  /** Between steps, for the observer. */
  get cluster(): MasterCore['cluster'] | undefined {
    return this.core?.cluster
  }

  start(): void {
    this.incarnation++
    this.core = new MasterCore(this.settings(this.incarnation), this.seedOf())
    this.trace.note('master starts', { incarnation: this.incarnation })
    this.feed({ is: 'recovered', registry: this.registry.contents() })
  }

  /** kill -9: memory is gone, connections break, writes that were under way are on the disk or not. */
  crash(): void {
    this.trace.note('master dies', {})
    this.core = undefined
    for (const cancel of this.timers.values()) cancel()
    this.timers.clear()
    const open = [...this.requests.values(), ...this.streams.values()]
    this.requests = new Map()
    this.streams = new Map()
    for (const { connection } of open) connection.break()
    // The disk has got so far and no further.
    const written = this.random.below(this.writes.length + 1)
    for (const change of this.writes.splice(0).slice(0, written)) this.registry.apply(change)
  }

  /** A call that has arrived. A dead master refuses the connection. */
  scheduler(call: Call, stream: string | undefined, answering: Answering<SchedulerEvent>): void {
    const request = this.request(answering)
    if (request !== undefined) this.feed({ is: 'scheduler-call', request, call, stream })
  }

  agent(call: AgentCall, link: string | undefined, answering: Answering<AgentEvent>): void {
    const request = this.request(answering)
    if (request !== undefined) this.feed({ is: 'agent-call', request, call, link })
  }

  private request(answering: Answering<SchedulerEvent> | Answering<AgentEvent>): number | undefined {
    if (!this.core) {
      answering.connection.break()
      return undefined
    }
    const request = this.nextRequest++
    this.requests.set(request, answering)
    return request
  }

  private feed(event: Event): void {
    if (!this.core) return
    this.trace.event('master', event)
    for (const effect of this.core.step(event, this.time.now())) this.perform(effect)
  }

  private perform(effect: Effect): void {
    this.trace.effect('master', effect)
    switch (effect.do) {
      case 'answer':
        return this.answer(effect.request, effect.status)
      case 'open':
        return this.open(effect.request, effect.stream, { is: 'scheduler-gone', stream: effect.stream })
      case 'link':
        return this.open(effect.request, effect.link, { is: 'agent-gone', link: effect.link })
      case 'send':
      case 'tell': {
        const to = this.streams.get(effect.to) as Answering<unknown> | undefined
        return to?.connection.send(() => to.peer.hear(effect.event))
      }
      case 'pace':
        return this.pace(effect.stream, effect.next)
      case 'close':
        return this.close(effect.stream)
      case 'unlink':
        return this.close(effect.link)
      case 'publish':
        return
      case 'persist':
        return this.persist(effect)
      case 'arm':
        return this.arm(effect.timer, effect.at)
      case 'disarm':
        return this.disarm(effect.timer)
    }
  }

  /** A reader here is as quick as the network. */
  private pace(stream: string, next: Event): void {
    const { incarnation } = this
    this.time.after(1, () => {
      if (this.incarnation === incarnation && this.streams.has(stream)) this.feed(next)
    })
  }

  private answer(request: number, status: number): void {
    const to = this.requests.get(request)
    this.requests.delete(request)
    if (to && status >= 300) to.connection.send(() => to.peer.refused(status))
  }

  private open(request: number, stream: string, gone: Event): void {
    const to = this.requests.get(request)
    this.requests.delete(request)
    if (!to) return
    this.streams.set(stream, to)
    const { incarnation } = this
    to.connection.send(() => to.peer.opened(stream))
    to.connection.onBreak(() => {
      if (this.incarnation === incarnation && this.streams.delete(stream)) this.feed(gone)
    })
  }

  private close(stream: string): void {
    const to = this.streams.get(stream)
    this.streams.delete(stream)
    // After what was sent: the end of a stream is in order, too.
    to?.connection.send(() => to.connection.break())
  }

  /** Durable in order, after a while. */
  private persist(effect: Extract<Effect, { do: 'persist' }>): void {
    const { incarnation } = this
    const at = Math.max(this.lastWrite, this.time.now() + this.random.next() * 20)
    this.lastWrite = at
    this.writes.push(effect.change)
    this.time.at(at, () => {
      if (!this.core || this.incarnation !== incarnation) return
      this.registry.apply(this.writes.shift()!)
      if (effect.then) this.feed(effect.then)
    })
  }

  private arm(timer: Timer, at: number): void {
    this.disarm(timer)
    const key = timerKey(timer)
    const cancel = this.time.at(at, () => {
      this.timers.delete(key)
      this.feed({ is: 'timer', timer })
    })
    this.timers.set(key, cancel)
  }

  private disarm(timer: Timer): void {
    const key = timerKey(timer)
    this.timers.get(key)?.()
    this.timers.delete(key)
  }
}
