import type { Clock } from '#base/clock.js'
import type { StreamAnswer } from '#http/answer.js'
import type { MediaType } from '#http/media-type.js'
import { Event, EventType } from '#wire/master.js'
import { heartbeatSeconds } from './core/subscribe.js'
import { Subscriber } from './streams.js'

export interface WatchersOptions {
  readonly clock: Clock
  readonly limit: number
  /** Called when there is a first one, and when there is none any more. */
  readonly changed: (watched: boolean) => void
}

/** Everybody on the operators' event stream, oldest first. */
export class Watchers {
  private readonly options: WatchersOptions
  private readonly all = new Set<Subscriber<Event>>()

  constructor(options: WatchersOptions) {
    this.options = options
  }

  get size(): number {
    return this.all.size
  }

  /** The oldest one has to go when there are too many (row 3-043). */
  add(media: MediaType, first: Event): StreamAnswer {
    const watcher: Subscriber<Event> = new Subscriber(Event, media, {
      clock: this.options.clock,
      heartbeat: { every: heartbeatSeconds * 1000, event: { type: EventType.HEARTBEAT } },
      onEnd: () => {
        this.all.delete(watcher)
        if (this.all.size === 0) this.options.changed(false)
      },
    })
    this.all.add(watcher)
    watcher.send(first)
    watcher.send({ type: EventType.HEARTBEAT })
    if (this.all.size === 1) this.options.changed(true)
    const [oldest] = this.all
    if (this.all.size > this.options.limit) oldest?.stream.end()
    return { headers: { 'Content-Type': media }, stream: watcher.stream }
  }

  /** Encoded once for each encoding that somebody asked for. */
  publish(event: Event): void {
    const encoded = new Map<MediaType, Buffer>()
    for (const watcher of this.all) {
      const record = encoded.get(watcher.media) ?? watcher.encode(event)
      encoded.set(watcher.media, record)
      watcher.stream.send(record)
    }
  }
}
