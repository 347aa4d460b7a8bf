import type { ResolvedImage, WantedImage } from './image.js'

/**
 * Where images come from: a registry, a directory of archives, Appc, or a module of the user's own. Asked in turn; the first that takes an image
 * brings it, and its failure is the failure.
 */
export interface ImageProvider {
  /** As in `--image_providers`. */
  readonly name: string
  takes(image: WantedImage): boolean
  /** Rejects with a sentence that names the image and says what to do. Makes nothing on this host. */
  resolve(image: WantedImage, abort: AbortSignal): Promise<ResolvedImage>
  close?(): Promise<void>
}
