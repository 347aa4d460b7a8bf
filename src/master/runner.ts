import type { Clock, Millis } from '#base/clock.js'
import { fault } from '#base/fault.js'
import type { Log } from '#base/log.js'
import type { Metrics, Timer as MetricTimer } from '#base/metrics.js'
import { type Answer, empty, type StreamAnswer, text } from '#http/answer.js'
import type { MediaType } from '#http/media-type.js'
import { type AgentCall, AgentEvent, AgentEventType } from '#wire/internal.js'
import type { Event as OperatorEvent } from '#wire/master.js'
import { type Call, EventType, Event as SchedulerEvent } from '#wire/scheduler.js'
import type { Effect } from './core/effects.js'
import { type Event, type Timer, timerKey } from './core/events.js'
import type { FrameworkId, LinkId, RequestId, StreamId } from './core/ids.js'
import type { MasterCore } from './core/step.js'
import { heartbeatSeconds } from './core/subscribe.js'
import type { Registrar } from './registrar.js'
import { Subscriber } from './streams.js'
import { Watchers } from './watchers.js'

export interface RunnerParts {
  readonly core: MasterCore
  readonly registrar: Registrar
  readonly clock: Clock
  readonly log: Log
  readonly metrics: Metrics
  readonly maxWatchers: number
}

/** What may wait for a scheduler while it is sent long answers; far below what gets it dropped. Bytes. */
const paceBacklog = 4 * 1024 * 1024
const paceInterval: Millis = 10

interface Pending {
  readonly media: MediaType
  readonly resolve: (answer: Answer | StreamAnswer) => void
}

/** Feeds the core and does what it says, in order: the only place where its decisions meet the world. */
export class MasterRunner {
  private readonly parts: RunnerParts
  private readonly pending = new Map<RequestId, Pending>()
  private readonly schedulers = new Map<StreamId, Subscriber<SchedulerEvent>>()
  private readonly agents = new Map<LinkId, Subscriber<AgentEvent>>()
  private readonly timers = new Map<string, () => void>()
  private readonly audience: Watchers
  /** Events that came up while effects were performed. */
  private readonly waiting: Event[] = []
  private busy = false
  private closed = false
  private nextRequest = 0
  /** Of the batch allocations (row 4-124). */
  private readonly allocationTime: MetricTimer

  constructor(parts: RunnerParts) {
    this.parts = parts
    this.allocationTime = parts.metrics.timer('allocator/mesos/allocation_run', { window: 3_600_000 })
    this.audience = new Watchers({
      clock: parts.clock,
      limit: parts.maxWatchers,
      changed: (watched) => this.feed({ is: 'watched', watched }),
    })
  }

  get watchers(): number {
    return this.audience.size
  }

  schedulerCall(call: Call, stream: StreamId | undefined, media: MediaType): Promise<Answer | StreamAnswer> {
    return this.ask(media, (request) => ({ is: 'scheduler-call', request, call, stream }))
  }

  agentCall(call: AgentCall, link: LinkId | undefined, media: MediaType): Promise<Answer | StreamAnswer> {
    return this.ask(media, (request) => ({ is: 'agent-call', request, call, link }))
  }

  teardown(framework: FrameworkId): Promise<Answer | StreamAnswer> {
    return this.ask('application/json', (request) => ({ is: 'teardown', request, framework }))
  }

  /** The operators' event stream (row 3-040), with what it begins with. */
  watch(media: MediaType, first: OperatorEvent): StreamAnswer {
    return this.audience.add(media, first)
  }

  feed(event: Event): void {
    this.waiting.push(event)
    if (this.busy || this.closed) return
    this.busy = true
    try {
      for (let next = this.waiting.shift(); next; next = this.waiting.shift()) this.turn(next)
    } finally {
      this.busy = false
    }
  }

  /** A defect in one decision costs that decision, not the master; one in an effect that effect, since the core counts on the others. */
  private turn(event: Event): void {
    try {
      for (const effect of this.decide(event)) this.attempt(effect, event)
    } catch (error) {
      this.failed(event, error as Error)
    }
  }

  private attempt(effect: Effect, event: Event): void {
    try {
      this.perform(effect)
    } catch (error) {
      this.failed(event, error as Error, effect.do)
    }
  }

  /** Who asked is told, unless what failed is not what the answer waits for. */
  private failed(event: Event, error: Error, effect?: Effect['do']): void {
    this.parts.log.error({ err: error, event: event.is, effect }, 'an event could not be handled for a reason of ours')
    const unanswered = effect === undefined || effect === 'persist' || effect === 'open' || effect === 'link'
    if (unanswered && 'request' in event) this.answer(event.request, text(500, `Internal error: ${error.message}`))
  }

