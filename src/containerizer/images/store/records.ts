import type { Digest } from '../digest.js'
import type { ImageRuntimeConfig } from '../runtime-config.js'

/** What older agents wrote is brought again, as is what newer ones did: nothing here cannot be had once more. */
export const VERSION = 1

/** Beside the files of a layer. Written before the layer gets its name, and never changed. */
export interface LayerRecord {
  readonly version: typeof VERSION
  readonly key: string
  /** Of the archive, by sha256. */
  readonly diffId: Digest
  /** All digests that its bytes, compressed or not, were checked against or found to have. */
  readonly digests: readonly Digest[]
  /** As in `contentId`. */
  readonly content: string
  readonly bytes: number
  readonly entries: number
  /** Nothing of the layers below is seen. */
  readonly hidesBelow?: true | undefined
  /** Of the host while it was written: until that ends all of it is there, durable or not. */
  readonly boot: string
}

export interface ImageRecord {
  readonly version: typeof VERSION
  readonly kind: 'docker' | 'appc'
  /** Canonical. */
  readonly name: string
  /** Keys of those wishes that it answers; see `wishKey`. */
  readonly answers: readonly string[]
  readonly digest: Digest
  readonly config: ImageRuntimeConfig
  /** Keys of layers, lowest first, without repetitions. */
  readonly layers: readonly string[]
  readonly layerDigests: readonly Digest[]
  /** Of somebody else, topmost first, instead of layers. */
  readonly directories?: readonly string[] | undefined
  readonly broughtAt: number
  readonly boot: string
  /** It and all its layers outlive a crash of the host. */
  readonly durable: boolean
}

/** What a container has of an image, whatever its name stands for by now. */
export interface Lease extends Pick<ImageRecord, 'name' | 'digest' | 'config' | 'layers' | 'directories'> {
  /** See `wishKey`. */
  readonly wish: string
}
