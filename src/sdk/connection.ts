import { Backoff, type BackoffOptions } from '#base/backoff.js'
import { type Clock, type Millis, systemClock } from '#base/clock.js'
import { CodedError } from '#base/errors.js'
import { type Log, silentLog } from '#base/log.js'
import type { Headers } from '#http/answer.js'
import type { Incoming } from '#http/exchange.js'
import { type Protocol, type Subscription, subscribe } from '#http/subscription.js'
import { SdkErrors } from './errors.js'

/** What all our clients can be told. */
export interface ConnectionOptions {
  log?: Log
  clock?: Clock
  /** Of waits between attempts. */
  backoff?: BackoffOptions
  headers?: Headers
}

/** What scheduler, executor and operator stream do each in their way. */
export interface Peer<Call, Event> {
  url(): string
  /** Made anew for each attempt: it carries what is known by then. */
  subscribeCall(): Call
  /** Every event, heartbeats too. */
  event(event: Event): void
  /** How long the peer may be silent, once it said so in this event. */
  silenceAllowed(event: Event): Millis | undefined
  disconnected(why: Error): void
  /** No more attempts are made. */
  ended(why: Error): void
}

const BACKOFF: BackoffOptions = { first: 500, most: 15_000 }

/** Keeps a subscription alive until it is closed: subscribes again, after growing waits, whenever the stream breaks or the server is away. */
export class Connection<Call extends object, Event> {
  private readonly protocol: Protocol<Call, Event>
  private readonly peer: Peer<Call, Event>
  private readonly options: ConnectionOptions
  private readonly clock: Clock
  private readonly log: Log
  private readonly backoff: Backoff
  private readonly abort = new AbortController()
  private subscription: Subscription<Call> | undefined
  private cancelRetry = (): void => {}

  constructor(protocol: Protocol<Call, Event>, peer: Peer<Call, Event>, options: ConnectionOptions) {
    this.protocol = protocol
    this.peer = peer
    this.options = options
    this.clock = options.clock ?? systemClock
    this.log = options.log ?? silentLog
    // Chance here only spreads clients; nothing replays it.
    this.backoff = new Backoff(options.backoff ?? BACKOFF, { next: Math.random })
  }

  get connected(): boolean {
    return this.subscription !== undefined
  }

  open(): void {
    void this.attempt()
  }

  /** Sends on the present subscription, after all earlier calls. */
  async call(call: Call): Promise<Incoming> {
    if (!this.subscription) throw SdkErrors.NOT_SUBSCRIBED({ url: this.peer.url() })
    return this.subscription.call(call)
  }

  /** The peer hears nothing more. Idempotent. */
  close(): void {
    this.abort.abort()
    this.cancelRetry()
    this.subscription?.close()
    this.subscription = undefined
  }

  /** Ends with an error of the server's. */
  fail(why: Error): void {
    if (this.abort.signal.aborted) return
    this.close()
    this.peer.ended(why)
  }

  private async attempt(): Promise<void> {
    const url = this.peer.url()
    const listener = { event: (event: Event) => this.received(event), end: (why: Error) => this.lost(why) }
    try {
      const target = { url, clock: this.clock, signal: this.abort.signal, headers: this.options.headers ?? {} }
      const subscription = await subscribe(this.protocol, target, this.peer.subscribeCall(), listener)
      if (this.abort.signal.aborted) return subscription.close()
      this.subscription = subscription
    } catch (error) {
      if (this.abort.signal.aborted) return
      if (isFinal(error)) this.fail(error as Error)
      else this.retry(error as Error)
    }
  }

  private received(event: Event): void {
    if (this.abort.signal.aborted) return
    const silence = this.peer.silenceAllowed(event)
    if (silence !== undefined) {
      // Only a subscription that was answered counts as a success: a server that takes and drops us may not make us hurry.
      this.backoff.reset()
      this.subscription?.expectSomethingEvery(silence)
    }
    this.peer.event(event)
  }

  private lost(why: Error): void {
    this.subscription = undefined
    this.peer.disconnected(why)
    if (!this.abort.signal.aborted) this.retry(why)
  }

  private retry(why: Error): void {
    const wait = this.backoff.next()
    this.log.warn({ why: why.message, wait: Math.round(wait) }, 'not subscribed; will try again')
    this.cancelRetry = this.clock.at(this.clock.now() + wait, () => void this.attempt())
  }
}

/** A server that understood and refused will refuse again; one that is away, still recovering or over its limits may come round. */
function isFinal(error: unknown): boolean {
  if (!(error instanceof CodedError)) return true
  if (error.code !== 'HTTP_REFUSED') return false
  const { status } = error.details as { status: number }
  return status >= 400 && status < 500 && status !== 408 && status !== 429
}
