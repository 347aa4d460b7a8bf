import { CodedError } from '#base/errors.js'
import type { Log } from '#base/log.js'
import { type Subscription, subscribe } from '#http/subscription.js'
import { AgentCall, AgentEvent } from '#wire/internal.js'
import { AgentErrors } from './errors.js'

export interface LinkEvents {
  linked(): void
  unlinked(why: string): void
  event(event: AgentEvent): void
}

const PROTOCOL = { call: AgentCall, event: AgentEvent }

/** The shell's half of the link to the master; when to open it again is the core's to decide. */
export class MasterLink {
  private readonly url: string
  private readonly events: LinkEvents
  private readonly log: Log
  private attempt: AbortController | undefined
  private subscription: Subscription<AgentCall> | undefined

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
  }

  tell(call: AgentCall): Promise<void> {
    const { attempt, subscription } = this
    if (!subscription || !attempt) return Promise.resolve()
    return subscription.call(call).then(
      () => undefined,
      (why) => {
        // Refused: the master has given this link up. Unreachable: the stream will end by itself, or be silent.
        if (why instanceof CodedError && why.code === 'HTTP_REFUSED') this.ended(attempt, why)
        else this.log.debug({ why: String(why) }, 'a call did not reach the master')
      },
    )
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
