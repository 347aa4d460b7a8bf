import type { Agent, Dispatcher } from 'undici'
import { type Clock, type Millis, systemClock } from '#base/clock.js'
import type { MessageType } from '#wire/message.js'
import { RecordDecoder } from '#wire/recordio.js'
import type { Headers } from './answer.js'
import { decodeMessage, encodeMessage } from './call.js'
import { HttpErrors } from './errors.js'
import { createConnections, exchangeOrThrow, type Incoming, reason, refused, send } from './exchange.js'
import { type MediaType, PROTOBUF_TYPE } from './media-type.js'

/** How to speak with one of the streaming endpoints; what differs between scheduler, executor, agent link and operator. */
export interface Protocol<Call, Event> {
  call: MessageType<Call>
  event: MessageType<Event>
  media?: MediaType
}

export interface SubscribeOptions {
  /** Such as `http://127.0.0.1:5050/api/v1/scheduler`. */
  url: string
  headers?: Headers
  clock?: Clock
  /** Gives the attempt up. After the subscription has begun, `close` ends it. */
  signal?: AbortSignal
}

export interface Listener<Event> {
  event(event: Event): void
  /** Once, unless we closed it ourselves: why there are no more events. */
  end(why: Error): void
}

/**
 * The client's half of every event stream (design §4.2): POST SUBSCRIBE, events down, calls up in order on a connection of their own, with the
 * stream's id on each. Resolves when the server took the subscription (2xx); throws what it said otherwise. Events come after that.
 */
export async function subscribe<Call extends object, Event>(
  protocol: Protocol<Call, Event>,
  options: SubscribeOptions,
  call: Call,
  listener: Listener<Event>,
): Promise<Subscription<Call>> {
  const connections = createConnections({ each: 1 })
  const media = protocol.media ?? PROTOBUF_TYPE
  try {
    const outgoing = {
      url: options.url,
      headers: headersOf(media, options.headers),
      body: encodeMessage(protocol.call, call, media),
    }
    const { url, response } = await send(connections, outgoing, options.signal)
    if (response.statusCode !== 200) throw refused(url, response.statusCode, Buffer.from(await response.body.arrayBuffer()))
    const subscription = new Subscription(protocol, { ...options, url }, response, connections)
    subscription.listen(listener)
    return subscription
  } catch (error) {
    void connections.destroy()
    throw error
  }
}

const headersOf = (media: MediaType, more: Headers = {}): Headers => ({ ...more, 'Content-Type': media, Accept: media })

export class Subscription<Call extends object> {
  /** After redirects: where the leading master answered. */
  readonly url: string
  /** Fences out an older peer; the operator's streams have none. */
  readonly streamId: string | undefined
  private readonly callType: MessageType<Call>
  private readonly eventType: MessageType<unknown>
  private readonly media: MediaType
  private readonly clock: Clock
  private readonly headers: Headers
  private readonly stream: Dispatcher.ResponseData['body']
  private readonly streamConnection: Agent
  private readonly callConnection = createConnections({ each: 1 })
  private closed = false
  private silence: Millis | undefined
  private lastHeard: Millis
  private cancelWatch = (): void => {}
  private fail = (_: Error): void => {}

  constructor(
    protocol: Protocol<Call, unknown>,
    options: SubscribeOptions,
    response: Dispatcher.ResponseData,
    connection: Agent,
  ) {
    this.url = options.url
    this.callType = protocol.call
    this.eventType = protocol.event
    this.media = protocol.media ?? PROTOBUF_TYPE
    this.clock = options.clock ?? systemClock
    this.stream = response.body
    this.streamConnection = connection
    this.lastHeard = this.clock.now()
    const id = response.headers['mesos-stream-id']
    this.streamId = Array.isArray(id) ? id[0] : id
    this.headers = headersOf(this.media, { ...options.headers, ...(this.streamId ? { 'Mesos-Stream-Id': this.streamId } : {}) })
  }

  /** For `subscribe`. */
  listen<Event>(listener: Listener<Event>): void {
    const decoder = new RecordDecoder()
    this.fail = (why) => {
      if (this.closed) return
      this.close()
      listener.end(why)
    }
    this.stream.on('data', (piece: Buffer) => {
      this.lastHeard = this.clock.now()
      this.deliver(() => decoder.decode(piece), listener)
    })
    this.stream.on('end', () => {
      // The server lives: calls under way (a TEARDOWN ends the stream before it is answered) still get their answers.
      this.letCallsFinish()
      this.fail(HttpErrors.STREAM_ENDED({ url: this.url, why: 'the server closed it' }))
    })
    this.stream.on('error', (error) => this.fail(HttpErrors.STREAM_ENDED({ url: this.url, why: reason(error) }, error)))
  }

  /** Ends the subscription when nothing at all comes for so long: heartbeats are missing, so the peer or the way to it is gone (1-010). */
  expectSomethingEvery(silence: Millis): void {
    this.silence = silence
    this.watch()
  }

  /** Sends a call after all earlier ones. Throws `HTTP_REFUSED` with what the server said, `HTTP_UNREACHABLE` when it may or may not have come. */
  async call(call: Call): Promise<Incoming> {
    return exchangeOrThrow(this.callConnection, {
      url: this.url,
      headers: this.headers,
      body: encodeMessage(this.callType, call, this.media),
    })
  }

  /** Nothing is told to the listener after this. Idempotent. */
  close(): void {
    if (this.closed) return
    this.closed = true
    this.cancelWatch()
    void this.streamConnection.destroy()
    if (!this.callConnection.closed) void this.callConnection.destroy()
  }

  private letCallsFinish(): void {
    if (!this.closed) void this.callConnection.close()
  }

  /** Bytes that are no events end the stream: there is no way to find the next one. */
  private deliver<Event>(decode: () => Buffer[], listener: Listener<Event>): void {
    let events: Event[]
    try {
      events = decode().map((record) => decodeMessage(this.eventType, record, this.media) as Event)
    } catch (error) {
      this.fail(HttpErrors.STREAM_ENDED({ url: this.url, why: (error as Error).message }, error))
      return
    }
    for (const event of events) if (!this.closed) listener.event(event)
  }

  private watch(): void {
    this.cancelWatch()
    const { silence } = this
    if (silence === undefined || this.closed) return
    this.cancelWatch = this.clock.at(this.lastHeard + silence, () => {
      if (this.clock.now() - this.lastHeard >= silence) this.fail(HttpErrors.SILENT({ url: this.url, milliseconds: silence }))
      else this.watch()
    })
  }
}
