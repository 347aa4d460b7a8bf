import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Clock, Millis } from '#base/clock.js'
import { CodedError } from '#base/errors.js'
import type { Log } from '#base/log.js'
import type { Metrics } from '#base/metrics.js'
import type { Archives } from '#host/archives.js'
import { shortDigest } from '../digest.js'
import type { StoredImage, WantedImage } from '../image.js'
import type { GetOptions, ImageDetails, ImageStore, ImageSummary, Pruned } from '../image-store.js'
import type { ImageProvider } from '../provider.js'
import { Bringer } from './bringer.js'
import { ImageCollector } from './collector.js'
import { Durability } from './durability.js'
import { StoreErrors } from './errors.js'
import { findImage, wishOf } from './find-image.js'
import { unlessAborted } from './flights.js'
import type { ImageGcConfig } from './gc-config.js'
import { ImagePulls } from './image-pulls.js'
import { ImageShelf, type Kept } from './image-shelf.js'
import { LayerShelf } from './layer-shelf.js'
import { Leases, type NoteOf } from './leases.js'
import { StorePaths } from './paths.js'
import { Places } from './places.js'
import { namesIn, privateDirectory } from './private-files.js'
import { Puller } from './pull.js'
import { Quiet } from './quiet.js'
import type { ImageRecord, LayerRecord, Lease } from './records.js'
import { Space } from './space.js'
import { lockStore } from './store-lock.js'
import { chooseSweep, type Sweep } from './sweep.js'
import { Trash } from './trash.js'

export interface LayerStoreOptions {
  /** Made if need be. */
  readonly directory: string
  /** They may put what must be whole before it can be read into a directory on the same disk, which is emptied when the agent starts. */
  readonly providers: (staging: string) => Promise<readonly ImageProvider[]>
  readonly archives: Archives
  readonly removeTree: (path: string) => Promise<void>
  readonly bootId: string
  /** Where it is noted what a container holds; the directory is there while the container is known. */
  readonly noteOf: NoteOf
  readonly clock: Clock
  readonly log: Log
  readonly metrics: Metrics
  /** Undefined: nothing is removed unless somebody says so. */
  readonly gc?: ImageGcConfig | undefined
  /** How many layers come at a time, over all images. */
  readonly maximum?: number | undefined
  /** How long after a pull its image begins to be brought to the disk. */
  readonly flushDelay?: Millis | undefined
}

/** More at once gain nothing: a few saturate cores, disk and network. */
const MAXIMUM = 4
const FLUSH_DELAY: Millis = 2000
/** How far back the times of pulls are told, as in Mesos. */
const WINDOW = 3_600_000

/** The store in a directory. Rejects when that is not ours alone. Nothing is known of what is in it before `recover`. */
export async function openLayerStore(options: LayerStoreOptions): Promise<ImageStore> {
  const root = await privateDirectory(options.directory)
  const paths = new StorePaths(root)
  const unlock = await lockStore(root)
  try {
    const providers = await options.providers(await privateDirectory(paths.in('staging')))
    return new LayerStore(paths, unlock, providers, options)
  } catch (error) {
    await unlock()
    throw error
  }
}

class LayerStore implements ImageStore {
  readonly #options: LayerStoreOptions
  readonly #paths: StorePaths
  readonly #unlock: () => Promise<void>
  readonly #providers: readonly ImageProvider[]
  readonly #quiet: Quiet
  readonly #trash: Trash
  readonly #layers: LayerShelf
  readonly #images: ImageShelf
  readonly #leases: Leases
  readonly #bringer: Bringer
  readonly #pulls: ImagePulls
  readonly #durability: Durability
  readonly #collector: ImageCollector | undefined
  #closed = false

