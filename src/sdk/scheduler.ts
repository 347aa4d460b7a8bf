import type { Incoming } from '#http/exchange.js'
import { type MediaType, PROTOBUF_TYPE } from '#http/media-type.js'
import type { Filters, FrameworkID, FrameworkInfo, KillPolicy, Offer, OfferID, OfferOperation, TaskStatus } from '#wire/mesos.js'
import {
  Call,
  type CallReconcileTask,
  CallType,
  Event,
  type EventFailure,
  type EventMessage,
  type EventSubscribed,
  EventType,
} from '#wire/scheduler.js'
import { Connection, type ConnectionOptions } from './connection.js'
import { SdkErrors } from './errors.js'

export interface SchedulerOptions extends ConnectionOptions {
  /** Any master, as `http://host:port`; a standby sends us on to the leader. */
  master: string
  /** With an id, takes that framework over (failover). */
  framework: FrameworkInfo
  suppressedRoles?: string[]
  media?: MediaType
}

/** What a scheduler wants to hear; what it leaves out is ignored, except that updates are acknowledged all the same. */
export interface SchedulerHandlers {
  /** After every subscription, the first and all later ones: the time to reconcile (1-013). */
  subscribed?(event: EventSubscribed): void
  offers?(offers: Offer[]): void
  rescind?(offer: OfferID): void
  /** Acknowledged when this returns, or its promise is kept. If it throws, the agent repeats the update (1-028). */
  update?(status: TaskStatus): void | Promise<void>
  message?(message: EventMessage): void
  failure?(failure: EventFailure): void
  /** Every event as it came, before the handlers above. */
  event?(event: Event): void
  disconnected?(why: Error): void
  /** The master refuses this framework for good: it was torn down, or another instance took over. */
  ended?(why: Error): void
}

/** Missed heartbeats after which a master counts as gone (1-010). */
const MISSED_HEARTBEATS = 5

/**
 * A scheduler's side of the scheduler API: subscribes, subscribes again under the same framework id whenever the stream breaks, acknowledges updates,
 * and sends calls in order. A call made while there is no subscription is refused (`SDK_NOT_SUBSCRIBED`): what it would have meant is for the
 * scheduler to decide after `subscribed`.
 */
export class Scheduler {
  private readonly options: SchedulerOptions
  private readonly handlers: SchedulerHandlers
  private readonly connection: Connection<Call, Event>
  private id: FrameworkID | undefined

  constructor(options: SchedulerOptions, handlers: SchedulerHandlers) {
    this.options = options
    this.handlers = handlers
    this.id = options.framework.id
    const peer = {
      url: () => new URL('/api/v1/scheduler', options.master).href,
      subscribeCall: () => this.subscribeCall(),
      event: (event: Event) => this.received(event),
      silenceAllowed: silenceAllowed,
      disconnected: (why: Error) => handlers.disconnected?.(why),
      ended: (why: Error) => handlers.ended?.(why),
    }
    this.connection = new Connection({ call: Call, event: Event, media: options.media ?? PROTOBUF_TYPE }, peer, options)
  }

  /** As the master named it. */
  get frameworkId(): FrameworkID | undefined {
    return this.id
  }

  start(): void {
    this.connection.open()
  }

  /** Leaves without a word: tasks run on for the framework's failover timeout, within which it can be taken over. */
  stop(): void {
    this.connection.close()
  }

  /** Any call; the framework's id is filled in. Resolves when the master took it, throws what it said otherwise. */
  call(call: Call): Promise<Incoming> {
    return this.connection.call({ ...call, frameworkId: this.id })
  }

  accept(offerIds: OfferID[], operations: OfferOperation[], filters?: Filters): Promise<Incoming> {
    return this.call({ type: CallType.ACCEPT, accept: { offerIds, operations, filters } })
  }

  decline(offerIds: OfferID[], filters?: Filters): Promise<Incoming> {
    return this.call({ type: CallType.DECLINE, decline: { offerIds, filters } })
  }

  kill(taskId: string, killPolicy?: KillPolicy): Promise<Incoming> {
    return this.call({ type: CallType.KILL, kill: { taskId: { value: taskId }, killPolicy } })
  }

  /**
   * Without tasks: every task of ours that the master knows (1-029). With the agent's id the master can tell a launch that never left from a task
   * whose agent it does not know (1-106).
   */
  reconcile(tasks: CallReconcileTask[] = []): Promise<Incoming> {
    return this.call({ type: CallType.RECONCILE, reconcile: { tasks } })
  }

  suppress(roles: string[] = []): Promise<Incoming> {
    return this.call({ type: CallType.SUPPRESS, suppress: { roles } })
  }

  revive(roles: string[] = []): Promise<Incoming> {
    return this.call({ type: CallType.REVIVE, revive: { roles } })
  }

  /** Kills all tasks and ends the framework for ever. */
  async teardown(): Promise<void> {
    await this.call({ type: CallType.TEARDOWN })
    this.stop()
  }

  /** For those who handle updates in `event`. An update without uuid needs none. */
  async acknowledge({ agentId, taskId, uuid }: TaskStatus): Promise<void> {
    if (uuid && agentId) await this.call({ type: CallType.ACKNOWLEDGE, acknowledge: { agentId, taskId, uuid } })
  }

  private subscribeCall(): Call {
    const { framework, suppressedRoles } = this.options
    return {
      type: CallType.SUBSCRIBE,
      frameworkId: this.id,
      subscribe: { frameworkInfo: { ...framework, id: this.id }, suppressedRoles },
    }
  }

  private received(event: Event): void {
    const { handlers } = this
    if (event.subscribed) this.id = event.subscribed.frameworkId
    handlers.event?.(event)
    switch (event.type) {
      case EventType.SUBSCRIBED:
        return handlers.subscribed?.(event.subscribed!)
      case EventType.OFFERS:
        return handlers.offers?.(event.offers?.offers ?? [])
      case EventType.RESCIND:
        return handlers.rescind?.(event.rescind!.offerId)
      case EventType.UPDATE:
        return void this.updated(event.update!.status)
      case EventType.MESSAGE:
        return handlers.message?.(event.message!)
      case EventType.FAILURE:
        return handlers.failure?.(event.failure!)
      case EventType.ERROR:
        return this.connection.fail(SdkErrors.ENDED({ message: event.error!.message }))
    }
  }

  private async updated(status: TaskStatus): Promise<void> {
    const { log } = this.options
    try {
      await this.handlers.update?.(status)
    } catch (error) {
      log?.error({ err: error, task: status.taskId.value }, 'the update handler failed; the agent will repeat the update')
      return
    }
    // Lost with its connection at worst: the agent repeats what is not acknowledged.
    await this.acknowledge(status).catch((error) => log?.debug({ err: error, task: status.taskId.value }, 'not acknowledged'))
  }
}

function silenceAllowed(event: Event): number | undefined {
  const seconds = event.subscribed?.heartbeatIntervalSeconds
  return seconds === undefined ? undefined : seconds * 1000 * MISSED_HEARTBEATS
}
