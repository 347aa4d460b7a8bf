import type { TransferGroup } from '../transfers.js'
import type { Digest } from './digest.js'
import type { StoredImage, WantedImage } from './image.js'

/** Images on this host: content-addressed layers that many images and containers share, safe at every byte against a crash. */
export interface ImageStore {
  /**
   * The image, brought here first if need be; the same wanted many times at once is brought once. With `container` it is leased to it before this
   * resolves, so that nothing removes it meanwhile. What is here needs no registry.
   */
  get(image: WantedImage, options: GetOptions): Promise<StoredImage>
  /** Writes what the container holds beside its record, for the next agent; before the container is known to that. */
  note(container: string): void
  /**
   * What `get` gave this container for this image, whatever its name stands for by now; for an agent that comes back. Kind, name, id and labels say
   * which; credentials are not known any more.
   */
  held(container: string, image: WantedImage): Promise<StoredImage | undefined>
  /** The container is over, and holds none of its images any more. Idempotent. */
  release(container: string): void
  list(): Promise<ImageSummary[]>
  /** By name, or by the front of a digest. Rejects with IMAGE_NOT_FOUND. */
  inspect(name: string): Promise<ImageDetails>
  /** Removes what no container uses and no name in `excluded` stands for. */
  prune(excluded: readonly string[]): Promise<Pruned>
  /** Once, before anything else: half of anything is removed, and what unknown containers held. */
  recover(containers: ReadonlySet<string>): Promise<void>
  close(): Promise<void>
}

export interface GetOptions {
  readonly container?: string | undefined
  readonly transfers?: TransferGroup | undefined
  readonly abort: AbortSignal
}

export interface ImageSummary {
  readonly name: string
  readonly digest: Digest
  readonly bytes: number
  readonly layers: number
  readonly broughtAt: number
  readonly usedAt: number
  /** Containers that use it now. */
  readonly containers: readonly string[]
}

export interface ImageDetails extends ImageSummary {
  readonly image: StoredImage
  readonly layerDigests: readonly Digest[]
  readonly manifest?: Uint8Array | undefined
  readonly rawConfig?: Uint8Array | undefined
}

export interface Pruned {
  readonly images: readonly string[]
  readonly layers: number
  readonly bytes: number
}
