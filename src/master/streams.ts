import type { Clock } from '#base/clock.js'
import { encodeMessage } from '#http/call.js'
import { EventStream, type StreamEnd } from '#http/event-stream.js'
import type { MediaType } from '#http/media-type.js'
import type { MessageType } from '#wire/message.js'

/** Events of one type to one subscriber, in the encoding it asked for (design §4.2). */
export class Subscriber<Event extends object> {
  readonly stream: EventStream
  readonly media: MediaType
  private readonly type: MessageType<Event>

  constructor(type: MessageType<Event>, media: MediaType, options: SubscriberOptions<Event>) {
    this.type = type
    this.media = media
    const { heartbeat, farewell } = options
    this.stream = new EventStream({
      clock: options.clock,
      onEnd: options.onEnd,
      ...(heartbeat && { heartbeat: { every: heartbeat.every, record: this.encode(heartbeat.event) } }),
      ...(farewell && { overflowRecord: () => this.encode(farewell) }),
    })
  }

  send(event: Event): void {
    this.stream.send(this.encode(event))
  }

  encode(event: Event): Buffer {
    const encoded = encodeMessage(this.type, event, this.media)
    return typeof encoded === 'string' ? Buffer.from(encoded) : encoded
  }
}

export interface SubscriberOptions<Event> {
  readonly clock: Clock
  readonly onEnd: (why: StreamEnd) => void
  readonly heartbeat?: { every: number; event: Event }
  /** What one that does not read is told when it is dropped. */
  readonly farewell?: Event
}
