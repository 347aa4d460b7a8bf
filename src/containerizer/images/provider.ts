import type { FlagValues } from '#base/flags.js'
import type { Archives } from '#host/archives.js'
import type { Proxies } from '#http/proxy.js'
import type { Transfer } from '../transfers.js'
import type { imageFlags } from './flags.js'
import type { ResolvedImage, WantedImage } from './image.js'

/**
 * Where images come from: a registry, a directory of archives, Appc, or a module of the user's own. Asked in turn; the first that takes an image
 * brings it, and its failure is the failure.
 */
export interface ImageProvider {
  /** As in `--image_providers`. */
  readonly name: string
  takes(image: WantedImage): boolean
  /** The name under which `resolve` will list it, without asking anybody. Absent: what is here is found again only in the words of before. */
  canonical?(image: WantedImage): string | undefined
  /** Rejects with a sentence that names the image and says what to do. Makes nothing on this host but what `close` of its answer removes. */
  resolve(image: WantedImage, abort: AbortSignal, tell?: TellDownload): Promise<ResolvedImage>
  close?(): Promise<void>
}

/** How far a file is that must be here before anybody knows what the image consists of. */
export type TellDownload = (uri: string, change: Partial<Pick<Transfer, 'phase' | 'bytes' | 'total'>>) => void

/** What a provider is made with; also those of modules (docs/guide/image-modules.md). */
export interface ProviderOptions {
  readonly flags: FlagValues<typeof imageFlags>
  readonly archives: Archives
  /** On the way to servers. Absent: none. */
  readonly proxies?: Proxies | undefined
  /** Directory, in the store, for what must be whole before it can be read. Emptied when the agent starts. */
  readonly staging: string
}
