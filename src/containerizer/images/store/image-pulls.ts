import { existsSync } from 'node:fs'
import type { Clock } from '#base/clock.js'
import { fault } from '#base/fault.js'
import type { Timer } from '#base/metrics.js'
import type { ResolvedImage, WantedImage } from '../image.js'
import type { ImageProvider, TellDownload } from '../provider.js'
import { StoreErrors } from './errors.js'
import { type Flight, Flights } from './flights.js'
import type { ImageShelf, Kept } from './image-shelf.js'
import { sha256 } from './paths.js'
import { Audience, LayerProgress } from './progress.js'
import type { PulledLayers, Puller } from './pull.js'
import { type ImageRecord, VERSION } from './records.js'

export interface ImagePullsOptions {
  readonly puller: Puller
  readonly images: ImageShelf
  readonly bootId: string
  readonly clock: Clock
  readonly timer: Timer
  /** It is here, but not yet on the disk. */
  readonly brought: (kept: Kept) => void
}

/** An image that is here and stays as long as its flight is not left. */
interface Pulled {
  readonly kept: Kept
  readonly layers: PulledLayers
}

/** Images on their way here; the same wish, with the same rights, is fulfilled once. */
export class ImagePulls {
  readonly #options: ImagePullsOptions
  readonly #flights = new Flights<Pulled, Audience>(({ layers }) => layers.release())

  constructor(options: ImagePullsOptions) {
    this.#options = options
  }

  join(image: WantedImage, wish: string, provider: ImageProvider): Flight<Pulled, Audience> {
    const rights = image.dockerConfig === undefined ? '' : sha256(image.dockerConfig)
    return this.#flights.join(
      `${wish} ${rights}`,
      () => new Audience(),
      (abort, audience) => this.#pull(image, wish, provider, audience, abort),
    )
  }

  /** Something comes now. */
  get busy(): boolean {
    return this.#flights.size > 0
  }

  async close(): Promise<void> {
    this.#flights.abort(StoreErrors.CLOSED({}))
    await this.#flights.settled()
    await this.#options.puller.settled()
  }

  async #pull(
    image: WantedImage,
    wish: string,
    provider: ImageProvider,
    audience: Audience,
    abort: AbortSignal,
  ): Promise<Pulled> {
    const begun = this.#options.clock.now()
    const resolved = await provider.resolve(image, abort, downloadsFor(audience))
    try {
      const pulled = await this.#layers(image, wish, resolved, audience, abort)
      this.#options.timer.record(this.#options.clock.now() - begun)
      return pulled
    } finally {
      await resolved.close?.()
    }
  }

  async #layers(
    image: WantedImage,
    wish: string,
    resolved: ResolvedImage,
    audience: Audience,
    abort: AbortSignal,
  ): Promise<Pulled> {
    const { puller, brought } = this.#options
    refuseNothing(resolved)
    const layers = await puller.pull(resolved, audience, abort)
    try {
      abort.throwIfAborted()
      fault('image.pulled')
      const kept = await this.#record(image, wish, resolved, layers)
      if (!kept.record.durable) brought(kept)
      return { kept, layers }
    } catch (error) {
      layers.release()
      throw error
    }
  }

  /** What has not changed stays as it is. */
  async #record(image: WantedImage, wish: string, resolved: ResolvedImage, pulled: PulledLayers): Promise<Kept> {
    const { images, bootId, clock } = this.#options
    const layers = pulled.records.map(({ key }) => key)
    const before = images.named(image.kind, resolved.name)?.record
    const same = before?.digest === resolved.digest && String(before.layers) === String(layers)
    const record: ImageRecord = {
      version: VERSION,
      kind: image.kind,
      name: resolved.name,
      answers: [wish],
      digest: resolved.digest,
      config: resolved.config,
      layers,
      layerDigests: resolved.layers.flatMap(({ digest, diffId }) => digest ?? diffId ?? []),
      directories: resolved.directories,
      broughtAt: same ? before.broughtAt : clock.now(),
      boot: bootId,
      durable: false,
    }
    return images.put(record, resolved)
  }
}

/** Shown like layers, each from when it is first told of. */
function downloadsFor(audience: Audience): TellDownload {
  const known = new Map<string, LayerProgress>()
  return (uri, change) => {
    const progress = known.get(uri) ?? new LayerProgress(uri, { phase: 'running', bytes: 0, total: undefined }, 'uri')
    if (!known.has(uri)) audience.watch(progress)
    known.set(uri, progress)
    progress.tell(change)
  }
}

function refuseNothing({ name, layers, directories = [] }: ResolvedImage): void {
  if (layers.length === 0 && directories.length === 0) throw StoreErrors.NO_LAYERS({ image: name })
  const missing = directories.find((path) => !existsSync(path))
  if (missing !== undefined) throw StoreErrors.DIRECTORY_MISSING({ image: name, path: missing })
}
