import type { ServerResponse } from 'node:http'
import { type Clock, type Millis, systemClock } from '#base/clock.js'
import { encodeRecord } from '#wire/recordio.js'

export interface EventStreamOptions {
  /** What may wait for a subscriber that does not read; then it is dropped. Bytes. */
  limit?: number
  /** Sent again and again, also between other records: clients count these and nothing else (1-010). */
  heartbeat?: { every: Millis; record: string | Uint8Array }
  /** The last record of a subscriber that is dropped for not reading; tells it why. */
  overflowRecord?: () => string | Uint8Array
  clock?: Clock
  /** Called once, when the stream is over, whoever ended it. */
  onEnd?: (why: StreamEnd) => void
}

export type StreamEnd = 'closed by us' | 'closed by the subscriber' | 'did not read'

/** 64 MiB: a subscriber may be slow for a while, and never costs more. */
const LIMIT = 64 * 1024 * 1024
/** Records of one write: fewer system calls, and none so large that it holds everything else up. */
const BATCH = 64
/** How long an ended stream may take to reach its reader before its connection is cut. */
const FAREWELL: Millis = 5000

/**
 * The outgoing half of every event stream (design §4.2): RecordIO down one response, one write a turn of the event loop. Records are encoded by the
 * caller, so that one record can go to many streams. May be sent to before it is attached to a response, and after its end (nothing happens).
 * Invariant: at most `limit` bytes plus one batch wait here, whatever the subscriber does.
 */
export class EventStream {
  private readonly limit: number
  private readonly clock: Clock
  private readonly options: EventStreamOptions
  private response: ServerResponse | undefined
  private queue: Buffer[] = []
  /** Records before this index are written; cutting them off one batch at a time would move a long queue again and again. */
  private head = 0
  private queued = 0
  private flushing = false
  private blocked = false
  private ended: StreamEnd | undefined
  private over = false
  private cancelHeartbeat = (): void => {}

  constructor(options: EventStreamOptions = {}) {
    this.options = options
    this.limit = options.limit ?? LIMIT
    this.clock = options.clock ?? systemClock
    this.armHeartbeat(this.clock.now())
  }

  /** Bytes that wait. */
  get waiting(): number {
    return this.queued
  }

  get open(): boolean {
    return this.ended === undefined
  }

  /** One record, without its length. */
  send(record: string | Uint8Array): void {
    if (!this.ended) this.sendFramed(encodeRecord(record))
  }

  /** One record that was framed with `encodeRecord`, so that many streams can share it. */
  sendFramed(record: Buffer): void {
    if (this.ended) return
    this.enqueue(record)
    if (this.queued > this.limit) this.drop()
  }

  /** Ends the stream after what was sent, and after `last`. */
  end(last?: string | Uint8Array): void {
    if (this.ended) return
    if (last !== undefined) this.enqueue(encodeRecord(last))
    this.finish('closed by us')
  }

  /** For the server: from now on what is sent goes there. */
  attach(response: ServerResponse): void {
    this.response = response
    response.on('drain', () => {
      this.blocked = false
      this.flush()
    })
    response.on('close', () => this.close('closed by the subscriber'))
    // An error on the connection is followed by 'close', which is all that matters.
    response.on('error', () => {})
    if (response.destroyed) this.close('closed by the subscriber')
    else this.flush()
  }

  private enqueue(framed: Buffer): void {
    this.queue.push(framed)
    this.queued += framed.length
    if (this.flushing || !this.response) return
    this.flushing = true
    setImmediate(() => {
      this.flushing = false
      this.flush()
    })
  }

  private flush(): void {
    const { response } = this
    if (!response || this.over) return
    while (this.head < this.queue.length && !this.blocked) {
      // A chunk each, as Mesos does and as some clients need it (mesos-framework takes a chunk for a record). Node sends what is
      // written in one turn by one system call anyhow.
      const batch = this.queue.slice(this.head, this.head + BATCH)
      this.head += batch.length
      for (const record of batch) {
        this.queued -= record.length
        this.blocked = !response.write(record)
      }
    }
    if (this.head > this.queue.length / 2) {
      this.queue = this.queue.slice(this.head)
      this.head = 0
    }
    if (this.ended && this.queue.length === 0) response.end()
  }

  private drop(): void {
    this.empty()
    const last = this.options.overflowRecord?.()
    if (last !== undefined) this.enqueue(encodeRecord(last))
    this.finish('did not read')
  }

  private empty(): void {
    this.queue = []
    this.head = 0
    this.queued = 0
  }

  /** No more is taken; what waits is still written, for a short while. */
  private finish(why: StreamEnd): void {
    this.ended = why
    this.cancelHeartbeat()
    if (this.response) setTimeout(() => this.response?.destroy(), FAREWELL).unref()
    this.flush()
    this.tell(why)
  }

  private close(why: StreamEnd): void {
    this.over = true
    this.empty()
    if (this.ended) return
    this.ended = why
    this.cancelHeartbeat()
    this.tell(why)
  }

  private tell(why: StreamEnd): void {
    this.options.onEnd?.(why)
  }

  private armHeartbeat(last: Millis): void {
    const { heartbeat } = this.options
    if (!heartbeat) return
    this.cancelHeartbeat = this.clock.at(last + heartbeat.every, () => {
      this.send(heartbeat.record)
      if (this.open) this.armHeartbeat(this.clock.now())
    })
  }
}