  constructor(paths: StorePaths, unlock: () => Promise<void>, providers: readonly ImageProvider[], options: LayerStoreOptions) {
    const { archives, removeTree, clock, log, bootId, metrics, gc, maximum = MAXIMUM, flushDelay = FLUSH_DELAY } = options
    this.#options = options
    this.#paths = paths
    this.#unlock = unlock
    this.#providers = providers
    const quiet = new Quiet(() => this.#pulls.busy, clock)
    const trash = new Trash({ paths, removeTree, quiet, log })
    const shelf = new LayerShelf(paths, trash, bootId)
    const images = new ImageShelf(paths, clock)
    const space = new Space(paths.root)
    const bringer = new Bringer({ paths, shelf, trash, archives, space, places: new Places(maximum) })
    const sweep = async (bytes: number) => (await this.#sweep(gc?.excluded ?? [], bytes)).bytes
    const makeRoom = gc && (async (bytes: number) => (await sweep(bytes)) > 0 && trash.emptyNow())
    const puller = new Puller({ shelf, bringer, archives, space, trash, makeRoom })
    const durability = new Durability({ flush: () => archives.flush(paths.root), images, quiet, delay: flushDelay, log })
    const timer = metrics.timer('containerizer/mesos/provisioner/docker_store/image_pull', { window: WINDOW })
    this.#quiet = quiet
    this.#trash = trash
    this.#layers = shelf
    this.#images = images
    this.#bringer = bringer
    this.#durability = durability
    this.#leases = new Leases(options.noteOf)
    this.#pulls = new ImagePulls({ puller, images, bootId, clock, timer, brought: (kept) => durability.add(kept) })
    this.#collector = gc && new ImageCollector({ config: gc, space, sweep, clock, log })
  }

  async recover(containers: ReadonlySet<string>): Promise<void> {
    const paths = this.#paths
    for (const name of ['layers', 'staging', 'images', 'trash'] as const) await privateDirectory(paths.in(name))
    for (const name of await namesIn(paths.in('staging'))) await this.#trash.put(join(paths.in('staging'), name))
    await this.#layers.load()
    await this.#images.load((record) => this.#outlived(record))
    await this.#leases.load(containers)
    await this.#dropLostLayers()
    for (const kept of this.#images.all()) if (!kept.record.durable) this.#durability.add(kept)
    void this.#trash.empty()
    this.#collector?.start()
  }

  /** Nobody knows what a crash of the host has left of what was not marked before it. */
  #outlived(record: ImageRecord): boolean {
    return (record.durable || record.boot === this.#options.bootId) && record.layers.every((key) => this.#layers.get(key))
  }

  async #dropLostLayers(): Promise<void> {
    const named = new Set(this.#images.all().flatMap(({ record }) => record.layers))
    for (const { key, boot } of this.#layers.all()) {
      if (boot !== this.#options.bootId && !named.has(key)) await this.#layers.remove(key, Promise.resolve())
    }
  }

  async get(image: WantedImage, options: GetOptions): Promise<StoredImage> {
    options.abort.throwIfAborted()
    const provider = this.#providerOf(image)
    const wish = wishOf(image, provider)
    const known = this.#usable(this.#images.find(wish))
    if (known && image.cached) {
      this.#tellHere(known, options)
      return this.#hand(known, wish, options)
    }
    return this.#bring(image, wish, provider, options).catch((error) => {
      if (!known || options.abort.aborted || !(error instanceof Error)) throw error
      throw StoreErrors.NOT_REFRESHED({ image: known.record.name, why: error.message }, error)
    })
  }

  async #bring(image: WantedImage, wish: string, provider: ImageProvider, options: GetOptions): Promise<StoredImage> {
    const { transfers, abort } = options
    const flight = this.#pulls.join(image, wish, provider)
    if (transfers) flight.about.join(transfers)
    try {
      const { kept } = await unlessAborted(flight.result, abort)
      return this.#hand(kept, wish, options)
    } finally {
      if (transfers) flight.about.leave(transfers)
      flight.leave()
    }
  }

  /** Invariant: between the look whether all is here and the lease nothing is waited for, so that no sweep comes between. */
  #hand(kept: Kept, wish: string, { container, abort }: GetOptions): StoredImage {
    abort.throwIfAborted()
    const { name, digest, config, layers, directories } = kept.record
    this.#images.use(kept)
    if (container !== undefined) this.#leases.take(container, { wish, name, digest, config, layers, directories })
    return this.#storedImage(kept.record)
  }

  note(container: string): void {
    this.#leases.note(container)
  }

