import type { ImageDetails, ImageSummary, Pruned } from '#containerizer/images/image-store.js'
import type { Transfer, TransferGroup, TransferPhase } from '#containerizer/transfers.js'
import * as wire from '#wire/meseta.js'

/** Images and transfers as they cross the wire (proto/meseta/v1/agent.proto). */

export const summaryMessage = (image: ImageSummary): wire.ImageSummary => ({
  name: image.name,
  digest: image.digest,
  bytes: whole(image.bytes),
  layers: image.layers,
  broughtAtMs: whole(image.broughtAt),
  usedAtMs: whole(image.usedAt),
  containers: [...image.containers],
})

export const detailsMessage = (image: ImageDetails): wire.ImageDetails => ({
  summary: summaryMessage(image),
  layerDigests: [...image.layerDigests],
  manifest: image.manifest,
  config: image.rawConfig,
})

export const prunedMessage = ({ images, layers, bytes }: Pruned): wire.PrunedImages => ({
  names: [...images],
  layers,
  bytes: whole(bytes),
})

export const groupMessage = (group: TransferGroup): wire.TransferGroup => ({
  what: group.what,
  transfers: group.list().map(transferMessage),
})

const transferMessage = ({ kind, name, phase, bytes, total, note }: Transfer): wire.Transfer => ({
  kind: kind === 'layer' ? wire.TransferKind.LAYER : wire.TransferKind.URI,
  name,
  phase: PHASES[phase],
  bytes: whole(bytes),
  total: total === undefined ? undefined : whole(total),
  note,
})

const PHASES: Readonly<Record<TransferPhase, wire.TransferPhase>> = {
  waiting: wire.TransferPhase.WAITING,
  running: wire.TransferPhase.RUNNING,
  unpacking: wire.TransferPhase.UNPACKING,
  done: wire.TransferPhase.DONE,
  here: wire.TransferPhase.HERE,
  failed: wire.TransferPhase.FAILED,
}

const whole = (value: number): bigint => BigInt(Math.max(0, Math.round(value)))
