import type { StreamAnswer } from '#http/answer.js'
import { encodeMessage } from '#http/call.js'
import { EventStream } from '#http/event-stream.js'
import type { MediaType } from '#http/media-type.js'
import { EventType, Event as ExecutorEvent } from '#wire/executor.js'
import type { StreamId } from '../core/events.js'

/** In both directions, to keep idle connections alive (row 2-011). */
const HEARTBEAT_EVERY = 30 * 60 * 1000

/** The open answers to the executors' SUBSCRIBEs. */
export class ExecutorStreams {
  private readonly streams = new Map<StreamId, { stream: EventStream; media: MediaType }>()
  private readonly gone: (stream: StreamId) => void
  private last = 0

  constructor(gone: (stream: StreamId) => void) {
    this.gone = gone
  }

  nextId(): StreamId {
    return ++this.last
  }

  open(id: StreamId, media: MediaType): StreamAnswer {
    const stream = new EventStream({
      heartbeat: { every: HEARTBEAT_EVERY, record: encodeMessage(ExecutorEvent, { type: EventType.HEARTBEAT }, media) },
      overflowRecord: () => encodeMessage(ExecutorEvent, TOO_SLOW, media),
      onEnd: (why) => {
        this.streams.delete(id)
        if (why !== 'closed by us') this.gone(id)
      },
    })
    this.streams.set(id, { stream, media })
    return { headers: { 'Content-Type': media }, stream }
  }

  send(id: StreamId, event: ExecutorEvent): void {
    const open = this.streams.get(id)
    open?.stream.send(encodeMessage(ExecutorEvent, event, open.media))
  }

  close(id: StreamId): void {
    this.streams.get(id)?.stream.end()
  }
}

const TOO_SLOW: ExecutorEvent = {
  type: EventType.ERROR,
  error: { message: 'The executor did not read its events; the agent closed the stream' },
}
