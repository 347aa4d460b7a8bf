import type { Agent as Connections } from 'undici'
import { decodeMessage, encodeMessage } from '#http/call.js'
import { createConnections, exchangeOrThrow } from '#http/exchange.js'
import { PROTOBUF_TYPE } from '#http/media-type.js'
import { type Subscription, subscribe } from '#http/subscription.js'
import {
  AgentAnswer,
  AgentRequest,
  AgentRequestType,
  type ImageDetails,
  type ImageSummary,
  type ListTransfers,
  type PrunedImages,
  type PullImage,
  type TransferGroup,
} from '#wire/meseta.js'
import { SdkErrors } from './errors.js'

/** Longer than the heartbeats of a pull are apart. */
const SILENCE = 60_000

/** What one agent of Meseta knows of images, and how it is told to bring some: `/meseta/v1`. Throws what the agent said. */
export class AgentImages {
  /** As `http://host:port`. */
  readonly daemon: string
  private readonly connections: Connections = createConnections()

  constructor(daemon: string) {
    this.daemon = daemon
  }

  async list(): Promise<ImageSummary[]> {
    return (await this.call({ type: AgentRequestType.LIST_IMAGES })).images ?? []
  }

  async inspect(name: string): Promise<ImageDetails> {
    const { image } = await this.call({ type: AgentRequestType.INSPECT_IMAGE, inspectImage: { name } })
    if (!image) throw SdkErrors.ANSWER_EMPTY({ url: this.url })
    return image
  }

  async prune(excluded: readonly string[]): Promise<PrunedImages> {
    const { pruned } = await this.call({ type: AgentRequestType.PRUNE_IMAGES, pruneImages: { excluded: [...excluded] } })
    if (!pruned) throw SdkErrors.ANSWER_EMPTY({ url: this.url })
    return pruned
  }

  async transfers(of: ListTransfers = {}): Promise<TransferGroup[]> {
    return (await this.call({ type: AgentRequestType.LIST_TRANSFERS, listTransfers: of })).transfers ?? []
  }

  /** Resolves when the image is there. The agent gives up with `signal`. */
  pull(wanted: PullImage, told: { progress?(group: TransferGroup): void; signal?: AbortSignal } = {}): Promise<ImageSummary> {
    const protocol = { call: AgentRequest, event: AgentAnswer }
    const target = { url: this.url, ...(told.signal && { signal: told.signal }) }
    return new Promise((resolve, reject) => {
      let subscription: Subscription<AgentRequest> | undefined
      let over = false
      const finish = (settle: () => void): void => {
        over = true
        told.signal?.removeEventListener('abort', giveUp)
        subscription?.close()
        settle()
      }
      const giveUp = (): void => finish(() => reject(told.signal?.reason))
      const event = ({ transfers, pulled, error }: AgentAnswer): void => {
        for (const group of transfers ?? []) told.progress?.(group)
        if (pulled) finish(() => resolve(pulled))
        else if (error !== undefined) finish(() => reject(SdkErrors.PULL_FAILED({ why: error })))
      }
      const request = { type: AgentRequestType.PULL_IMAGE, pullImage: wanted }
      subscribe(protocol, target, request, { event, end: (why) => finish(() => reject(why)) }).then((opened) => {
        if (over) return opened.close()
        subscription = opened
        opened.expectSomethingEvery(SILENCE)
        if (told.signal?.aborted) giveUp()
        else told.signal?.addEventListener('abort', giveUp)
      }, reject)
    })
  }

  async close(): Promise<void> {
    await this.connections.close()
  }

  private get url(): string {
    return new URL('/meseta/v1', this.daemon).href
  }

  private async call(request: AgentRequest): Promise<AgentAnswer> {
    const { body } = await exchangeOrThrow(this.connections, {
      url: this.url,
      headers: { 'Content-Type': PROTOBUF_TYPE, Accept: PROTOBUF_TYPE },
      body: encodeMessage(AgentRequest, request, PROTOBUF_TYPE),
    })
    return decodeMessage(AgentAnswer, body, PROTOBUF_TYPE)
  }
}