  private decide(event: Event): Effect[] {
    const { core, clock } = this.parts
    if (event.is !== 'timer' || event.timer.kind !== 'allocate') return core.step(event, clock.now())
    const began = performance.now()
    const effects = core.step(event, clock.now())
    this.allocationTime.record(performance.now() - began)
    return effects
  }

  close(): void {
    this.closed = true
    for (const cancel of this.timers.values()) cancel()
    this.timers.clear()
    for (const { resolve } of this.pending.values()) resolve(text(503, 'The master is shutting down'))
    this.pending.clear()
  }

  private ask(media: MediaType, event: (request: RequestId) => Event): Promise<Answer | StreamAnswer> {
    if (this.closed || !this.parts.core.cluster.recovered) return Promise.resolve(text(503, 'The master does not serve now'))
    const request = this.nextRequest++
    return new Promise((resolve) => {
      this.pending.set(request, { media, resolve })
      this.feed(event(request))
    })
  }

  private perform(effect: Effect): void {
    // A fault point before each kind of effect: decided, not done (reliability-security.md §6.2, F23 to F30).
    fault(`master.${effect.do}`)
    switch (effect.do) {
      case 'answer':
        return this.answer(effect.request, effect.text === undefined ? empty(effect.status) : text(effect.status, effect.text))
      case 'open':
        return this.open(effect.request, effect.stream)
      case 'send':
        return this.schedulers.get(effect.to)?.send(effect.event)
      case 'pace':
        return this.pace(effect.stream, effect.next)
      case 'close':
        return this.schedulers.get(effect.stream)?.stream.end()
      case 'link':
        return this.link(effect.request, effect.link)
      case 'tell':
        return this.agents.get(effect.to)?.send(effect.event)
      case 'unlink':
        return this.agents.get(effect.link)?.stream.end()
      case 'publish':
        return this.audience.publish(effect.event)
      case 'persist': {
        const { then } = effect
        return this.parts.registrar.write(effect.change, then && (() => this.feed(then)))
      }
      case 'arm':
        return this.arm(effect.timer, effect.at)
      case 'disarm':
        return this.disarm(effect.timer)
    }
  }

  /** The event loop gets a turn in any case, so that what was sent goes out. */
  private pace(id: StreamId, next: Event): void {
    const subscriber = this.schedulers.get(id)
    if (!subscriber || this.closed) return
    if (subscriber.stream.waiting < paceBacklog) setImmediate(() => this.feed(next))
    else this.parts.clock.at(this.parts.clock.now() + paceInterval, () => this.pace(id, next))
  }

  private answer(request: RequestId, answer: Answer | StreamAnswer): void {
    this.pending.get(request)?.resolve(answer)
    this.pending.delete(request)
  }

  private open(request: RequestId, id: StreamId): void {
    const media = this.pending.get(request)?.media
    if (!media) return this.feed({ is: 'scheduler-gone', stream: id })
    const subscriber = new Subscriber(SchedulerEvent, media, {
      clock: this.parts.clock,
      heartbeat: { every: heartbeatSeconds * 1000, event: { type: EventType.HEARTBEAT } },
      farewell: { type: EventType.ERROR, error: { message: 'The scheduler did not read its events' } },
      onEnd: (why) => {
        this.parts.log.debug({ stream: id, why }, 'the stream of a scheduler ended')
        this.schedulers.delete(id)
        this.feed({ is: 'scheduler-gone', stream: id })
      },
    })
    this.schedulers.set(id, subscriber)
    this.answer(request, { headers: { 'Content-Type': media, 'Mesos-Stream-Id': id }, stream: subscriber.stream })
  }

  private link(request: RequestId, id: LinkId): void {
    const media = this.pending.get(request)?.media
    if (!media) return this.feed({ is: 'agent-gone', link: id })
    const subscriber = new Subscriber(AgentEvent, media, {
      clock: this.parts.clock,
      farewell: { type: AgentEventType.ERROR, error: { message: 'The agent did not read its events' } },
      onEnd: (why) => {
        this.parts.log.debug({ link: id, why }, 'the link of an agent ended')
        this.agents.delete(id)
        this.feed({ is: 'agent-gone', link: id })
      },
    })
    this.agents.set(id, subscriber)
    this.answer(request, { headers: { 'Content-Type': media, 'Mesos-Stream-Id': id }, stream: subscriber.stream })
  }

  private arm(timer: Timer, at: number): void {
    this.disarm(timer)
    const key = timerKey(timer)
    this.timers.set(
      key,
      this.parts.clock.at(at, () => {
        this.timers.delete(key)
        this.feed({ is: 'timer', timer })
      }),
    )
  }

  private disarm(timer: Timer): void {
    const key = timerKey(timer)
    this.timers.get(key)?.()
    this.timers.delete(key)
  }
}
