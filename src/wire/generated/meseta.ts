// Generated from proto/ by scripts/generate.mjs: do not edit.
import { type MessageType, message } from '../message.js'

export interface AgentRequest {
  type?: AgentRequestType | undefined
  inspectImage?: ImageName | undefined
  pullImage?: PullImage | undefined
  pruneImages?: PruneImages | undefined
  listTransfers?: ListTransfers | undefined
}
export const AgentRequest: MessageType<AgentRequest> = message('meseta.v1.AgentRequest')

export const AgentRequestType = {
  UNKNOWN: 0,
  LIST_IMAGES: 1,
  INSPECT_IMAGE: 2,
  PULL_IMAGE: 3,
  PRUNE_IMAGES: 4,
  LIST_TRANSFERS: 5,
} as const
export type AgentRequestType = (typeof AgentRequestType)[keyof typeof AgentRequestType]

export interface ImageName {
  name: string
}
export const ImageName: MessageType<ImageName> = message('meseta.v1.ImageName')

export interface PullImage {
  /** As a task would name it. */
  name: string
  /** Whether to look for something newer although the image is here. */
  force?: boolean | undefined
  /** Content of a docker config.json, in place of the agent's. */
  dockerConfig?: Uint8Array | undefined
  /** An Appc image instead of a Docker one. */
  appc?: boolean | undefined
}
export const PullImage: MessageType<PullImage> = message('meseta.v1.PullImage')

export interface PruneImages {
  excluded?: string[] | undefined
}
export const PruneImages: MessageType<PruneImages> = message('meseta.v1.PruneImages')

export interface ListTransfers {
  /** Of this container only. */
  containerId?: string | undefined
  /** Of the container of this task only; both or none. */
  frameworkId?: string | undefined
  taskId?: string | undefined
}
export const ListTransfers: MessageType<ListTransfers> = message('meseta.v1.ListTransfers')

/** Empty within a stream: nothing has changed, and the agent is alive. */
export interface AgentAnswer {
  images?: ImageSummary[] | undefined
  image?: ImageDetails | undefined
  transfers?: TransferGroup[] | undefined
  /** The pull is over, and this is what is here now. */
  pulled?: ImageSummary | undefined
  /** The pull failed: a sentence. */
  error?: string | undefined
  pruned?: PrunedImages | undefined
}
export const AgentAnswer: MessageType<AgentAnswer> = message('meseta.v1.AgentAnswer')

export interface ImageSummary {
  name: string
  digest: string
  bytes: bigint
  layers: number
  /** Milliseconds since the epoch. */
  broughtAtMs: bigint
  usedAtMs: bigint
  /** Containers that use it now. */
  containers?: string[] | undefined
}
export const ImageSummary: MessageType<ImageSummary> = message('meseta.v1.ImageSummary')

export interface ImageDetails {
  summary: ImageSummary
  layerDigests?: string[] | undefined
  /** As they stand. */
  manifest?: Uint8Array | undefined
  config?: Uint8Array | undefined
}
export const ImageDetails: MessageType<ImageDetails> = message('meseta.v1.ImageDetails')

export interface PrunedImages {
  names?: string[] | undefined
  layers: number
  bytes: bigint
}
export const PrunedImages: MessageType<PrunedImages> = message('meseta.v1.PrunedImages')

export interface TransferGroup {
  /** A container's id, or the name that an operator pulls. */
  what: string
  transfers?: Transfer[] | undefined
}
export const TransferGroup: MessageType<TransferGroup> = message('meseta.v1.TransferGroup')

export interface Transfer {
  kind: TransferKind
  name: string
  phase: TransferPhase
  bytes: bigint
  total?: bigint | undefined
  /** What went otherwise than it should, in a sentence. */
  note?: string | undefined
}
export const Transfer: MessageType<Transfer> = message('meseta.v1.Transfer')

export const TransferKind = {
  LAYER: 0,
  URI: 1,
} as const
export type TransferKind = (typeof TransferKind)[keyof typeof TransferKind]

export const TransferPhase = {
  WAITING: 0,
  RUNNING: 1,
  UNPACKING: 2,
  DONE: 3,
  HERE: 4,
  FAILED: 5,
} as const
export type TransferPhase = (typeof TransferPhase)[keyof typeof TransferPhase]
