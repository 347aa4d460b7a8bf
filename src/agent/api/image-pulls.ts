import type { Clock, Millis } from '#base/clock.js'
import type { ImageStore, ImageSummary } from '#containerizer/images/image-store.js'
import { TransferGroup } from '#containerizer/transfers.js'
import type { StreamAnswer } from '#http/answer.js'
import { encodeMessage } from '#http/call.js'
import { EventStream } from '#http/event-stream.js'
import type { MediaType } from '#http/media-type.js'
import { AgentAnswer, type PullImage } from '#wire/meseta.js'
import { AgentErrors } from '../errors.js'
import { groupMessage, summaryMessage } from './image-messages.js'

/** A person sees no more changes than these. */
const PROGRESS_EVERY: Millis = 200
/** So that a client can tell a slow registry from an agent that is gone. */
const HEARTBEAT_EVERY: Millis = 15_000
/** Each holds a connection and a queue. */
const MOST_PULLS = 64
/** Progress is worth nothing to who does not read it. */
const STREAM_LIMIT = 1024 * 1024

/** Pulls that operators asked for and still listen to: who hangs up gives up, and with the last one the image's coming ends. */
export class ImagePulls {
  private readonly clock: Clock
  private readonly under = new Set<TransferGroup>()

  constructor(clock: Clock) {
    this.clock = clock
  }

  get groups(): readonly TransferGroup[] {
    return [...this.under]
  }

  /** Progress, and `pulled` or `error` as the last record. */
  answer(store: ImageStore, wanted: PullImage, media: MediaType): StreamAnswer {
    if (this.under.size >= MOST_PULLS) throw AgentErrors.PULLS_MANY({ most: MOST_PULLS })
    const encode = (answer: AgentAnswer) => encodeMessage(AgentAnswer, answer, media)
    const abort = new AbortController()
    const stream = new EventStream({
      clock: this.clock,
      limit: STREAM_LIMIT,
      heartbeat: { every: HEARTBEAT_EVERY, record: encode({}) },
      onEnd: () => abort.abort(),
    })
    const progress = new Paced(this.clock, () => stream.send(encode({ transfers: [groupMessage(group)] })))
    const group = new TransferGroup(wanted.name, () => progress.changed())
    this.under.add(group)
    void pull(store, wanted, group, abort.signal)
      .then(
        (pulled) => encode({ transfers: [groupMessage(group)], pulled: summaryMessage(pulled) }),
        (error: Error) => encode({ transfers: [groupMessage(group)], error: error.message }),
      )
      .then((last) => {
        this.under.delete(group)
        progress.stop()
        stream.end(last)
      })
    return { headers: { 'Content-Type': media }, stream }
  }
}

async function pull(
  store: ImageStore,
  { name, force, appc, dockerConfig }: PullImage,
  transfers: TransferGroup,
  abort: AbortSignal,
): Promise<ImageSummary> {
  const wanted = { kind: appc ? 'appc' : 'docker', name, cached: !force, dockerConfig } as const
  const image = await store.get(wanted, { transfers, abort })
  return store.inspect(image.name)
}

/** Says that something changed, at once and then at most every `PROGRESS_EVERY`; the last change is never lost. */
class Paced {
  private readonly clock: Clock
  private readonly say: () => void
  private cancel: (() => void) | undefined
  private again = false

  constructor(clock: Clock, say: () => void) {
    this.clock = clock
    this.say = say
  }

  changed(): void {
    this.again = true
    if (!this.cancel) this.tell()
  }

  stop(): void {
    this.cancel?.()
    this.again = false
  }

  private tell(): void {
    this.cancel = undefined
    if (!this.again) return
    this.again = false
    this.say()
    this.cancel = this.clock.at(this.clock.now() + PROGRESS_EVERY, () => this.tell())
  }
}
