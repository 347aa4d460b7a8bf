import { CodedError } from '#base/errors.js'
import type { Log } from '#base/log.js'
import { type Subscription, subscribe } from '#http/subscription.js'
import { AgentCall, AgentCallType, AgentEvent } from '#wire/internal.js'
import { AgentErrors } from './errors.js'
import { Pump } from './pump.js'

export interface LinkEvents {
  linked(): void
  unlinked(why: string): void
  event(event: AgentEvent): void
}

/** Calls of one request at most: enough that a burst costs few requests, few enough that none is large. */
const BATCH = 256

const PROTOCOL = { call: AgentCall, event: AgentEvent }

/** The shell's half of the link to the master; when to open it again is the core's to decide. */
export class MasterLink {
  private readonly url: string
  private readonly events: LinkEvents
  private readonly log: Log
  private attempt: AbortController | undefined
  private subscription: Subscription<AgentCall> | undefined
  private outbox: AgentCall[] = []
  private readonly sending = new Pump(
    () => this.outbox.length > 0,
    () => this.send(),
  )

  constructor(master: string, events: LinkEvents, log: Log) {
    this.url = urlOf(master)
    this.events = events
    this.log = log
  }

  /** Opens a new link in place of the old one. */
  connect(call: AgentCall): void {
    this.disconnect()
    const attempt = new AbortController()
    this.attempt = attempt
    subscribe(PROTOCOL, { url: this.url, signal: attempt.signal }, call, {
      event: (event) => this.attempt === attempt && this.events.event(event),
      end: (why) => this.ended(attempt, why),
    }).then(
      (subscription) => this.opened(attempt, subscription),
      (why) => this.ended(attempt, why),
    )
  }

  /** Nothing more is heard of this link. */
  disconnect(): void {
    this.attempt?.abort()
    this.subscription?.close()
    this.attempt = undefined
    this.subscription = undefined
    this.outbox = []
  }

  /** Resolves when the master has it, or will never have it. What comes while a call is under way goes in one request after it. */
  tell(call: AgentCall): Promise<void> {
    if (!this.subscription) return Promise.resolve()
    this.outbox.push(call)
    return this.sending.start()
  }

  private async send(): Promise<void> {
    const { attempt, subscription } = this
    const calls = this.outbox.splice(0, BATCH)
    const [first] = calls
    if (!attempt || !subscription || !first) return
    try {
      await subscription.call(calls.length === 1 ? first : { type: AgentCallType.BATCH, agentId: first.agentId, batch: calls })
    } catch (why) {
      this.failed(attempt, why as Error)
    }
  }

  /** Refused: the master has given this link up. Unreachable: the stream will end by itself, or be silent. */
  private failed(attempt: AbortController, why: Error): void {
    if (why instanceof CodedError && why.code === 'HTTP_REFUSED') this.ended(attempt, why)
    else this.log.debug({ why: String(why) }, 'a call did not reach the master')
  }

  private opened(attempt: AbortController, subscription: Subscription<AgentCall>): void {
    if (this.attempt !== attempt) return subscription.close()
    this.subscription = subscription
    this.events.linked()
  }

  private ended(attempt: AbortController, why: Error): void {
    if (this.attempt !== attempt) return
    this.disconnect()
    this.events.unlinked(why.message)
  }
}

function urlOf(master: string): string {
  if (!/^(\[[0-9a-fA-F:.]+\]|[^\s:/@,]+):\d{1,5}$/.test(master)) throw AgentErrors.MASTER_UNSUPPORTED({ master })
  return `http://${master}/api/v1/agent`
}