  async held(container: string, image: WantedImage): Promise<StoredImage | undefined> {
    const lease = this.#leases.find(
      container,
      wishOf(
        image,
        this.#providers.find((provider) => provider.takes(image)),
      ),
    )
    return lease && this.#storedImage(lease)
  }

  /** Somebody may have tidied up by hand, and directories of others come and go. */
  #usable(kept: Kept | undefined): Kept | undefined {
    const whole = kept?.record.layers.every((key) => this.#layers.get(key) && existsSync(this.#layers.directory(key)))
    return whole && kept?.record.directories?.every((path) => existsSync(path)) !== false ? kept : undefined
  }

  #tellHere({ record }: Kept, { transfers }: GetOptions): void {
    for (const digest of record.layerDigests) transfers?.set('layer', shortDigest(digest), { phase: 'here' })
  }

  release(container: string): void {
    this.#leases.release(container)
  }

  async list(): Promise<ImageSummary[]> {
    const names = this.#images.all().map((kept) => this.#summary(kept))
    return names.sort((a, b) => (a.name < b.name ? -1 : 1))
  }

  async inspect(name: string): Promise<ImageDetails> {
    const kept = findImage(name, this.#images, this.#providers)
    const parts = await this.#images.parts(kept)
    const { layerDigests } = kept.record
    return { ...this.#summary(kept), ...parts, image: this.#storedImage(kept.record), layerDigests }
  }

  async prune(excluded: readonly string[]): Promise<Pruned> {
    const { images, layers, bytes } = await this.#sweep([...excluded, ...(this.#options.gc?.excluded ?? [])])
    return { images: images.map(({ record }) => record.name), layers: layers.length, bytes }
  }

  /** Invariant: what is chosen is gone from the shelves before anything else can happen. */
  async #sweep(excluded: readonly string[], bytes?: number): Promise<Sweep> {
    const kept = new Set(excluded.map((name) => this.#found(name)))
    const leased = this.#leases.layers()
    const needed = (key: string): boolean => leased.has(key) || this.#layers.isPinned(key)
    const stays = (image: Kept): boolean => kept.has(image) || this.#isUsed(image)
    const sweep = chooseSweep({ images: this.#images.all(), layers: this.#layers.all(), needed, stays }, bytes)
    const forgotten = Promise.all(sweep.images.map((image) => this.#images.remove(image)))
    await Promise.all(sweep.layers.map(({ key }) => this.#layers.remove(key, forgotten)))
    await forgotten
    return sweep
  }

  #isUsed({ record }: Kept): boolean {
    const coming = record.layers.length > 0 && record.layers.every((key) => this.#layers.isPinned(key))
    return coming || this.#leases.holders(record.digest).length > 0
  }

  #found(name: string): Kept | undefined {
    try {
      return findImage(name, this.#images, this.#providers)
    } catch (error) {
      if (error instanceof CodedError) return undefined
      throw error
    }
  }

  /** Invariant: once another agent may open the store, nobody of ours writes to it. */
  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    this.#durability.close()
    this.#quiet.close()
    await this.#pulls.close()
    await this.#bringer.settled()
    await this.#collector?.close()
    await this.#images.settled()
    await this.#layers.settled()
    await this.#trash.close()
    await Promise.all(this.#providers.map((provider) => provider.close?.()))
    await this.#unlock()
  }

  #providerOf(image: WantedImage): ImageProvider {
    if (this.#closed) throw StoreErrors.CLOSED({})
    const providers = this.#providers
    const provider = providers.find((each) => each.takes(image))
    if (provider) return provider
    throw StoreErrors.NO_PROVIDER({ name: image.name, kind: image.kind, providers: providers.map(({ name }) => name) })
  }

  #recordsOf({ layers }: Pick<ImageRecord, 'layers'>): LayerRecord[] {
    return layers.map((key) => this.#layers.get(key)).filter((layer) => layer !== undefined)
  }

  #storedImage(of: Omit<Lease, 'wish'>): StoredImage {
    const { name, digest, config, directories } = of
    const records = this.#recordsOf(of).reverse()
    const filled = records.filter(({ entries }) => entries > 0)
    const layers = (filled.length > 0 ? filled : records.slice(0, 1)).map(({ key }) => this.#layers.directory(key))
    return { name, digest, config, layers: directories ?? layers, bytes: bytesOf(records) }
  }

  #summary(kept: Kept): ImageSummary {
    const { name, digest, layers, directories, broughtAt } = kept.record
    const count = directories?.length ?? layers.length
    const containers = this.#leases.holders(digest)
    return {
      name,
      digest,
      bytes: bytesOf(this.#recordsOf(kept.record)),
      layers: count,
      broughtAt,
      usedAt: kept.usedAt,
      containers,
    }
  }
}

const bytesOf = (records: readonly LayerRecord[]): number => records.reduce((sum, { bytes }) => sum + bytes, 0)
